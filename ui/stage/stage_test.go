package stage

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/lab/wire/frame"
)

// sample makes a frame with the given shape: attention is a softmax of noise with a bump at the query, the update is
// exactly B·A. It stands for a run; nothing in it is measured.
func sample(t testing.TB, image, patch, layers, heads, in, out, rank int) (frame.Frame, [][]float32) {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 5))
	grid := image / patch
	tokens := 1 + grid*grid
	f := frame.Frame{Arm: "qv:4", Step: 120, Example: 4, Examples: 24, Height: image, Width: image, Patch: patch, Layers: layers, Heads: heads, Tokens: tokens,
		Classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, Label: 8, Probs: []float32{.01, .01, .02, .15, .01, .05, .01, .02, .7, .02},
		Matrices: []string{"q", "v"}, Layer: layers - 2, Matrix: "q", Rows: in, Cols: out, Rank: rank}
	img := make([]float32, image*image)
	for y := range image {
		for x := range image {
			u, w := float64(x)-float64(image)/2, float64(y)-float64(image)*.33
			w2 := float64(y) - float64(image)*.66
			d := math.Min(math.Abs(math.Hypot(u, w)-float64(image)*.16), math.Abs(math.Hypot(u, w2)-float64(image)*.19))
			img[y*image+x] = float32(math.Max(0, 1-d/1.6))
		}
	}
	att := make([]float32, 0, layers*heads*tokens*tokens)
	for range layers * heads {
		sharp := 1 + 2*r.Float64()
		for q := range tokens {
			row, sum := make([]float64, tokens), 0.0
			for k := range row {
				d := 0.0
				if k > 0 && q > 0 {
					d = math.Hypot(float64((k-1)%grid-(q-1)%grid), float64((k-1)/grid-(q-1)/grid)) * 4 / float64(grid)
				}
				row[k] = math.Exp(sharp*r.NormFloat64()*.6 - d*sharp*.4)
				sum += row[k]
			}
			for _, x := range row {
				att = append(att, float32(x/sum))
			}
		}
	}
	if in == 0 {
		return f, [][]float32{img, att, nil, nil, nil}
	}
	a, b, u := make([]float32, in*rank), make([]float32, rank*out), make([]float32, in*out)
	for i := range a {
		a[i] = float32(r.NormFloat64() * .1)
	}
	for i := range b {
		b[i] = float32(r.NormFloat64() * .1)
	}
	for i := range in {
		for j := range out {
			for k := range rank {
				u[i*out+j] += a[i*rank+k] * b[k*out+j]
			}
			if rank == 0 {
				u[i*out+j] = float32(r.NormFloat64() * .02)
			}
		}
	}
	return f, [][]float32{img, att, u, a, b}
}
