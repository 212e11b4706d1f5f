package chart

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// Claim is the card of one claim: the verdict, the sentence, paper and run on one axis, and why.
type Claim struct {
	app.Compo
	Claim   wire.ClaimReport
	Waiting bool   // a run is under way that will judge it
	Yours   bool   // judged by the visitor's run, not by the recorded one
	Other   string // address of the recorded run that judged it, where that is not the one shown
	Judge   string // address of a run that can judge it, "" where none is known or needed
}

// verdictLook is how a verdict is shown: never by colour alone.
type verdictLook struct{ class, word, icon string }

var (
	waitingLook  = verdictLook{"v-none", "Waiting", `<circle cx="8" cy="8" r="5.5"/><path d="M8 4.500V8l2.400 1.600"/>`}
	verdictLooks = map[wire.Verdict]verdictLook{
		wire.Holds:   {"v-holds", "Holds", `<path d="M3 8.500l3.200 3.200L13 4.800"/>`},
		wire.Fails:   {"v-fails", "Fails", `<path d="M4 4l8 8M12 4l-8 8"/>`},
		wire.Unclear: {"v-unclear", "Unclear", `<path d="M2.500 9c1.800-3.500 3.600-3.500 5.500-1s3.700 2.500 5.500-1"/>`},
		wire.NotRun:  {"v-none", "Not run", `<circle cx="8" cy="8" r="5"/>`},
	}
)

// lookOf never takes a verdict it does not know for anything better than not run.
func lookOf(v wire.Verdict, waiting bool) verdictLook {
	if waiting {
		return waitingLook
	}
	if l, ok := verdictLooks[v]; ok {
		return l
	}
	return verdictLooks[wire.NotRun]
}

// VerdictChip is the coloured word of a verdict with its sign. text replaces the word where it is not empty ("2 hold").
func VerdictChip(v wire.Verdict, waiting bool, text string) app.UI {
	l := lookOf(v, waiting)
	if text == "" {
		text = l.word
	}
	return app.Span().Class("verdict", l.class).Body(
		app.Raw(`<svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">`+l.icon+`</svg>`), app.Text(text))
}

// Render draws the component.
func (c *Claim) Render() app.UI {
	r := c.Claim
	from, title := "recorded", "judged by the recorded run"
	switch {
	case c.Yours:
		from, title = "yours", "judged by your run"
	case c.Other != "":
		from, title = "recorded with another run", "judged by a recorded run with other knobs"
	}
	head := []app.UI{VerdictChip(r.Verdict, c.Waiting, "")}
	if r.Verdict != wire.NotRun && !c.Waiting {
		head = append(head, app.Span().Class("from").Title(title).Text(from))
	}
	head = append(head, app.Span().Class("src").Text(r.At))
	body := []app.UI{app.Div().Class("vh").Body(head...), app.P().Text(r.Says)}
	if r.Axis != nil && len(r.Rows) > 0 && r.Axis.Max > r.Axis.Min {
		body = append(body, claimMarks(*r.Axis, r.Rows, c.Waiting)...)
	} else if !c.Waiting && (r.Paper != "" || r.Here != "") {
		body = append(body, app.Dl().Class("says").Body(pairs("paper", r.Paper, "here", r.Here)...))
	}
	if r.Scale != "" {
		body = append(body, app.P().Class("scale").Text(r.Scale))
	}
	switch {
	case c.Waiting:
	case c.Other != "":
		body = append(body, runLink(c.Other, "Open that run", r.Says))
	case c.Judge != "":
		body = append(body, runLink(c.Judge, "Run what judges it", r.Says))
	}
	if why := claimWhy(r, c.Waiting); len(why) > 0 {
		body = append(body, app.Details().Class("why").Body(append([]app.UI{app.Summary().Text("Why")}, why...)...))
	}
	return app.Article().Class("claim").ID("claim-" + r.ID).Body(body...)
}

// runLink leads to the run that a claim needs; claim tells such links apart for those who list them.
func runLink(address, words, claim string) app.UI {
	return app.P().Class("torun").Body(app.A().Href(address).Aria("label", words+": "+claim).Text(words))
}

// claimWhy is what a reader who doubts the verdict wants to see.
func claimWhy(r wire.ClaimReport, waiting bool) []app.UI {
	if waiting {
		return nil
	}
	var out []app.UI
	if r.Why != "" {
		out = append(out, app.P().Text(r.Why))
	}
	if r.Axis != nil && len(r.Rows) > 0 {
		if p := pairs("paper", r.Paper, "here", r.Here); len(p) > 0 {
			out = append(out, app.Dl().Class("says").Body(p...))
		}
	}
	return out
}

