package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/state"
)

// home is the shelf: the labs that work, what their claims say, how it works, and how to take it along.
type home struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the page.
func (h *home) Render() app.UI {
	s := h.Site
	return app.Main().ID("main").Class("wrap home").Body(
		h.opening(),
		h.shelf(),
		h.held(),
		h.steps(),
		s.takeAlong(),
	)
}

func (h *home) opening() app.UI {
	s := h.Site
	start := []app.UI{app.A().Class("btn lg").Href(s.href("how")).Text("How it works")}
	var figure app.UI = app.Div().Hidden(true)
	if labs := s.Data.Catalog.Labs; len(labs) > 0 {
		lab := labs[0]
		start = append([]app.UI{app.A().Class("btn primary lg").Href(s.href(lab.ID)).Text("Start with " + lab.Short)}, start...)
		figure = h.dish(lab)
	}
	return app.Section().Class("opening").Body(
		app.Div().Body(
			app.H1().Body(app.Raw("<span>Grow a paper in a&nbsp;dish.</span>")),
			app.P().Class("lede").Text("Petri trains real, small versions of vision papers in your browser, and checks what they claim against the run you just made."),
			app.Div().Class("cta").Body(start...),
			app.P().Class("small").Text("No account and no server. Works offline after the first visit."),
		),
		figure,
	)
}

// dish shows the stage of a recorded run.
func (h *home) dish(lab wire.Lab) app.UI {
	r := h.Site.Data.Recorded[lab.ID]
	if r == nil || r.Frame == nil {
		return app.Div().Hidden(true)
	}
	if h.Site.dishHTML == "" {
		svg, err := h.Site.drawings(lab, state.Picture{Frame: r.Frame.Frame, Buffers: r.Frame.Buffers, Recorded: true})
		if err != nil {
			return app.Div().Hidden(true)
		}
		h.Site.dishHTML = svg
	}
	f := r.Frame.Frame
	words := "Where a small vision transformer looks"
	if f.Sized() {
		words = "Where a small network looks, and which pixels reach one of its outputs"
	} else if f.Rows > 0 {
		words += ", and what training added to it"
	}
	label := f.Arm
	for _, a := range r.Arms {
		if a.Arm == f.Arm {
			label = a.Label
		}
	}
	return app.Figure().Class("dish").Body(
		app.A().Class("view").Href(h.Site.href(lab.ID)).Aria("label", "Open the lab: "+lab.Question).Body(app.Raw(h.Site.dishHTML)),
		app.FigCaption().Body(app.Span().Text(words), app.Span().Body(app.Text(lab.Short+", "), app.B().Text(label), app.Text(fmt.Sprintf(", step %d of a recorded run", f.Step)))),
	)
}

func (h *home) shelf() app.UI {
	s := h.Site
	var shelves []string
	by := map[string][]app.UI{}
	for _, lab := range s.Data.Catalog.Labs {
		if by[lab.Shelf] == nil {
			shelves = append(shelves, lab.Shelf)
		}
		by[lab.Shelf] = append(by[lab.Shelf], h.card(lab))
	}
	groups := make([]app.UI, len(shelves))
	for i, name := range shelves {
		groups[i] = app.Div().Class("grp").Body(
			app.Div().Body(app.H3().Text(name), app.P().Text(shelfWords[name])),
			app.Div().Class("cards").Body(by[name]...))
	}
	return app.Section().ID("labs").Body(append([]app.UI{
		app.Div().Class("labsh").Body(app.H2().Text("The labs"), app.Raw(`<span class="muted">One paper each. The marks are its claims: `+
			markSVG(wire.Holds)+` holds here, `+markSVG(wire.Unclear)+` unclear, `+markSVG(wire.Fails)+` fails.</span>`)),
	}, groups...)...)
}

