package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"petri/kernels/lab/wire"
)

// Block is the drawing of one block of a network: its branches one below the other, each a chain of parts beside its
// shortcut. The page has its own, of buttons; this one is for files.
type Block struct {
	Racer string // "MOAT"
	Block wire.StructureBlock
	Marks Marks
	Other bool // it is not the chosen racer, but the one that it is compared with
}

// Mark says how a part stands to the block that its own is compared with.
type Mark int

// The marks.
const (
	Shared  Mark = iota // the other block has the same part
	Only                // it has none like it
	Differs             // it has one of the kind in its place, with another label or of another size
)

// Words are the mark as the page writes it, "" for a part that both have.
func (m Mark) Words() string {
	switch m {
	case Only:
		return "only here"
	case Differs:
		return "differs"
	}
	return ""
}

// Marks are the marks of a block's parts, by PartID, and of its shortcuts, by SkipID.
type Marks map[string]Mark

// PartID names a part within its block: branch and place, and whether it is in the shortcut.
func PartID(branch, i int, skip bool) string {
	if skip {
		return SkipID(branch) + strconv.Itoa(i)
	}
	return strconv.Itoa(branch) + "." + strconv.Itoa(i)
}

// SkipID names the shortcut of a branch.
func SkipID(branch int) string { return strconv.Itoa(branch) + "s" }

// Skip is the shortcut of a branch; there is none where ok is false, and an empty one is the identity.
func Skip(b wire.StructureBlock, branch int) (parts []wire.Part, ok bool) {
	if branch < len(b.Plain) && b.Plain[branch] {
		return nil, false
	}
	if branch < len(b.Skips) {
		parts = b.Skips[branch]
	}
	return parts, true
}

// Compare marks the parts of two blocks: the longest common sequence of parts is shared, along branches and along
// shortcuts.
func Compare(a, b wire.StructureBlock) (ofA, ofB Marks) {
	ofA, ofB = Marks{}, Marks{}
	mark(chain(a, false), chain(b, false), ofA, ofB)
	mark(chain(a, true), chain(b, true), ofA, ofB)
	for i := range max(len(a.Branches), len(b.Branches)) {
		sa, sb := way(a, i), way(b, i)
		if sa == sb {
			continue
		}
		m := Differs
		if sa == "" || sb == "" {
			m = Only
		}
		if sa != "" {
			ofA[SkipID(i)] = m
		}
		if sb != "" {
			ofB[SkipID(i)] = m
		}
	}
	return ofA, ofB
}

// way says how the shortcut of a branch runs: "" where there is no branch.
func way(b wire.StructureBlock, i int) string {
	if i >= len(b.Branches) {
		return ""
	}
	switch parts, ok := Skip(b, i); {
	case !ok:
		return "none"
	case len(parts) == 0:
		return "identity"
	}
	return "parts"
}

// link is a part with its name.
type link struct {
	id   string
	part wire.Part
}

func chain(b wire.StructureBlock, skip bool) (all []link) {
	for i := range b.Branches {
		parts := b.Branches[i]
		if skip {
			parts, _ = Skip(b, i)
		}
		for k, p := range parts {
			all = append(all, link{PartID(i, k, skip), p})
		}
	}
	return all
}

func mark(a, b []link, ofA, ofB Marks) {
	same := func(i, j int) bool { return a[i].part.Kind == b[j].part.Kind && a[i].part.Label == b[j].part.Label }
	long := make([][]int, len(a)+1) // of the longest common sequence from i and j on
	for i := range long {
		long[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			long[i][j] = max(long[i+1][j], long[i][j+1])
			if same(i, j) {
				long[i][j] = max(long[i][j], 1+long[i+1][j+1])
			}
		}
	}
	var onlyA, onlyB []link
	flush := func() { // what lies between two shared parts: parts of one kind are each other's
		for _, x := range onlyA {
			ofA[x.id] = Only
			if j := slices.IndexFunc(onlyB, func(y link) bool { return y.part.Kind == x.part.Kind }); j >= 0 {
				ofA[x.id], ofB[onlyB[j].id] = Differs, Differs
				onlyB = slices.Delete(onlyB, j, j+1)
			}
		}
		for _, y := range onlyB {
			ofB[y.id] = Only
		}
		onlyA, onlyB = nil, nil
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case same(i, j) && long[i][j] == 1+long[i+1][j+1]:
			flush()
			if p, q := a[i].part, b[j].part; p.Out != q.Out || p.Params != q.Params || p.FLOP != q.FLOP {
				ofA[a[i].id], ofB[b[j].id] = Differs, Differs
			}
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			onlyA = append(onlyA, a[i])
			i++
		default:
			onlyB = append(onlyB, b[j])
			j++
		}
	}
	onlyA, onlyB = append(onlyA, a[i:]...), append(onlyB, b[j:]...)
	flush()
}

