package bench

import (
	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam"
)

// maskCases are what a visitor of the lab of masks waits for, with the shipped model's size.
func maskCases() []Case {
	encode := func() func() float64 { e, _, _ := sam.Bench(); return e }
	prompt := func() func() float64 { _, p, _ := sam.Bench(); return p }
	every := func() func() float64 { _, _, e := sam.Bench(); return e }
	return []Case{
		single(wire.MaskCases+"encode", "a picture of 64×64 pixels encoded", 0, encode),
		single(wire.MaskCases+"prompt", "a prompt answered, picture encoded before", 0, prompt),
		single(wire.MaskCases+"everything", "everything mode, 16×16 points, filters", 0, every),
	}
}
