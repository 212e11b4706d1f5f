//go:build !js

package moat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Every row of every attention map is a distribution, and so is every row of the rollout of the layers on one map.
func TestAttentionRowsSumToOne(t *testing.T) {
	for _, knobs := range []string{"", "task=cue&window=8"} {
		for _, arm := range bases {
			tr := opened(t, arm, tiny+"&"+knobs)
			tr.TrainStep()
			tr.logits(pictures(tr, 1))
			layers := tr.net.attentions()
			byMap := map[int][]*attention{}
			for _, a := range layers {
				w := a.weights(tr.Look)
				s := a.side * a.side
				if len(w) != a.windows()*a.heads*s*s {
					t.Fatalf("%s, %s: %d probabilities", arm, a.name, len(w))
				}
				sumsToOne(t, arm+" "+a.name, s, func(i, j int) float64 { return float64(w[i*s+j]) }, len(w)/s)
				byMap[a.rows] = append(byMap[a.rows], a)
			}
			for rows, same := range byMap {
				if same[len(same)-1].side > mostRolled {
					continue
				}
				n := rows * rows
				r := rolled(tr.Look, same)
				sumsToOne(t, arm+" rollout", n, func(i, j int) float64 { return r[i*n+j] }, n)
				if a := same[0]; a.windows() > 1 && r[n-1] != 0 { // the first cell and the last are in different windows
					t.Errorf("%s: the rollout of windows that do not move crosses them: %v", arm, r[n-1])
				}
			}
		}
	}
}

func sumsToOne(t *testing.T, what string, width int, at func(i, j int) float64, rows int) {
	t.Helper()
	for i := range rows {
		sum := 0.0
		for j := range width {
			if x := at(i, j); x < 0 {
				t.Errorf("%s: row %d has the weight %v", what, i, x)
			} else {
				sum += x
			}
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Fatalf("%s: row %d adds up to %v", what, i, sum)
		}
	}
}

// asked is attention over one map of rows×rows cells: what comes out and the maps of its heads.
func asked(a *attention, x []float32) (out, weights []float32) {
	on := tape.New()
	on.Infer = true
	in := a.q.W.Value.Shape[0]
	v := on.Blank(tape.Shape{1, a.rows, a.cols, in})
	copy(v.Data(), x)
	out = slices.Clone(a.Forward(v).Data())
	return out, a.weights(on)
}

// Who asks nothing looks everywhere alike: with queries of zero every map is uniform without a table, and with one it is
// the softmax of the table alone, whatever the cells hold.
func TestQueriesOfZero(t *testing.T) {
	r := stream(3, "zero")
	random := func(n int) []float32 {
		x := make([]float32, n)
		nn.Normal(r, x, 1)
		return x
	}
	for _, side := range []int{2, 4} {
		a := newAttention(r, "a", 32, 32, 4, 4, side, false)
		_, w := asked(a, random(16*32))
		uniform := func(w []float32) bool {
			for _, p := range w {
				if math.Abs(float64(p)*float64(side*side)-1) > 1e-6 {
					return false
				}
			}
			return true
		}
		if uniform(w) {
			t.Error("the maps are uniform before the queries are zero, so the test shows nothing")
		}
		silence(a)
		if _, w = asked(a, random(16*32)); !uniform(w) {
			t.Errorf("windows of %d: queries of zero, and the maps are not uniform: %v", side, w[:side*side])
		}
		b := newAttention(r, "b", 32, 32, 4, 4, side, true)
		nn.Normal(r, b.table.Table.Value.Data, 1)
		silence(b)
		_, first := asked(b, random(16*32))
		_, second := asked(b, random(16*32))
		if uniform(first) || !slices.Equal(first, second) {
			t.Error("with queries of zero the table alone decides, and not what the cells hold")
		}
	}
}

func silence(a *attention) {
	clear(a.q.W.Value.Data)
	clear(a.q.B.Value.Data)
	a.q.W.Touch()
	a.q.B.Touch()
}

// permuted moves cell p[i] of a map to place i.
func permuted(x []float32, p []int) []float32 {
	width := len(x) / len(p)
	out := make([]float32, 0, len(x))
	for _, from := range p {
		out = append(out, x[from*width:][:width]...)
	}
	return out
}

