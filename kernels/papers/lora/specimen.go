package lora

import (
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

// Closed implements lab.Specimen: for each block, r·(in + out) per adapted matrix, as Hu et al. count (2021), or the whole
// backbone, and a head with bias.
func (t *trial) Closed() int {
	c := t.model.Config
	head := c.Width*c.Classes + c.Classes
	switch t.arm.Racer {
	case "head":
		return head
	case "full", "scratch":
		norm := 2 * c.Width
		block := 2*norm + 4*(c.Width*c.Width+c.Width) + 2*c.Width*c.Hidden + c.Hidden + c.Width
		embed := c.PatchLen()*c.Width + c.Width + c.Width + c.Tokens()*c.Width
		return embed + c.Depth*block + norm + head
	}
	n := 0
	for _, p := range t.arm.Parts {
		in, out := c.Width, c.Width
		switch p {
		case "fc1":
			out = c.Hidden
		case "fc2":
			in = c.Hidden
		}
		n += t.arm.Number * (in + out)
	}
	return c.Depth*n + head
}

// Origin implements lab.Specimen.
func (t *trial) Origin(n int) ([]float32, error) {
	model, err := t.plain()
	if err != nil {
		return nil, err
	}
	return t.LogitsOf(model, n), nil
}

// plain is the model that the arm started from, without adapters, with the head of the arm as it is now.
func (t *trial) plain() (*nn.ViT, error) {
	fresh := trial{env: t.env, spec: t.spec, seed: t.seed, opts: t.opts, task: t.task, arm: wire.Arm{Racer: "head"}}
	if t.arm.Racer == "scratch" {
		fresh.opts.Backbone = true
	}
	if err := fresh.build(); err != nil {
		return nil, err
	}
	from, to := nn.Collect(t.model.Head), nn.Collect(fresh.model.Head)
	for i, p := range from {
		copy(to[i].Value.Data, p.Value.Data)
		to[i].Touch()
	}
	return fresh.model, nil
}
