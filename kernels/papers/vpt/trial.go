package vpt

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
)

// trial is one arm with one seed. It implements lab.Trial and lab.Specimen.
type trial struct {
	*course.Course
	env  lab.Env
	run  wire.Spec
	spec wire.Spec // the run as the arm sees it
	id   wire.TrialID
	arm  wire.Arm // as it is named
	as   wire.Arm // as it is trained
	seed uint64   // of this trial: the run's first seed plus its index
	opts course.Options

	task   *course.Task
	total  int // numbers in the backbone before the method
	fitted *Fitted
	opt    optim.Optimizer
	frozen *frozen // what the stage compares with; nil before it is asked for
	search *search // for the learning rate; nil where it is known
}

// stream is a source of random numbers for one purpose of one seed.
func stream(seed uint64, purpose string) *rand.Rand { return lab.Stream(labID, seed, purpose) }

func newTrial(env lab.Env, spec wire.Spec, id wire.TrialID, opts course.Options) (*trial, error) {
	arm, bad := parseArm(spec.Arms()[id.Arm])
	if bad != nil {
		return nil, bad
	}
	t := &trial{env: env, run: spec, id: id, arm: arm, seed: course.Seed(spec, id), opts: opts}
	var err error
	if t.task, err = newTask(env, spec, t.seed); err != nil {
		return nil, err
	}
	size := config(spec.With(arm), len(t.task.Classes))
	t.spec, t.as = fair(spec.With(arm), arm, size)
	if err := fits(spec, t.spec, methodOf(t.spec, t.as, size), size); err != nil {
		return nil, err
	}
	rate := 0.0
	if t.spec.Text("lr") == rateGrid {
		t.search = newSearch(t)
	} else if rate, err = learningRate(t.spec, t.as); err != nil {
		return nil, err
	}
	if err := t.build(); err != nil {
		return nil, err
	}
	model := t.fitted.Model
	t.opt = optim.NewAdamW(nn.Trainable(model), optim.Adam())
	plan := course.Plan{
		Env: env, Spec: t.spec, ID: id, Lab: labID, Arm: arm.String(), Options: opts,
		Task: t.task, Model: model, Head: model.Head, Total: t.total,
		Optimizer: t.opt, Rate: rate, Schedule: course.Schedule(rate, t.spec.Int("steps")),
	}
	if len(t.fitted.Own) == 0 {
		plan.Probe = model
	}
	if t.search != nil {
		plan.Prelude = &course.Prelude{Phase: "tuning", Share: t.search.share, Slice: func() bool {
			if !t.search.slice() {
				return false
			}
			t.SetRate(t.search.best())
			return true
		}}
	}
	t.Course = course.New(plan)
	return t, nil
}

// config is the size of the backbone that a run adapts.
func config(spec wire.Spec, classes int) nn.Config {
	c := nn.VTiny()
	if strings.HasPrefix(spec.Text("backbone"), "vsmall") {
		c = nn.VSmall()
	}
	c.Classes = classes
	return c
}

// Result implements lab.Trial.
func (t *trial) Result() wire.TrialResult {
	r := t.Course.Result()
	if as := t.as.String(); as != r.Arm {
		r.As = as
	}
	if batch := t.spec.Int("batch"); batch != t.run.Int("batch") {
		r.Batch = batch
	}
	if t.search != nil && len(t.search.scores) > 0 {
		r.Extra = map[string][]float64{extraGrid: t.search.scores}
	}
	return r
}

// build makes the model of the arm. The head is drawn from the seed alone: all arms start from the same one.
func (t *trial) build() error {
	model, err := course.Backbone(t.env, backboneName(t.spec))
	if err != nil {
		return err
	}
	if t.arm.Racer == "scratch" || t.opts.Backbone {
		model = nn.NewViT(stream(t.seed, "scratch"), model.Config)
	}
	model.NewHead(stream(t.seed, "head"), len(t.task.Classes))
	_, t.total = nn.Count(model.Backbone())
	name := t.as.Bare() // arms that differ in a knob alone start from the same numbers
	method := methodOf(t.spec, t.as, model.Config)
	t.fitted, err = method.Fit(model, stream(t.seed, "init "+name), stream(t.seed, "dropout "+name))
	if p, prompts := method.(Prompting); err == nil && prompts && p.Begin == BeginPatches {
		beginAt(model, t.task, stream(t.seed, "patches "+name))
	}
	return err
}

