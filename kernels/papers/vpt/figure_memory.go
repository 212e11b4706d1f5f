package vpt

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// reports are those of racers.
func reports(of []*racer) []wire.ArmReport {
	var out []wire.ArmReport
	for _, c := range of {
		out = append(out, c.report)
	}
	return out
}

func (r *run) memoryFigure() (wire.Figure, bool) {
	f, ok := lab.MemoryFigure(reports(r.trained()), r.spec.Int("batch"))
	if !ok {
		return f, false
	}
	f.Sub = "bytes counted while training, " + r.perStep()
	full := r.find(r.any(), isFull)
	few := r.thinnest()
	if r.batches() && few != nil && len(few.results) > 0 {
		f.Caption = fmt.Sprintf("A step of %s has %d examples in %s.", few.name(), few.batch(), words.Bytes(few.report.Ledger.Total()))
		if full != nil && len(full.results) > 0 {
			f.Caption += fmt.Sprintf(" Full fine-tuning has %d in %s.", full.batch(), words.Bytes(full.report.Ledger.Total()))
		}
		return f, true
	}
	if full == nil || few == nil || few == full || len(full.results) == 0 || len(few.results) == 0 {
		c := r.trained()[0]
		f.Caption = fmt.Sprintf("%s holds %s.", words.Capital(c.name()), words.Bytes(c.report.Ledger.Total()))
		return f, true
	}
	ours, whole := few.report.Ledger, full.report.Ledger
	f.Caption = fmt.Sprintf("%s trains %s of the numbers that full fine-tuning trains, and a step holds %s of its memory.", words.Capital(few.name()),
		words.Percent(float64(few.report.Trainable)/float64(full.report.Trainable)), words.Percent(float64(ours.Total())/float64(whole.Total())))
	return f, true
}

func (r *run) keptFigure() (wire.Figure, bool) {
	f, ok := lab.KeptFigure(reports(r.trained()), func(a wire.ArmReport) string { return (&racer{report: a}).name() })
	f.Sub = "bytes by kind of tensor, " + r.perStep()
	return f, ok
}
