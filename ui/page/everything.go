package page

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/wire/frame"
	"petri/ui/pixels"
	"petri/ui/stage"
	"petri/ui/state"
)

// everything is the section of everything mode: what became of the points of the grid, the masks that stay, and the filters.
type everything struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the section.
func (e *everything) Render() app.UI {
	return app.Section().ID("everything").Class("everything").Aria("label", "Everything").Body(
		div("secth", app.H2().Text("Everything"), app.Span().Class("muted").Text("A grid of points, up to three masks from each. What became of every one?")),
		div("every", e.fates(), e.found(), e.filters()))
}

// fateRows are what can become of a point, best first, with the sign that the stage draws.
var fateRows = []struct {
	fate             frame.Fate
	name, text, role string
	sign             string
}{
	{frame.FateKept, "Kept", "at least one of its masks stays", "pos", `<circle r=".92" fill="var(--pos)"/>`},
	{frame.FateSuppressed, "Suppressed", "a better mask covers the same thing", "ink-2", `<circle r=".62" fill="var(--surface)" stroke="var(--ink)" stroke-width=".26"/>`},
	{frame.FateUnstable, "Unstable", "the outline moves with the threshold", "frozen", `<path d="M0-.8l.8.8-.8.8-.8-.8z" fill="var(--ink)"/>`},
	{frame.FateLow, "Low score", "the model is not sure of any of its masks: mostly background", "line-2", `<path d="M-.42-.42l.84.84m0-.84l-.84.84" stroke="var(--ink-3)" stroke-width=".24"/>`},
	{frame.FateSize, "Wrong size", "larger or smaller than granularity allows", "line-2", `<path d="M-.6-.6h1.200v1.200h-1.200z" fill="#FFD65C" stroke="var(--ink)" stroke-width=".24"/>`},
}

// fates count what became of the points.
func (e *everything) fates() app.UI {
	s := e.Site.S
	p := s.Prompting
	sub := ""
	count := map[frame.Fate]int{}
	dots := 0
	if p.Found != nil {
		a := p.Found.Frame.Answer
		dots = len(a.Dots)
		for _, d := range a.Dots {
			count[d.Fate]++
		}
		sub = fmt.Sprintf("%d points", dots)
		if a.Asked < dots {
			sub = fmt.Sprintf("asked %d of %d", a.Asked, dots)
		}
		if dots == 0 {
			sub = "masks from a file: no point was asked"
		}
	}
	run := press("btn primary", "every", "run", e.run, app.Text("Look for everything")).ID("run-every")
	switch {
	case p.Running():
		run = press("btn", "every", "stop", e.stop, app.Text("Stop")).ID("run-every")
	case p.Found != nil:
		run = press("btn primary", "every", "again", e.run, app.Text("Look again")).ID("run-every")
	}
	modes := []app.UI{
		press("", "mode", state.ModePrompt, e.mode, app.Text("Prompt")).ID("mode-prompt").Attr("aria-pressed", yes(p.Mode == state.ModePrompt)).Title("The stage shows what you point at"),
		press("", "mode", state.ModeEvery, e.mode, app.Text("Everything")).ID("mode-every").Attr("aria-pressed", yes(p.Mode == state.ModeEvery)).Title("The stage shows the grid and the masks that stay (E)").Disabled(p.Found == nil && !p.Running()),
	}
	var rows []app.UI
	for _, f := range fateRows {
		n := count[f.fate]
		rows = append(rows, div("f",
			app.Raw(`<svg viewBox="-1.300 -1.300 2.600 2.600" aria-hidden="true">`+f.sign+`</svg>`),
			bold(f.name), app.Span().ID("fate-"+string(f.fate)).Class("n").Text(itoa(n)),
			app.Span().Class("br").Body(app.I().Style("width", percent(n, dots)).Style("--c", "var(--"+f.role+")")),
			app.Span().Class("d").Text(f.text)))
	}
	body := []app.UI{
		div("ph", app.H2().Text("Fate of each point"), app.Span().ID("every-asked").Class("sub").Text(sub)),
		div("pb go", run, group("seg", "The stage shows", modes...)),
		e.progress(),
		div("pb fun", rows...),
		e.histogram(),
		e.Site.faultNear("every"),
	}
	if p.Stale {
		body = append(body, app.P().Class("note").Attr("role", "status").Text("The grid has been changed since. Look again to ask it."))
	}
	return app.Section().ID("fates").Class("panel").Aria("label", "Fate of each point").Body(body...)
}

