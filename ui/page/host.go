package page

import (
	"petri/kernels/lab/wire"
	"petri/ui/own"
	"petri/ui/page/chart"
	"petri/ui/state"
)

// Host is what the pages need of a browser. wasm/app implements it with wasm/bridge; a page that is rendered natively
// has none.
type Host interface {
	chart.Browser

	Now() float64 // milliseconds
	Today() string
	After(ms float64, f func())
	Painted(f func()) // calls f once what has changed is on the screen
	Cores() int
	Machine() string                // what the browser says of itself
	Visit() (painted, page float64) // when text could be read and when this program ran, in milliseconds; 0 where unknown
	Hidden() bool                   // the page is out of sight

	// Warm starts the workers and, where a lab's link is given, lets them make a throw-away step.
	Warm(link string)
	Send(worker int, m wire.Message[wire.Command])
	Replace(worker int)

	// Stage calls load once it is time to put the stage into a place of the page, which a selector finds.
	Stage(place string, load func())
	// Show hands a message made by wire.Encode to the stage; false while the stage is not up.
	Show(message []byte) bool

	Local(key string) string
	SetLocal(key, text string)
	Keep(key string, data []byte, done func(error))
	Kept(prefix string, done func(values [][]byte))
	Forget(prefix string)

	// Own asks for a picture of the visitor's own. What comes of it is told as Brought; it never leaves the browser.
	Own(w own.Wish)
	// OwnPNG writes pixels [side, side, 4] as a file.
	OwnPNG(side int, rgba []byte, done func([]byte, error))

	Markup(selector string) string // the HTML of an element as it is, "" where there is none
	Copy(text string, done func(error))
	Dark() bool // what the system prefers
	SetRoot(attribute, value string)
	Dialog(id string, open bool)
	Reveal(selector string) // scroll to an element of which nothing can be seen
	Installable() bool
	Install()
	UpdateReady() bool
	Update()
}

// Signal is something that the host tells the pages.
type Signal interface{ signal() }

// The signals.
type (
	// Told carries an event of the state: from a worker, mostly.
	Told struct{ Event state.Event }
	// Staged is what the stage said, as JSON of a ui/stage.Event.
	Staged struct{ Text []byte }
	// Pressed is a key pressed while nothing was being typed. Prevent stops what the browser would do with it.
	Pressed struct {
		Key     string
		Prevent func()
	}
	// Brought is a picture of the visitor's own, or why there is none.
	Brought struct{ own.Brought }
	// Themed is the system having changed between light and dark.
	Themed struct{}
	// Updatable is a new version of the site, or the page having become installable.
	Updatable struct{}
)

func (Told) signal()      {}
func (Staged) signal()    {}
func (Pressed) signal()   {}
func (Brought) signal()   {}
func (Themed) signal()    {}
func (Updatable) signal() {}
