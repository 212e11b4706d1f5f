package nn

import (
	"math/rand/v2"

	"petri/kernels/tape"
)

// RelativePosition is a bias of attention that depends on the offset between two pixels alone, not on what they hold: a
// table for each head (Yang et al. 2023, MOAT; Dai et al. 2021, CoAtNet).
type RelativePosition struct {
	Table *tape.Param // [heads, 2h-1, 2w-1]
}

// NewRelativePosition returns tables for maps of h×w pixels, called name/relative (normal, σ = 0.02 as in the official
// MOAT). With r nil they are zero, which is attention without positions.
func NewRelativePosition(r *rand.Rand, name string, heads, h, w int) *RelativePosition {
	p := &RelativePosition{tape.NewParam(name+"/relative", tape.Shape{heads, 2*h - 1, 2*w - 1})}
	Normal(r, p.Table.Value.Data, 0.02)
	return p
}

// Bias is the bias over a map of h×w pixels: [heads, h·w, h·w], for Var.AttendBias. The tables are resized where they were
// made for maps of another size.
func (p *RelativePosition) Bias(t *tape.Tape, h, w int) tape.Var {
	return t.RelativeBias(p.Table, h, w)
}

// Params implements Module.
func (p *RelativePosition) Params(visit func(*tape.Param)) { visit(p.Table) }
