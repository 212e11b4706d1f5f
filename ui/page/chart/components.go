package chart

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// Race is the panel of the curves that grow while a run is under way: loss on a log scale, and accuracy.
type Race struct {
	app.Compo
	Arms     []wire.ArmReport // with the curves known so far; an arm without curves has not started
	Steps    int              // the right end of the axis; 0 fits the data
	Seeds    int              // of the run
	Selected string           // arm
	Recorded bool             // the data come from a shipped run
	Source   string           // the run's link, written under exports
	Rev      int              // raise it when Arms changed in place
}

// Ranks is the table of the arms.
type Ranks struct {
	app.Compo
	Arms     []wire.ArmReport
	Selected string
	Title    string // "" for "Racer by racer"
	Sub      string
	OnSelect func(ctx app.Context, arm string) // nil where nothing can be chosen
	Source   string
	Rev      int
}

// Memory is the panel of what one training step keeps, per arm, and of what the selected arm keeps by kind.
type Memory struct {
	app.Compo
	Arms     []wire.ArmReport
	Selected string
	Batch    int // 0 where it is not known
	Source   string
	Rev      int
}

// Figure is one panel of results, drawn by its kind.
type Figure struct {
	app.Compo
	Figure   wire.Figure
	Arms     []wire.ArmReport // for colours
	Selected string
	Source   string
	Rev      int
}

// Claim is the card of one claim.
type Claim struct {
	app.Compo
	Claim   wire.ClaimReport
	Waiting bool // a run is under way that will judge it
	Yours   bool // judged by the visitor's run, not by the recorded one
}

// Render draws the component.
func (c *Race) Render() app.UI { return app.Div() }

// Render draws the component.
func (c *Ranks) Render() app.UI { return app.Div() }

// Render draws the component.
func (c *Memory) Render() app.UI { return app.Div() }

// Render draws the component.
func (c *Figure) Render() app.UI { return app.Div() }

// Render draws the component.
func (c *Claim) Render() app.UI { return app.Div() }