// shelfWords say what the labs of a shelf have in common.
var shelfWords = map[string]string{
	"Adapt":  "Change a trained net by changing almost none of it.",
	"See":    "What attention and convolution each do, and what a promptable eye can do.",
	"Speak":  "Let words and pictures name the task.",
	"Embody": "Put a camera into a sentence and plan.",
}

func (h *home) card(lab wire.Lab) app.UI {
	marks := &strings.Builder{}
	for _, c := range h.Site.verdicts(lab) {
		if c.Verdict != wire.NotRun {
			marks.WriteString(markSVG(c.Verdict))
		}
	}
	time := ""
	if r := h.Site.Data.Recorded[lab.ID]; r != nil && r.Recorded != nil && r.Recorded.Seconds > 0 {
		time = "a run takes about " + about(browserTimes*r.Recorded.Seconds)
	}
	return app.A().Class("card").Href(h.Site.href(lab.ID)).Body(
		app.Div().Class("pic").Body(h.Site.cardPicture(lab)),
		app.Div().Class("t").Text(lab.Question),
		app.Div().Class("p").Text(lab.Short+", "+strconv.Itoa(lab.Year)),
		app.Div().Class("mm").Body(app.Raw("<i>"+marks.String()+"</i>"), app.Span().Text(time)),
	)
}

// browserTimes is how many times longer a lab's default run takes in a browser than it took natively when it was recorded:
// vectors of four numbers instead of eight, and pictures to draw. On the machine of the records it is 2.1 for LoRA, 2.9 for MOAT.
const browserTimes = 2.5

