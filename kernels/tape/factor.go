package tape

import "petri/kernels/f32"

// factor is what a product multiplies by: a parameter or, where p is nil, a result made in this step, such as the sum of a
// frozen weight and an update.
type factor struct {
	p    *Param
	made int32
}

// factor is what the product of a record multiplies by.
func (r *record) factor() factor { return factor{r.w, r.z} }

func (f factor) shape(t *Tape) Shape {
	if f.p != nil {
		return f.p.Value.Shape
	}
	return t.nodes[f.made].shape
}

func (f factor) name() string {
	if f.p != nil {
		return f.p.Name
	}
	return ""
}

// trained tells whether a gradient flows into the factor.
func (f factor) trained(t *Tape) bool {
	if f.p != nil {
		return !f.p.Frozen
	}
	return t.nodes[f.made].needs
}

// panels is the factor packed for x·W. A made one is packed into scratch, to be released after use.
func (f factor) panels(t *Tape) (packed f32.Panels, scratch []float32) {
	if f.p != nil {
		return f.p.panels(), nil
	}
	m := f.mat(t, t.nodes[f.made].data)
	scratch = t.gradient(f32.PanelLen(m.Rows, m.Cols))
	return f32.Pack(scratch, m), scratch
}

// panelsT is the factor as backward sees it, packed for dy·Wᵀ.
func (f factor) panelsT(t *Tape) (packed f32.Panels, scratch []float32) {
	if f.p != nil {
		return f.p.panelsT(), nil
	}
	m := f.mat(t, t.read(f.made))
	scratch = t.gradient(f32.PanelLen(m.Cols, m.Rows))
	return f32.PackT(scratch, m), scratch
}

func (f factor) mat(t *Tape, data []float32) f32.Mat {
	s := f.shape(t)
	return f32.M(data, s.Rows(), s.Width())
}

// sink returns where the gradient of the factor goes and whether it is the first.
func (f factor) sink(t *Tape) (g []float32, first bool) {
	if f.p != nil {
		return f.p.sink()
	}
	return t.sink(f.made)
}

// keep says that x·W needs these for backward: x, node i, for the gradient of the factor, and a made factor for that of x.
// A parameter lives in the model.
func (f factor) keep(t *Tape, i int32) {
	if f.trained(t) {
		t.keepNode(KeptInput, i)
	}
	if f.p == nil && t.nodes[i].needs {
		t.keepNode(KeptWeight, f.made)
	}
}

// drop releases the scratch of panels.
func (t *Tape) drop(scratch []float32) {
	if scratch != nil {
		t.release(scratch)
	}
}
