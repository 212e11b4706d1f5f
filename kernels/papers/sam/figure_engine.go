package sam

import (
	"fmt"
	"strings"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// engineRacers are those of the data engine of which a trial has come.
func (r *run) engineRacers() []*racing {
	var out []*racing
	for _, c := range r.trained() {
		if c.stages != nil && len(c.level(testMIoU).Values) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// engineFigure compares what is learned from the masks of the stages.
func (r *run) engineFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "engine", Kind: wire.FigureBars, Title: "What is each stage of the data engine worth?",
		Sub: "mean IoU of the best mask for one click, test scenes, with half of the 95 % interval; equally many steps from the same start", X: wire.Axis{Name: "IoU of the best mask", Unit: "%"}}
	var said []string
	for _, c := range r.engineRacers() {
		f.Bars = append(f.Bars, bar(c, c.report.Label, c.level(testMIoU)))
		said = append(said, fmt.Sprintf("%s %s %%", c.report.Label, words.Number(c.level(testMIoU).Mean, 1)))
	}
	if len(said) == 0 {
		return f, false
	}
	f.Caption = "Learned from the masks of its stages: " + strings.Join(said, ", ") + ". The model with which the masks were made began with a few true ones, which no racer learns from."
	return f, true
}

// stagesFigure says what the stages cost and gave. All racers of the engine go through the same stages as far as they need them, so the
// one that goes farthest tells for all.
func (r *run) stagesFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "stages", Kind: wire.FigureTable, Title: "What did the stages cost, and give?",
		Sub:     "simulated annotator; means over seeds",
		Columns: []string{"Stage", "scenes", "clicks a mask", "clicks a picture", "masks a picture", "by the model alone, %", "IoU of masks, %"}}
	var last *racing
	for _, c := range r.engineRacers() {
		if last == nil || len(c.measured(extraStages, 1)) > len(last.measured(extraStages, 1)) {
			last = c
		}
	}
	if last == nil {
		return f, false
	}
	y := last.measured(extraStages, 1)
	if len(y) == 0 || len(y)%stageNumbers != 0 {
		return f, false
	}
	var first, end float64
	for i := 0; i < len(y); i += stageNumbers {
		v := func(k int) float64 { return y[i+k].Mean }
		clicks := "-"
		if v(stageAsked) > 0 {
			each := v(stageClicks) / v(stageAsked)
			clicks = words.Number(each, 1)
			if stage := int(v(stageOf) + 0.5); stage == 1 {
				if first == 0 {
					first = each
				}
				end = each
			}
		}
		scenes, all := max(1, v(stageScenes)), max(1, v(stageMasks))
		f.Rows = append(f.Rows, []string{stageNames[int(v(stageOf)+0.5)-1], words.Number(v(stageScenes), 0), clicks, words.Number(v(stageClicks)/scenes, 1),
			words.Number(v(stageMasks)/scenes, 1), words.Number(100*v(stageAlone)/all, 0), words.Number(100*v(stageIoU)/all, 1)})
	}
	f.Caption = fmt.Sprintf("A row is what was labelled before the model was trained again. In stage 1 a mask takes %s clicks at first and %s at last; of the three masks for a first click the annotator takes the best. A mask is finished at an IoU of %g; one that %d clicks do not finish is painted by hand, which counts as one click more. In stage 3 nobody clicks.",
		words.Number(first, 1), words.Number(end, 1), engineGood, Clicks)
	return f, true
}

// stageNames are the stages in the paper's words.
var stageNames = [3]string{"1, assisted-manual", "2, semi-automatic", "3, fully automatic"}
