package f32

// The vectorised kernels read their constants from tables in which each stands four times, a full vector of the
// narrowest machine. The order is that of internal/asmgen.

func fill(table []float32, constants ...float32) {
	for i, c := range constants {
		for l := range lanes {
			table[lanes*i+l] = c
		}
	}
}

var zeros [panel]float32

const expConstants = 15

var expTable = func() (t [lanes * expConstants]float32) {
	fillExp(t[:], 1)
	return t
}()

// fillExp fills the table of exp and softmax; scale is the factor of the scores.
func fillExp(t []float32, scale float32) {
	fill(t, expMax, expMin, expLog2E, expRound, expLn2Hi, expLn2Lo,
		expP0, expP1, expP2, expP3, expP4, expP5, 1, 0.5, scale)
}

var geluTable = func() (t [lanes * 18]float32) {
	fill(t[:], geluMax, -geluMax, geluC1, geluC0,
		tanhP13, tanhP11, tanhP9, tanhP7, tanhP5, tanhP3, tanhP1,
		tanhQ6, tanhQ4, tanhQ2, tanhQ0,
		1, 0.5, geluC3)
	return t
}()