// FLOP writes a number of operations: "812 FLOP", "18.4 kFLOP", "2.2 MFLOP".
func FLOP(n int64) string {
	switch x := float64(n); {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " FLOP"
	case x < 999.5e3:
		return sized(x/1e3) + " kFLOP"
	case x < 999.5e6:
		return sized(x/1e6) + " MFLOP"
	default:
		return sized(x/1e9) + " GFLOP"
	}
}

// Dims writes a shape: "8×8×32".
func Dims(s [3]int) string {
	return strconv.Itoa(s[0]) + "×" + strconv.Itoa(s[1]) + "×" + strconv.Itoa(s[2])
}

// Change writes by how much a number differs from another one: "+12.3 %", "the same".
func Change(x, from float64) string {
	if from == 0 || x == from {
		return "the same"
	}
	p := 100 * (x - from) / from
	text := fixed(p, 1)
	if math.Abs(p) < 0.05 {
		text = fixed(p, 2)
	}
	if p > 0 {
		text = "+" + text
	}
	return text + " %"
}

// cost writes what a part costs; what it has none of, parameters or counted operations, is left out.
func cost(params int, flop int64) string {
	switch {
	case params == 0 && flop == 0:
		return ""
	case params == 0:
		return FLOP(flop)
	case flop == 0:
		return Params(params)
	}
	return Params(params) + " · " + FLOP(flop)
}

// Params writes a number of parameters.
func Params(n int) string {
	if n == 1 {
		return "1 parameter"
	}
	return Count(n) + " parameters"
}

// Sizes of the drawing.
const (
	blockBox  = 40.0  // height of a part with one line of label
	blockEdge = 24.0  // from one box to the next
	blockLane = 132.0 // width of the shortcut's lane
	blockMost = 460.0 // widest drawing
)

// Draw implements Graphic.
func (d Block) Draw(width float64) Drawing {
	w := math.Min(width, blockMost)
	var g, under pen // shortcuts run below boxes and words
	y := 0.0
	for _, line := range wrapText(d.Racer, 12, w/1.08) {
		y += 14
		g.text(0, y, line, strongFont, "start")
	}
	y += 15
	g.text(0, y, fitText(d.Block.Name+" · "+d.Block.Kind+" · "+cost(d.Block.Params, d.Block.FLOP), 12, w, false), labelFont, "start")
	y += 10
	main := w - blockLane - 14
	x := main / 2
	shape := func(s [3]int) { // an edge with the shape that it carries
		g.line(x, y, x, y+blockEdge-4, "line-2", 1.4, "")
		g.mark("path", "d", pathData([]point{{x - 3.5, y + blockEdge - 6}, {x + 3.5, y + blockEdge - 6}, {x, y + blockEdge - 1}})+"Z", "fill", cssVar("line-2"))
		g.halo(x+9, y+blockEdge/2+3, Dims(s), tickFont, "start")
		y += blockEdge
	}
	shape(d.Block.In)
	for i, parts := range d.Block.Branches {
		begin := y - blockEdge/2
		for k, p := range parts {
			y = d.box(&g, box{0, y, main, y}, p, d.Marks[PartID(i, k, false)])
			shape(p.Out)
		}
		skip, ok := Skip(d.Block, i)
		if !ok {
			continue
		}
		end := y + 9
		right := main + 14
		// What the shortcut has of its own may be longer than the branch.
		var lane []box
		high := 0.0
		for _, p := range skip {
			h := d.high(p, blockLane) + 10
			lane = append(lane, box{right, high, w, high + h - 10})
			high += h
		}
		if high > end-begin {
			under.line(x, y, x, begin+high, "line-2", 1.4, "")
			end = begin + high + 9
		}
		mid := right + blockLane/2
		under.mark("path", "d", pathData([]point{{x, begin}, {mid, begin}, {mid, end}, {x + 9, end}}), "fill", "none", "stroke", cssVar("line-2"), "stroke-width", "1.4", "stroke-linejoin", "round")
		top := (begin+end)/2 - high/2
		for k, p := range skip {
			b := lane[k]
			d.box(&g, box{b.X0, b.Y0 + top + 5, b.X1, 0}, p, d.Marks[PartID(i, k, true)])
		}
		if len(skip) == 0 {
			g.halo(mid, (begin+end)/2+4, "identity", tickFont, "middle")
		}
		g.mark("circle", "cx", px(x), "cy", px(end), "r", "9", "fill", cssVar("surface"), "stroke", cssVar("ink"), "stroke-width", "1.4")
		g.line(x-5, end, x+5, end, "ink", 1.4, "")
		g.line(x, end-5, x, end+5, "ink", 1.4, "")
		y = end + 9
		out := d.Block.Out
		if len(parts) > 0 {
			out = parts[len(parts)-1].Out
		}
		shape(out)
	}
	return Drawing{Width: width, Height: y + 8, Body: under.String() + g.String()}
}

