package moat

import (
	"fmt"
	"math/rand/v2"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// trial is one racer with one seed. It implements lab.Trial and lab.Specimen.
type trial struct {
	*course.Course
	env  lab.Env
	spec wire.Spec
	id   wire.TrialID
	arm  wire.Arm
	seed uint64 // of this trial: the run's first seed plus its index
	opts course.Options

	task    *course.Task
	net     *net
	running []*tape.Running // statistics that training measures
	carried carried         // what comes from the base
	key     baseKey         // of the base
	base    *base           // in training; nil before and afterwards
	opt     optim.Optimizer
	back    *tape.Tape // for receptive fields
}

// parseArm reads a racer's name.
func parseArm(name string) (wire.Arm, error) {
	knob, _ := description().Knob("arms")
	arm, bad := knob.Arms.Parse(name)
	if bad != nil {
		return arm, bad
	}
	return arm, nil
}

// configOf is the net of a racer under the knobs of a run.
func configOf(spec wire.Spec, arm wire.Arm) (config, error) {
	c := config{
		recipe: recipeOf(spec, arm), channels: 1,
		width: spec.Int("width"), depth: spec.Int("depth"),
		places: spec.Text("position") == positionLearned,
		probe:  spec.Text("task") == taskCue,
	}
	c.classes = classes[spec.Text("task")]
	if _, err := fmt.Sscan(spec.Text("kernel"), &c.kernel); err != nil {
		return c, fmt.Errorf("the knob kernel is %q, which is no number", spec.Text("kernel"))
	}
	if w := spec.Text("window"); w != windowGlobal {
		if _, err := fmt.Sscan(w, &c.window); err != nil {
			return c, fmt.Errorf("the knob window is %q, which is neither a number nor %s", w, windowGlobal)
		}
	}
	if c.recipe.adapts() {
		c.rank = spec.Int("rank")
	}
	return c, nil
}

// classes are the numbers of answers of the tasks.
var classes = map[string]int{
	taskTexture: len(data.Textures{}.Classes()), taskSame: len(data.SameDifferent{}.Classes()), taskCue: len(data.Cue{}.Classes()), taskDigits: 10,
}

// stream is a source of random numbers for one purpose of one seed.
func stream(seed uint64, purpose string) *rand.Rand { return lab.Stream(labID, seed, purpose) }

func newTrial(env lab.Env, spec wire.Spec, id wire.TrialID, opts course.Options) (*trial, error) {
	arm, err := parseArm(spec.Arms()[id.Arm])
	if err != nil {
		return nil, err
	}
	t := &trial{env: env, spec: spec, id: id, arm: arm, seed: course.Seed(spec, id), opts: opts, back: tape.New()}
	c, err := configOf(spec, arm)
	if err != nil {
		return nil, err
	}
	if t.task, err = newTask(env, spec, t.seed, c.recipe.few); err != nil {
		return nil, err
	}
	plan := course.Plan{Env: env, Spec: spec, ID: id, Lab: labID, Arm: arm.String(), Options: opts, Task: t.task}
	if c.recipe.start == "" {
		t.net = newNet(stream(t.seed, "init"), c)
	} else {
		if err := t.start(c); err != nil {
			return nil, err
		}
		plan.Prelude = &course.Prelude{Phase: "pretraining", Slice: t.pretrain}
	}
	if c.recipe.frozen() { // a finished racer is looked at without training its base again
		plan.Rest = t.carried
	} else {
		t.running = nn.Running(t.net)
	}
	t.opt = optim.NewAdamW(nn.Trainable(t.net), optim.Adam())
	_, all := nn.Count(t.net)
	head, _ := nn.Count(t.net.head)
	plan.Model, plan.Head, plan.Total, plan.Running = t.net, t.net.head, all-head, t.running
	plan.Optimizer, plan.Rate = t.opt, learningRate(spec, arm)
	plan.Schedule = course.Schedule(plan.Rate, spec.Int("steps"))
	t.Course = course.New(plan)
	return t, nil
}

// Restore implements lab.Trial. A base in training is no longer wanted.
func (t *trial) Restore(trained []float32) error {
	if err := t.Course.Restore(trained); err != nil {
		return err
	}
	t.base = nil
	return nil
}
