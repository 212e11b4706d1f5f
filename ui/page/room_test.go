package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// rooms is a room whose workers, clock and screen are this test.
type rooms struct {
	*room
	sent   []string // "0 rest"
	timers []func()
	frames []func()
	drawn  int
}

func newRooms(workers int) *rooms {
	r := &rooms{room: &room{workers: workers}}
	r.send = func(w int, m wire.Message[wire.Command]) { r.sent = append(r.sent, fmt.Sprint(w, " ", m.Head.Op)) }
	r.after = func(_ float64, f func()) { r.timers = append(r.timers, f) }
	r.painted = func(f func()) { r.frames = append(r.frames, f) }
	return r
}

func (r *rooms) draw()  { r.drawn++ }
func (r *rooms) paint() { run(&r.frames) }
func (r *rooms) pass()  { run(&r.timers) }

func run(fs *[]func()) {
	now := *fs
	*fs = nil
	for _, f := range now {
		f()
	}
}

func (r *rooms) said(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.sent, want) {
		t.Errorf("sent %q, want %q", r.sent, want)
	}
	r.sent = nil
}

// The page draws at once where a processor is free, and asks nobody.
func TestRoomFree(t *testing.T) {
	r := newRooms(2)
	r.make(false, r.draw)
	r.leave()
	r.paint()
	if r.said(t); r.drawn != 1 {
		t.Errorf("drawn %d times", r.drawn)
	}
}

// Two workers rest, of more the first two to answer, each in turn; they go on after the picture.
func TestRoomCrowded(t *testing.T) {
	r := newRooms(2)
	r.make(true, r.draw)
	r.said(t, "0 rest", "1 rest")
	r.rests(1)
	if r.drawn != 0 {
		t.Error("drawn with one processor")
	}
	r.rests(0)
	if r.room.leave(); r.drawn != 1 {
		t.Error("not drawn though both rest")
	}
	r.said(t)
	r.paint()
	r.said(t, "1 go", "0 go")

	r = newRooms(4)
	r.make(true, r.draw)
	r.said(t, "0 rest", "1 rest", "2 rest")
	r.rests(0)
	r.rests(2) // the first two to answer rest
	r.rests(1) // this one is one too many
	r.said(t, "1 go")
	r.leave()
	r.paint()
	r.said(t, "0 go", "2 go")
	r.pass() // the time for answers is long over
	r.make(true, r.draw)
	if r.said(t, "1 rest", "2 rest", "3 rest"); r.drawn != 1 {
		t.Errorf("drawn %d times", r.drawn)
	}
}

// A worker that does not answer keeps the page waiting only so long; its late answer sends it back to work.
func TestRoomNoAnswer(t *testing.T) {
	r := newRooms(1)
	r.make(true, r.draw)
	r.said(t, "0 rest")
	r.pass()
	if r.drawn != 1 {
		t.Error("the page waits for ever")
	}
	r.leave()
	r.paint()
	r.said(t)
	r.rests(0)
	r.said(t, "0 go")
}

// A drawing of several parts keeps its room until the last.
func TestRoomParts(t *testing.T) {
	r := newRooms(1)
	r.make(true, func() { r.make(true, r.draw) })
	r.rests(0)
	r.leave()
	r.paint()
	if r.said(t, "0 rest", "0 go"); r.drawn != 1 {
		t.Errorf("drawn %d times", r.drawn)
	}
}

// Commands wait in order for the page to show a press of play, and never for ever.
func TestRoomHolds(t *testing.T) {
	command := func(op wire.Op) state.Send {
		return state.Send{Message: wire.Message[wire.Command]{Head: wire.Command{Op: op}}}
	}
	for _, way := range []string{"painted", "late"} {
		r := newRooms(1)
		r.hold()
		r.command(command(wire.OpPace))
		r.command(command(wire.OpTrial))
		r.said(t)
		if way == "painted" {
			r.leave()
			r.paint()
		} else {
			r.pass()
		}
		if !strings.HasSuffix(strings.Join(r.sent, ","), "0 pace,0 trial") {
			t.Errorf("%s: sent %q", way, r.sent)
		}
		r.sent = nil
		r.command(command(wire.OpCancel))
		r.said(t, "0 cancel")
	}
}
