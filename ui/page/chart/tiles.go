package chart

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/stage"
)

// Tiles are the tensors that one racer keeps, as areas: a row of tiles for every block. All racers of a run have one scale,
// one order of blocks and one look per kind, so that they can be compared by going from one to another.
type Tiles struct {
	Sets []wire.TileSet
	At   int // of which of the sets the tiles are shown
}

// Sizes of tiles, in pixels.
const (
	tileHeight = 48 // of a row
	tilePitch  = 58
	tileName   = 17 // above a row, where there is no room before it
)

// kindLook is how tiles of a kind look: a colour, the ink upon it, and a letter, so that colour is not all that tells them
// apart.
type kindLook struct {
	kind, letter string
	fill, ink    string
}

// set is the one that is shown.
func (t Tiles) set() wire.TileSet {
	if t.At < 0 || t.At >= len(t.Sets) {
		return wire.TileSet{}
	}
	return t.Sets[t.At]
}

// blocks are those of all sets, each behind what comes before it in the first set that has it: a racer that lacks some does not
// change the order of the others.
func (t Tiles) blocks() (list []string) {
	for _, s := range t.Sets {
		next := 0
		for _, x := range s.Tiles {
			at := slices.Index(list, x.Block)
			if at < 0 {
				at = next
				list = slices.Insert(list, at, x.Block)
			}
			next = at + 1
		}
	}
	return list
}

// kinds are those of all sets, the largest in sum first.
func (t Tiles) kinds() []kindLook {
	var names []string
	sums := map[string]int{}
	for _, s := range t.Sets {
		for _, x := range s.Tiles {
			if !slices.Contains(names, x.Kind) {
				names = append(names, x.Kind)
			}
			sums[x.Kind] += x.Bytes
		}
	}
	sort.SliceStable(names, func(i, j int) bool { return sums[names[i]] > sums[names[j]] })
	// Neighbours in this order lie far apart on the scale of colours: a step that has no divisor in common with their number
	// visits all of it.
	n := len(names)
	step := max(1, int(0.382*float64(n)+0.5))
	for gcd(step, n) > 1 {
		step++
	}
	looks := make([]kindLook, n)
	for i, name := range names {
		c := stage.Viridis(0.08 + 0.9*float64(i*step%n)/math.Max(float64(n-1), 1))
		looks[i] = kindLook{kind: name, letter: letterOf(i), fill: hex(c), ink: "#FFFFFF"}
		if luminance(c) > 0.18 { // where black has more contrast than white
			looks[i].ink = "#111111"
		}
	}
	return looks
}

