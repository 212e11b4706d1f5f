package stage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/lab/wire/frame"
)

// gridSample makes a frame of a network with grids: a windowed layer over 16x16 cells, then 8x8 and 4x4 cells in one
// window each, and panels of every kind. Attention is a softmax of noise with a bump at the cell that asks; nothing in it
// is measured.
func gridSample(t testing.TB) (frame.Frame, [][]float32) {
	t.Helper()
	const side = 32
	r := rand.New(rand.NewPCG(7, 11))
	f, b := sample(t, side, 8, 4, 4, 64, 64, 4)
	f.Layers, f.Heads, f.Tokens, f.Patch, f.Rows, f.Cols, f.Rank, f.Layer, f.Matrix, f.Matrices = 0, 0, 0, 0, 0, 0, 0, 0, "", nil
	f.Arm = "moat"
	buffers := [][]float32{b[bufImage], nil, nil, nil, nil}
	hold := func(x []float32) int { buffers = append(buffers, x); return len(buffers) - 1 }
	for _, g := range []frame.Grid{{Name: "stage2.block1", Rows: 16, Cols: 16, Side: 4, Heads: 2}, {Name: "stage3.block1", Rows: 8, Cols: 8, Side: 8, Heads: 2}, {Name: "stage4.block1", Rows: 4, Cols: 4, Side: 4, Heads: 4}} {
		var att []float32
		g.Distance = make([]float32, g.Heads)
		cells := g.Side * g.Side
		for range g.Rows * g.Cols / cells {
			for head := range g.Heads {
				sharp := .3 + float64(head)*.5
				for q := range cells {
					row, sum := make([]float64, cells), 0.0
					for k := range row {
						row[k] = math.Exp(.5*r.NormFloat64() - sharp*math.Hypot(float64(k%g.Side-q%g.Side), float64(k/g.Side-q/g.Side)))
						sum += row[k]
					}
					for k, x := range row {
						att = append(att, float32(x/sum))
						d := math.Hypot(float64(k%g.Side-q%g.Side), float64(k/g.Side-q/g.Side)) * side / float64(g.Rows)
						g.Distance[head] += float32(x / sum * d / float64(g.Rows*g.Cols))
					}
				}
			}
		}
		g.Buffer = hold(att)
		f.Grids = append(f.Grids, g)
	}
	f.Token = 2*4 + 1
	noise := func(n int, scale float64) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(scale * r.NormFloat64())
		}
		return x
	}
	field, set := make([]float32, side*side), make([]float32, side*side)
	for y := range side {
		for x := range side {
			if y >= 10 && x < 22 && (y < 28 || x > 3) {
				set[y*side+x] = 1
				field[y*side+x] = float32(math.Exp(-math.Hypot(float64(x)-12, float64(y)-20)/5) * (.5 + r.Float64()))
			}
		}
	}
	f.Panels = append(f.Panels, frame.Panel{ID: "field", Title: "Effective receptive field", Rows: side, Cols: side, Tiles: 1, Scale: "viridis", OverImage: true,
		Note:   "How much each pixel moves this output, by gradient. The outline is what can reach it, predicted from kernels, strides and windows alone.",
		Buffer: hold(field), Outline: hold(set)})
	roll := make([]float32, 64)
	for i := range roll {
		roll[i] = float32(math.Exp(-math.Hypot(float64(i%8)-3, float64(i/8)-4)/2) * (.3 + r.Float64()) / 20)
	}
	f.Panels = append(f.Panels, frame.Panel{ID: "rollout", Title: "Attention rollout", Rows: 8, Cols: 8, Tiles: 1, Scale: "viridis", OverImage: true, Buffer: hold(roll),
		Note: "Attention of all layers multiplied, heads averaged, half of each layer the identity. It knows no class and leaves out values, norms and convolutions."})
	for _, g := range f.Grids {
		n := 2*g.Side - 1
		labels := make([]string, g.Heads)
		for i := range labels {
			labels[i] = fmt.Sprintf("head %d", i+1)
		}
		f.Panels = append(f.Panels, frame.Panel{ID: "table", Title: "Relative position table", Layer: g.Name, Rows: n, Cols: n, Tiles: g.Heads, Labels: labels, Scale: "diverging", Buffer: hold(noise(g.Heads*n*n, .02)),
			Note: "What is added to the attention logit of a cell so far below and to the right of the one that asks. The middle is the cell itself."})
	}
	like := make([]float32, 16*16)
	for i := range 16 {
		for k := range 16 {
			like[i*16+k] = float32(math.Cos(math.Hypot(float64(i%4-k%4), float64(i/4-k/4)) * .8))
		}
	}
	f.Panels = append(f.Panels, frame.Panel{ID: "similarity", Title: "How alike positions are", Layer: "stage4.block1", Rows: 4, Cols: 4, Tiles: 16, Scale: "diverging", Buffer: hold(like),
		Note: "The cosine between what the table says of one cell and of all others; one picture for each cell, laid out as the map."})
	for _, name := range []string{"stage1.block1", "stage2.block1", "stage3.block1"} {
		f.Panels = append(f.Panels, frame.Panel{ID: "filters", Title: "Depth-wise filters", Layer: name, Rows: 3, Cols: 3, Tiles: 32, Scale: "diverging", Buffer: hold(noise(32*9, .3)),
			Note: "One 3 × 3 filter for each channel, as trained."})
	}
	return f, buffers
}

func gridPicture(t testing.TB) *Picture {
	t.Helper()
	f, b := gridSample(t)
	p, err := NewPicture(f, b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
