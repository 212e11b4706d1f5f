//go:build !js

package vpt

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// What the stage draws fits its description, for every racer, whatever was asked for: the tokens of every layer are the class
// token, the patches and the prompts, and what a token looks at sums to one.
func TestFrames(t *testing.T) {
	for _, arm := range append(strings.Split(everyArm, ","), "vpt-deep:0", "vpt-deep:30", "prefix:30") {
		tr := opened(t, "arms="+arm, wire.TrialID{})
		tr.TrainStep()
		c := tr.fitted.Model.Config
		for _, focus := range []wire.Focus{{}, {Example: 5, Layer: 9, Token: -1}, {Example: 99}, {Example: -3}} {
			f, buffers := tr.Frame(focus)
			if want := min(max(focus.Example, 0), course.Staged-1); f.Example != want || f.Examples != course.Staged || f.Step != 1 || f.Arm != arm {
				t.Errorf("%s, %+v: example %d of %d after step %d of %s", arm, focus, f.Example, f.Examples, f.Step, f.Arm)
			}
			checkFrame(t, arm, c, f, buffers)
		}
	}
}

// So it does for every task and backbone.
func TestFramesOfTasks(t *testing.T) {
	knobs := []string{"backbone=vtiny-mae", "backbone=vsmall&task=texture"}
	task, _ := description().Knob("task")
	for _, o := range task.Options {
		knobs = append(knobs, "task="+o.Value)
	}
	for _, k := range knobs {
		tr := opened(t, "arms=vpt-deep:3&"+k, wire.TrialID{})
		f, buffers := tr.Frame(wire.Focus{Example: 7})
		checkFrame(t, k, tr.fitted.Model.Config, f, buffers)
	}
}

// checkFrame holds the buffers of a frame to what its head says of them.
func checkFrame(t *testing.T, what string, c nn.Config, f wire.Frame, buffers [][]float32) {
	t.Helper()
	s := f.Sequence
	if f.Height != data.Side || f.Width != data.Side || len(buffers[0]) != data.Pixels || s == nil || f.Tokens != c.Tokens() || f.Heads != c.Heads || f.Layers != c.Depth || len(s.Layers) != c.Depth {
		t.Fatalf("%s: %+v", what, f)
	}
	used := make([]int, len(buffers))
	take := func(name string, at, want int) []float32 {
		if at < 5 || at >= len(buffers) || len(buffers[at]) != want {
			t.Fatalf("%s: %s is in buffer %d of %d, want %d numbers", what, name, at, len(buffers), want)
		}
		used[at]++
		if !tape.Finite(buffers[at]) {
			t.Errorf("%s: %s holds what is no number", what, name)
		}
		return buffers[at]
	}
	for i := range s.Layers {
		l := &s.Layers[i]
		asking, looked := l.Size(f.Tokens)
		maps := take("a layer", l.Buffer, f.Heads*asking*looked)
		for row := 0; row < len(maps); row += looked {
			sum := 0.0
			for _, x := range maps[row : row+looked] {
				sum += float64(x)
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Fatalf("%s, layer %d: row %d sums to %v", what, i, row/looked, sum)
			}
		}
		if l.Drawn != min(l.Prompts, mostDrawn) || (l.From == "") != (l.Prompts == 0) {
			t.Errorf("%s, layer %d: %+v", what, i, *l)
		}
	}
	take("the frozen network", s.Frozen, f.Layers*f.Heads*c.Patches())
	p := s.Points
	if p == nil || len(p.Labels) != scattered || len(p.Shares) != 2 || p.Labels[f.Example] != f.Label || slices.Max(p.Labels) >= len(f.Classes) {
		t.Fatalf("%s: points %+v", what, p)
	}
	take("the points", p.Buffer, 2*scattered*2)
	for at := 5; at < len(buffers); at++ {
		if used[at] != 1 {
			t.Errorf("%s: buffer %d is used %d times", what, at, used[at])
		}
	}
	if math.Abs(sumOf(f.Probs)-1) > 1e-5 {
		t.Errorf("%s: the probabilities sum to %v", what, sumOf(f.Probs))
	}
}

