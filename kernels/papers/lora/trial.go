package lora

import (
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// trial is one arm with one seed. It implements lab.Trial and lab.Specimen.
type trial struct {
	*course.Course
	env  lab.Env
	spec wire.Spec
	id   wire.TrialID
	arm  wire.Arm
	seed uint64 // of this trial: the run's first seed plus its index
	opts course.Options

	task     *course.Task
	model    *nn.ViT
	adapters []*Adapter
	before   map[string][]float32 // weights of the matrices before training, where all are trained
	opt      optim.Optimizer
}

func newTrial(env lab.Env, spec wire.Spec, id wire.TrialID, opts course.Options) (*trial, error) {
	knob, _ := description().Knob("arms")
	arm, bad := knob.Arms.Parse(spec.Arms()[id.Arm])
	if bad != nil {
		return nil, bad
	}
	t := &trial{env: env, spec: spec, id: id, arm: arm, seed: course.Seed(spec, id), opts: opts}
	var err error
	if t.task, err = newTask(env, spec, t.seed); err != nil {
		return nil, err
	}
	if err := t.build(); err != nil {
		return nil, err
	}
	t.opt = optim.NewAdamW(nn.Trainable(t.model), optim.Adam())
	rate := learningRate(spec, arm)
	plan := course.Plan{
		Env: env, Spec: spec, ID: id, Lab: labID, Arm: arm.String(), Options: opts,
		Task: t.task, Model: t.model, Head: t.model.Head, Total: backboneSize(t.model),
		Optimizer: t.opt, Rate: rate, Schedule: course.Schedule(rate, spec.Int("steps")),
	}
	if arm.Racer == "head" {
		cache := newFeatures(t)
		plan.Prelude = &course.Prelude{Phase: "loading", Slice: cache.fill}
		plan.Cached = cache.logits
	}
	t.Course = course.New(plan)
	return t, nil
}

// build makes the model of the arm, with what is not trained frozen. The head is drawn from the seed alone: all arms start from
// the same one.
func (t *trial) build() error {
	model, err := openBackbone(t.env, t.spec)
	if err != nil {
		return err
	}
	if t.arm.Racer == "scratch" || t.opts.Backbone {
		model = nn.NewViT(stream(t.seed, "scratch"), model.Config)
	}
	if t.spec.Text("task") == taskWound && t.arm.Racer != "scratch" {
		wound(model, stream(t.seed, "wound"), t.spec.Int("wound"))
	}
	model.NewHead(stream(t.seed, "head"), len(t.task.Classes))
	t.model = model

	switch t.arm.Racer {
	case "head":
		nn.Freeze(model.Backbone())
	case "full", "scratch":
		nn.Thaw(model)
		t.before = map[string][]float32{}
		nn.Walk(model, func(path string, l nn.Layer) nn.Layer {
			if block, _ := split(path); block >= 0 {
				t.before[path] = append([]float32(nil), l.(*nn.Linear).W.Value.Data...)
			}
			return l
		})
	default:
		alpha, _ := t.spec.Float("alpha")
		drop, _ := t.spec.Float("dropout")
		name := t.arm.String()
		t.adapters = adapt(model, stream(t.seed, "init "+name), stream(t.seed, "dropout "+name), t.arm.Parts, t.arm.Number, alpha, drop)
	}
	return nil
}

// backboneSize counts the weights of the backbone as it was before any adapter.
func backboneSize(model *nn.ViT) int {
	n := 0
	model.Backbone().Params(func(p *tape.Param) {
		if !isFactor(p.Name) {
			n += p.Len()
		}
	})
	return n
}