func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// letterOf is A to Z, then A2, B2 and so on.
func letterOf(i int) string {
	s := string(rune('A' + i%26))
	if i >= 26 {
		s += strconv.Itoa(i/26 + 1)
	}
	return s
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// luminance is the relative luminance of WCAG 2.
func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

// tileBox is a tile where it is drawn.
type tileBox struct {
	box
	tile wire.Tile
	look kindLook
}

// tileRow is the row of a block.
type tileRow struct {
	block string
	bytes int
	area  box // all of the row
	tiles []tileBox
}

// tilesFrame is where tiles lie at one width.
type tilesFrame struct {
	rows   []tileRow
	above  bool // names stand above the rows
	legend [][]kindLook
	foot   float64
	height float64
}

func blockBytes(s wire.TileSet, block string) (sum int) {
	for _, x := range s.Tiles {
		if x.Block == block {
			sum += max(x.Bytes, 0)
		}
	}
	return sum
}

func setBytes(s wire.TileSet) (sum int) {
	for _, x := range s.Tiles {
		sum += max(x.Bytes, 0)
	}
	return sum
}

func (t Tiles) frame(width float64) tilesFrame {
	var f tilesFrame
	blocks := t.blocks()
	names, sums, most := 0.0, 0.0, 1
	for _, b := range blocks {
		names = math.Max(names, textWidth(b, 12, false))
		for _, s := range t.Sets {
			n := blockBytes(s, b)
			most = max(most, n)
			sums = math.Max(sums, textWidth(Bytes(n), 12, true))
		}
	}
	area := box{X0: names + 10, X1: width - sums - 8}
	pitch := float64(tilePitch)
	if f.above = area.width() < 0.7*width; f.above {
		area = box{X0: 0, X1: width}
		pitch += tileName
	}
	y := 0.0
	set, kinds := t.set(), t.kinds()
	for _, b := range blocks {
		row := tileRow{block: b, bytes: blockBytes(set, b)}
		top := y
		if f.above {
			top += tileName
		}
		row.area = box{area.X0, top, area.X0 + area.width()*float64(row.bytes)/float64(most), top + tileHeight}
		var tiles []wire.Tile
		for _, x := range set.Tiles {
			if x.Block == b && x.Bytes > 0 {
				tiles = append(tiles, x)
			}
		}
		sort.SliceStable(tiles, func(i, j int) bool { return tiles[i].Bytes > tiles[j].Bytes })
		for i, at := range squarify(tiles, row.area) {
			k := slices.IndexFunc(kinds, func(l kindLook) bool { return l.kind == tiles[i].Kind })
			row.tiles = append(row.tiles, tileBox{at, tiles[i], kinds[k]})
		}
		f.rows = append(f.rows, row)
		y += pitch
	}
	f.foot = y + 4
	var line []kindLook
	used := 0.0
	for _, k := range kinds {
		if t.kindBytes(k.kind) == 0 {
			continue
		}
		w := t.legendWidth(k)
		if used > 0 && used+w > width {
			f.legend = append(f.legend, line)
			line, used = nil, 0
		}
		line, used = append(line, k), used+w
	}
	if len(line) > 0 {
		f.legend = append(f.legend, line)
	}
	f.height = f.foot + 20*float64(len(f.legend)) + 2
	return f
}

func (t Tiles) kindBytes(kind string) (sum int) {
	for _, x := range t.set().Tiles {
		if x.Kind == kind {
			sum += max(x.Bytes, 0)
		}
	}
	return sum
}

func (t Tiles) legendWidth(k kindLook) float64 {
	return 24 + textWidth(k.kind+" "+Bytes(t.kindBytes(k.kind)), 12, false) + 18
}

// squarify fills a box with tiles of areas in proportion to their bytes, as nearly square as it goes (Bruls, Huizing and van
// Wijk 2000). The tiles come largest first.
func squarify(tiles []wire.Tile, in box) []box {
	out := make([]box, 0, len(tiles))
	total := 0.0
	for _, x := range tiles {
		total += float64(x.Bytes)
	}
	if total == 0 {
		return out
	}
	unit := in.width() * in.height() / total
	for len(out) < len(tiles) {
		rest := tiles[len(out):]
		side := math.Min(in.width(), in.height())
		if side <= 0 {
			out = append(out, in)
			continue
		}
		// One more tile joins the strip as long as its worst tile becomes no more oblong.
		n, sum, worst := 0, 0.0, math.Inf(1)
		for n < len(rest) {
			next := sum + float64(rest[n].Bytes)*unit
			thick := next / side
			w := math.Max(float64(rest[0].Bytes)*unit/(thick*thick), thick*thick/(float64(rest[n].Bytes)*unit))
			if w > worst {
				break
			}
			n, sum, worst = n+1, next, w
		}
		thick := sum / side
		if n == len(rest) { // what rounding left belongs to the last strip
			thick = math.Max(in.width(), in.height())
		}
		along := 0.0
		for _, x := range rest[:n] {
			long := float64(x.Bytes) * unit / sum * side
			if in.width() >= in.height() {
				out = append(out, box{in.X0, in.Y0 + along, in.X0 + thick, in.Y0 + along + long})
			} else {
				out = append(out, box{in.X0 + along, in.Y0, in.X0 + along + long, in.Y0 + thick})
			}
			along += long
		}
		if in.width() >= in.height() {
			in.X0 += thick
		} else {
			in.Y0 += thick
		}
	}
	return out
}

// Draw implements Graphic.
func (t Tiles) Draw(width float64) Drawing {
	var g pen
	if len(t.blocks()) == 0 {
		g.text(0, 24, "Nothing is kept by these racers.", font{size: 12, token: "ink-3"}, "start")
		return Drawing{Width: width, Height: 40, Body: g.String()}
	}
	f := t.frame(width)
	for _, r := range f.rows {
		if f.above {
			g.text(0, r.area.Y0-5, r.block, labelFont, "start")
			g.text(width, r.area.Y0-5, Bytes(r.bytes), strongFont, "end")
		} else {
			g.text(r.area.X0-10, r.area.Y0+tileHeight/2+4, r.block, labelFont, "end")
			g.text(r.area.X1+8, r.area.Y0+tileHeight/2+4, Bytes(r.bytes), strongFont, "start")
		}
		g.line(r.area.X0, r.area.Y0, r.area.X0, r.area.Y1, "line-2", 1, "")
		for _, b := range r.tiles {
			g.tile(b.box, b.look)
			g.tileText(b)
		}
	}
	y := f.foot
	for _, line := range f.legend {
		x := 0.0
		for _, k := range line {
			g.tile(box{x, y, x + 18, y + 15}, k)
			g.paint(x+9, y+11.5, k.letter, k.ink, "middle")
			g.text(x+24, y+12, k.kind+" "+Bytes(t.kindBytes(k.kind)), labelFont, "start")
			x += t.legendWidth(k)
		}
		y += 20
	}
	return Drawing{Width: width, Height: f.height, Body: g.String()}
}

// tile is a filled area with a thin rim, so that neighbours and dark colours on a dark page are told apart.
func (p *pen) tile(b box, l kindLook) {
	p.mark("rect", "x", exact(b.X0), "y", exact(b.Y0), "width", exact(b.width()), "height", exact(b.height()), "fill", l.fill, "stroke", cssVar("line-2"), "stroke-width", "0.5")
}

// exact writes a coordinate with two decimals: areas are read off these.
func exact(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) }

