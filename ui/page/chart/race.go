package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// Race is the panel of the curves that grow while a run is under way: loss on a log scale, and accuracy or another score.
type Race struct {
	app.Compo
	Arms     []wire.ArmReport // with the curves known so far; an arm without curves has not started
	Steps    int              // the right end of the axis; 0 fits the data
	Seeds    int              // of the run
	Selected string           // arm
	Recorded bool             // the data come from a shipped run
	Score    wire.Score       // what the second plot shows
	Source   string           // the run's link, written under exports
	Rev      int              // raise it when Arms changed in place
}

// Render draws the component.
func (c *Race) Render() app.UI {
	return &panel{ID: "race", Rev: c.Rev, Class: "race", Data: raceTable(c.Arms, c.Score),
		Sheet:    Sheet{Title: "The race", Sub: c.sub(), Caption: raceCaption(c.Arms), Source: c.Source},
		Graphics: []Graphic{LossPlot(c.Arms, c.Steps, c.Selected), ScorePlot(c.Arms, c.Score, c.Steps, c.Selected)}}
}

// sub says what the lines are.
func (c *Race) sub() string {
	var words []string
	if c.Recorded {
		words = append(words, "recorded run")
	}
	switch {
	case c.Seeds > 1:
		words = append(words, fmt.Sprintf("mean of %d seeds, band 95 %%", c.Seeds))
	case c.Seeds == 1:
		words = append(words, "one seed, so no band")
	}
	return strings.Join(words, " · ")
}

// raceCaption names the arms whose loss stopped being a number; a race without such accidents needs no words.
func raceCaption(arms []wire.ArmReport) string {
	var words []string
	for _, a := range arms {
		if d := divergedText(a); d != "" {
			words = append(words, label(a.Label)+" "+d)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return capitalize(sentences(words)) + ": the loss was no longer a number. A smaller learning rate would keep it finite."
}

// Names of the curves of an arm (wire.Curve).
const (
	curveTrainLoss = "train_loss"
	curveLoss      = "validation_loss"
)

// LossPlot draws the validation loss of every arm on a log scale, or the training loss where nothing was validated yet.
// steps is the right end of the axis, 0 to fit the data.
func LossPlot(arms []wire.ArmReport, steps int, selected string) Plot {
	name, words := curveLoss, "validation"
	if !anyCurve(arms, name) && anyCurve(arms, curveTrainLoss) {
		name, words = curveTrainLoss, "training"
	}
	return Plot{Title: "Loss", X: stepAxis(steps), Y: wire.Axis{Name: words, Log: true},
		Lines: raceLines(arms, name, 1, selected), Empty: "No step yet.", Quiet: true}
}

// ScorePlot draws the validation score of every arm in percent. The axis begins where the results are told apart;
// lines enter it from below.
func ScorePlot(arms []wire.ArmReport, score wire.Score, steps int, selected string) Plot {
	p := Plot{Title: score.Name, X: stepAxis(steps), Y: wire.Axis{Name: "validation", Unit: "%"},
		Lines: raceLines(arms, score.Validation, 100, selected), Empty: "No test on held-out data yet."}
	for i := range p.Lines { // a band that says nothing would only cover the lines
		l := &p.Lines[i]
		if k := l.last(); k >= 0 && k < len(l.Low) && k < len(l.High) && tooWide((l.High[k]-l.Low[k])/2) {
			l.Band = false
		}
	}
	p.Y.Min, p.Y.Max = scoreRange(p.Lines)
	return p
}

func stepAxis(steps int) wire.Axis { return wire.Axis{Name: "step", Max: float64(steps)} }

func anyCurve(arms []wire.ArmReport, name string) bool {
	return slices.ContainsFunc(arms, func(a wire.ArmReport) bool { c, ok := curveOf(a, name); return ok && len(c.Step) > 0 })
}

func curveOf(a wire.ArmReport, name string) (wire.Curve, bool) {
	for _, c := range a.Curves {
		if c.Name == name {
			return c, true
		}
	}
	return wire.Curve{}, false
}

// raceLines makes the lines of one curve, values times unit. Bands go to the selected arm, the floor and the reference.
func raceLines(arms []wire.ArmReport, name string, unit float64, selected string) []Line {
	styles := Palette(arms)
	var lines []Line
	for _, a := range arms {
		c, ok := curveOf(a, name)
		if !ok || len(c.Mean) == 0 {
			continue
		}
		l := Line{Name: label(a.Label), Arm: a.Arm, Style: styles.Of(a.Arm), Selected: a.Arm == selected, DivergedText: divergedText(a),
			X: make([]float64, len(c.Step)), Y: times(c.Mean, unit), Low: times(c.Low, unit), High: times(c.High, unit)}
		l.Band = l.Selected || a.Role == wire.RoleFloor || a.Role == wire.RoleReference
		for i, s := range c.Step {
			l.X[i] = float64(s)
		}
		lines = append(lines, l)
	}
	return lines
}

func times(v []float64, unit float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x * unit
	}
	return out
}

// divergedText says that the loss of an arm stopped being a number, "" where it did not.
func divergedText(a wire.ArmReport) string {
	if a.Diverged > 0 {
		return fmt.Sprintf("diverged at step %d", a.Diverged)
	}
	for _, c := range a.Curves {
		for i, m := range c.Mean {
			if !finite(m) {
				return fmt.Sprintf("diverged at step %d", c.Step[i])
			}
		}
	}
	return ""
}

// scoreRange is the part of 0..100 from a little below the worst last value to a little above the best value, in
// whole tens while that is wide and in whole fives once the lines are close. It moves in jumps, so that the axis stands
// still while lines grow. What diverged does not widen it.
func scoreRange(lines []Line) (lo, hi float64) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		i := l.last()
		if i < 0 || l.DivergedText != "" {
			continue
		}
		least = math.Min(least, l.Y[i])
		for k, y := range l.Y {
			if finite(y) {
				most = math.Max(most, y)
			}
			if l.banded() && k == i {
				least, most = math.Min(least, l.Low[k]), math.Max(most, l.High[k])
			}
		}
	}
	if least > most {
		return 0, 100
	}
	step := 10.0
	if most-least < 12 {
		step = 5
	}
	lo = math.Max(0, math.Floor((least-0.15*step)/step)*step)
	hi = math.Min(100, math.Ceil((most+0.15*step)/step)*step)
	if hi-lo < 2*step {
		lo = math.Max(0, hi-2*step)
	}
	return lo, hi
}

// raceTable is the data of both plots in one long table.
func raceTable(arms []wire.ArmReport, score wire.Score) Table {
	t := Table{Columns: []string{"curve", "arm", "label", "step", "mean", "low", "high"}}
	for _, name := range []string{curveLoss, score.Validation, curveTrainLoss} {
		for _, a := range arms {
			c, _ := curveOf(a, name)
			for i, s := range c.Step {
				t.Rows = append(t.Rows, []string{name, a.Arm, a.Label, plain(float64(s)), plain(c.Mean[i]), plain(c.Low[i]), plain(c.High[i])})
			}
		}
	}
	return t
}
