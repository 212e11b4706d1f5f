package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// Ranks is the table of the arms: what each trains, how well it does, what it keeps.
type Ranks struct {
	app.Compo
	Arms     []wire.ArmReport
	Score    wire.Score
	Selected string
	Title    string // "" for "Racer by racer"
	Sub      string
	OnSelect func(ctx app.Context, arm string) // nil where nothing can be chosen
	Source   string                            // the run, a column of the CSV
	Rev      int
}

// rankRow is one arm, its interval in shares 0..1 of the common axis.
type rankRow struct {
	Arm         wire.ArmReport
	Style       Style
	Share       float64 // trained parameters over those of the net
	Mean        float64
	Low, High   float64
	Drawn       bool // there is a score
	Interval    bool // more than one seed
	Off         int  // -1 left of the axis, 1 right of it
	Score       string
	PlusMinus   string
	Wide        bool // the interval is too wide to say anything
	DivergedWhy string
}

// The axis of the table: a race of few arms has room for all of them, and no axis is so short that noise looks like a
// result. Both in points of the score or arms.
const (
	fewArms   = 4
	leastSpan = 5.0
)

// tooWide says that half of an interval, in points of the score, tells nothing: two seeds that differ by a few points
// give an interval beyond what is possible.
func tooWide(half float64) bool { return half > 25 }

// rankRows lays out the table. The axis covers the methods and the reference with their intervals; the floor and the
// controls are on it only if they lie near, otherwise the differences that matter would shrink to a dot.
func rankRows(arms []wire.ArmReport, score wire.Score) (rows []rankRow, axis scale) {
	var near, far []float64
	for _, a := range arms {
		iv, ok := a.Metrics[score.Test]
		if !ok || !finite(iv.Mean) {
			continue
		}
		v := []float64{100 * iv.Mean, 100 * iv.Low, 100 * iv.High}
		if tooWide(50 * (iv.High - iv.Low)) {
			v[1], v[2] = v[0], v[0] // it says nothing, and would squeeze what the others say
		}
		if a.Role == wire.RoleFloor || a.Role == wire.RoleControl {
			far = append(far, v...)
		} else {
			near = append(near, v...)
		}
	}
	if len(near) == 0 {
		near, far = far, nil
	}
	lo, hi, _ := extent(near, false)
	for i := 0; i < len(far); i += 3 {
		l, h, _ := extent(append([]float64{lo, hi}, far[i:i+3]...), false)
		if len(arms) <= fewArms || h-l < 1.6*math.Max(hi-lo, 1) {
			lo, hi = l, h
		}
	}
	if pad := math.Max(0.07*(hi-lo), 0.2); lo <= hi {
		pad = math.Max(pad, (leastSpan-(hi-lo))/2)
		axis = newScale(wire.Axis{Min: math.Max(lo-pad, 0), Max: math.Min(hi+pad, 100)}, nil, 0, 1)
	}
	styles := Palette(arms)
	for _, a := range arms {
		r := rankRow{Arm: a, Style: styles.Of(a.Arm), DivergedWhy: divergedText(a)}
		if a.Total > 0 {
			r.Share = float64(a.Trainable) / float64(a.Total)
		}
		if iv, ok := a.Metrics[score.Test]; ok && finite(iv.Mean) {
			mean := math.Round(1e11*iv.Mean) / 1e9 // 49.75 and not 49.7499999: figures round percents, too
			r.Drawn, r.Interval = true, len(iv.Values) > 1
			r.Mean, r.Low, r.High = axis.at(mean), axis.at(100*iv.Low), axis.at(100*iv.High)
			switch {
			case mean < axis.Lo:
				r.Off = -1
			case mean > axis.Hi:
				r.Off = 1
			}
			r.Score = fixed(mean, 1)
			if r.Interval {
				r.PlusMinus = "±" + fixed(50*(iv.High-iv.Low), 1)
				if tooWide(50 * (iv.High - iv.Low)) {
					r.PlusMinus, r.Wide = "± too wide", true
				}
			}
		}
		rows = append(rows, r)
	}
	return rows, axis
}

