package course

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Progress implements lab.Trial.
func (c *Course) Progress() wire.Progress {
	p := wire.Progress{
		Step: c.step, Steps: c.steps, First: c.told.step + 1,
		Loss:      append(wire.Losses(nil), c.loss[c.told.step:]...),
		Evals:     append([]wire.Eval(nil), c.evals[c.told.evals:]...),
		MsPerStep: lab.Median(c.times),
		Phase:     "training",
	}
	switch {
	case c.phase == phasePrelude:
		p.Phase = c.plan.Prelude.Phase
		if c.plan.Prelude.Share != nil {
			p.Loaded = c.plan.Prelude.Share()
		}
	case c.phase >= phaseTest:
		p.Phase = "testing"
	}
	c.told.step, c.told.evals = len(c.loss), len(c.evals)
	return p
}

// Result implements lab.Trial. Trained holds the trained weights, behind them the running statistics and then the plan's Rest:
// a finished model is looked at without its prelude, and the digest vouches for all of it.
func (c *Course) Result() wire.TrialResult {
	trained := append([]float32(nil), c.plan.Optimizer.Values()...)
	for _, r := range c.plan.Running {
		trained = append(append(trained, r.Mean...), r.Var...)
	}
	if c.plan.Rest != nil {
		trained = c.plan.Rest.Append(trained)
	}
	head, _ := nn.Count(c.plan.Head)
	return wire.TrialResult{
		Trial: c.plan.ID, Arm: c.plan.Arm,
		Trainable: c.plan.Optimizer.Len() - head, Head: head, Total: c.plan.Total,
		LR: c.plan.Rate, Loss: append(wire.Losses(nil), c.loss...), Evals: append([]wire.Eval(nil), c.evals...),
		Metrics: c.metrics, Ledger: c.ledger, MsPerStep: lab.Median(c.times), Diverged: c.broke,
		Digest: lab.Digest(c.loss, trained), Trained: trained,
	}
}

// Restore implements lab.Trial. It refuses numbers that are too few or too many, and skips the prelude.
func (c *Course) Restore(trained []float32) error {
	o := c.plan.Optimizer
	want := o.Len() + c.Measured()
	if c.plan.Rest != nil {
		want += c.plan.Rest.Len()
	}
	if len(trained) != want {
		return fmt.Errorf("%d trained numbers came for %s, which has %d", len(trained), c.plan.Arm, want)
	}
	rest := trained[copy(o.Values(), trained):]
	for _, p := range o.Params() {
		p.Touch()
	}
	for _, r := range c.plan.Running {
		rest = rest[copy(r.Mean, rest):]
		rest = rest[copy(r.Var, rest):]
	}
	if c.plan.Rest != nil {
		c.plan.Rest.Fill(rest)
	}
	if c.phase == phasePrelude {
		c.phase = phaseWatch
	}
	c.step = c.steps
	return nil
}

// Params implements lab.Specimen.
func (c *Course) Params() []*tape.Param { return nn.Collect(c.plan.Model) }

// Trained implements lab.Specimen.
func (c *Course) Trained() []float32 { return c.plan.Optimizer.Values() }

// Measured implements lab.Specimen.
func (c *Course) Measured() int {
	n := 0
	for _, r := range c.plan.Running {
		n += len(r.Mean) + len(r.Var)
	}
	return n
}
