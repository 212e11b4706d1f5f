package state

import "petri/kernels/lab/wire"

// Effect is something that the page has to do after an event.
type Effect interface{ effect() }

// The effects.
type (
	// Send gives a worker a command.
	Send struct {
		Worker  int
		Message wire.Message[wire.Command]
	}
	// Replace ends a worker and starts another in its place.
	Replace struct{ Worker int }
	// Wake brings an event after a number of milliseconds.
	Wake struct {
		After float64
		Event Event
	}
	// Address shows a link in the address bar: a new entry of the history, or in place of the present one.
	Address struct {
		Link string
		Push bool
	}
	// Keep stores a finished trial with its trained weights, so that a reload loses nothing.
	Keep struct {
		Lab, Link string // the link is canonical
		Result    wire.TrialResult
		Worked    float64 // milliseconds that the run had worked by then
	}
	// Forget drops the trials kept of a lab.
	Forget struct{ Lab string }
	// KeepMine stores the visitor's verdicts.
	KeepMine struct{ Mine map[string]Verdict }
	// Download offers a file.
	Download struct {
		Name, Type string
		Data       []byte
	}
)

func (Send) effect()     {}
func (Replace) effect()  {}
func (Wake) effect()     {}
func (Address) effect()  {}
func (Keep) effect()     {}
func (Forget) effect()   {}
func (KeepMine) effect() {}
func (Download) effect() {}
