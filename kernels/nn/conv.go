package nn

import (
	"math/rand/v2"

	"petri/kernels/tape"
)

// Conv is a convolution of maps [n, h, w, in] with "same" padding (tape.Var.Conv).
type Conv struct {
	W      *tape.Param // [k, k, in, out]
	B      *tape.Param // [out]; nil without bias
	Stride int
}

// NewConv returns a convolution with windows of k×k pixels whose parameters are called name/w (normal, of the given σ) and,
// with bias, name/b (zero).
func NewConv(r *rand.Rand, name string, k, in, out, stride int, std float64, bias bool) *Conv {
	c := &Conv{W: tape.NewParam(name+"/w", tape.Shape{k, k, in, out}), Stride: stride}
	if bias {
		c.B = tape.NewParam(name+"/b", tape.Shape{out})
	}
	Normal(r, c.W.Value.Data, std)
	return c
}

// Forward maps [n, h, w, in] to [n, ⌈h/stride⌉, ⌈w/stride⌉, out].
func (c *Conv) Forward(x tape.Var) tape.Var { return x.Conv(c.W, c.B, c.Stride) }

// Params implements Module.
func (c *Conv) Params(visit func(*tape.Param)) {
	visit(c.W)
	if c.B != nil {
		visit(c.B)
	}
}

// Depthwise convolves every channel of maps [n, h, w, c] with its own window, without bias (tape.Var.Depthwise).
type Depthwise struct {
	W      *tape.Param // [k, k, c]
	Stride int
}

// NewDepthwise returns a depth-wise convolution with windows of k×k pixels whose parameter is called name/w (normal, of the
// given σ).
func NewDepthwise(r *rand.Rand, name string, k, c, stride int, std float64) *Depthwise {
	d := &Depthwise{W: tape.NewParam(name+"/w", tape.Shape{k, k, c}), Stride: stride}
	Normal(r, d.W.Value.Data, std)
	return d
}

// Forward maps [n, h, w, c] to [n, ⌈h/stride⌉, ⌈w/stride⌉, c].
func (d *Depthwise) Forward(x tape.Var) tape.Var { return x.Depthwise(d.W, d.Stride) }

// Params implements Module.
func (d *Depthwise) Params(visit func(*tape.Param)) { visit(d.W) }
