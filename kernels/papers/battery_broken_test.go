// The files that a run reads are in the native program only.

//go:build !js

package papers_test

import (
	"testing"

	"petri/kernels/lab"
	"petri/kernels/papers"
	"petri/kernels/tape"
)

// TestBatteryCatchesCheats gives each check a specimen that breaks its rule. A check that lets one pass is no check.
func TestBatteryCatchesCheats(t *testing.T) {
	open := opens(papers.All[0], "qv:4")
	honest := func() lab.Specimen { return must(t, open, long) }
	for name, check := range map[string]func() error{
		"an update that starts above zero": func() error {
			s := honest()
			p := find(t, s, "block0/q/lora_b")
			p.Value.Data[3] = 1e-3
			p.Touch()
			return checkIdentity(s)
		},
		"a frozen weight that drifts": func() error { return checkMovement(drifting{honest()}) },
		"a trained weight that is put back": func() error {
			s := honest()
			return checkMovement(stuck{s, find(t, s, "block2/v/lora_b")})
		},
		"a gradient of the wrong size": func() error { return checkGradients(&scaled{Specimen: honest()}) },
		"a parameter that is not counted": func() error {
			return checkCounts(forgetful{honest()})
		},
		"a tensor that is read but not in the ledger": func() error { return checkPoison(honest(), secretive{honest()}) },
		"an import that does nothing":                 func() error { return checkExport(honest(), deaf{honest()}) },
	} {
		t.Run(name, func(t *testing.T) {
			if check() == nil {
				t.Error("it passed")
			}
		})
	}
}

// TestBatteryPassesWithoutCheats runs the same arm honestly: what the cheats change is what the checks see.
func TestBatteryPassesWithoutCheats(t *testing.T) {
	open := opens(papers.All[0], "qv:4")
	for name, check := range map[string]func(lab.Specimen) error{
		"identity": checkIdentity, "movement": checkMovement, "gradients": checkGradients, "counts": checkCounts,
	} {
		if err := check(must(t, open, long)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := checkPoison(must(t, open, long), must(t, open, long)); err != nil {
		t.Errorf("poison: %v", err)
	}
}

func find(t *testing.T, s lab.Specimen, name string) *tape.Param {
	t.Helper()
	for _, p := range s.Params() {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("there is no parameter %s", name)
	return nil
}

// drifting lets weight decay reach a frozen weight.
type drifting struct{ lab.Specimen }

func (d drifting) TrainStep() {
	d.Specimen.TrainStep()
	for _, p := range d.Params() {
		if p.Frozen {
			p.Value.Data[0] *= 1 - 1e-6
			p.Touch()
			return
		}
	}
}

// stuck takes back every step of one parameter.
type stuck struct {
	lab.Specimen
	p *tape.Param
}

func (s stuck) TrainStep() {
	before := append([]float32(nil), s.p.Value.Data...)
	s.Specimen.TrainStep()
	copy(s.p.Value.Data, before)
	s.p.Touch()
}

// scaled has a gradient 1.1 times that of its loss.
type scaled struct {
	lab.Specimen
	calls int
}

func (s *scaled) Forward(on *tape.Tape, step int) tape.Var {
	loss := s.Specimen.Forward(on, step)
	if s.calls++; s.calls == 1 {
		return loss.Scale(1.1)
	}
	return loss
}

// forgetful tells of one trained number less than there is.
type forgetful struct{ lab.Specimen }

func (f forgetful) Closed() int { return f.Specimen.Closed() - 1 }

// secretive reads in backward what it told the ledger it had not kept.
type secretive struct{ lab.Specimen }

func (s secretive) Forward(on *tape.Tape, step int) tape.Var {
	on.Keeper = &hoard{}
	return s.Specimen.Forward(on, step)
}

// hoard remembers where tensors lie instead of keeping them.
type hoard struct{ at [][]float32 }

func (h *hoard) Keep(_ *tape.Arena, _ tape.Kind, x []float32) tape.Kept {
	h.at = append(h.at, x)
	return tape.Kept{Index: []uint32{uint32(len(h.at) - 1)}, Len: len(x)}
}

func (h *hoard) Restore(dst []float32, k tape.Kept) { copy(dst, h.at[k.Index[0]]) }

// deaf accepts any file and changes nothing.
type deaf struct{ lab.Specimen }

func (deaf) Import([]byte) error { return nil }