func sumOf(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

// Where prompts come from, by method and layer; the number of tokens stays the same once they are in.
func TestPromptsOfALayer(t *testing.T) {
	const e, r, c, k = frame.PromptsEnter, frame.PromptsReplace, frame.PromptsCarried, frame.PromptsKeys
	for query, want := range map[string]struct {
		from    [4]string
		prompts [4]int
	}{
		"arms=vpt-deep:3":                        {[4]string{e, r, r, r}, [4]int{3, 3, 3, 3}},
		"arms=vpt-shallow:5":                     {[4]string{e, c, c, c}, [4]int{5, 5, 5, 5}},
		"arms=vpt-deep:3&depth=2":                {[4]string{e, r, c, c}, [4]int{3, 3, 3, 3}},
		"arms=vpt-deep:3&depth=2&order=top-down": {[4]string{"", "", e, r}, [4]int{0, 0, 3, 3}},
		"arms=vpt-deep:100":                      {[4]string{e, r, r, r}, [4]int{100, 100, 100, 100}},
		"arms=prefix:5":                          {[4]string{k, k, k, k}, [4]int{5, 5, 5, 5}},
		"arms=prefix:5&mlp=8":                    {[4]string{k, k, k, k}, [4]int{5, 5, 5, 5}},
		"arms=vpt-deep:0":                        {},
		"arms=prefix:0":                          {},
		"arms=lora:4":                            {},
	} {
		tr := opened(t, query, wire.TrialID{})
		f, _ := tr.Frame(wire.Focus{})
		for i, l := range f.Sequence.Layers {
			if l.From != want.from[i] || l.Prompts != want.prompts[i] {
				t.Errorf("%s, layer %d: %+v", query, i, l)
			}
		}
	}
}

// The columns and rows of a layer are those that the tape has, in the order of a frame: class token, patches, prompts.
func TestOrderOfTheTokens(t *testing.T) {
	for _, arm := range []string{"vpt-deep:3", "vpt-shallow:30", "prefix:3", "prefix:30", "lora:4"} {
		tr := opened(t, "arms="+arm, wire.TrialID{})
		f, buffers := tr.Frame(wire.Focus{Example: 2})
		model, on := tr.fitted.Model, tape.New()
		on.Infer = true
		model.Forward(model.Input(on, buffers[0]))
		for i := range f.Sequence.Layers {
			l := &f.Sequence.Layers[i]
			name := fmt.Sprintf("block%d/attn", i)
			heads, queries, keys, _ := on.Attention(nil, name, 0)
			if keys != f.Tokens+l.Prompts || queries != keys && l.From != frame.PromptsKeys {
				t.Fatalf("%s: %d tokens look at %d in a layer of %d prompts", arm, queries, keys, l.Prompts)
			}
			all := make([]float32, heads*queries*keys)
			on.Attention(all, name, 0)
			// place is where a token of a frame stands on the tape; in front of the class token where prompts are keys.
			place := func(token int, asks bool) int {
				keyed := l.From == frame.PromptsKeys
				switch {
				case keyed && asks:
					return token
				case keyed && token < f.Tokens:
					return token + l.Prompts
				case keyed:
					return token - f.Tokens
				case token == 0:
					return 0
				case token < f.Tokens:
					return token + l.Prompts
				}
				return 1 + token - f.Tokens
			}
			asking, looked := l.Size(f.Tokens)
			for h := range heads {
				for q := range asking {
					row := buffers[l.Buffer][(h*asking+q)*looked:][:looked]
					from := all[(h*queries+place(q, true))*keys:][:keys]
					for k := range f.Tokens + l.Drawn {
						if row[k] != from[place(k, false)] {
							t.Fatalf("%s, layer %d: token %d looks at %d with %v, on the tape %v", arm, i, q, k, row[k], from[place(k, false)])
						}
					}
					rest := float32(0)
					for k := f.Tokens + l.Drawn; k < f.Tokens+l.Prompts; k++ {
						rest += from[place(k, false)]
					}
					if l.Prompts > l.Drawn && row[looked-1] != rest {
						t.Fatalf("%s, layer %d: the other prompts get %v, on the tape %v", arm, i, row[looked-1], rest)
					}
				}
			}
		}
	}
}

// No prompts are the linear probe, in every picture.
func TestNoPromptsAreTheHead(t *testing.T) {
	look := func(arm string) [][]float32 {
		tr := opened(t, "arms="+arm, wire.TrialID{})
		tr.TrainStep()
		_, buffers := tr.Frame(wire.Focus{Example: 3})
		return buffers
	}
	want := look("head")
	for _, arm := range []string{"vpt-deep:0", "vpt-shallow:0", "prefix:0"} {
		got := look(arm)
		if len(got) != len(want) {
			t.Fatalf("%s: %d buffers, the head has %d", arm, len(got), len(want))
		}
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%s: buffer %d is not that of the head", arm, i)
			}
		}
	}
}

