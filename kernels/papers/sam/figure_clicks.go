package sam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// clicksFigure is the mean IoU after each click.
func (r *run) clicksFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "clicks", Kind: wire.FigureLines, Title: "How much does one more click help?",
		Sub: "mean IoU of the mask that is shown, after each click of a simulated visitor; test scenes, 95 % intervals",
		X:   wire.Axis{Name: "clicks", Min: 1, Max: Clicks}, Y: wire.Axis{Name: "IoU", Unit: "%"}}
	var x []float64
	for c := range Clicks {
		x = append(x, float64(c+1))
	}
	var said []string
	for _, c := range r.trained() {
		y := c.measured(extraClicks, 100)
		if len(y) != Clicks {
			continue
		}
		f.Series = append(f.Series, c.series(x, y))
		said = append(said, fmt.Sprintf("%s: %s %% after one click, %s %% after five, %s %% after nine", c.report.Label,
			words.Number(y[0].Mean, 1), words.Number(y[fiveClicks-1].Mean, 1), words.Number(y[Clicks-1].Mean, 1)))
	}
	if len(said) == 0 {
		return f, false
	}
	caption := strings.Join(said, ". ") + ". The first click lies in the middle of the thing, each further one in the middle of the largest mistake."
	if c := r.judged(); c != nil {
		if y := c.measured(extraAnywhere, 100); len(y) == Clicks {
			s := c.series(x, y)
			s.Name, s.Role = c.report.Label+", first click anywhere", wire.RoleControl
			f.Series = append(f.Series, s)
			caption += fmt.Sprintf(" With a first click anywhere on the thing, %s: %s %% after one click, %s %% after five.", c.report.Label, words.Number(y[0].Mean, 1), words.Number(y[fiveClicks-1].Mean, 1))
		}
	}
	f.Caption = caption
	return f, true
}

// bar is a bar of one part.
func bar(c *racing, name string, iv wire.Interval) wire.Bar {
	text := words.Number(iv.Mean, 1) + " %"
	if len(iv.Values) > 1 {
		text = fmt.Sprintf("%s ± %s %%", words.Number(iv.Mean, 1), words.Number((iv.High-iv.Low)/2, 1))
	}
	return wire.Bar{Name: name, Arm: c.report.Arm, Parts: []wire.BarPart{{Name: "IoU", Role: "train", Value: iv.Mean, Text: text}}}
}

// headsFigure compares numbers of masks and their losses.
func (r *run) headsFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "heads", Kind: wire.FigureBars, Title: "How many masks should one click get?",
		Sub: "mean IoU of the best mask for one click, test scenes, with half of the 95 % interval", X: wire.Axis{Name: "IoU of the best mask", Unit: "%"}}
	of := slices.DeleteFunc(r.trained(), func(c *racing) bool { return c.shipped || c.stages != nil || !c.feedback })
	slices.SortStableFunc(of, func(a, b *racing) int { return cmp.Compare(a.masks, b.masks) })
	var said []string
	for _, c := range of {
		iv := c.level(testMIoU)
		if len(iv.Values) == 0 {
			continue
		}
		f.Bars = append(f.Bars, bar(c, c.report.Label, iv))
		if apart := c.level(testApart); len(apart.Values) > 0 {
			said = append(said, fmt.Sprintf("with %s, %s %% of the clicks that may mean several things get masks of different ones", c.report.Label, words.Number(apart.Mean, 0)))
		}
	}
	if len(f.Bars) < 2 {
		return f, false
	}
	f.Caption = "The best of several tries is never worse than one of them, so more masks start with an advantage; what counts is whether they mean different things."
	if len(said) > 0 {
		f.Caption += " " + words.Capital(strings.Join(said, "; ")) + "."
	}
	if r.find(armGrey) == nil {
		f.Caption += " How far the place of a click alone leads, without a look at the picture, the racer no-picture would tell."
	}
	return f, true
}

// levelsFigure tells wholes, parts and subparts apart.
func (r *run) levelsFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "levels", Kind: wire.FigureBars, Title: "Wholes, parts, subparts",
		Sub: "mean IoU of the best mask for one click, test scenes, with half of the 95 % interval", X: wire.Axis{Name: "IoU of the best mask", Unit: "%"}}
	var said []string
	for _, c := range r.trained() {
		y := c.measured(extraLevels, 100)
		if len(y) != len(levelNames) {
			continue
		}
		worst := 0
		for l, iv := range y {
			f.Bars = append(f.Bars, bar(c, c.report.Label+", "+levelNames[l], iv))
			if iv.Mean < y[worst].Mean {
				worst = l
			}
		}
		said = append(said, fmt.Sprintf("%s finds %s worst, with %s %%", c.report.Label, levelNames[worst], words.Number(y[worst].Mean, 1)))
	}
	if len(said) == 0 {
		return f, false
	}
	f.Caption = words.Capital(strings.Join(said, "; ")) + "."
	return f, true
}

var levelNames = [...]string{"wholes", "parts", "subparts"}

// roundsFigure compares numbers of rounds in training, where racers differ in nothing else.
func (r *run) roundsFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "rounds", Kind: wire.FigureLines, Title: "How many clicks should training know?",
		Sub: "mean IoU after five clicks against the rounds of training, test scenes, 95 % intervals",
		X:   wire.Axis{Name: "rounds", Min: 1, Max: 8}, Y: wire.Axis{Name: "IoU after five clicks", Unit: "%"}}
	rounds := func(c *racing) float64 { return float64(c.spec.Int("rounds")) }
	seen := map[string]bool{}
	var said []string
	for _, first := range r.trained() {
		like := first.arm.Without("rounds").String()
		if seen[like] || first.shipped {
			continue
		}
		seen[like] = true
		of := slices.DeleteFunc(r.trained(), func(c *racing) bool {
			return c.arm.Without("rounds").String() != like || len(c.level(testFive).Values) == 0
		})
		slices.SortStableFunc(of, func(a, b *racing) int { return cmp.Compare(rounds(a), rounds(b)) })
		if len(of) < 2 || rounds(of[0]) == rounds(of[len(of)-1]) {
			continue
		}
		var x []float64
		var y []wire.Interval
		for _, c := range of {
			x, y = append(x, rounds(c)), append(y, c.level(testFive))
		}
		s := first.series(x, y)
		knob, _ := description().Knob("arms")
		s.Name = knob.Arms.Label(first.arm)
		f.Series = append(f.Series, s)
		last := len(of) - 1
		said = append(said, fmt.Sprintf("%s: %s %% with %d, %s %% with %d", s.Name, words.Number(y[0].Mean, 1), of[0].spec.Int("rounds"), words.Number(y[last].Mean, 1), of[last].spec.Int("rounds")))
	}
	if len(said) == 0 {
		return f, false
	}
	f.Caption = strings.Join(said, "; ") + " rounds. A round is a prompt and its answer, and costs a pass of the decoder; with one round the model never sees a second click."
	return f, true
}