// Closed implements lab.Specimen.
func (t *trial) Closed() int {
	c := t.fitted.Model.Config
	blocks, outside := t.fitted.Method.Count(c)
	return blocks + outside + c.Width*c.Classes + c.Classes
}

// Origin implements lab.Specimen: the frozen model with the head of the arm, where training starts there.
func (t *trial) Origin(n int) ([]float32, error) {
	if !atModel(t.fitted.Method) {
		return nil, nil
	}
	fresh := trial{env: t.env, spec: t.spec, seed: t.seed, opts: t.opts, task: t.task, arm: wire.Arm{Racer: "head"}, as: wire.Arm{Racer: "head"}}
	if t.arm.Racer == "scratch" {
		fresh.opts.Backbone = true
	}
	if err := fresh.build(); err != nil {
		return nil, err
	}
	model := fresh.fitted.Model
	from, to := nn.Collect(t.fitted.Model.Head), nn.Collect(model.Head)
	for i, p := range from {
		copy(to[i].Value.Data, p.Value.Data)
		to[i].Touch()
	}
	return t.LogitsOf(model, n), nil
}

// Keys of the metadata of an exported file.
const (
	metaEngine  = "petri"
	metaLink    = "link"
	metaArm     = "arm"
	metaSeed    = "seed"
	metaBase    = "base"    // SHA-256 of the frozen weights that the trained ones belong to
	metaSetting = "setting" // what neither names nor shapes of the weights tell, where there is such a thing
)

// Export implements lab.Trial: the trained weights, the head among them, as a safetensors file. Frozen weights are not in it;
// their hash is.
func (t *trial) Export() (wire.File, []byte, error) {
	meta := map[string]string{
		metaEngine: wire.Engine,
		metaLink:   t.run.Link(description()),
		metaArm:    t.arm.String(),
		metaSeed:   fmt.Sprint(t.seed),
		metaBase:   nn.FrozenHash(t.fitted.Model),
	}
	if s := setting(t.fitted.Method); s != "" {
		meta[metaSetting] = s
	}
	file, err := nn.Save(t.opt.Params(), meta, nn.F32)
	name := fmt.Sprintf("petri-vpt-%s-seed%d.safetensors", strings.NewReplacer(":", "-", "~", "-", "=", "-").Replace(t.arm.String()), t.seed)
	return wire.File{Name: name, Type: "application/octet-stream"}, file, err
}

// Import implements lab.Specimen. A file that was trained on other frozen weights, or for another arm or setting, is refused:
// its numbers would fit and mean nothing.
func (t *trial) Import(file []byte) error {
	f, err := nn.Open(file)
	if err != nil {
		return err
	}
	if arm := f.Meta[metaArm]; arm != t.arm.String() {
		return fmt.Errorf("the file holds the racer %q, not %q", arm, t.arm.String())
	}
	if base, here := f.Meta[metaBase], nn.FrozenHash(t.fitted.Model); base != here {
		return fmt.Errorf("the file was trained on other frozen weights (their SHA-256 is %.12s…, here it is %.12s…); open it with the backbone and seed that it was made with", base, here)
	}
	if s, here := f.Meta[metaSetting], setting(t.fitted.Method); s != here {
		return fmt.Errorf("the file was made with %s, here it is %s; open it with the settings that it was made with", s, here)
	}
	if has, want := len(f.Names()), len(t.opt.Params()); has != want {
		return fmt.Errorf("the file has %d trained tensors, here there are %d; open it with the settings that it was made with", has, want)
	}
	return f.Into(t.opt.Params())
}
