package lora

import (
	"fmt"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

func (r *run) memoryFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "memory", Kind: wire.FigureBars, Title: "What does one training step hold?",
		Sub: fmt.Sprintf("bytes counted while training, batch of %d", r.spec.Int("batch")),
		X:   wire.Axis{Name: "memory", Unit: "MB"}}
	part := func(name, role string, n int) wire.BarPart {
		return wire.BarPart{Name: name, Role: role, Value: float64(n) / 1e6, Text: words.Bytes(n)}
	}
	for _, arm := range r.racers {
		if len(arm.results) == 0 {
			continue
		}
		l := arm.report.Ledger
		f.Bars = append(f.Bars, wire.Bar{Name: arm.report.Label, Arm: arm.report.Arm, Parts: []wire.BarPart{
			part("frozen weights", "frozen", l.FrozenBytes), part("trained weights", "train", l.TrainedBytes),
			part("gradients", "grad", l.GradientBytes), part("optimizer", "optimizer", l.OptimizerBytes), part("kept for backward", "act", l.KeptBytes)}})
	}
	if len(f.Bars) == 0 {
		return f, false
	}
	thin, full := r.thin(), r.find("full")
	if thin == nil || full == nil || len(thin.results) == 0 || len(full.results) == 0 {
		arm := r.held()
		f.Caption = fmt.Sprintf("%s holds %s.", words.Capital(arm.name()), words.Bytes(total(arm.report.Ledger)))
		return f, true
	}
	ours, whole := thin.report.Ledger, full.report.Ledger
	share := func(a, b int) string { return words.Percent(float64(a) / float64(b)) }
	f.Caption = fmt.Sprintf("%s holds %s of what full fine-tuning holds: %s of what is kept for the backward pass and %s of the optimizer's state.",
		words.Capital(thin.name()), share(total(ours), total(whole)), share(ours.KeptBytes, whole.KeptBytes), share(ours.OptimizerBytes, whole.OptimizerBytes))
	if head := r.find("head"); head != nil && len(head.results) > 0 {
		f.Caption += fmt.Sprintf(" A head alone holds %s.", share(total(head.report.Ledger), total(whole)))
	}
	return f, true
}

// held is the first racer that was trained.
func (r *run) held() *racer {
	for _, arm := range r.racers {
		if len(arm.results) > 0 {
			return arm
		}
	}
	return nil
}

func (r *run) keptFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "kept", Kind: wire.FigureBars, Title: "What is kept for the backward pass?",
		Sub: "bytes by kind of tensor, one batch", X: wire.Axis{Name: "kept", Unit: "MB"}}
	most, least := "", ""
	var high, low int
	for _, arm := range r.racers {
		if len(arm.results) == 0 {
			continue
		}
		bar := wire.Bar{Name: arm.report.Label, Arm: arm.report.Arm}
		for _, p := range arm.report.Ledger.Parts {
			bar.Parts = append(bar.Parts, wire.BarPart{Name: p.Name, Role: "act", Value: float64(p.Bytes) / 1e6, Text: words.Bytes(p.Bytes)})
		}
		f.Bars = append(f.Bars, bar)
		kept := arm.report.Ledger.KeptBytes
		if most == "" || kept > high {
			most, high = arm.name(), kept
		}
		if least == "" || kept < low {
			least, low = arm.name(), kept
		}
	}
	if len(f.Bars) == 0 {
		return f, false
	}
	f.Caption = fmt.Sprintf("%s keeps %s.", words.Capital(most), words.Bytes(high))
	if least != most {
		f.Caption = fmt.Sprintf("%s keeps most, %s; %s least, %s.", words.Capital(most), words.Bytes(high), least, words.Bytes(low))
	}
	return f, true
}