// rankTable is the data of the table for CSV.
func rankTable(arms []wire.ArmReport, score wire.Score, source string) Table {
	t := Table{Columns: []string{"arm", "label", "role", "number", "trained", "head", "net", "learning rate", "test " + score.Noun, "low", "high", "seeds",
		"kept bytes", "optimizer bytes", "gradient bytes", "trained bytes", "frozen bytes", "flop per step", "ms per step", "run"}}
	for _, a := range arms {
		iv, ok := a.Metrics[score.Test]
		if !ok {
			iv = wire.Interval{Mean: math.NaN(), Low: math.NaN(), High: math.NaN()}
		}
		l := a.Ledger
		row := []string{a.Arm, a.Label, a.Role}
		for _, n := range []int{a.Number, a.Trainable, a.Head, a.Total} {
			row = append(row, strconv.Itoa(n))
		}
		row = append(row, plain(a.LR), plain(iv.Mean), plain(iv.Low), plain(iv.High), strconv.Itoa(len(iv.Values)))
		for _, n := range []int{l.KeptBytes, l.OptimizerBytes, l.GradientBytes, l.TrainedBytes, l.FrozenBytes} {
			row = append(row, strconv.Itoa(n))
		}
		t.Rows = append(t.Rows, append(row, strconv.FormatInt(l.StepFLOP, 10), plain(a.MsPerStep), source))
	}
	return t
}

// Render draws the component.
func (c *Ranks) Render() app.UI {
	title := c.Title
	if title == "" {
		title = "Racer by racer"
	}
	rows, axis := rankRows(c.Arms, c.Score)
	shares := sharesDiffer(c.Arms)
	body := make([]app.UI, len(rows))
	for i, r := range rows {
		body[i] = c.row(r, shares)
	}
	save := func(app.Context, app.Event) {
		if browser != nil {
			browser.Save(fileName(title, "csv"), "text/csv", []byte(rankTable(c.Arms, c.Score, c.Source).CSV()))
		}
	}
	csv := app.Button().Type("button").Class("tool").Text("CSV").Aria("label", "Download the data as CSV: "+title).OnClick(save)
	content := []app.UI{app.Div().Class("tw").Body(app.Table().Class("ranks").Body(app.THead().Body(rankHead(axis, c.Score, shares)), app.TBody().Body(body...)))}
	if len(rows) == 0 {
		content = []app.UI{app.P().Class("cap").Text("No racer yet.")}
	} else {
		if words := rankCaption(rows, c.Score); words != "" {
			content = append(content, app.P().Class("cap").Text(words))
		}
	}
	return app.Section().Class("panel", "figure").Aria("label", title).Body(panelHead(title, c.Sub, []app.UI{csv}), app.Div().Class("pb").Body(content...))
}

// work writes the operations of a step.
func work(flop int64) string {
	if flop <= 0 {
		return "…"
	}
	return strings.TrimSuffix(FLOP(flop), "FLOP")
}

// sharesDiffer tells whether a racer trains less than the whole net. Where none does, as far as is known, the column of
// shares would say nothing.
func sharesDiffer(arms []wire.ArmReport) bool {
	known := false
	for _, a := range arms {
		if a.Total > 0 {
			known = true
			if a.Trainable != a.Total {
				return true
			}
		}
	}
	return !known
}

func rankHead(axis scale, score wire.Score, shares bool) app.UI {
	th := func(class, text, title string) app.UI {
		return app.Th().Scope("col").Class(class).Title(title).Text(text)
	}
	ticks := app.Span().Class("iv", "ax").Aria("hidden", true)
	var marks []app.UI
	texts := tickTexts(axis.Ticks, false)
	for i, t := range axis.Ticks {
		if i%2 == 0 || len(axis.Ticks) < 3 {
			marks = append(marks, app.Span().Style("left", share(axis.at(t))).Text(texts[i]))
		}
	}
	return app.Tr().Body(
		th("", "Racer", ""),
		th("m", "Trained", "Parameters that the method trains, without the new head that every racer trains"),
		app.If(shares, th("o", "of the net", "Share of the backbone's parameters")).
			Else(th("o", "FLOP/step", "Multiplications and additions of one training step, forward and backward, by the tape's count")),
		app.Th().Scope("col").Class("ivc").Body(ticks.Body(marks...), app.Span().Class("sr").Text("Test "+score.Noun+" with its 95 % interval, drawn")),
		th("", score.Name+", %", score.How+"; ± is half of the 95 % interval over seeds"),
		th("m", "Kept", "Activations kept for the backward pass of one batch"),
		th("o", "Optimizer", "Moments that the optimizer keeps"),
		th("o", "ms/step", "Time of one training step on this device"))
}