// paint writes text in a colour of its own, on a tile.
func (p *pen) paint(x, y float64, s, ink, anchor string) {
	if anchor == "start" {
		anchor = ""
	}
	p.open("text", "x", px(x), "y", px(y), "text-anchor", anchor, "font-size", "11", "fill", ink)
	p.WriteString(">" + escape(s) + "</text>")
}

// tileText writes the kind on a tile, or its letter, or nothing where neither has room.
func (p *pen) tileText(b tileBox) {
	switch {
	case b.height() >= 15 && b.width() >= textWidth(b.look.letter+" "+b.tile.Kind, 11, false)+9:
		p.paint(b.X0+4, b.Y0+12.5, b.look.letter+" "+b.tile.Kind, b.look.ink, "start")
	case b.height() >= 13 && b.width() >= textWidth(b.look.letter, 11, false)+4:
		p.paint((b.X0+b.X1)/2, (b.Y0+b.Y1)/2+4, b.look.letter, b.look.ink, "middle")
	}
}

// Hit implements Graphic: Cursor.Row is the block, Cursor.Col the tile, largest first.
func (t Tiles) Hit(width, x, y float64) (Cursor, bool) {
	for i, r := range t.frame(width).rows {
		for k, b := range r.tiles {
			if b.holds(point{x, y}) {
				return Cursor{Row: i, Col: k}, true
			}
		}
	}
	return Cursor{}, false
}

// Move implements Graphic: up and down change the block, left and right the tile.
func (t Tiles) Move(from *Cursor, key string) (Cursor, bool) {
	rows := t.frame(wideWidth).rows
	var full []int // blocks with tiles
	for i, r := range rows {
		if len(r.tiles) > 0 {
			full = append(full, i)
		}
	}
	if len(full) == 0 {
		return Cursor{}, false
	}
	if from == nil {
		return Cursor{Row: full[0]}, strings.HasPrefix(key, "Arrow") || key == "Home" || key == "End"
	}
	switch key {
	case "Home":
		return Cursor{Row: full[0]}, true
	case "End":
		return Cursor{Row: full[len(full)-1]}, true
	}
	at := max(0, slices.Index(full, from.Row))
	at, vertical := moveIn(at, len(full), key, "ArrowUp", "ArrowDown")
	c := Cursor{Row: full[at], Col: from.Col}
	col, across := moveIn(c.Col, len(rows[c.Row].tiles), key, "ArrowLeft", "ArrowRight")
	c.Col = min(col, len(rows[c.Row].tiles)-1)
	return c, vertical || across
}

