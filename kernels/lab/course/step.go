package course

import (
	"math"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// TrainStep implements lab.Specimen: one step of the optimizer on the next batch, and of the running statistics.
func (c *Course) TrainStep() {
	loss := c.Forward(c.train, c.step)
	value := loss.Item()
	c.train.Backward(loss)
	if c.step == 0 {
		c.ledger = c.count()
	}
	c.step++
	if value-value != 0 { // infinite or no number: they are one thing, and travel as one
		c.loss = append(c.loss, float32(math.NaN()))
		c.broke = c.step
		return
	}
	c.loss = append(c.loss, value)
	c.plan.Optimizer.Step(c.plan.Schedule(c.step - 1))
	for _, r := range c.plan.Running {
		r.Update()
	}
}

// Forward implements lab.Specimen: the loss of the batch of a step, counted from 0, on a tape that it resets first.
func (c *Course) Forward(on *tape.Tape, step int) tape.Var {
	c.Ready()
	places, labels := c.Batch()
	c.order.Batch(places, step)
	on.Reset()
	if c.plan.Cached != nil {
		return c.plan.Cached(on, places, labels).CrossEntropy(labels)
	}
	for j, p := range places {
		labels[j] = c.Example(c.images[j*data.Pixels:(j+1)*data.Pixels], int(p))
	}
	m := c.plan.Model
	return m.Forward(m.Input(on, c.images[:len(places)*data.Pixels])).CrossEntropy(labels)
}

// Batch is what the last call of Forward read: places in Task.Train and their labels. The next step or look overwrites it.
func (c *Course) Batch() (places, labels []int32) { return c.places[:c.batch], c.labels[:c.batch] }

// Example writes training example i, a place in Task.Train, into image [32, 32] and returns its label.
func (c *Course) Example(image []float32, i int) int32 {
	task := c.plan.Task
	label := task.Set.Image(image, data.Train, int(task.Train[i]))
	if c.wrong != nil {
		// The shares of the classes stay, what ties them to images goes.
		var other [data.Pixels]float32
		label = task.Set.Image(other[:], data.Train, int(task.Train[c.wrong[i]]))
	}
	return int32(label)
}

// count reads the ledger of the step that has just gone backward.
func (c *Course) count() wire.Ledger {
	trained, all := nn.Count(c.plan.Model)
	from := &c.train.Ledger
	l := wire.Ledger{
		KeptBytes:      from.Bytes(),
		OptimizerBytes: c.plan.Optimizer.StateBytes(),
		GradientBytes:  c.plan.Optimizer.GradientBytes(),
		TrainedBytes:   4 * trained,
		FrozenBytes:    4 * (all - trained),
		ForwardFLOP:    from.ForwardFLOP,
		StepFLOP:       from.ForwardFLOP + from.BackwardFLOP,
	}
	for _, row := range from.Kinds() {
		l.Parts = append(l.Parts, wire.LedgerRow{Name: row.Kind.String(), Bytes: row.Bytes})
	}
	return l
}