func (c *Ranks) row(r rankRow, shares bool) app.UI {
	a := r.Arm
	cell := func(class, text string) app.UI { return app.Td().Class(class).Text(text) }
	known := a.Total > 0
	unknown := func(text string) string {
		if !known {
			return "…"
		}
		return text
	}
	name := []app.UI{app.Raw(signSVG(r.Style)), app.Span().Text(label(a.Label))}
	first := app.Td().Body(name...)
	if c.OnSelect != nil {
		first = app.Td().Body(app.Button().Type("button").Class("arm").Aria("pressed", a.Arm == c.Selected).Body(name...))
	}
	score := app.Td().Class("acc")
	switch {
	case r.Drawn && r.DivergedWhy != "":
		score = score.Body(app.Text(r.Score+" "), app.Span().Class("bad").Title("A seed "+r.DivergedWhy+" and is left out").Text("✕"))
	case r.Drawn:
		score = score.Body(app.Text(r.Score+" "), app.Span().Class("faint").Text(r.PlusMinus))
	case r.DivergedWhy != "":
		score = score.Body(app.Span().Class("bad").Text("✕ " + r.DivergedWhy))
	default:
		score = score.Text("…")
	}
	row := app.Tr().Body(
		first,
		cell("m", unknown(Count(a.Trainable))),
		app.If(shares, app.Td().Class("o").Body(r.shareBar(known), app.Span().Class("pc").Text(unknown(percent(r.Share))))).
			Else(cell("o", work(a.Ledger.StepFLOP))),
		app.Td().Class("ivc").Body(r.interval()),
		score,
		cell("m", unknown(Bytes(a.Ledger.KeptBytes))),
		cell("o", unknown(Bytes(a.Ledger.OptimizerBytes))),
		cell("o", milliseconds(a.MsPerStep, r.Drawn)))
	var class []string
	if a.Arm == c.Selected {
		class = append(class, "sel")
	}
	if c.OnSelect != nil {
		class = append(class, "pick")
		row = row.OnClick(func(ctx app.Context, _ app.Event) { c.OnSelect(ctx, a.Arm) }, a.Arm)
	}
	if len(class) > 0 {
		row = row.Class(class...)
	}
	return row
}

// shareBar draws how much of the net an arm trains.
func (r rankRow) shareBar(known bool) app.UI {
	bar := app.Span().Class("netshare").Aria("hidden", true)
	if !known || r.Share == 0 {
		return bar
	}
	return bar.Body(app.I().Style("width", share(math.Min(r.Share, 1))))
}

func milliseconds(ms float64, measured bool) string {
	switch {
	case !finite(ms) || ms <= 0 && !measured:
		return "…"
	case ms < 0.1: // a browser's clock ticks in tenths
		return "< 0.1"
	}
	return sized(ms) // equal decimals in a column
}

// interval draws the mean as a dot and its 95 % interval as a bar; ◂ and ▸ lie off the scale.
func (r rankRow) interval() app.UI {
	iv := app.Span().Class("iv").Style("--c", r.Style.CSS()).Aria("hidden", true)
	switch {
	case !r.Drawn:
		return iv
	case r.Off < 0:
		return iv.Body(app.Em().Class("beyond").Title("left of this scale").Text("◂"))
	case r.Off > 0:
		return iv.Body(app.Em().Class("beyond right").Title("right of this scale").Text("▸"))
	}
	var marks []app.UI
	if r.Interval {
		lo, hi := math.Max(r.Low, 0), math.Min(r.High, 1)
		marks = append(marks, app.I().Style("left", share(lo)).Style("width", share(hi-lo)))
	}
	return iv.Body(append(marks, app.B().Style("left", share(r.Mean)))...)
}

// share writes 0..1 as a CSS percentage.
func share(x float64) string { return strconv.FormatFloat(100*x, 'f', 2, 64) + "%" }

// rankCaption explains the marks that are in the table, and what every arm trains besides.
func rankCaption(rows []rankRow, score wire.Score) string {
	var words []string
	seeds, off, wide, head, drawn := 0, false, false, 0, false
	for _, r := range rows {
		seeds, head = max(seeds, len(r.Arm.Metrics[score.Test].Values)), max(head, r.Arm.Head)
		off, wide, drawn = off || r.Off != 0, wide || r.Wide, drawn || r.Drawn
	}
	switch {
	case seeds > 1:
		words = append(words, fmt.Sprintf("Dots are means over %d seeds on examples never trained on, bars 95 %% intervals.", seeds))
	case drawn:
		words = append(words, "One seed is one draw: there are no intervals, and no difference here is a result.")
	}
	if wide {
		words = append(words, "Where an interval is too wide to tell, more seeds would help.")
	}
	if off {
		words = append(words, "◂ and ▸ lie outside the scale.")
	}
	if head > 0 {
		words = append(words, fmt.Sprintf("Every racer also trains the same new head of %s parameters.", Count(head)))
	}
	if seeds > 1 {
		words = append(words, "Overlap here is no test: the claims compare racers seed by seed.")
	}
	return strings.Join(words, " ")
}

// signSVG is the sign of an arm for use in text.
func signSVG(s Style) string {
	var g pen
	g.sign(point{5, 5}, s)
	return `<svg class="sign" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">` + g.String() + "</svg>"
}

// Sign is the coloured shape that stands before an arm's name everywhere, as an inline picture.
func Sign(s Style) app.UI { return app.Raw(signSVG(s)) }