// Read implements Graphic.
func (t Tiles) Read(width float64, c Cursor) Reading {
	rows := t.frame(width).rows
	if c.Row < 0 || c.Row >= len(rows) || c.Col < 0 || c.Col >= len(rows[c.Row].tiles) {
		return Reading{}
	}
	row := rows[c.Row]
	b := row.tiles[c.Col]
	r := Reading{X: (b.X0 + b.X1) / 2, Y: b.Y1, Head: row.block + ", " + b.tile.Kind, Rows: []ReadingRow{
		{Name: "kept", Text: Count(b.tile.Bytes) + " B", Strong: true},
		{Name: "of " + row.block, Text: percent(float64(b.tile.Bytes) / float64(row.bytes))},
		{Name: "of " + t.set().Name, Text: percent(float64(b.tile.Bytes) / float64(setBytes(t.set())))}}}
	var g pen
	g.mark("rect", "x", exact(b.X0-1), "y", exact(b.Y0-1), "width", exact(b.width()+2), "height", exact(b.height()+2), "fill", "none", "stroke", cssVar("ink"), "stroke-width", "2")
	r.Marks = g.String()
	return r
}

// Alt implements Graphic.
func (t Tiles) Alt() string {
	set := t.set()
	var words []string
	for _, b := range t.blocks() {
		words = append(words, b+" "+Bytes(blockBytes(set, b)))
	}
	var kinds []string
	for _, k := range t.kinds() {
		if n := t.kindBytes(k.kind); n > 0 {
			kinds = append(kinds, k.kind+" "+Bytes(n))
		}
	}
	text := "Tiles of what " + set.Name + " keeps for the backward pass, " + Bytes(setBytes(set)) + ": " + strings.Join(words, ", ") + "."
	if len(kinds) > 0 {
		text += " By kind: " + strings.Join(kinds, ", ") + "."
	}
	return text
}

// Table implements Graphic: one row per tile.
func (t Tiles) Table() Table {
	out := Table{Columns: []string{"block", "kind", "bytes"}}
	for _, x := range t.set().Tiles {
		out.Rows = append(out.Rows, []string{x.Block, x.Kind, strconv.Itoa(x.Bytes)})
	}
	return out
}

// tilesTable is the data of all sets in one long table.
func tilesTable(sets []wire.TileSet) Table {
	t := Table{Columns: []string{"racer", "what", "block", "kind", "bytes counted", "bytes by closed form"}}
	for _, s := range sets {
		racer := cmp.Or(s.Arm, s.Name)
		for _, x := range s.Tiles {
			t.Rows = append(t.Rows, []string{racer, "tile", x.Block, x.Kind, strconv.Itoa(x.Bytes), ""})
		}
		for _, part := range []struct {
			what  string
			terms []wire.Term
		}{{"term", s.Terms}, {"apart", s.Apart}} {
			for _, x := range part.terms {
				t.Rows = append(t.Rows, []string{racer, part.what, x.Block, x.Kind, strconv.Itoa(x.Measured), strconv.Itoa(x.Closed)})
			}
		}
	}
	return t
}

// tiles completes the panel of tiles: those of the selected racer, or else of the first method, and beneath them the terms of
// their sum.
func (c *Figure) tiles(p *panel) app.UI {
	sets := c.Figure.Tiles
	at := slices.IndexFunc(sets, func(s wire.TileSet) bool { return s.Arm == c.Selected && s.Arm != "" })
	if at < 0 {
		at = max(0, slices.IndexFunc(sets, func(s wire.TileSet) bool {
			i, ok := index(c.Arms, s.Arm)
			return ok && c.Arms[i].Role == wire.RoleMethod
		}))
	}
	p.Class = "wide"
	p.Data = tilesTable(sets)
	if len(sets) == 0 {
		return p
	}
	t := Tiles{Sets: sets, At: at}
	p.Graphics = []Graphic{t}
	p.Lead, p.Below = c.whose(t), termsView(t.set())
	p.Sheet.Sub = strings.TrimPrefix(p.Sheet.Sub+", "+t.set().Name, ", ")
	return p
}

