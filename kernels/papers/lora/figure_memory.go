package lora

import (
	"fmt"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// trained are the reports of the racers that have a trial.
func (r *run) trained() []wire.ArmReport {
	var out []wire.ArmReport
	for _, arm := range r.racers {
		if len(arm.results) > 0 {
			out = append(out, arm.report)
		}
	}
	return out
}

func (r *run) memoryFigure() (wire.Figure, bool) {
	f, ok := lab.MemoryFigure(r.trained(), r.spec.Int("batch"))
	if !ok {
		return f, false
	}
	thin, full := r.thin(), r.find("full")
	if thin == nil || full == nil || len(thin.results) == 0 || len(full.results) == 0 {
		arm := r.held()
		f.Caption = fmt.Sprintf("%s holds %s.", words.Capital(arm.name()), words.Bytes(arm.report.Ledger.Total()))
		return f, true
	}
	ours, whole := thin.report.Ledger, full.report.Ledger
	share := func(a, b int) string { return words.Percent(float64(a) / float64(b)) }
	f.Caption = fmt.Sprintf("%s holds %s of what full fine-tuning holds: %s of what is kept for the backward pass and %s of the optimizer's state.",
		words.Capital(thin.name()), share(ours.Total(), whole.Total()), share(ours.KeptBytes, whole.KeptBytes), share(ours.OptimizerBytes, whole.OptimizerBytes))
	if head := r.find("head"); head != nil && len(head.results) > 0 {
		f.Caption += fmt.Sprintf(" A head alone holds %s.", share(head.report.Ledger.Total(), whole.Total()))
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
	return lab.KeptFigure(r.trained(), func(a wire.ArmReport) string { return r.find(a.Arm).name() })
}