// progress is how many of the points have been asked.
func (e *everything) progress() app.UI {
	p := e.Site.S.Prompting
	if !p.Running() {
		return app.Div().Hidden(true)
	}
	asked, of := 0, 1
	if p.Found != nil {
		asked, of = p.Found.Frame.Answer.Asked, max(1, len(p.Found.Frame.Answer.Dots))
	}
	return div("pb", app.Div().Class("bar").Attr("role", "progressbar").Aria("label", "Points asked").Aria("valuemin", 0).Aria("valuemax", of).Aria("valuenow", asked).Body(
		app.I().Style("width", percent(asked, of))))
}

func percent(n, of int) string {
	return strconv.FormatFloat(100*float64(n)/float64(max(1, of)), 'f', 1, 64) + "%"
}

// bins of the histogram.
const bins = 25

// histogram is how sure the model is of the best mask of each point, with the cut.
func (e *everything) histogram() app.UI {
	p := e.Site.S.Prompting
	if p.Found == nil || len(p.Found.Frame.Answer.Dots) == 0 {
		return app.Div().Hidden(true)
	}
	var heights [bins]int
	top, above, all := 1, 0, 0
	cut := p.Every.Predicted
	for _, d := range p.Found.Frame.Answer.Dots {
		if d.Fate == frame.FateWaiting {
			continue
		}
		i := min(max(int(d.Predicted*bins), 0), bins-1)
		heights[i]++
		top = max(top, heights[i])
		all++
		if d.Predicted >= cut {
			above++
		}
	}
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="chart" viewBox="0 0 300 92" role="img" aria-label="Predicted IoU of the best mask of each of %d points; %d reach the cut of %.2f">`, all, above, cut)
	for i, n := range heights {
		role := "line-2"
		if (float64(i)+0.5)/bins >= cut {
			role = "act"
		}
		h := 52 * float64(n) / float64(top)
		fmt.Fprintf(&svg, `<path d="M%d %.1fv%.1fh10v-%.1fz" fill="var(--%s)"/>`, 12*i+1, 66-h, h, h, role)
	}
	x := 300 * cut
	svg.WriteString(`<path class="axis" d="M0 66H300"/>`)
	fmt.Fprintf(&svg, `<path d="M%.1f 0V70" stroke="var(--ink)" stroke-width="1.500"/>`, x)
	anchor, dx := "end", -5.0
	if cut < 0.3 {
		anchor, dx = "start", 5
	}
	fmt.Fprintf(&svg, `<text class="lab" x="%.1f" y="10" text-anchor="%s">cut %.2f</text>`, x+dx, anchor, cut)
	for i, t := range []string{"0", "0.25", "0.5", "0.75", "1"} {
		fmt.Fprintf(&svg, `<text class="tick" x="%d" y="82" text-anchor="%s">%s</text>`, 75*i, []string{"start", "middle", "middle", "middle", "end"}[i], t)
	}
	svg.WriteString(`</svg>`)
	return div("pb", app.Raw(`<p class="ctitle"><b>Predicted IoU</b>, best mask of each point</p>`), app.Raw(svg.String()))
}

// found lists the masks that stay, each with a switch.
func (e *everything) found() app.UI {
	p := e.Site.S.Prompting
	n, sub := 0, ""
	var rows []app.UI
	picture := app.UI(para("cap none", "No masks yet. Look for everything, or read masks from a file."))
	if p.Found != nil {
		a := p.Found.Frame.Answer
		n = len(a.Found)
		sub = number(n, "is kept", "are kept")
		for i, f := range a.Found {
			rows = append(rows, e.row(i, f, !p.Off[i]))
		}
		if url := overview(p.Found, p.Off); url != "" {
			picture = app.Raw(`<img class="over" alt="The picture with its masks, one colour each" src="` + url + `">`)
		}
	}
	return app.Section().ID("found").Class("panel").Aria("label", "Masks").Body(
		div("ph", app.H2().Text("Masks"), app.Span().ID("every-found").Class("sub").Text(sub)),
		div("pb", picture,
			app.Ul().Class("masks").Aria("label", "Masks that are kept").Body(rows...),
			div("cta",
				press("btn", "every", "png", e.png, app.Text("PNG")).ID("every-png").Title("The masks that are switched on, one colour each, as PNG").Disabled(n == 0),
				press("btn", "every", "json", e.json, app.Text("COCO JSON")).ID("every-json").Title("All masks as run lengths, as COCO has them").Disabled(n == 0),
				app.Label().Class("btn file").Body(app.Text("Read JSON"), app.Input().ID("every-import").Class("sr").Type("file").Accept(".json,application/json").OnChange(e.read)))))
}

func (e *everything) row(i int, f wire.FoundMask, on bool) app.UI {
	text := fmt.Sprintf("%d px", f.Area)
	if f.Dot >= 0 {
		text += fmt.Sprintf(", predicted %.2f, stability %.2f", f.Predicted, f.Stability)
	}
	if f.True >= 0 {
		text += fmt.Sprintf(", true %.2f", f.True)
	}
	c := stage.MaskColour(i)
	return app.Li().Body(
		app.Label().Class("switch").Body(
			app.Input().ID("found-"+itoa(i)).Type("checkbox").DataSet("mask", itoa(i)).Checked(on).OnChange(e.toggle, i),
			app.Span().Class("dot").Style("background", fmt.Sprintf("rgb(%d,%d,%d)", c.R, c.G, c.B)),
			app.Span().Body(app.Text("mask "+itoa(i+1)), app.Span().Class("faint").Text(text))),
		press("tool", "mask", itoa(i), e.cutOut, app.Text("Cut out")).Attr("aria-label", "Cut out mask "+itoa(i+1)))
}

// overview is the picture in grey below its masks.
func overview(pic *state.Picture, off map[int]bool) string {
	a := pic.Frame.Answer
	n := a.Side
	if len(pic.Buffers) < 1 || len(pic.Buffers[0]) < 3*n*n || n == 0 {
		return ""
	}
	label := labels(pic, off)
	return pixels.URL(n, n, func(row, col int) color.NRGBA {
		at := row*n + col
		c := colourAt(pic.Buffers[0], at)
		g := (int(c.R) + int(c.G) + int(c.B)) / 3
		if label[at] < 0 {
			g8 := uint8(g*3/4 + 58)
			return color.NRGBA{g8, g8, g8, 255}
		}
		m := stage.MaskColour(label[at])
		shade := func(x uint8) uint8 { return uint8(min(255, int(x)*(140+115*g/190)/255)) }
		return color.NRGBA{shade(m.R), shade(m.G), shade(m.B), 255}
	})
}

// labels are, for each pixel, the mask that lies uppermost of those that are switched on, -1 for none: large ones come first.
func labels(pic *state.Picture, off map[int]bool) []int {
	a := pic.Frame.Answer
	n := a.Side * a.Side
	label := make([]int, n)
	for i := range label {
		label[i] = -1
	}
	for i := range a.Found {
		if off[i] || len(pic.Buffers) < 2 || len(pic.Buffers[1]) < (i+1)*n {
			continue
		}
		for k, v := range pic.Buffers[1][i*n : (i+1)*n] {
			if v > 0 {
				label[k] = i
			}
		}
	}
	return label
}

// filters are the knobs of everything mode, in groups.
func (e *everything) filters() app.UI {
	var groups, knobs []app.UI
	list := e.Site.S.Lab.Prompts.Every
	for i, k := range list {
		if len(knobs) == 0 {
			knobs = append(knobs, app.H3().Class("eyebrow").Text(k.Group))
		}
		knobs = append(knobs, e.filter(k))
		if i+1 == len(list) || list[i+1].Group != k.Group {
			groups, knobs = append(groups, div("", knobs...)), nil
		}
	}
	return app.Section().ID("filters").Class("filters").Aria("label", "Filters").Body(
		div("fh", app.H2().Text("Filters"), app.Button().ID("every-defaults").Class("tool").Type("button").OnClick(e.defaults).Text("Defaults")),
		div("fg", groups...))
}

// filter is one knob with its explanation.
func (e *everything) filter(k wire.Knob) app.UI {
	x := e.Site.S.Prompting.Every.Get(k.Name)
	var head, control app.UI
	if k.Kind == wire.KnobInt && k.Max-k.Min == 1 {
		head = app.Label().Class("switch").Body(app.Input().ID("every-"+k.Name).Type("checkbox").DataSet("name", k.Name).Checked(x != 0).OnChange(e.flip, k.Name), app.Span().Class("lb").Text(k.Label))
		control = app.Div().Hidden(true)
	} else {
		text := knobText(k, x)
		head = div("kh", app.Span().Class("kn").Body(app.Span().Class("lb").Text(k.Label), app.Span().Class("u").Text(k.Unit)), app.Output().Text(text))
		control = &slider{Site: e.Site, Knob: k, Text: text, Every: true}
	}
	return app.Div().Class("knob").DataSet("every", k.Name).Body(head, control, para("hint", k.Help).ID("tip-every-"+k.Name))
}

// knobText writes a value with no more digits than the knob's steps have.
func knobText(k wire.Knob, x float64) string {
	if k.Step > 0 {
		x = math.Round(x/k.Step) * k.Step
	}
	return strconv.FormatFloat(math.Round(x*1e6)/1e6, 'f', -1, 64)
}

func (e *everything) run(app.Context, app.Event) {
	e.Site.do(state.RunEvery{})
	if e.Site.host != nil {
		e.Site.host.Reveal(".stagebox")
	}
}
func (e *everything) stop(app.Context, app.Event)     { e.Site.do(state.CancelEvery{}) }
func (e *everything) defaults(app.Context, app.Event) { e.Site.do(state.DefaultEvery{}) }
func (e *everything) json(app.Context, app.Event)     { e.Site.do(state.ExportMasks{}) }
func (e *everything) mode(ctx app.Context, _ app.Event) {
	e.Site.do(state.ChooseMode{Mode: chosen(ctx, "mode")})
}
func (e *everything) toggle(ctx app.Context, _ app.Event) {
	if i, err := strconv.Atoi(chosen(ctx, "mask")); err == nil {
		e.Site.do(state.ToggleMask{Index: i})
	}
}
func (e *everything) flip(ctx app.Context, _ app.Event) {
	x := 0.0
	if ctx.JSSrc().Get("checked").Bool() {
		x = 1
	}
	e.Site.do(state.SetEvery{Name: chosen(ctx, "name"), Value: x})
}

// importMost is the largest file of masks that is read, in bytes.
const importMost = 20 << 20

// read takes a file of masks.
func (e *everything) read(ctx app.Context, _ app.Event) {
	input := ctx.JSSrc()
	files := input.Get("files")
	if files.Get("length").Int() == 0 {
		return
	}
	f := files.Index(0)
	if f.Get("size").Float() > importMost {
		e.Site.do(state.Complain{Place: "every", Text: "This file is larger than 20 MB: it holds more than the masks of one small picture. Nothing was read."})
	} else {
		unread := app.FuncOf(func(app.Value, []app.Value) any { return nil })
		f.Call("text").Call("catch", unread).Then(func(text app.Value) {
			unread.Release()
			if text.Type() != app.TypeString {
				e.Site.later(func() {
					e.Site.do(state.Complain{Place: "every", Text: "The browser could not read this file: it may have been moved or changed since. Choose it again."})
				})
				return
			}
			data := []byte(text.String())
			e.Site.later(func() { e.Site.do(state.ImportMasks{Data: data}) })
		})
	}
	input.Set("value", "") // the same file can be chosen again
}
