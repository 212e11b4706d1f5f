package sam

import (
	"fmt"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// scoreBins is how many steps the estimate and the truth are sorted into, from 0 to 1.
const scoreBins = 10

// scoreFigure counts masks by estimated and true IoU.
func (r *run) scoreFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "score", Kind: wire.FigureHeat, Title: "Does the model know how good its masks are?",
		Sub: "masks for one click on test scenes, counted by estimated IoU, from left to right, and true IoU, from bottom to top",
		X:   wire.Axis{Name: "estimated IoU"}, Y: wire.Axis{Name: "true IoU"}}
	var said []string
	for _, c := range r.trained() {
		h := wire.Heat{Title: c.report.Label, Rows: scoreBins, Cols: scoreBins, Values: make([]float64, scoreBins*scoreBins), Scale: "viridis"}
		n := 0
		for _, t := range lab.Finite(c.results) {
			guess, truth := t.Extra[extraPredicted], t.Extra[extraTrue]
			for i := range min(len(guess), len(truth)) {
				h.Values[(scoreBins-1-bin(truth[i]))*scoreBins+bin(guess[i])]++
				n++
			}
		}
		if n == 0 {
			continue
		}
		for _, v := range h.Values {
			h.Max = max(h.Max, v)
		}
		var rank []float64
		for _, t := range lab.Finite(c.results) {
			rank = append(rank, t.Metrics[testSpearman])
		}
		h.Note = fmt.Sprintf("%s masks; rank correlation %s", words.Count(n), words.Number(lab.Interval(rank).Mean, 2))
		f.Heats = append(f.Heats, h)
		said = append(said, fmt.Sprintf("%s: %s", c.report.Label, words.Interval(lab.Interval(rank), 2, "")))
	}
	if len(said) == 0 {
		return f, false
	}
	f.Caption = "Rank correlation of estimated and true IoU, over all masks: " + strings.Join(said, "; ") + ". A score that ranks rightly lies along the diagonal; a constant one would be a column. A few hundred masks of each seed are drawn."
	return f, true
}

// bin is the step that a share falls into; estimates may lie outside of 0..1.
func bin(x float64) int { return min(max(int(x*scoreBins), 0), scoreBins-1) }

// everythingFigure shows what the estimate is worth to everything mode: precision and recall against the least estimated IoU.
func (r *run) everythingFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "everything", Kind: wire.FigureLines, Title: "Everything mode: how sure must a mask be?",
		Sub: fmt.Sprintf("shares over the least estimated IoU that is kept; a thing is found by a mask with an IoU of %g or more; %d test scenes, %d × %d points, stability not asked for, 95 %% intervals", sureIoU, sureScenes, sureSide, sureSide),
		X:   wire.Axis{Name: "least estimated IoU", Min: sureThresholds[0], Max: sureThresholds[len(sureThresholds)-1]}, Y: wire.Axis{Name: "share", Unit: "%", Min: 0, Max: 100}}
	var said []string
	for _, c := range r.trained() {
		precision, recall := c.shares(extraPrecision), c.shares(extraRecall)
		if precision == nil || recall == nil {
			continue
		}
		for i, iv := range [2][]wire.Interval{precision, recall} {
			var x []float64
			var y []wire.Interval
			for k, v := range iv {
				if len(v.Values) > 0 { // no seed keeps a mask there: it has no precision
					x, y = append(x, sureThresholds[k]), append(y, v)
				}
			}
			if len(x) == 0 {
				continue
			}
			s := c.series(x, y)
			if len(s.Low) < len(s.X) { // somewhere only one seed is left
				s.Low, s.High = nil, nil
			}
			s.Name += ", " + [2]string{"precision", "recall"}[i]
			f.Series = append(f.Series, s)
			if i == 0 {
				last := len(y) - 1
				text := fmt.Sprintf("%s: of the masks above %g, %s %% are right", c.report.Label, x[0], words.Number(y[0].Mean, 0))
				if last > 0 {
					text += fmt.Sprintf(", of those above %g, %s %%", x[last], words.Number(y[last].Mean, 0))
				}
				said = append(said, text)
			}
		}
	}
	if len(said) == 0 {
		return f, false
	}
	f.Caption = strings.Join(said, "; ") + ". Precision is the share of masks that find a thing not found before, recall the share of things that are found."
	return f, true
}

// shares are a racer's shares at each threshold, in percent, over the seeds that have one there: -1 stands for none.
func (c *racing) shares(name string) []wire.Interval {
	out := make([]wire.Interval, len(sureThresholds))
	found := false
	for k := range out {
		var x []float64
		for _, t := range lab.Finite(c.results) {
			if y := t.Extra[name]; len(y) == len(out) && y[k] >= 0 {
				x = append(x, 100*y[k])
			}
		}
		out[k] = lab.Interval(x)
		found = found || len(x) > 0
	}
	if !found {
		return nil
	}
	return out
}
