package sam

import (
	"fmt"
	"strings"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// costFigure splits the work of an answer.
func (r *run) costFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "cost", Kind: wire.FigureBars, Title: "What does a picture cost, and what a prompt?",
		Sub: "operations of products in one pass, counted while testing", X: wire.Axis{Name: "operations", Unit: "million"}}
	var said []string
	for _, c := range r.trained() {
		y := c.measured(extraCost, 1e-6)
		if len(y) != 2 {
			continue
		}
		b := wire.Bar{Name: c.report.Label, Arm: c.report.Arm}
		for i, name := range [2]string{"picture, once", "each prompt"} {
			b.Parts = append(b.Parts, wire.BarPart{Name: name, Role: [2]string{"frozen", "train"}[i], Value: y[i].Mean, Text: words.Number(y[i].Mean, 1) + " M"})
		}
		f.Bars = append(f.Bars, b)
		said = append(said, fmt.Sprintf("%s %% of a picture with %s", words.Number(100*y[1].Mean/y[0].Mean, 0), c.report.Label))
	}
	if len(said) == 0 {
		return f, false
	}
	f.Caption = "A prompt costs " + strings.Join(said, ", ") + ". In the paper the encoder is so large that the decoder's share is far smaller; here both are small, and a prompt is cheap because the picture is encoded only once."
	return f, true
}

// shippedFigure is the learning curve of the model that comes with the site, as it was recorded.
func shippedFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "shipped", Kind: wire.FigureLines, Title: "How was the shipped model trained?",
		Sub: "recorded, not measured in this run: mean IoU on validation scenes during training",
		X:   wire.Axis{Name: "step"}, Y: wire.Axis{Name: "IoU", Unit: "%"}}
	e, err := Shown()
	if err != nil || len(e.Curve) == 0 {
		return f, false
	}
	best, five := wire.Series{Name: "best mask, one click", Role: wire.RoleMethod}, wire.Series{Name: "mask shown, five clicks", Role: wire.RoleReference}
	for _, p := range e.Curve {
		best.X, best.Y = append(best.X, float64(p.Step)), append(best.Y, 100*p.MIoU)
		five.X, five.Y = append(five.X, float64(p.Step)), append(five.Y, 100*p.Five)
	}
	f.Series = []wire.Series{best, five}
	h := e.HeldOut
	f.Caption = fmt.Sprintf("Recorded %s on %s: %s steps of %d scenes in %s minutes. On %d test scenes the best mask for one click has an IoU of %s %%, the mask shown after five clicks %s %%; estimated and true IoU have a rank correlation of %s.",
		e.Date, e.Machine, words.Count(e.Recipe.Steps()), e.Recipe.Batch, words.Number(e.Seconds/60, 0), h.Scenes, words.Number(100*h.BestOf, 1), words.Number(100*h.ByClicks[fiveClicks-1], 1), words.Number(h.Spearman, 2))
	return f, true
}
