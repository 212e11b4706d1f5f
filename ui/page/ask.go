package page

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// OnMount brings back the predictions kept on this device, and answers what a restored run can answer.
func (l *lesson) OnMount(ctx app.Context) {
	inputs := ctx.JSSrc().Call("querySelectorAll", "section.ask input")
	for i := range inputs.Length() {
		if in := inputs.Index(i); l.Site.host != nil && l.Site.host.Local(guessKey(in)) == in.Get("value").String() {
			in.Set("checked", true)
		}
	}
	l.answer(ctx)
}

// guessKey names the place where a prediction is kept.
func guessKey(input app.Value) string {
	return "guess/" + input.Call("closest", "section.ask").Get("dataset").Get("link").String()
}

// OnUpdate answers questions when a run has been judged.
func (l *lesson) OnUpdate(ctx app.Context) { l.answer(ctx) }

func (l *lesson) chose(ctx app.Context, e app.Event) {
	if in := e.Get("target"); l.Site.host != nil && in.Call("closest", "section.ask").Truthy() {
		l.Site.host.SetLocal(guessKey(in), in.Get("value").String())
	}
	l.answer(ctx)
}

// answer fills the questions of the lesson ("predict, then run"). The text is raw HTML, so this is done in the DOM. What
// a run has answered stays answered when the next run answers another question.
func (l *lesson) answer(ctx app.Context) {
	root := ctx.JSSrc()
	if root == nil || !root.Truthy() {
		return
	}
	if l.found == nil {
		l.found = map[string]wire.ClaimReport{}
	}
	asks := root.Call("querySelectorAll", "section.ask")
	for i := range asks.Length() {
		ask := asks.Index(i)
		data := ask.Get("dataset")
		claim, link := data.Get("claim").String(), data.Get("link").String()
		if s := l.Site.S; s.Source() == state.Yours {
			if c, ok := answers(s.Lab, s.ShownSpec(), s.Shown(), claim, link); ok {
				l.found[claim] = c
			}
		}
		predicted := ""
		if checked := ask.Call("querySelector", "input:checked"); checked.Truthy() {
			predicted = checked.Get("value").String()
		}
		c, ok := l.found[claim]
		text, as := reply(c, ok, predicted)
		field := ask.Call("querySelector", "[data-answer]")
		if field.Truthy() && field.Get("textContent").String() != text {
			field.Set("textContent", text)
			field.Get("dataset").Set("as", as)
		}
	}
}

// answers finds the verdict by which a finished run answers a question. The run need not be the one that the question
// offers, but it must be about the same thing: every knob that is a choice (task, world, backbone) must agree.
func answers(lab wire.Lab, ran wire.Spec, report *wire.Report, claim, link string) (wire.ClaimReport, bool) {
	_, query, _ := strings.Cut(link, "?")
	asked, err := wire.ParseQuery(lab, query)
	if err != nil || report == nil {
		return wire.ClaimReport{}, false
	}
	for _, k := range lab.Knobs {
		if k.Kind == wire.KnobChoice && asked.Text(k.Name) != ran.Text(k.Name) {
			return wire.ClaimReport{}, false
		}
	}
	for _, c := range report.Claims {
		if c.ID == claim && c.Verdict != wire.NotRun {
			return c, true
		}
	}
	return wire.ClaimReport{}, false
}

// reply words the answer to a question, and says how the prediction fared: "right", "wrong" or "" while it is open. The
// answer is held back until there is a prediction.
func reply(c wire.ClaimReport, answered bool, predicted string) (text, as string) {
	switch {
	case !answered && predicted == "":
		return "Choose first. The answer comes from your own run.", ""
	case !answered:
		return "Noted. Now set up this run and press play.", ""
	case predicted == "":
		return "Your run has the answer. Choose first.", ""
	}
	text, as = "Not as you predicted. ", "wrong"
	if string(c.Verdict) == predicted {
		text, as = "As you predicted. ", "right"
	}
	if c.Verdict == wire.Unclear {
		text += "Your run leaves it unclear: "
	} else {
		text += "In your run, "
	}
	return text + strings.TrimSuffix(c.Here, ".") + ". " + c.Why, as
}