// about rounds a time to what another machine may be told: to tens of seconds, or to minutes.
func about(seconds float64) string {
	if seconds < 95 {
		return itoa(max(1, int(math.Round(seconds/10)))*10) + " s"
	}
	return itoa(int(math.Round(seconds/60))) + " min"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// markSVG is the small sign of a verdict, named for those who listen.
func markSVG(v wire.Verdict) string {
	return `<svg class="mk ` + verdictClass(v) + `" viewBox="0 0 16 16" role="img" aria-label="` + strings.ToLower(verdictWord(v)) + `">` + verdictIcon(v) + `</svg>`
}

func (h *home) held() app.UI {
	var rows []app.UI
	var counts state.Counts
	for _, lab := range h.Site.Data.Catalog.Labs {
		for _, c := range h.Site.verdicts(lab) {
			counts.Add(c.Verdict)
			if c.Verdict == wire.NotRun {
				continue
			}
			numbers := ""
			if c.Here != "" {
				numbers = "here " + c.Here
			}
			rows = append(rows, app.Div().Body(app.B().Text(lab.Short)),
				app.Div().Body(app.Raw(markSVG(c.Verdict)), app.Span().Text(c.Says)),
				app.Div().Class("faint").Text(numbers))
		}
	}
	big := func(n int, v wire.Verdict, words string) app.UI {
		return app.Div().Body(app.B().Body(app.Raw(markSVG(v)), app.Text(itoa(n))), app.Text(words))
	}
	if len(rows) == 0 {
		rows = append(rows, app.Div(), app.Div().Text("No claim has been judged yet."), app.Div())
	}
	return app.Section().Class("sec").ID("held").Body(app.Div().Class("in").Body(
		app.H2().Text("What held, what did not"),
		app.Div().Class("board").Body(
			app.Div().Body(
				app.P().Text("Every lab starts from sentences its paper wrote, with the table they come from. Your run decides. A claim that fails at this scale is shown as failed, with the numbers beside it."),
				app.Div().Class("big").Body(big(counts.Holds, wire.Holds, plural(counts.Holds, "holds", "hold")+" at this scale"), big(counts.Unclear, wire.Unclear, "unclear"), big(counts.Fails, wire.Fails, plural(counts.Fails, "fails", "fail")+" at this scale")),
				app.P().Class("small").Body(app.A().Href(h.Site.href("claims")).Text("All claims, with their numbers")),
			),
			app.Div().Class("rows").Body(rows...),
		)))
}

func (h *home) steps() app.UI {
	var claim app.UI = app.Div()
	var race app.UI = app.Div()
	if labs := h.Site.Data.Catalog.Labs; len(labs) > 0 {
		if r := h.Site.Data.Recorded[labs[0].ID]; r != nil {
			for _, c := range r.Claims {
				if c.Axis != nil {
					c.ID, c.Scale = "example", ""
					claim = app.Div().Body(&chart.Claim{Claim: c})
					break
				}
			}
			race = app.Raw(thumbnail(r, labs[0].Scored()))
		}
	}
	step := func(n int, figure app.UI, title, text string) app.UI {
		return app.Div().Body(app.Span().Class("n").Text(n), app.Div().Class("fig").Body(figure), app.H3().Text(title), app.P().Text(text))
	}
	return app.Section().Class("sec").ID("how").Body(app.Div().Class("in").Body(
		app.H2().Text("How it works"),
		app.Div().Class("steps").Body(
			step(1, app.Raw(`<div class="demo" aria-hidden="true"><div class="kh"><b>Rank <i>r</i></b><span class="mono">4</span></div><div class="track"><i></i><b></b></div><div class="chips"><span class="chip on">q</span><span class="chip">k</span><span class="chip on">v</span><span class="chip">o</span></div></div>`),
				"Turn a knob", "Rank, matrices, learning rate, training examples: each is named as in the paper and lives in the address bar."),
			step(2, race, "Watch it train", "Methods race on the same data, seeds and budget. Attention and updates are drawn while they change."),
			step(3, claim, "Check the claim", "Paper and run side by side, with intervals. Share the link: the same bits come out on every machine."),
		)))
}

func (s *Site) takeAlong() app.UI {
	return app.Section().Class("sec").ID("offline").Body(app.Div().Class("in").Body(
		app.H2().Text("Take it with you"),
		app.Div().Class("off").Body(
			app.Div().Body(
				app.P().Text("Install Petri from the browser and it works on a train, or in a classroom without a network. The first visit stores the whole site."),
				app.P().Text("Or run it from source. It is one Go program; the site it writes is a plain folder for any static host."),
			),
			app.Raw(`<div class="code"><div><span>serve on this machine</span>go run .</div><div><span>write the static site</span>go run . export -out site -base /petri</div><div><span>the same run without a browser, with the same fingerprint</span>go run . run 'lora?arms=qv:1,qv:4&amp;seed=7'</div></div>`),
		)))
}

// verdicts are the claims of a lab as they stand: by the visitor's own run where there is one, else as recorded.
func (s *Site) verdicts(lab wire.Lab) []standing {
	list := make([]standing, 0, len(lab.Claims))
	for _, c := range lab.Claims {
		st := standing{Lab: lab, Claim: c, Says: c.Says, Verdict: wire.NotRun, Paper: c.Paper}
		if r := s.Data.Recorded[lab.ID]; r != nil {
			for _, x := range r.Claims {
				if x.ID == c.ID {
					st.Verdict, st.Here, st.Paper, st.Link = x.Verdict, x.Here, x.Paper, r.Link
					st.From = "recorded"
					if x.Link != "" {
						st.From, st.Link = "recorded with another run", x.Link
					}
					if r.Recorded != nil {
						st.From += " " + r.Recorded.Date
					}
				}
			}
		}
		if m, ok := s.S.Mine[c.ID]; ok {
			st.Verdict, st.Here, st.Paper, st.Link, st.Yours = m.Verdict, m.Here, m.Paper, m.Link, true
			st.From = "yours, " + m.Date
		}
		list = append(list, st)
	}
	return list
}

// standing is a claim with the verdict that counts for this visitor.
type standing struct {
	Lab     wire.Lab
	Claim   wire.Claim
	Says    string
	Verdict wire.Verdict
	Here    string
	Paper   string
	Link    string
	From    string
	Yours   bool
}
