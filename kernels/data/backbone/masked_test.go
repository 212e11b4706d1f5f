package backbone

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// shortMasked is a recipe of a masked autoencoder that takes little time.
func shortMasked(t *testing.T, steps int) Recipe {
	t.Helper()
	r, err := Find("vtiny-mae")
	if err != nil {
		t.Fatal(err)
	}
	r.Steps, r.Batch, r.Warm = steps, 4, 1
	return r
}

// state trains to the end and returns weights and moments.
func state(t *testing.T, tr *Training) []byte {
	t.Helper()
	for !tr.Finished() {
		tr.Step()
	}
	file, err := tr.Checkpoint("test")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestMaskedTrainingIsReproducible(t *testing.T) {
	r := shortMasked(t, 6)
	want := finish(t, r.Start())
	first := r.Start()
	for range 3 {
		first.Step()
	}
	saved, err := first.Checkpoint("test")
	if err != nil {
		t.Fatal(err)
	}
	second := r.Start()
	if err := second.Resume(saved, "test"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, finish(t, second)) {
		t.Error("a resumed training makes another file")
	}
	r.Seed++
	if bytes.Equal(want, finish(t, r.Start())) {
		t.Error("another seed makes the same file")
	}
}

// Source: this program on linux/amd64, go 1.26, 2026-11-26; js/wasm with SIMD128 under node and GOAMD64=v3 give the same.
// When it changes, see wantTrained.
const wantMasked = "83adec78d348c49d"

func TestMaskedTrainingGivesTheSameBitsEverywhere(t *testing.T) {
	got := state(t, shortMasked(t, 5).Start())
	if hash := nn.Hash(got)[:16]; hash != wantMasked {
		t.Errorf("5 steps train weights and moments that hash to %s, want %s", hash, wantMasked)
	}
	f32.UseScalar(true)
	defer f32.UseScalar(false)
	if !bytes.Equal(got, state(t, shortMasked(t, 5).Start())) {
		t.Error("scalar and vector kernels train different weights")
	}
}

func TestMaskedStepDoesNotAllocate(t *testing.T) {
	tr := shortMasked(t, 1000).Start()
	for range 3 {
		tr.Step()
	}
	if n := testing.AllocsPerRun(10, func() { tr.Step() }); n != 0 {
		t.Errorf("%v allocations per step", n)
	}
}

// The file of a masked autoencoder holds the encoder: no decoder, and no head, which has learned nothing.
func TestMaskedFilesHoldTheEncoderAlone(t *testing.T) {
	for _, e := range shipped(t).Backbones {
		if e.Recipe.Kind != KindMAE {
			continue
		}
		file, err := asset(e.File)
		if err != nil {
			t.Fatal(err)
		}
		f, err := nn.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range f.Names() {
			if strings.HasPrefix(name, "decoder") || strings.HasPrefix(name, "head") {
				t.Errorf("%s holds %s", e.File, name)
			}
		}
		v, err := e.Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(f.Names()), len(nn.Collect(v.Backbone())); got != want {
			t.Errorf("%s holds %d tensors, the encoder has %d", e.File, got, want)
		}
		for _, p := range nn.Collect(v.Head) {
			for _, x := range p.Value.Data {
				if x != 0 {
					t.Fatalf("%s: the head is not zero", e.Recipe.Name)
				}
			}
		}
	}
}

// glyphs are the patches of the first n training glyphs, on a tape that learns.
func glyphs(m *masked, n int) (tape.Var, []float32) {
	images := make([]float32, n*data.Pixels)
	for j := range n {
		m.recipe.Glyphs().Image(images[j*data.Pixels:(j+1)*data.Pixels], data.Train, j)
	}
	return m.net.Encoder.Input(tape.New(), images), images
}

// Three quarters of the patches are hidden, others in each example; what is seen and what is hidden are all there is.
func TestMasksHideTheirShare(t *testing.T) {
	for _, r := range Recipes {
		if r.Kind != KindMAE {
			continue
		}
		m := r.Start().masked
		const n = 8
		x, _ := glyphs(m, n)
		m.draw(x.Data(), data.Train, 0)
		patches := r.Config().Patches()
		k := patches / 4
		if len(m.seen) != n*(1+k) || len(m.hidden) != n*(patches-k) || len(m.target) != len(m.hidden)*r.Config().PatchLen() {
			t.Fatalf("%s: %d seen, %d hidden", r.Name, len(m.seen), len(m.hidden))
		}
		for i := range n {
			count := make([]int, 1+patches)
			for _, at := range m.seen[i*(1+k):][:1+k] {
				count[at]++
			}
			for _, at := range m.hidden[i*(patches-k):][:patches-k] {
				count[at]++
			}
			for at, c := range count {
				if c != 1 {
					t.Errorf("%s: token %d is there %d times", r.Name, at, c)
				}
			}
		}
		if bytes.Equal(bytesOf(m.hidden[:patches-k]), bytesOf(m.hidden[patches-k:][:patches-k])) {
			t.Errorf("%s: two examples have one mask", r.Name)
		}
	}
}

func bytesOf(x []int32) (b []byte) {
	for _, v := range x {
		b = append(b, byte(v))
	}
	return b
}

// Other pixels where nothing is seen change no feature of the encoder by a bit, and so nothing that is drawn.
func TestHiddenPixelsDoNotReachTheEncoder(t *testing.T) {
	tr := shortMasked(t, 5).Start()
	for !tr.Finished() {
		tr.Step()
	}
	m := tr.masked
	const n = 3
	size := m.net.Encoder.PatchLen()
	features := func(change func(x []float32)) (encoded, drawn []float32) {
		x, _ := glyphs(m, n)
		change(x.Data())
		m.draw(x.Data(), data.Train, 0)
		y := m.net.Encode(x, m.seen)
		return y.Data(), m.net.Decode(y, m.seen, m.hidden).Data()
	}
	encoded, drawn := features(func([]float32) {})
	for _, value := range []float32{.5, float32(math.Inf(1)), float32(math.NaN())} {
		e, d := features(func(x []float32) {
			for i, at := range m.hidden {
				example := i / (len(m.hidden) / n)
				for j := range size {
					x[example*data.Pixels+(int(at)-1)*size+j] = value
				}
			}
		})
		if !sameBits(e, encoded) || !sameBits(d, drawn) {
			t.Errorf("%v where nothing is seen changes what the net makes of the rest", value)
		}
	}
	e, _ := features(func(x []float32) { x[(int(m.seen[1])-1)*size] += .25 })
	if sameBits(e, encoded) {
		t.Error("a pixel that is seen changes nothing")
	}
}

func sameBits(x, y []float32) bool {
	for i, v := range x {
		if math.Float32bits(v) != math.Float32bits(y[i]) {
			return false
		}
	}
	return len(x) == len(y)
}

// The loss is the mean over the hidden patches alone: worked out here from what the net draws, pixel by pixel. A patch
// that is seen has no target at all.
func TestTheLossLooksAtHiddenPatchesOnly(t *testing.T) {
	for _, normal := range []bool{false, true} {
		r := shortMasked(t, 5)
		r.Masked.Normal = normal
		m := r.Start().masked
		const n, first = 3, 0
		x, images := glyphs(m, n)
		loss := m.loss(x, data.Train, first).Item()
		y := m.net.Decode(m.net.Encode(x, m.seen), m.seen, m.hidden).Data()
		c := m.net.Encoder.Config
		sum, count := 0.0, 0
		for i, at := range m.hidden {
			example, patch := i/(len(m.hidden)/n), int(at)-1
			var want []float64
			for j := range c.PatchLen() {
				row, column := patch/c.Grid()*c.Patch+j/c.Patch, patch%c.Grid()*c.Patch+j%c.Patch
				want = append(want, float64(images[example*data.Pixels+row*c.Image+column]))
			}
			if normal {
				want = whitened(want)
			}
			for j, v := range want {
				d := float64(y[i*c.PatchLen()+j]) - v
				sum += d * d
				count++
			}
		}
		if want := sum / float64(count); math.Abs(float64(loss)-want) > 1e-5*want {
			t.Errorf("normalised %v: loss %v, want %v", normal, loss, want)
		}
		if count != n*12*64 {
			t.Errorf("%d numbers, want those of 12 patches", count)
		}
	}
}

// whitened has mean 0 and, but for the small number that keeps a blank patch blank, variance 1.
func whitened(x []float64) []float64 {
	mean, variance := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v - mean) / math.Sqrt(variance+1e-6)
	}
	return y
}

