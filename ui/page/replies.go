package page

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/pixels"
	"petri/ui/state"
)

// replies are the masks of the last prompt, with what the model thinks of each, and what is shown and fed back.
type replies struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the panels.
func (r *replies) Render() app.UI {
	s := r.Site.S
	p := s.Prompting
	sub, list := "", []app.UI(nil)
	if p.Shown != nil {
		a := p.Shown.Frame.Answer
		sub = "to one prompt, and one to several"
		if len(a.Masks) == 1 {
			sub = "this model has one mask"
		}
		if a.Model == wire.ModelLive && a.Arm != "" {
			sub += fmt.Sprintf(", %s, step %d", s.ArmInfo(a.Arm).Label, a.Step)
		}
		thumbs := make([]string, len(a.Masks)) // they are drawn when the page's program is here: the page alone shows the masks large
		if r.Site.host != nil {
			thumbs = thumbnails(p.Shown)
		}
		for i := range a.Masks {
			list = append(list, r.candidate(a, i, thumbs[i], i == p.Front()))
		}
	}
	if len(list) == 0 {
		sub = ""
		list = append(list, para("cap none", "Move over the picture, or click: a click on a wheel may mean the hub, the wheel or the whole thing, and the model answers with all three."))
	}
	waits := app.UI(app.Div().Hidden(true))
	if _, ok := s.LiveStep(); p.Model == wire.ModelLive && !ok {
		waits = app.P().Class("note").Attr("role", "status").Text(s.ArmInfo(s.Arm).Label + " has made no step yet: it is asked as soon as it has. Until then you see the answer before.")
	}
	return div("side noembed",
		app.Section().ID("answers").Class("panel").Aria("label", s.Lab.Prompts.Title).Body(
			div("ph", app.H2().Text(s.Lab.Prompts.Title), app.Span().Class("sub").Text(sub)),
			waits,
			group("cands", "Masks", list...),
			r.rule()),
		r.switches(),
		r.Site.ownPanel(),
	)
}

// candidate is one mask: a button that brings it forward.
func (r *replies) candidate(a *wire.Answer, i int, thumb string, front bool) app.UI {
	m := a.Masks[i]
	name, what := maskName(a, i)
	area := fmt.Sprintf("%d px", m.Area)
	if what != "" {
		area = what + ", " + area
	}
	head := []app.UI{app.Text(name), app.Span().Text(area)}
	if m.Head == 0 && len(a.Masks) > 1 {
		head = append(head, app.Span().Class("tag").Title("The mask that the model makes for several prompts").Text("several"))
	}
	if i == a.Chosen {
		head = append(head, app.Span().Class("tag").Text("by the rule"))
	}
	bars := []app.UI{r.bar("predicted", m.Predicted, "act")}
	if m.True >= 0 {
		bars = append(bars, r.bar("true", m.True, "ink-2"))
	} else {
		bars = append(bars, app.Span().Class("row notruth").Text(r.noTruth()))
	}
	bars = append(bars, r.bar("stability", m.Stability, "line-2"))
	small := `<span class="th"></span>`
	if thumb != "" {
		small = `<img class="th" alt="" src="` + thumb + `">`
	}
	return press("cand", "mask", itoa(i), r.choose,
		app.Raw(small),
		app.Span().Class("what").Body(app.Span().Class("nm").Body(head...), app.Span().Class("ious").Body(bars...)),
	).ID("answer-"+itoa(i)).Attr("aria-pressed", yes(front)).Title("Bring it forward (" + itoa(i+1) + ")")
}

// noTruth says why a mask has no true IoU.
func (r *replies) noTruth() string {
	if r.Site.S.Prompting.Source.Own {
		if r.Site.own.from != "yours" {
			return "no truth: this is a photograph"
		}
		return "no truth: this picture is yours"
	}
	if q := r.Site.S.Prompting.Shown.Frame.Answer.Prompt; q.Box == nil && !q.Brush && !slices.ContainsFunc(q.Points, func(at wire.PromptPoint) bool { return at.Label == 1 }) {
		return "no truth: nothing is meant yet"
	}
	return "no truth: nothing drawn is here"
}

func (r *replies) bar(name string, x float64, role string) app.UI {
	return app.Span().Class("row").Body(word(name), app.I().Style("--v", strconv.Itoa(int(100*min(max(x, 0), 1)+0.5))+"%").Style("--c", "var(--"+role+")"), bold(hundredths(x)))
}

// hundredths writes a number with two decimals, and no negative zero.
func hundredths(x float64) string {
	s := fmt.Sprintf("%.2f", x)
	if s == "-0.00" {
		return s[1:]
	}
	return strings.Replace(s, "-", "−", 1)
}