// changed reports whether the class token looks at the patches in another way than in the frozen network, and whether the
// features of the scatter are others.
func changed(f wire.Frame, buffers [][]float32) (looks, features bool) {
	s := f.Sequence
	m := f.Tokens - 1
	for i := range s.Layers {
		asking, looked := s.Layers[i].Size(f.Tokens)
		for h := range f.Heads {
			now := buffers[s.Layers[i].Buffer][h*asking*looked+1:][:m]
			looks = looks || !slices.Equal(now, buffers[s.Frozen][(i*f.Heads+h)*m:][:m])
		}
	}
	points := buffers[s.Points.Buffer]
	return looks, !slices.Equal(points[:2*scattered], points[2*scattered:])
}

// A racer that is the frozen network has changed nothing, to the bit: the head always, LoRA before its first step. Others have.
func TestChangeAgainstTheFrozenNetwork(t *testing.T) {
	for _, c := range []struct {
		arm   string
		steps int
		want  bool
	}{{"head", 0, false}, {"head", 3, false}, {"head~backbone=vtiny-mae", 0, false}, {"lora:4", 0, false}, {"adaptformer:8", 0, false}, {"full", 0, false}, {"lora:4", 3, true}, {"full", 3, true},
		{"ln", 3, true}, {"vpt-deep:3", 0, true}, {"prefix:3", 0, true}, {"scratch", 0, true}} {
		tr := opened(t, "arms="+c.arm, wire.TrialID{})
		for range c.steps {
			tr.TrainStep()
		}
		if looks, features := changed(tr.Frame(wire.Focus{Example: 1})); looks != c.want || features != c.want {
			t.Errorf("%s after %d steps: looks changed %v, features changed %v", c.arm, c.steps, looks, features)
		}
	}
}

// The axes hold the shares of the variance that they claim, no direction holds more than the first, and no other that is
// orthogonal to it more than the second.
func TestAxesOfTheScatter(t *testing.T) {
	tr := opened(t, "arms=full", wire.TrialID{})
	for range 3 {
		tr.TrainStep()
	}
	f, buffers := tr.Frame(wire.Focus{})
	p := f.Sequence.Points
	d := tr.fitted.Model.Width
	rows, labels := tr.features(tr.fitted.Model)
	frozen, _ := tr.features(tr.frozen.model)
	for _, cloud := range [][]float32{frozen, rows} {
		for j := range d {
			mean := 0.0
			for k := j; k < len(cloud); k += d {
				mean += float64(cloud[k]) / scattered
			}
			for k := j; k < len(cloud); k += d {
				cloud[k] -= float32(mean)
			}
		}
	}
	rows = slices.Concat(frozen, rows)
	if !slices.Equal(labels, p.Labels) {
		t.Error("other labels")
	}
	variance := func(x func(i int) float64) float64 {
		n, mean, sum := len(rows)/d, 0.0, 0.0
		for i := range n {
			mean += x(i) / float64(n)
		}
		for i := range n {
			sum += (x(i) - mean) * (x(i) - mean)
		}
		return sum
	}
	total, most := 0.0, 0.0
	for j := range d {
		v := variance(func(i int) float64 { return float64(rows[i*d+j]) })
		total, most = total+v, max(most, v)
	}
	for axis := range 2 {
		got := variance(func(i int) float64 { return float64(buffers[p.Buffer][2*i+axis]) }) / total
		if math.Abs(got-float64(p.Shares[axis])) > 1e-4 {
			t.Errorf("axis %d holds %v of the variance and claims %v", axis, got, p.Shares[axis])
		}
	}
	if p.Shares[0] < p.Shares[1] || float64(p.Shares[0]) < most/total {
		t.Errorf("shares %v, a coordinate has %v", p.Shares, most/total)
	}
	axes, _ := principal(rows, d)
	r := stream(0, "directions")
	for range 50 {
		v := make([]float64, d)
		for j := range v {
			v[j] = r.NormFloat64()
		}
		for axis := range 2 {
			norm := math.Sqrt(dot(v, v))
			share := variance(func(i int) float64 {
				s := 0.0
				for j := range d {
					s += float64(rows[i*d+j]) * v[j] / norm
				}
				return s
			}) / total
			if share > float64(p.Shares[axis])+1e-6 {
				t.Errorf("a direction holds %v, axis %d %v", share, axis, p.Shares[axis])
			}
			along := dot(v, axes[0]) // the second time round, orthogonal to the first axis
			for j := range v {
				v[j] -= along * axes[0][j]
			}
		}
	}
	if principalOfNothing, _ := principal(make([]float32, 4*d), d); principalOfNothing != nil {
		t.Error("rows that are all alike have axes")
	}
}

