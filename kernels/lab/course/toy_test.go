package course

import (
	"slices"
	"testing"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// bands is a set of three classes: which third of the picture is bright. It notes what is read.
type bands struct {
	read map[data.Split][]int // places, in order
}

func (b bands) Classes() []string  { return []string{"top", "middle", "bottom"} }
func (b bands) Len(data.Split) int { return 0 }
func (b bands) Image(dst []float32, s data.Split, i int) int {
	if b.read != nil {
		b.read[s] = append(b.read[s], i)
	}
	label := (i*7 + i/5 + int(s)) % 3
	for j := range dst {
		dst[j] = float32((j*31+i*17)%13) / 26
		if j*3/len(dst) == label {
			dst[j] += 0.1
		}
	}
	return label
}

// dense is a net of two dense layers with a batch norm between them.
type dense struct {
	in, out *nn.Linear
	norm    *nn.BatchNorm
}

func newDense(seed uint64) *dense {
	r := lab.Stream("toy", seed, "init")
	return &dense{nn.NewLinear(r, "in", data.Pixels, 4), nn.NewLinear(r, "out", 4, 3), nn.NewBatchNorm("norm", 4)}
}

func (d *dense) Params(visit func(*tape.Param)) {
	d.in.Params(visit)
	d.norm.Params(visit)
	d.out.Params(visit)
}

func (d *dense) Buffers(visit func(*tape.Running)) { d.norm.Buffers(visit) }

func (d *dense) Input(on *tape.Tape, images []float32) tape.Var {
	return on.Input(tape.Tensor{Shape: tape.Shape{len(images) / data.Pixels, data.Pixels}, Data: images})
}

func (d *dense) Forward(x tape.Var) tape.Var {
	return d.out.Forward(d.norm.Forward(d.in.Forward(x)))
}

// trial is a course with what the tests look into.
type trial struct {
	*Course
	plan Plan
	net  *dense
	set  bands
}

// opened is a trial of a link, after a change of its plan; nil changes nothing.
func opened(t testing.TB, link string, id wire.TrialID, change func(*Plan)) *trial {
	t.Helper()
	toy := wire.Lab{ID: "toy", Knobs: []wire.Knob{
		{Name: "steps", Kind: wire.KnobInt, Default: "20", Min: 1, Max: 1e6},
		{Name: "batch", Kind: wire.KnobInt, Default: "8", Min: 1, Max: 1e6},
		{Name: "seed", Kind: wire.KnobInt, Default: "0", Min: 0, Max: 1e6},
	}}
	spec, err := wire.ParseQuery(toy, link)
	if err != nil {
		t.Fatal(err)
	}
	now := 0.0
	set := bands{map[data.Split][]int{}}
	seed := Seed(spec, id)
	net := newDense(seed)
	p := Plan{
		Env: lab.Env{Clock: func() float64 { now++; return now }}, Spec: spec, ID: id, Lab: "toy", Arm: "dense",
		Task:  &Task{Set: set, Train: First(60), Holdout: set, Classes: set.Classes()},
		Model: net, Head: net.out, Total: 5, Running: nn.Running(net),
		Rate: 0.02, Schedule: Schedule(0.02, spec.Int("steps")),
	}
	if change != nil {
		change(&p)
	}
	p.Optimizer = optim.NewAdamW(nn.Trainable(net), optim.Adam())
	return &trial{New(p), p, net, set}
}

// toEnd trains a trial and returns its result.
func toEnd(t *trial) wire.TrialResult {
	for !t.Advance() {
	}
	return t.Result()
}

// box is a Rest of a few numbers.
type box []float32

func (b box) Len() int                      { return len(b) }
func (b box) Append(to []float32) []float32 { return append(to, b...) }
func (b box) Fill(from []float32)           { copy(b, from) }

// frozen gives a plan a body that is not trained and comes from a prelude of three slices.
func frozen(p *Plan) {
	net := p.Model.(*dense)
	nn.Freeze(net.in, net.norm)
	net.norm.Fixed = true
	p.Running, p.Rest = nil, box(net.in.W.Value.Data)
	slices := 0
	p.Prelude = &Prelude{Phase: "loading", Slice: func() bool {
		slices++
		net.in.W.Value.Data[0] += 1
		net.in.W.Touch()
		return slices == 3
	}}
}

// repeated tells whether a place is listed twice.
func repeated(places []int) bool {
	return len(slices.Compact(slices.Sorted(slices.Values(places)))) != len(places)
}
