package lab

import (
	"fmt"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// MemoryFigure shows what one training step of each racer holds, in megabytes. The caption is left to the paper; ok is
// false where there is no racer.
func MemoryFigure(arms []wire.ArmReport, batch int) (f wire.Figure, ok bool) {
	f = wire.Figure{ID: "memory", Kind: wire.FigureBars, Title: "What does one training step hold?",
		Sub: fmt.Sprintf("bytes counted while training, batch of %d", batch),
		X:   wire.Axis{Name: "memory", Unit: "MB"}}
	for _, a := range arms {
		l := a.Ledger
		f.Bars = append(f.Bars, wire.Bar{Name: a.Label, Arm: a.Arm, Parts: []wire.BarPart{
			barPart("frozen weights", "frozen", l.FrozenBytes), barPart("trained weights", "train", l.TrainedBytes),
			barPart("gradients", "grad", l.GradientBytes), barPart("optimizer", "optimizer", l.OptimizerBytes), barPart("kept for backward", "act", l.KeptBytes)}})
	}
	return f, len(f.Bars) > 0
}

// KeptFigure shows what each racer keeps for the backward pass by kind of tensor, in megabytes. name is how sentences call a
// racer.
func KeptFigure(arms []wire.ArmReport, name func(wire.ArmReport) string) (f wire.Figure, ok bool) {
	f = wire.Figure{ID: "kept", Kind: wire.FigureBars, Title: "What is kept for the backward pass?",
		Sub: "bytes by kind of tensor, one batch", X: wire.Axis{Name: "kept", Unit: "MB"}}
	var most, least wire.ArmReport
	for _, a := range arms {
		bar := wire.Bar{Name: a.Label, Arm: a.Arm}
		for _, p := range a.Ledger.Parts {
			bar.Parts = append(bar.Parts, barPart(p.Name, "act", p.Bytes))
		}
		f.Bars = append(f.Bars, bar)
		if len(f.Bars) == 1 || a.Ledger.KeptBytes > most.Ledger.KeptBytes {
			most = a
		}
		if len(f.Bars) == 1 || a.Ledger.KeptBytes < least.Ledger.KeptBytes {
			least = a
		}
	}
	if len(f.Bars) == 0 {
		return f, false
	}
	f.Caption = fmt.Sprintf("%s keeps %s.", words.Capital(name(most)), words.Bytes(most.Ledger.KeptBytes))
	if least.Arm != most.Arm {
		f.Caption = fmt.Sprintf("%s keeps most, %s; %s least, %s.", words.Capital(name(most)), words.Bytes(most.Ledger.KeptBytes), name(least), words.Bytes(least.Ledger.KeptBytes))
	}
	return f, true
}

func barPart(name, role string, n int) wire.BarPart {
	return wire.BarPart{Name: name, Role: role, Value: float64(n) / 1e6, Text: words.Bytes(n)}
}
