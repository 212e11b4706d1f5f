package optim

import "fmt"

// State copies what the next Step depends on besides gradients and values: the steps made, then both moments [2·Len].
func (a *AdamW) State() (steps int, moments []float32) {
	return a.steps, append(append([]float32(nil), a.m...), a.v...)
}

// SetState goes back to what State returned.
func (a *AdamW) SetState(steps int, moments []float32) error {
	if len(moments) != len(a.m)+len(a.v) || steps < 0 {
		return fmt.Errorf("optim: %d moments after %d steps do not fit %d parameters", len(moments), steps, len(a.m))
	}
	a.steps = steps
	copy(a.m, moments)
	copy(a.v, moments[len(a.m):])
	return nil
}