// maskName says what a mask is: the node of the scene that it is compared with and its level, or only its number.
func maskName(a *wire.Answer, i int) (name, level string) {
	if n := a.Masks[i].Node; n >= 0 && n < len(a.Truths) {
		return a.Truths[n].Name, a.Truths[n].Level
	}
	return "answer " + itoa(i+1), ""
}

var rules = []struct{ rule, name, text string }{
	{wire.RulePaper, "As in the paper", "One prompt: the best of the three masks by predicted IoU. Several: the mask of its own that the model makes for several."},
	{wire.RuleExport, "As exported", "As the authors' exported model chooses: it counts points and corners, and no rough mask. After a rough mask and one click it still takes the best of the three."},
}

// rule is the switch between the two rules by which a mask is chosen.
func (r *replies) rule() app.UI {
	now := r.Site.S.Prompting.Rule
	buttons, text := []app.UI{}, ""
	for _, x := range rules {
		buttons = append(buttons, press("", "rule", x.rule, r.chooseRule, app.Text(x.name)).ID("rule-"+x.rule).Attr("aria-pressed", yes(x.rule == now)).Title(x.text))
		if x.rule == now {
			text = x.text
		}
	}
	return div("pb rule", app.P().Class("ctitle").Body(bold("Which mask is chosen")), group("seg wide", "Rule", buttons...), para("hint", text))
}

// switches are what is shown besides the mask, and what is given back to the model.
func (r *replies) switches() app.UI {
	s := r.Site.S
	p := s.Prompting
	return app.Section().ID("show").Class("panel").Aria("label", "Show and feed").Body(
		div("ph", app.H2().Text("Show and feed")),
		div("pb sw",
			r.toggle("all", "Outlines of all answers", p.All, false),
			r.toggle("ring", "Stability band, cut at ±1", p.Ring, false),
			r.toggle("truth", "True outline", p.Truth, p.Source.Own),
			r.toggle("feed", "Feed the last mask back", p.Feed, false)),
		para("cap seen", s.Lab.Prompts.Seen))
}

func (r *replies) toggle(name, text string, on, off bool) app.UI {
	return app.Label().Class("switch").Body(app.Input().ID("show-"+name).Type("checkbox").DataSet("name", name).Checked(on).Disabled(off).OnChange(r.flip, name), word(text))
}

func (r *replies) flip(ctx app.Context, _ app.Event) {
	r.Site.do(state.Switch{Name: chosen(ctx, "name")})
}
func (r *replies) chooseRule(ctx app.Context, _ app.Event) {
	r.Site.do(state.ChooseRule{Rule: chosen(ctx, "rule")})
}
func (r *replies) choose(ctx app.Context, _ app.Event) {
	if i, err := strconv.Atoi(chosen(ctx, "mask")); err == nil {
		r.Site.do(state.ChooseMask{Mask: i})
	}
}

// thumbMost is the most pixels along a side of a thumbnail.
const thumbMost = 40

// thumbnails are small pictures of the masks of an answer: the same part of the picture in each, in colour where the mask is.
func thumbnails(pic *state.Picture) []string {
	a := pic.Frame.Answer
	out := make([]string, len(a.Masks))
	n := a.Side
	if len(pic.Buffers) < 2 || len(pic.Buffers[0]) < 3*n*n || len(pic.Buffers[1]) < len(a.Masks)*n*n || n == 0 {
		return out
	}
	x0, y0, x1, y1 := n, n, 0, 0
	for i := range a.Masks {
		for k, v := range pic.Buffers[1][i*n*n : (i+1)*n*n] {
			if v > 0 {
				x0, y0, x1, y1 = min(x0, k%n), min(y0, k/n), max(x1, k%n+1), max(y1, k/n+1)
			}
		}
	}
	side := min(n, max(x1-x0, y1-y0, 6)+4)
	x0, y0 = min(max((x0+x1-side)/2, 0), n-side), min(max((y0+y1-side)/2, 0), n-side)
	to := min(side, thumbMost)
	for i := range out {
		mask := pic.Buffers[1][i*n*n:]
		out[i] = pixels.URL(to, to, func(row, col int) color.NRGBA {
			at := (y0+row*side/to)*n + x0 + col*side/to
			c := colourAt(pic.Buffers[0], at)
			if mask[at] <= 0 {
				g := uint8((int(c.R) + int(c.G) + int(c.B)) / 3)
				return color.NRGBA{g, g, g, 70}
			}
			return c
		})
	}
	return out
}

// colourAt is a pixel of a picture [side, side, 3] of 0..1.
func colourAt(rgb []float32, at int) color.NRGBA {
	byte8 := func(x float32) uint8 { return uint8(255*min(max(x, 0), 1) + 0.5) }
	return color.NRGBA{byte8(rgb[3*at]), byte8(rgb[3*at+1]), byte8(rgb[3*at+2]), 255}
}
