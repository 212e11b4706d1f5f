package page

import (
	"fmt"
	"math"
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/ui/state"
)

// transport is the bar with which a run is driven.
type transport struct {
	app.Compo
	Site *Site
	At   version
}

// Render draws the bar.
func (t *transport) Render() app.UI {
	s := t.Site.S
	play, path := "Play", pathPlay
	running := false
	busy := false
	if r := s.Run; r != nil {
		busy = r.Phase.Busy()
		running = r.Phase == state.Running || r.Phase == state.Judging
		switch r.Phase {
		case state.Running, state.Judging:
			play, path = "Pause", pathPause
		case state.Paused, state.Stopped:
			play = "Go on"
		case state.Done:
			play = "Run again"
		}
	}
	judging := s.Run != nil && s.Run.Phase == state.Judging
	speeds := make([]app.UI, len(state.Paces))
	for i, p := range state.Paces {
		speeds[i] = app.Button().Type("button").Attr("aria-pressed", yes(s.Pace == state.Pace(i))).
			Title(paceTitle(i)).OnClick(t.pace(state.Pace(i)), i).Text(p.Label)
	}
	bar := app.Div().Class("transport").Attr("role", "toolbar").Aria("label", "Run").Body(
		app.Button().ID("play").Class("play").Type("button").Disabled(judging).Aria("label", play).Title(play+" (Space)").OnClick(t.play).Body(
			app.Raw(`<svg viewBox="0 0 18 18" aria-hidden="true"><path d="`+path+`"/></svg>`)),
		app.Button().ID("step").Class("btn icon ghost").Type("button").Aria("label", "One step").Title("One step (.)").OnClick(t.step).Body(icon(iconStep)),
		app.Button().ID("reset").Class("btn icon ghost").Type("button").Disabled(s.Run == nil).Aria("label", "Reset").Title("Reset (R)").OnClick(t.reset).Body(icon(iconReset)),
		app.Div().Class("seg hide-s").Attr("role", "group").Aria("label", "Speed, steps per second").Body(speeds...),
		t.progress(running),
		app.Button().ID("cancel").Class("btn").Type("button").Disabled(!busy).OnClick(t.cancel).Text("Cancel"),
	)
	said := app.P().Class("sr").Attr("aria-live", "polite").Text(t.spoken())
	return app.Div().Class("transports").Body(bar, said, t.Site.faultNear("run"), t.Site.faultNear("store"), t.changed())
}

// spoken is what a listener hears of a run: its beginning and its end, not every step.
func (t *transport) spoken() string {
	r := t.Site.S.Run
	if r == nil {
		return ""
	}
	switch r.Phase {
	case state.Running:
		return "The run is under way."
	case state.Paused:
		return "The run is paused."
	case state.Judging:
		return "All racers are trained. The claims are being checked."
	case state.Done:
		c := state.CountVerdicts(r.Report.Claims)
		return fmt.Sprintf("The run is done. Of the claims %s, %s, %s and %s.",
			number(c.Holds, "holds", "hold"), number(c.Unclear, "is unclear", "are unclear"), number(c.Fails, "fails", "fail"), number(c.NotRun, "was not run", "were not run"))
	}
	return "The run has stopped."
}

// number writes "1 holds" or "3 hold".
func number(n int, one, many string) string {
	return itoa(n) + " " + plural(n, one, many)
}

func paceTitle(i int) string {
	if n := state.Paces[i].Steps; n > 0 {
		return strconv.Itoa(int(n)) + " steps of each racer a second ([ and ])"
	}
	return "As fast as this machine goes ([ and ])"
}