func (d Block) lines(p wire.Part, width float64) []string {
	lines := wrapText(p.Label, 12, (width-18)/1.08) // bold
	for i := range lines {
		lines[i] = fitText(lines[i], 12, width-16, true)
	}
	return lines
}

func (d Block) numbers(p wire.Part, m Mark, width float64) []string {
	text := cost(p.Params, p.FLOP)
	if words := m.Words(); words != "" {
		text += " · " + words
	}
	return wrapText(text, 11, width-18)
}

func (d Block) high(p wire.Part, width float64) float64 {
	return blockBox - 28 + 15*float64(len(d.lines(p, width))) + 13*float64(len(d.numbers(p, Differs, width)))
}

// box draws a part from the top of b on and returns where it ends.
func (d Block) box(g *pen, b box, p wire.Part, m Mark) float64 {
	b.Y1 = b.Y0 + d.high(p, b.width())
	stroke, wide, dash := "line-2", "1", ""
	switch m {
	case Only:
		stroke, wide = "train", "2.4"
		if d.Other {
			stroke = "frozen"
		}
	case Differs:
		stroke, wide, dash = "ink", "1.4", "4 3"
	}
	g.mark("rect", "x", px(b.X0+1), "y", px(b.Y0), "width", px(b.width()-2), "height", px(b.height()), "rx", "5", "fill", cssVar("surface"),
		"stroke", cssVar(stroke), "stroke-width", wide, "stroke-dasharray", dash)
	y := b.Y0 + 2
	for _, line := range d.lines(p, b.width()) {
		y += 15
		g.text(b.X0+9, y, line, strongFont, "start")
	}
	for _, line := range d.numbers(p, m, b.width()) {
		y += 13
		g.text(b.X0+9, y, fitText(line, 11, b.width()-16, false), tickFont, "start")
	}
	return b.Y1
}

// Alt implements Graphic.
func (d Block) Alt() string {
	b := d.Block
	var s strings.Builder
	s.WriteString(d.Racer + ", " + b.Name + ", " + b.Kind + ": " + Dims(b.In) + " in, " + Dims(b.Out) + " out, " + cost(b.Params, b.FLOP) + ".")
	say := func(parts []wire.Part, branch int, skip bool) {
		list := make([]string, len(parts))
		for k, p := range parts {
			list[k] = p.Label
			if words := d.Marks[PartID(branch, k, skip)].Words(); words != "" {
				list[k] += " (" + words + ")"
			}
		}
		s.WriteString(strings.Join(list, ", then ") + ".")
	}
	for i, parts := range b.Branches {
		s.WriteString(" Branch " + strconv.Itoa(i+1) + ": ")
		say(parts, i, false)
		switch skip, ok := Skip(b, i); {
		case !ok:
			s.WriteString(" It has no shortcut.")
		case len(skip) == 0:
			s.WriteString(" Its shortcut is the identity.")
		default:
			s.WriteString(" In its shortcut: ")
			say(skip, i, true)
		}
	}
	return s.String()
}

// Table implements Graphic: the parts of the block.
func (d Block) Table() Table {
	return StructureTable(wire.Structure{Label: d.Racer, Blocks: []wire.StructureBlock{d.Block}})
}

// StructureTable lists every part of some racers.
func StructureTable(racers ...wire.Structure) Table {
	t := Table{Columns: []string{"racer", "block", "kind", "path", "part", "in", "out", "parameters", "FLOP"}}
	for _, r := range racers {
		for _, b := range r.Blocks {
			in := b.In
			for i, parts := range b.Branches {
				at := in
				row := func(path string, p wire.Part) {
					t.Rows = append(t.Rows, []string{r.Label, b.Name, b.Kind, path, p.Label, Dims(at), Dims(p.Out), strconv.Itoa(p.Params), strconv.FormatInt(p.FLOP, 10)})
					at = p.Out
				}
				for _, p := range parts {
					row("branch "+strconv.Itoa(i+1), p)
				}
				out := at
				at = in
				skip, ok := Skip(b, i)
				for _, p := range skip {
					row("shortcut "+strconv.Itoa(i+1), p)
				}
				if ok && len(skip) == 0 {
					row("shortcut "+strconv.Itoa(i+1), wire.Part{Label: "identity", Out: at})
				}
				in = out
			}
			t.Rows = append(t.Rows, []string{r.Label, b.Name, b.Kind, "whole", "block", Dims(b.In), Dims(b.Out), strconv.Itoa(b.Params), strconv.FormatInt(b.FLOP, 10)})
		}
	}
	return t
}

// Hit, Move and Read implement Graphic: the drawing is for files and is not read out.

// Hit finds nothing.
func (d Block) Hit(float64, float64, float64) (Cursor, bool) { return Cursor{}, false }

// Move goes nowhere.
func (d Block) Move(*Cursor, string) (Cursor, bool) { return Cursor{}, false }

// Read reads nothing.
func (d Block) Read(float64, Cursor) Reading { return Reading{} }
