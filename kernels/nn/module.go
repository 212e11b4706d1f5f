package nn

import "petri/kernels/tape"

// Module is anything that owns parameters.
type Module interface {
	// Params visits the parameters in a fixed order.
	Params(visit func(*tape.Param))
}

// Layer is a map of rows that may be replaced by another one, as LoRA does with a dense layer.
type Layer interface {
	Module
	// Forward maps [.., in] to [.., out].
	Forward(x tape.Var) tape.Var
	// ForwardAdd is residual + Forward(x), without a pass of its own where the layer can start from the residual.
	ForwardAdd(x, residual tape.Var) tape.Var
}

// Collect lists the parameters of modules in order, each once.
func Collect(ms ...Module) []*tape.Param {
	var ps []*tape.Param
	seen := map[*tape.Param]bool{}
	for _, m := range ms {
		m.Params(func(p *tape.Param) {
			if !seen[p] {
				seen[p] = true
				ps = append(ps, p)
			}
		})
	}
	return ps
}

// Trainable lists the parameters that are not frozen.
func Trainable(ms ...Module) []*tape.Param {
	var ps []*tape.Param
	for _, p := range Collect(ms...) {
		if !p.Frozen {
			ps = append(ps, p)
		}
	}
	return ps
}

// Freeze fixes all parameters of the modules: they get no gradient and no optimizer changes them.
func Freeze(ms ...Module) { setFrozen(ms, true) }

// Thaw makes all parameters of the modules trainable.
func Thaw(ms ...Module) { setFrozen(ms, false) }

func setFrozen(ms []Module, frozen bool) {
	for _, m := range ms {
		m.Params(func(p *tape.Param) { p.Frozen = frozen })
	}
}

// Count adds up the numbers in the parameters of the modules, each parameter once.
func Count(ms ...Module) (trainable, total int) {
	for _, p := range Collect(ms...) {
		total += p.Len()
		if !p.Frozen {
			trainable += p.Len()
		}
	}
	return trainable, total
}