// A short pretraining draws hidden patches of glyphs that it has never seen better than the mean patch of each place,
// and one that has learned nothing draws them worse.
func TestReconstructionBeatsTheMeanPatch(t *testing.T) {
	r := shortMasked(t, 700)
	r.Batch, r.Warm = 32, 35
	tr := r.Start()
	fresh, mean := tr.masked.reconstruct(data.Test, 300)
	if !(fresh > mean) || !(mean > .5) || !(mean < 1.01) {
		t.Errorf("untrained: error %v, mean patch %v", fresh, mean)
	}
	for !tr.Finished() {
		tr.Step()
	}
	err, again := tr.masked.reconstruct(data.Test, 300)
	if !(err < mean) || again != mean {
		t.Errorf("error %v of the targets' variance, the mean patch %v (before training %v)", err, again, mean)
	}
}

// A probe reads the names of glyphs from features that were made for it, the same twice, and few from random ones.
func TestProbeReadsWhatFeaturesHold(t *testing.T) {
	v, e, err := Open(asset, "vtiny-m")
	if err != nil {
		t.Fatal(err)
	}
	set := e.Recipe.Glyphs()
	s := Probe(v, set, data.Validation, 280)
	if s.Accuracy < .97 || s.Of != 280 || s.Loss <= 0 {
		t.Errorf("features that name glyphs: %+v", s)
	}
	if again := Probe(v, set, data.Validation, 280); again != s {
		t.Errorf("asked twice, %+v and %+v", s, again)
	}
	if s := Probe(short(1).Start().Model, set, data.Validation, 280); s.Accuracy > .6 {
		t.Errorf("features that know nothing: %+v", s)
	}
}