// pairs writes the names and texts that are not empty as a description list.
func pairs(nameText ...string) []app.UI {
	var out []app.UI
	for i := 0; i+1 < len(nameText); i += 2 {
		if nameText[i+1] != "" {
			out = append(out, app.Dt().Text(nameText[i]), app.Dd().Text(nameText[i+1]))
		}
	}
	return out
}

// claimMarks draws the rows of a claim below one another on the axis they share, the threshold as a dashed line through
// all of them.
func claimMarks(axis wire.ClaimAxis, rows []wire.ClaimMark, waiting bool) []app.UI {
	s := scale{Lo: axis.Min, Hi: axis.Max, A: 0, B: 1}
	var list []app.UI
	for i, m := range rows {
		text := markText(m)
		here := waiting && i > 0
		if here {
			text = "…"
		}
		list = append(list,
			app.Dt().Text(m.Name),
			app.Dd().Class("mark").Body(claimMark(s, axis.Line, m, i == 0 && m.Name == "paper", here)),
			app.Dd().Text(text))
	}
	var feet []app.UI
	lo, hi := Number(axis.Min), Number(axis.Max)
	feet = append(feet, app.Span().Class("lo").Text(lo), app.Span().Class("hi").Text(hi))
	if axis.Line != nil {
		if at := s.at(*axis.Line); at > room(lo) && 1-at > room(hi) {
			feet = append(feet, app.Span().Class("at").Style("left", share(at)).Text(Number(*axis.Line)))
		}
	}
	list = append(list, app.Dt(), app.Dd().Class("mark").Aria("hidden", true).Body(app.Span().Class("feet").Body(feet...)), app.Dd())
	out := []app.UI{app.Dl().Class("cmp").Body(list...)}
	if axis.Name != "" {
		out = append(out, app.P().Class("axis").Text(axisSentence(axis)))
	}
	return out
}

// room is the share of a narrow axis that the number at one of its ends takes up, with what has to stay free beside it.
func room(text string) float64 { return 0.05 + 0.1*float64(utf8.RuneCountInString(text)) }

// markText is the number of a mark, with its interval where the text does not say it: no number stands alone.
func markText(m wire.ClaimMark) string {
	up, down := m.High-m.Mean, m.Mean-m.Low
	if up+down <= 0 || strings.ContainsAny(m.Text, "±>< ") || math.Abs(up-down) > 0.02*(up+down) || !finite(up) {
		return m.Text
	}
	if m.Text == "" {
		return Number(m.Mean) + " ±" + spreadText(m.Mean, up)
	}
	// The half width has as many decimals as the text it stands behind.
	_, frac, _ := strings.Cut(m.Text, ".")
	if s := fixed(up, len(frac)); strings.IndexFunc(frac, notDigit) < 0 && strings.Trim(s, "0.") != "" {
		return m.Text + " ±" + s
	}
	return m.Text + " ±" + Number(up)
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// axisSentence names the axis and the dashed line on it.
func axisSentence(axis wire.ClaimAxis) string {
	if axis.Line == nil {
		return axis.Name
	}
	return axis.Name + "; dashed: " + Number(*axis.Line)
}

// claimMark is one row: a ring for the paper, a dot with its interval for the run.
func claimMark(s scale, line *float64, m wire.ClaimMark, paper, hidden bool) app.UI {
	class := []string{"iv"}
	if paper {
		class = append(class, "paper")
	}
	var marks []app.UI
	if line != nil && *line >= s.Lo && *line <= s.Hi {
		marks = append(marks, app.Raw(`<u style="left:`+share(s.at(*line))+`"></u>`))
	}
	at := s.at(m.Mean)
	switch {
	case hidden || !finite(m.Mean):
	case at < 0:
		marks = append(marks, app.Em().Class("beyond").Title("left of this scale").Text("◂"))
	case at > 1:
		marks = append(marks, app.Em().Class("beyond right").Title("right of this scale").Text("▸"))
	default:
		if m.High > m.Low {
			lo, hi := math.Max(s.at(m.Low), 0), math.Min(s.at(m.High), 1)
			marks = append(marks, app.I().Style("left", share(lo)).Style("width", share(hi-lo)))
		}
		marks = append(marks, app.B().Style("left", share(at)))
	}
	return app.Span().Class(class...).Body(marks...)
}