func (t *transport) progress(running bool) app.UI {
	s := t.Site.S
	left, right := "", ""
	value, class := 0.0, "bar"
	var lead app.UI = app.B().Text("")
	switch r := s.Run; {
	case r == nil && s.RecordedRun() != nil:
		lead, left = app.B().Text("Recorded run"), ": press play to replace it"
		class += " rec"
		if rec := s.RecordedRun().Recorded; rec != nil && rec.Seconds > 0 {
			right = "it took " + clock(rec.Seconds) + " on its machine"
		}
	case r == nil:
		lead, left = app.B().Text("Nothing has run yet"), ": press play"
	default:
		p := s.Progress()
		value = p.Share
		trained := fmt.Sprintf(", trial %d of %d", min(p.Trials+1, p.All), p.All)
		switch {
		case p.Words != "" && r.Phase != state.Stopped && r.Phase != state.Paused:
			lead = app.B().Text(p.Words)
			if p.Loading > 0 && p.Loading < 1 {
				left = fmt.Sprintf(", %d %%", int(100*p.Loading))
			}
		case r.Phase == state.Done:
			lead, left = app.B().Text("Done"), doneIn(r.Worked)
		case r.Phase == state.Stopped:
			lead, left = app.B().Text("Stopped"), fmt.Sprintf(": %d of %d trials are finished and kept", p.Trials, p.All)
		case r.Phase == state.Paused:
			lead, left = app.B().Text("Paused"), fmt.Sprintf(" at step %d of %d", p.Step, p.Steps)
		default:
			lead, left = app.B().Text("Step "+strconv.Itoa(p.Step)), " of "+strconv.Itoa(p.Steps)+trained
		}
		if running && !math.IsNaN(p.Left) && p.Left > 0 {
			right = clock(p.Left) + " left"
		}
	}
	percent := strconv.Itoa(int(math.Round(100 * value)))
	fill := app.I()
	if class == "bar" {
		fill = fill.Style("width", percent+"%")
	}
	prog := "prog"
	if class != "bar" {
		prog += " rec"
	}
	return app.Div().Class(prog).Body(
		app.Div().Class("row").Body(app.Span().ID("progress-words").Body(lead, app.Text(left)), app.Span().Class("eta").Text(right)),
		app.Div().Class(class).Attr("role", "progressbar").Aria("label", "Progress").Aria("valuemin", 0).Aria("valuemax", 100).Aria("valuenow", percent).Body(fill),
	)
}

// changed says that the knobs are no longer those of the run on the screen.
func (t *transport) changed() app.UI {
	if s := t.Site.S; s.Run == nil && s.Last != "" {
		return app.P().Class("note").Attr("role", "status").Body(
			app.Span().Text("Your last run is kept on this device: "),
			app.Button().Class("link").Type("button").OnClick(t.openLast).Text("open it"),
			app.Text(". Playing this one takes its place."),
		)
	}
	if !t.Site.S.Changed() {
		return app.Div().Hidden(true)
	}
	return app.P().Class("note").Attr("role", "status").Body(
		app.Span().Text("The knobs have changed since this run. "),
		app.Button().Class("link").Type("button").OnClick(t.runThese).Text("Run with these"),
		app.Text(" or "),
		app.Button().Class("link").Type("button").OnClick(t.asRun).Text("go back to those of the run"),
		app.Text("."),
	)
}

// doneIn says how long a run worked; one brought back whose time was not kept has none.
func doneIn(ms float64) string {
	if ms <= 0 {
		return ""
	}
	return " in " + clock(ms/1000)
}

func (t *transport) play(app.Context, app.Event)     { t.Site.play() }
func (t *transport) step(app.Context, app.Event)     { t.Site.do(state.Step{}) }
func (t *transport) reset(app.Context, app.Event)    { t.Site.do(state.Reset{}) }
func (t *transport) cancel(app.Context, app.Event)   { t.Site.do(state.Cancel{}) }
func (t *transport) openLast(app.Context, app.Event) { t.Site.openLast() }
func (t *transport) asRun(app.Context, app.Event)    { t.Site.do(state.AsRun{}) }
func (t *transport) runThese(app.Context, app.Event) {
	t.Site.do(state.Restart{})
}

// doubleClick is how long a second press of play is taken for the tail of the first, in milliseconds.
const doubleClick = 300

// play starts, pauses or resumes. What begins to move is brought into view: on a phone the button is always at hand,
// and the stage may be screens away.
func (s *Site) play() {
	now := s.host.Now()
	if s.played > 0 && now-s.played < doubleClick {
		return
	}
	s.played = now
	begins := s.S.Run == nil || !s.S.Run.Phase.Busy()
	if begins && !s.host.Hidden() {
		s.room.hold()
	}
	s.do(state.Play{})
	if begins {
		s.host.Reveal(".stagebox")
	}
}

func (t *transport) pace(p state.Pace) app.EventHandler {
	return func(app.Context, app.Event) { t.Site.do(state.SetPace{Pace: p}) }
}

// faultNear shows an error where it happened, with a button that takes it away.
func (s *Site) faultNear(place string) app.UI {
	text := s.S.Faults[place]
	if text == "" {
		return app.Div().Hidden(true)
	}
	return app.Div().Class("fault").Attr("role", "alert").Body(
		app.Span().Text(text),
		app.Button().Class("tool").Type("button").Aria("label", "Dismiss").OnClick(s.dismiss(place), place).Text("Dismiss"),
	)
}

func (s *Site) dismiss(place string) app.EventHandler {
	return func(app.Context, app.Event) { s.do(state.Dismiss{Place: place}) }
}

// yes writes a truth for an attribute.
func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func itoa(n int) string { return strconv.Itoa(n) }
