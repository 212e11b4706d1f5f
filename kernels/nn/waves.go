package nn

import (
	"math"

	"petri/kernels/f32"
)

// Waves fills a position table [1+grid·grid, d] with sines and cosines of row and column (He et al. 2022; Vaswani et al.
// 2017), so that neighbours have similar positions before anything is learned. The first row, of the class token, is
// zero; d is a multiple of 4. Departure: the lowest of the d/4 frequencies is a sixteenth of the highest, 1, where the
// papers have a ten thousandth: the grids here have 4 or 8 patches along a side.
func Waves(table []float32, grid, d int, size float64) {
	clear(table[:d])
	n := d / 4
	for p := range grid * grid {
		row := table[(1+p)*d:][:d]
		for i := range n {
			w := float64(f32.Exp32(float32(-2.7725887*float32(i)) / float32(n))) // 16**(-i/n)
			for axis, at := range [2]int{p / grid, p % grid} {
				x := float64(w * float64(at))
				row[axis*2*n+i] = float32(size * wave(x, 1))
				row[axis*2*n+n+i] = float32(size * wave(x, 0))
			}
		}
	}
}

// wave is cos x (odd = 0) or sin x (odd = 1) for x in [0, 8) within 1e-11, by its Taylor series whose operations are
// rounded one by one: the same bits on every machine.
func wave(x float64, odd int) float64 {
	z := float64(x * x)
	sum := 1.0
	for k := 40 + odd; k > 1; k -= 2 {
		sum = 1 - float64(float64(z*sum)/float64(k*(k-1)))
	}
	if odd == 1 {
		return float64(x * sum)
	}
	return sum
}

// Turn is the sine and the cosine of an angle in turns, within 1e-11: the same bits on every machine.
func Turn(turns float64) (sin, cos float64) {
	const round = 6.283185307179586476925286766559 // 2π
	x := float64((turns - math.Floor(turns)) * round)
	return wave(x, 1), wave(x, 0)
}
