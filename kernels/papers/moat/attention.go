package moat

import (
	"fmt"
	"math/rand/v2"

	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// headWidth is the width of one head. The official nets have 32; nets of a third of their width have 16.
const headWidth = 16

// attention is multi-head self-attention over the cells of a map or of its windows, with a table of relative positions that
// does not depend on what the cells hold.
type attention struct {
	name       string
	kept       string // under which the tape keeps the probabilities
	q, k, v, o *nn.Linear
	table      *nn.RelativePosition // nil without one
	heads      int
	rows, cols int
	side       int // of a window, cells; rows and cols for one window over everything
}

func newAttention(r *rand.Rand, name string, in, out, rows, cols, side int, table bool) *attention {
	a := &attention{
		name: name, kept: name + "/attn", heads: max(1, out/headWidth), rows: rows, cols: cols, side: side,
		q: dense(r, name+"/q", in, out), k: dense(r, name+"/k", in, out), v: dense(r, name+"/v", in, out),
		o: dense(r, name+"/o", out, out),
	}
	if table {
		a.table = nn.NewRelativePosition(r, name+"/table", a.heads, side, side)
	}
	return a
}

// windows is the number of windows of a map.
func (a *attention) windows() int { return (a.rows / a.side) * (a.cols / a.side) }

func (a *attention) Forward(x tape.Var) tape.Var {
	x = x.Windows(a.side)
	q, k, v := a.q.Forward(x), a.k.Forward(x), a.v.Forward(x)
	if a.table == nil {
		x = q.Attend(k, v, a.heads, a.kept)
	} else {
		x = q.AttendBias(k, v, a.table.Bias(x.Tape(), a.side, a.side), a.heads, a.kept)
	}
	return a.o.Forward(x).Unwindow(a.side, a.rows, a.cols)
}

func (a *attention) Params(visit func(*tape.Param)) {
	for _, l := range [4]*nn.Linear{a.q, a.k, a.v, a.o} {
		l.Params(visit)
	}
	if a.table != nil {
		a.table.Params(visit)
	}
}

func (a *attention) Reach(out mask, _, _ int) mask { return out.windows(a.side) }

func (a *attention) Sketch(in [3]int) wire.Part {
	out := a.o.Out()
	cells, seen := in[0]*in[1], a.side*a.side
	s := wire.Part{Kind: "attention", Label: fmt.Sprintf("attention, %s", many(a.heads, "head")), Out: [3]int{in[0], in[1], out}, Params: counted(a),
		Help: "Every cell asks all others what they hold and takes a weighted mean of the answers.",
		FLOP: 3*flop(cells, in[2], out) + flop(cells, out, out) + 2*flop(cells, seen, out)}
	if a.windows() > 1 {
		s.Label += fmt.Sprintf(", windows of %d×%d", a.side, a.side)
		s.Help = fmt.Sprintf("Every cell asks the others in its window of %d×%d cells; nothing crosses a window's edge.", a.side, a.side)
	}
	if a.table == nil {
		s.Label += ", no positions"
	}
	return s
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