// whose lets the visitor choose the racer.
func (c *Figure) whose(t Tiles) app.UI {
	if c.OnSelect == nil || len(t.Sets) < 2 {
		return nil
	}
	options := make([]app.UI, len(t.Sets))
	for i, s := range t.Sets {
		options[i] = app.Option().Value(s.Arm).Selected(i == t.At).Text(label(s.Name))
	}
	id := "tiles-" + c.Figure.ID
	return app.Div().Class("whosetiles").Body(app.Label().For(id).Text("Racer"), app.Select().ID(id).OnChange(func(ctx app.Context, _ app.Event) {
		c.OnSelect(ctx, ctx.JSSrc().Get("value").String())
	}).Body(options...))
}

// sums of terms.
func sums(terms []wire.Term) (closed, measured, differ int) {
	for _, x := range terms {
		closed, measured = closed+x.Closed, measured+x.Measured
		if x.Closed != x.Measured {
			differ++
		}
	}
	return closed, measured, differ
}

// termsView sets the closed form beside what was counted, term by term.
func termsView(s wire.TileSet) app.UI {
	if len(s.Terms)+len(s.Apart) == 0 {
		return app.Div().Hidden(true)
	}
	closed, measured, differ := sums(s.Terms)
	says := fmt.Sprintf("The blocks of %s keep %s B by the closed form and as counted: equal to the byte, term by term.", s.Name, Count(measured))
	sign, class := "✓ ", "agrees"
	if differ > 0 {
		sign, class = "✗ ", "bad"
		says = fmt.Sprintf("The closed form says %s B for the blocks of %s and the tape counted %s B: %d of %d terms differ.", Count(closed), s.Name, Count(measured), differ, len(s.Terms))
	}
	row := func(x wire.Term, formula bool) app.UI {
		form, sign := Count(x.Closed), equalSign(x)
		if !formula {
			form, sign = "–", app.Span().Class("sr").Text("no closed form")
		}
		return app.Tr().Body(app.Td().Text(x.Block), app.Td().Class("kind").Text(x.Kind), app.Td().Text(form), app.Td().Text(Count(x.Measured)), app.Td().Class("eq").Body(sign))
	}
	group := func(title string, terms []wire.Term, apart bool) app.UI {
		if len(terms) == 0 {
			return app.TBody()
		}
		rows := []app.UI{app.Tr().Class("part").Body(app.Th().Scope("rowgroup").ColSpan(5).Text(title))}
		for _, x := range terms {
			rows = append(rows, row(x, !apart || x.Closed != 0 || x.Measured == 0))
		}
		closed, measured, _ := sums(terms)
		total := wire.Term{Block: "together", Closed: closed, Measured: measured}
		return app.TBody().Body(append(rows, row(total, !apart || closed == measured).(app.HTMLTr).Class("total"))...)
	}
	head := make([]app.UI, 5)
	for i, name := range []string{"Block", "Term", "Closed form, B", "Counted, B", "Equal"} {
		head[i] = app.Th().Scope("col").Text(name)
	}
	body := []app.UI{app.Div().Class("tw", "tablebox").TabIndex(0).Attr("role", "region").Aria("label", "Closed form and count of "+s.Name+", term by term").Body(
		app.Table().Class("data", "terms").Body(app.THead().Body(app.Tr().Body(head...)), group("Within the blocks", s.Terms, false), group("Apart from the blocks", s.Apart, true)))}
	if len(s.Terms) > 0 {
		body = append([]app.UI{app.P().Class("sum", class).Body(app.Span().Aria("hidden", true).Text(sign), app.Text(says))}, body...)
	}
	return app.Div().Class("terms").Body(body...)
}

// equalSign says whether a term is as counted, to the byte.
func equalSign(x wire.Term) app.UI {
	if x.Closed == x.Measured {
		return app.Span().Class("agrees").Attr("role", "img").Aria("label", "equal").Text("✓")
	}
	return app.Span().Class("bad").Attr("role", "img").Aria("label", "differs by "+Count(x.Measured-x.Closed)+" bytes").Text("✗ " + signed(x.Measured-x.Closed))
}

func signed(n int) string {
	if n > 0 {
		return "+" + Count(n)
	}
	return Count(n)
}
