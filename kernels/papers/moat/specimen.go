package moat

// Closed implements lab.Specimen.
func (t *trial) Closed() int { return t.net.closedTrained() }

// Origin implements lab.Specimen: racers that start from a base begin as that base with a new head, in evaluation; others
// start from no model.
func (t *trial) Origin(n int) ([]float32, error) {
	if t.net.recipe.start == "" {
		return nil, nil
	}
	origin := trial{env: t.env, spec: t.spec, seed: t.seed, opts: t.opts}
	c := t.net.config
	c.recipe.start = startHead
	if err := origin.start(c); err != nil {
		return nil, err
	}
	for !origin.pretrain() {
	}
	return t.LogitsOf(origin.net, n), nil
}
