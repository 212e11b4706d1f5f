package tape

import (
	"strconv"

	"petri/kernels/f32"
)

// Tensor is a contiguous, row-major array.
type Tensor struct {
	Shape Shape
	Data  []float32
}

// NewTensor returns a tensor of zeros.
func NewTensor(s Shape) Tensor { return Tensor{s, make([]float32, s.Len())} }

// Param is a named tensor that a model owns and that training may change.
//
// Whoever writes into Value.Data calls Touch afterwards: products read a packed copy of a weight, made again only when
// the version has changed. A frozen weight is therefore packed once, a trained one after each optimizer step. One Param
// serves one goroutine at a time.
type Param struct {
	Name   string
	Value  Tensor
	Grad   []float32 // the length of Value.Data once a gradient was written; nil before
	Frozen bool      // no gradient is computed and no optimizer changes the value

	version   uint64
	fresh     bool   // Grad holds a gradient that no optimizer has taken
	ahead     packed // [in, out], for x·W
	transpose packed // [out, in], for dy·Wᵀ
}

// packed is a weight in the layout of f32.Gemm.
type packed struct {
	panels  f32.Panels
	version uint64 // of the value, plus one; 0 while empty
}

// NewParam returns a trainable parameter of zeros.
func NewParam(name string, s Shape) *Param { return &Param{Name: name, Value: NewTensor(s)} }

// Len is the number of elements.
func (p *Param) Len() int { return len(p.Value.Data) }

// Touch says that Value.Data was written.
func (p *Param) Touch() { p.version++ }

// Version counts the calls of Touch.
func (p *Param) Version() uint64 { return p.version }

// Fresh tells whether Grad holds a gradient that was neither taken nor cleared.
func (p *Param) Fresh() bool { return p.fresh }

// ClearGrad forgets the gradient: the next one is stored, not added.
func (p *Param) ClearGrad() { p.fresh = false }

// PackedBytes is the size of the packed copies that products have made of the value so far. They are no part of what a step
// keeps: they can be made again from the value at any time.
func (p *Param) PackedBytes() int {
	return sizeOf(p.ahead.panels.Data) + sizeOf(p.transpose.panels.Data)
}

// sizeOf is the size of numbers in bytes.
func sizeOf(x []float32) int { return 4 * len(x) }

// AddGrad adds a times a gradient that was made elsewhere, as long as the parameter.
func (p *Param) AddGrad(g []float32, a float32) { f32.Axpy(p.zeroSink(), a, g) }

// TakeGrad returns the gradient that has gathered since the last call, zeros where no Backward reached the parameter,
// and lets the next one start anew. It is meant for optimizers.
func (p *Param) TakeGrad() []float32 {
	if p.Grad == nil {
		p.Grad = make([]float32, p.Len())
	}
	if !p.fresh {
		clear(p.Grad)
	}
	p.fresh = false
	return p.Grad
}

// Rehome moves value and gradient into slices of the same length, such as parts of an optimizer's slabs.
func (p *Param) Rehome(value, grad []float32) {
	if len(value) != p.Len() || len(grad) != p.Len() {
		panic("tape: Rehome " + p.Name + ": " + strconv.Itoa(len(value)) + " and " + strconv.Itoa(len(grad)) +
			" numbers, want " + strconv.Itoa(p.Len()))
	}
	copy(value, p.Value.Data)
	if p.fresh {
		copy(grad, p.Grad)
	}
	p.Value.Data, p.Grad = value, grad
}

// sink returns where a gradient goes and whether it is the first, to be stored; later ones are added.
func (p *Param) sink() (g []float32, first bool) {
	if p.Grad == nil {
		p.Grad = make([]float32, p.Len())
	}
	first = !p.fresh
	p.fresh = true
	return p.Grad, first
}

// zeroSink is sink for writers that can only add.
func (p *Param) zeroSink() []float32 {
	g, first := p.sink()
	if first {
		clear(g)
	}
	return g
}

// mat views the value as [rows, width].
func (p *Param) mat() f32.Mat {
	return f32.M(p.Value.Data, p.Value.Shape.Rows(), p.Value.Shape.Width())
}

// panels is the value [in, out] packed for x·W.
func (p *Param) panels() f32.Panels {
	if c := &p.ahead; c.version != p.version+1 {
		m := p.mat()
		c.panels = f32.Pack(c.room(f32.PanelLen(m.Rows, m.Cols)), m)
		c.version = p.version + 1
	}
	return p.ahead.panels
}

// panelsT is the value [in, out] packed for dy·Wᵀ.
func (p *Param) panelsT() f32.Panels {
	if c := &p.transpose; c.version != p.version+1 {
		m := p.mat()
		c.panels = f32.PackT(c.room(f32.PanelLen(m.Cols, m.Rows)), m)
		c.version = p.version + 1
	}
	return p.transpose.panels
}

// room is memory for n numbers, allocated the first time.
func (c *packed) room(n int) []float32 {
	if cap(c.panels.Data) < n {
		c.panels.Data = make([]float32, n)
	}
	return c.panels.Data[:n]
}
