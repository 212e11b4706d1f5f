package main

// Constants of layer norm.
const (
	normInv = iota // 1/width
	normEps
	normOne
)

// layerNorm normalises m rows of n floats, a multiple of four; xhat may be y. Sums are four lanes, by definition.
func layerNorm(m machine) *kernel {
	f := newKernel(m, "layerNormRows", []string{"m", "n", "x", "y", "xhat", "rstd", "gain", "bias", "table"}, "n", "gain", "bias")
	f.narrow = true
	f.each("m", 1, func() {
		f.zero("s")
		f.mov("p", "x")
		f.arg("c", "n")
		f.each("c", 4, func() { f.binMem(add, "s", "s", "p", 0); f.addi("p", 16) })
		f.sumLanes("s")
		f.konst("k", normInv)
		f.bin(mul, "mean", "s", "k")

		f.zero("s")
		f.mov("p", "x")
		f.arg("c", "n")
		f.each("c", 4, func() {
			f.load("d", "p", 0)
			f.bin(sub, "d", "d", "mean")
			f.mac("s", "d", "d")
			f.addi("p", 16)
		})
		f.sumLanes("s")
		f.bin(mul, "s", "s", "k")
		f.konst("k", normEps)
		f.bin(add, "s", "s", "k")
		f.sqrt("s", "s")
		f.konst("k", normOne)
		f.bin(div, "r", "k", "s")
		f.m.storeLane(f.v("r"), f.r("rstd"), 0)
		f.addi("rstd", 4)

		f.arg("g", "gain")
		f.arg("b", "bias")
		f.arg("c", "n")
		f.each("c", 4, func() {
			f.load("d", "x", 0)
			f.bin(sub, "d", "d", "mean")
			f.bin(mul, "d", "d", "r")
			f.store("d", "xhat", 0)
			f.binMem(mul, "d", "d", "g", 0)
			f.binMem(add, "d", "d", "b", 0)
			f.store("d", "y", 0)
			for _, p := range []string{"x", "y", "xhat", "g", "b"} {
				f.addi(p, 16)
			}
		})
	})
	return f.done()
}

// layerNormBack adds to dx and, where weights is set, to dgain and dbias.
func layerNormBack(m machine, name string, weights bool) *kernel {
	args := []string{"m", "n", "dx", "dy", "xhat", "rstd", "gain", "table"}
	inMemory := []string{"n", "gain"}
	if weights {
		args = append(args, "dgain", "dbias")
		inMemory = append(inMemory, "dgain", "dbias")
	}
	f := newKernel(m, name, args, inMemory...)
	f.narrow = true
	f.each("m", 1, func() {
		f.zero("s")
		f.zero("t")
		f.mov("p", "dy")
		f.mov("h", "xhat")
		f.arg("g", "gain")
		if weights {
			f.arg("dg", "dgain")
			f.arg("db", "dbias")
		}
		f.arg("c", "n")
		f.each("c", 4, func() {
			f.load("y", "p", 0)
			f.load("x", "h", 0)
			if weights {
				f.load("d", "dg", 0)
				f.mac("d", "y", "x")
				f.store("d", "dg", 0)
				f.load("d", "db", 0)
				f.bin(add, "d", "d", "y")
				f.store("d", "db", 0)
				f.addi("dg", 16)
				f.addi("db", 16)
			}
			f.binMem(mul, "y", "y", "g", 0)
			f.bin(add, "s", "s", "y")
			f.mac("t", "y", "x")
			for _, p := range []string{"p", "h", "g"} {
				f.addi(p, 16)
			}
		})
		f.konst("k", normInv)
		for _, v := range []string{"s", "t"} {
			f.sumLanes(v)
			f.bin(mul, v, v, "k")
		}
		f.splat("r", "rstd", 0)
		f.addi("rstd", 4)
		f.arg("g", "gain")
		f.arg("c", "n")
		f.each("c", 4, func() {
			f.load("y", "dy", 0)
			f.binMem(mul, "y", "y", "g", 0)
			f.bin(sub, "y", "y", "s")
			f.load("x", "xhat", 0)
			f.msub("y", "x", "t")
			f.load("d", "dx", 0)
			f.mac("d", "y", "r")
			f.store("d", "dx", 0)
			for _, p := range []string{"dx", "dy", "xhat", "g"} {
				f.addi(p, 16)
			}
		})
	})
	return f.done()
}
