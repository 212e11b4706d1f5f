//go:build !js

package moat

import (
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/course"
	"petri/kernels/tape"
)

// norms counts the batch norms and the layer norms of a net's blocks.
func norms(n *net) (batch, layer int) {
	for _, b := range n.blocks {
		b.parts(func(p part) {
			if p, ok := p.(*norm); ok && p.batch != nil {
				batch++
			} else if ok {
				layer++
			}
		})
	}
	return batch, layer
}

// The folded net says what the net says and has fewer norms. The racer stays as it was to the bit, and trains on as if nobody
// had folded it.
func TestFolded(t *testing.T) {
	for _, c := range []struct {
		arm, knobs   string
		before, left int // batch norms; what is left stands behind depth-wise convolutions
	}{
		{armMOAT, "", 1 + 5*3, 5},
		{armViT, "", 1 + 3, 1},
		{armStacked, "", 1 + 5*3, 5},
		{armAttnMBConv, "&position=learned", 1 + 5*3, 5},
		{armMOATWindow, "&task=cue", 2 * 3, 2},
		{"moat~se~nodw", "", 1 + 3 + 4*2, 1}, // the first stage keeps its windows
		{"moat~noattn~pool", "&kernel=5", 1 + 5*3, 5},
		{"moat~ln", "", 0, 0},
	} {
		name := c.arm + c.knobs
		tr, twin := opened(t, c.arm, tiny+c.knobs), opened(t, c.arm, tiny+c.knobs)
		for range 15 {
			tr.TrainStep()
			twin.TrainStep()
		}
		f := tr.net.folded()
		images := pictures(tr, 8)
		want := slices.Clone(tr.logits(images))
		tr.Look.Reset()
		got := f.Forward(f.Input(tr.Look, images)).Data()
		size, off := 0.0, 0.0
		for i, x := range want {
			size, off = max(size, math.Abs(float64(x))), max(off, math.Abs(float64(got[i]-x)))
		}
		if !(off <= 1e-4*size) || size == 0 {
			t.Errorf("%s: logits up to %v are off by %v", name, size, off)
		}
		before, layers := norms(tr.net)
		left, layersLeft := norms(f)
		if before != c.before || left != c.left || layers != layersLeft {
			t.Errorf("%s: of %d batch norms %d are left, want %d of %d; of %d layer norms %d", name, before, left, c.left, c.before, layers, layersLeft)
		}
		if !slices.Equal(tr.Trained(), twin.Trained()) || !slices.Equal(tr.Result().Trained, twin.Result().Trained) || !slices.Equal(tr.logits(images), want) {
			t.Errorf("%s: folding changed the racer", name)
		}
		tr.TrainStep()
		twin.TrainStep()
		if !slices.Equal(tr.Result().Trained, twin.Result().Trained) {
			t.Errorf("%s: a folded racer trains to other weights", name)
		}
		f.Params(func(p *tape.Param) {
			if !p.Frozen && !slices.ContainsFunc(tr.Params(), func(q *tape.Param) bool { return q == p }) {
				t.Errorf("%s: the copy %s could be trained", name, p.Name)
			}
		})
	}
}

// An update of low rank is folded with its convolution once it is merged. Before, it keeps its norms.
func TestFoldedUpdates(t *testing.T) {
	for _, arm := range []string{"moat~loraview", "moat~loraconv"} {
		tr := opened(t, arm, tiny)
		tr.Ready()
		for range 5 {
			tr.TrainStep()
		}
		for _, c := range []struct {
			merged bool
			left   int
		}{{false, 1 + 5*3}, {true, 5}} {
			if c.merged {
				tr.net.merge()
			}
			images := pictures(tr, 8)
			want := slices.Clone(tr.logits(images))
			f := tr.net.folded()
			tr.Look.Reset()
			got := f.Forward(f.Input(tr.Look, images)).Data()
			for i, x := range want {
				if !(math.Abs(float64(got[i]-x)) <= 1e-4*math.Max(1, math.Abs(float64(x)))) {
					t.Fatalf("%s, merged %v: logit %d is %v, want %v", arm, c.merged, i, got[i], x)
				}
			}
			if left, _ := norms(f); left != c.left {
				t.Errorf("%s, merged %v: %d batch norms are left, want %d", arm, c.merged, left, c.left)
			}
		}
	}
}

// The time of an image is that of the folded net, as its column says.
func TestTimeOfTheFoldedNet(t *testing.T) {
	tr := opened(t, armMOAT, tiny)
	tr.TrainStep()
	now := 0.0
	tr.env.Clock = func() float64 { now += course.LookBatch; return now }
	if ms := tr.perImage(); ms != 1 {
		t.Errorf("%v ms an image by a clock that goes on by 32 ms with every batch", ms)
	}
	timed, ok := tr.Look.Lookup("logits")
	got := slices.Clone(timed.Data)
	images := pictures(tr, course.LookBatch)
	if plain := tr.logits(images); !ok || slices.Equal(got, plain) {
		t.Error("what is timed has the bits of the net as it trains")
	}
	if sub := (&run{}).costFigure().Sub; !strings.Contains(sub, "images in batches of 32 and with batch norms folded") || course.LookBatch != 32 {
		t.Errorf("%q does not say what is timed", sub)
	}
	f := tr.net.folded()
	tr.Look.Reset()
	if !slices.Equal(got, f.Forward(f.Input(tr.Look, images)).Data()) {
		t.Error("what is timed is not the folded net")
	}
}