// Clouds do not jump over while a run goes on: whichever way the axes come out, the frozen network's cloud keeps its sides.
func TestCloudsKeepTheirSides(t *testing.T) {
	for _, arm := range []string{"vpt-deep:3", "full", "lora:4", "scratch"} {
		tr := opened(t, "arms="+arm, wire.TrialID{})
		for range 3 {
			f, buffers := tr.Frame(wire.Focus{})
			own := project(tr.frozen.features, tr.frozen.axes)
			for axis := range 2 {
				together := 0.0
				for i := range scattered {
					together += float64(own[2*i+axis]) * float64(buffers[f.Sequence.Points.Buffer][2*i+axis])
				}
				if together < -1e-3 {
					t.Errorf("%s after step %d: axis %d is turned round (%v)", arm, f.Step, axis, together)
				}
			}
			tr.TrainStep()
		}
	}
}

// A diverged run has no scatter, and its picture is still made.
func TestFrameOfADivergedRun(t *testing.T) {
	tr := opened(t, "arms=full", wire.TrialID{})
	tr.Frame(wire.Focus{})
	for range 2 {
		tr.TrainStep()
	}
	p := nn.Collect(tr.fitted.Model)[0]
	p.Value.Data[0] = float32(math.NaN())
	p.Touch()
	if f, buffers := tr.Frame(wire.Focus{}); f.Sequence.Points != nil || len(buffers) != 5+f.Layers+1 {
		t.Errorf("points %+v, %d buffers", f.Sequence.Points, len(buffers))
	}
}

// Who looks changes no bit, whenever it is, and the same look twice is the same picture.
func TestFramesChangeNothing(t *testing.T) {
	for _, query := range []string{"arms=vpt-deep:3&dropout=0.1", "arms=lora:4&dropout=0.5", "arms=prefix:3&mlp=4", "arms=head", "arms=full"} {
		run := func(look bool) wire.TrialResult {
			tr := opened(t, query, wire.TrialID{})
			for done := false; !done; {
				done = tr.Advance()
				if !look {
					continue
				}
				_, a := tr.Frame(wire.Focus{Example: 1})
				for _, x := range a[1:] {
					clear(x) // a frame is its receiver's
				}
				_, a = tr.Frame(wire.Focus{Example: 1})
				_, b := tr.Frame(wire.Focus{Example: 1})
				for i := range a {
					if !slices.Equal(a[i], b[i]) {
						t.Fatalf("%s: buffer %d is another the second time", query, i)
					}
				}
				if sumOf(a[len(a)-2]) == 0 || slices.Max(a[len(a)-1]) == 0 {
					t.Fatalf("%s: what was cleared stays cleared", query)
				}
			}
			return tr.Result()
		}
		if plain, looked := run(false), run(true); plain.Digest != looked.Digest || plain.Digest == "" || plain.Metrics[course.TestAccuracy] != looked.Metrics[course.TestAccuracy] {
			t.Errorf("%s: %s with an audience, %s without", query, looked.Digest, plain.Digest)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, q := range []string{"arms=vpt-deep:10", "arms=full", "arms=vpt-deep:10&backbone=vsmall"} {
		b.Run(q, func(b *testing.B) {
			spec, err := wire.ParseQuery(description(), q+"&lr=0.01&steps=3000")
			if err != nil {
				b.Fatal(err)
			}
			tr, err := newTrial(shared, spec, wire.TrialID{}, course.Options{})
			if err != nil {
				b.Fatal(err)
			}
			tr.Frame(wire.Focus{})
			b.Run("kept", func(b *testing.B) {
				for range b.N {
					tr.Frame(wire.Focus{Example: 1})
				}
			})
			b.Run("anew", func(b *testing.B) {
				for range b.N {
					tr.frozen.points = nil
					tr.Frame(wire.Focus{})
				}
			})
			b.Run("principal", func(b *testing.B) {
				rows, _ := tr.features(tr.fitted.Model)
				rows = slices.Concat(rows, tr.frozen.features)
				for range b.N {
					principal(rows, tr.fitted.Model.Width)
				}
			})
		})
	}
}