// Without positions attention sees a set of cells: cells that change places take their answers with them. With a table
// they do not, nor where they change windows.
func TestAttentionSeesASet(t *testing.T) {
	const rows, c = 4, 32
	r := stream(4, "set")
	x := make([]float32, rows*rows*c)
	nn.Normal(r, x, 1)
	p := r.Perm(rows * rows)
	far := func(a *attention) float64 {
		plain, _ := asked(a, x)
		moved, _ := asked(a, permuted(x, p))
		return apart(moved, permuted(plain, p))
	}
	bare := newAttention(r, "bare", c, c, rows, rows, rows, false)
	if d := far(bare); d > 1e-6 {
		t.Errorf("without positions the answers differ by %v", d)
	}
	table := newAttention(r, "table", c, c, rows, rows, rows, true)
	nn.Normal(r, table.table.Table.Value.Data, 1)
	if d := far(table); d < 1e-3 {
		t.Errorf("with a table the answers move with the cells, to %v", d)
	}
	windows := newAttention(r, "windows", c, c, rows, rows, 2, false)
	if d := far(windows); d < 1e-3 {
		t.Errorf("across windows the answers move with the cells, to %v", d)
	}
}

// apart is the largest difference between two slices.
func apart(x, y []float32) float64 {
	d := 0.0
	for i := range x {
		d = max(d, math.Abs(float64(x[i])-float64(y[i])))
	}
	return d
}

// The same of a whole net: a Transformer without positions in the probe, over patches. Patches that change places change
// the map behind the blocks by nothing else. Learned vectors, a table or a convolution tell where a patch lies.
func TestNetWithoutPositionsSeesPatches(t *testing.T) {
	const side = data.Side
	images := make([]float32, side*side)
	nn.Normal(stream(5, "patches"), images, 1)
	r := rand.New(rand.NewPCG(5, 5))
	p := r.Perm(side / 2 * side / 2)
	moved := make([]float32, len(images))
	for to, from := range p {
		for dy := range 2 {
			for dx := range 2 {
				moved[(to/16*2+dy)*side+to%16*2+dx] = images[(from/16*2+dy)*side+from%16*2+dx]
			}
		}
	}
	for _, c := range []struct {
		arm, knobs string
		set        bool
	}{
		{armViT, "task=cue&position=none", true}, {"vit~nopos", "task=cue", true}, {"moat~nodw", "task=cue&position=none", true},
		{armViT, "task=cue", false}, {armViT, "task=cue&position=learned", false}, {armNoPos, "task=cue", false}, {armViTWindow, "task=cue&position=none", false},
	} {
		n := built(t, c.arm, c.knobs)
		on := tape.New()
		on.Infer = true
		plain := slices.Clone(n.Features(n.Input(on, images)).Data())
		on.Reset()
		d := apart(n.Features(n.Input(on, moved)).Data(), permuted(plain, p))
		if (d < 1e-5) != c.set || !c.set && d < 1e-3 {
			t.Errorf("%s, %s: patches that change places change the map by %v", c.arm, c.knobs, d)
		}
	}
}

// Attention that looks everywhere alike looks as far as two random cells lie apart, and one that looks at itself nowhere.
func TestDistance(t *testing.T) {
	a := newAttention(stream(6, "distance"), "a", 16, 16, 4, 4, 2, false)
	const s = 4
	uniform, itself := make([]float32, 4*s*s), make([]float32, 4*s*s)
	for i := range uniform {
		uniform[i] = 1.0 / s
		if i%(s*s)/s == i%s {
			itself[i] = 1
		}
	}
	// In a window of 2×2 cells of 8 pixels a cell has itself, two neighbours at 8 and one at 8·√2.
	if got, want := a.distance(uniform)[0], 8*(2+math.Sqrt2)/4; math.Abs(got-want) > 1e-5 {
		t.Errorf("a uniform head looks %v pixels far, want %v", got, want)
	}
	if got := a.distance(itself)[0]; got != 0 {
		t.Errorf("a head that looks at itself looks %v pixels far", got)
	}
}
