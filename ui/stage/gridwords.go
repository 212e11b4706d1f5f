package stage

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// gridLines are the words beside the image: the cell that asks, and where the selected map looks.
func (p *Picture) gridLines(v View) []line {
	kept := ""
	if v.Pinned {
		kept = " (kept)"
	}
	if v.Layer >= len(p.Grids) {
		if v.Query == 0 {
			return nil
		}
		return []line{{"At " + p.Name(v.Query) + kept, true}}
	}
	g := &p.Grids[v.Layer]
	c := p.over(v.Query, g.Rows, g.Cols)
	lines := []line{{"From cell " + c.String() + kept, true}}
	where := g.Name + ", " + headName(g, v.Head)
	if v.Key > 0 {
		to := "to cell " + p.over(v.Key, g.Rows, g.Cols).String()
		w, inside := p.weightTo(v.Layer, v.Head, v.Query, v.Key)
		if !inside {
			return append(lines, line{where, false}, line{to + ": outside its window", false})
		}
		return append(lines, line{where, false}, line{to + ": " + fine(w), false})
	}
	to, most := p.looksMost(v)
	return append(lines, line{where, false}, line{"looks most at cell " + to.String() + ": " + fine(most), false})
}

// fine writes a weight with a third decimal where it is small: even looks over 64 cells are .016 each.
func fine(x float64) string {
	if x < 0.0995 {
		return strings.TrimPrefix(strconv.FormatFloat(x, 'f', 3, 64), "0")
	}
	return weight(x)
}

// looksMost is the cell at which the selected map looks most, and its weight.
func (p *Picture) looksMost(v View) (spot, float64) {
	g := &p.Grids[v.Layer]
	c := p.over(v.Query, g.Rows, g.Cols)
	i, most := strongest(p.windowWeights(nil, v.Layer, v.Head, c))
	first := window(g, c)
	return spot{first.row + i/g.Side, first.col + i%g.Side}, most
}

// gridSentence says in one or two sentences what the marks show.
func (p *Picture) gridSentence(v View) string {
	if v.Panel >= 0 {
		n := &p.Panels[v.Panel]
		s := n.Title
		if n.Layer != "" {
			s += ", " + n.Layer
		}
		if name := p.tileName(v.Panel, v.Tile); name != "" {
			s += ", " + name
		}
		s += fmt.Sprintf(", row %d, column %d: %s", v.Row+1, v.Col+1, signed(float64(p.tile(v.Panel, v.Tile)[v.Row*n.Cols+v.Col])))
		if n.Outline != 0 {
			if p.outlined(v.Panel, v.Row, v.Col) {
				s += ", inside the predicted set"
			} else {
				s += ", outside the predicted set"
			}
		}
		return s + "."
	}
	if v.Layer >= len(p.Grids) {
		return "The mark is at " + p.Name(v.Query) + "."
	}
	g := &p.Grids[v.Layer]
	c := p.over(v.Query, g.Rows, g.Cols)
	where := fmt.Sprintf("%s, %s", g.Name, headName(g, v.Head))
	if v.Key > 0 {
		to := p.over(v.Key, g.Rows, g.Cols)
		w, inside := p.weightTo(v.Layer, v.Head, v.Query, v.Key)
		if !inside {
			return fmt.Sprintf("%s: cell %v cannot look at cell %v, which lies outside its window.", where, c, to)
		}
		return fmt.Sprintf("%s, from cell %v to cell %v: weight %.3f.", where, c, to, w)
	}
	to, most := p.looksMost(v)
	return fmt.Sprintf("%s: cell %v looks most at cell %v, weight %.3f.", where, c, to, most)
}

// describeGrids says in words what the whole picture shows.
func (p *Picture) describeGrids(v View) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Example %d of %d, arm %s after %d steps. ", p.Example+1, p.Examples, p.Arm, p.Step)
	switch {
	case len(p.Probs) == 0:
	case p.undecided():
		fmt.Fprintf(&b, "It is %s; the model has no guess yet: all classes are equally likely. ", p.class(p.Label))
	default:
		best := p.ranked()[0]
		fmt.Fprintf(&b, "It is %s; the model says %s with probability %.2f. ", p.class(p.Label), p.class(best), p.Probs[best])
	}
	if len(p.Grids) == 0 {
		b.WriteString("The network has no attention. ")
	} else {
		b.WriteString("Attention of ")
		for i := range p.Grids {
			g := &p.Grids[i]
			if i > 0 {
				b.WriteString("; ")
			}
			fmt.Fprintf(&b, "%s over %d by %d cells", g.Name, g.Rows, g.Cols)
			if windowed(g) {
				fmt.Fprintf(&b, " in windows of %d by %d", g.Side, g.Side)
			}
			for head := range g.Distance {
				if head == 0 {
					b.WriteString(", mean distance of its heads ")
				} else {
					b.WriteString(" and ")
				}
				b.WriteString(pixels(float64(g.Distance[head])))
			}
		}
		b.WriteString(". ")
	}
	b.WriteString(p.gridSentence(v))
	for i, g := range p.groups() {
		k := p.picked(v, i, g)
		n := &p.Panels[k]
		b.WriteString(" " + n.Title)
		if n.Layer != "" {
			b.WriteString(", " + n.Layer)
		}
		if bare(n) {
			b.WriteString(".")
		} else if n.Tiles > 1 {
			fmt.Fprintf(&b, ": %d pictures of %d by %d, largest magnitude %s.", n.Tiles, n.Rows, n.Cols, number(p.tops(k)))
		} else {
			fmt.Fprintf(&b, ": %d by %d, largest %s.", n.Rows, n.Cols, number(p.tops(k)))
		}
		for _, s := range []string{p.fieldLine(k), n.Note} {
			if s != "" {
				b.WriteString(" " + strings.ReplaceAll(s, " × ", " by "))
			}
		}
	}
	return b.String()
}

// Numbers is one table of what a picture shows.
type Numbers struct {
	Title   string
	Columns []string
	Rows    [][]string
}

// cellsMost is how many numbers a table for reading may have.
const cellsMost = 5000

// Tables gives what a picture shows as tables for reading: where the query looks, and the panels. Table has all of it for
// a file.
func Tables(p *Picture, v View) []Numbers {
	if p == nil {
		return nil
	}
	if p.Answer != nil {
		return p.answerTables()
	}
	if !p.Sized() {
		columns, rows := Table(p, v)
		list := []Numbers{{"Attention from " + p.Name(p.clampView(v).Query) + " to every token", columns, rows}}
		if p.Sequence != nil {
			list = append(list, p.tokenTables()...)
		}
		return list
	}
	v = p.clampView(v)
	var list []Numbers
	far := Numbers{Title: "Mean attention distance in pixels", Columns: []string{"layer", "head", "distance", "looking everywhere alike"}}
	for layer := range p.Grids {
		g := &p.Grids[layer]
		c := p.over(v.Query, g.Rows, g.Cols)
		first := window(g, c)
		t := Numbers{Title: fmt.Sprintf("%s: attention from cell %v of %s", g.Name, c, gridSize(g)), Columns: []string{"cell"}}
		for i := range g.Side * g.Side {
			t.Rows = append(t.Rows, []string{spot{first.row + i/g.Side, first.col + i%g.Side}.String()})
		}
		for head := range g.Heads + 1 {
			t.Columns = append(t.Columns, headName(g, head))
			for i, w := range p.windowWeights(nil, layer, head, c) {
				t.Rows[i] = append(t.Rows[i], strconv.FormatFloat(w, 'f', 4, 64))
			}
			if d := distance(g, head); !math.IsNaN(d) {
				far.Rows = append(far.Rows, []string{g.Name, headName(g, head), strconv.FormatFloat(d, 'f', 2, 64), strconv.FormatFloat(p.evenDistance(g), 'f', 2, 64)})
			}
		}
		list = append(list, t)
	}
	if len(far.Rows) > 0 {
		list = append(list, far)
	}
	for i := range p.Panels {
		if n := &p.Panels[i]; !bare(n) && n.Tiles*n.Rows*n.Cols <= cellsMost {
			list = append(list, p.panelTable(i))
		}
	}
	return list
}

// panelTable lays a panel out: as it stands where there is one tile, else a column for each tile where there are few, and
// a row for each where there are many.
func (p *Picture) panelTable(panel int) Numbers {
	n := &p.Panels[panel]
	t := Numbers{Title: n.Title}
	if n.Layer != "" {
		t.Title += ", " + n.Layer
	}
	value := func(tile, i int) string { return strconv.FormatFloat(float64(p.tile(panel, tile)[i]), 'g', 4, 32) }
	switch cells := n.Rows * n.Cols; {
	case n.Tiles == 1:
		t.Columns = []string{"row"}
		for col := range n.Cols {
			t.Columns = append(t.Columns, strconv.Itoa(col+1))
		}
		for row := range n.Rows {
			r := []string{strconv.Itoa(row + 1)}
			for col := range n.Cols {
				r = append(r, value(0, row*n.Cols+col))
			}
			t.Rows = append(t.Rows, r)
		}
	case n.Tiles <= 8:
		t.Columns = []string{"row, column"}
		for tile := range n.Tiles {
			t.Columns = append(t.Columns, p.tileName(panel, tile))
		}
		for i := range cells {
			r := []string{spot{i / n.Cols, i % n.Cols}.String()}
			for tile := range n.Tiles {
				r = append(r, value(tile, i))
			}
			t.Rows = append(t.Rows, r)
		}
	default:
		t.Columns = []string{"tile"}
		for i := range cells {
			t.Columns = append(t.Columns, spot{i / n.Cols, i % n.Cols}.String())
		}
		for tile := range n.Tiles {
			r := []string{p.tileName(panel, tile)}
			for i := range cells {
				r = append(r, value(tile, i))
			}
			t.Rows = append(t.Rows, r)
		}
	}
	return t
}

// gridTable is everything in one long table, a row for each number.
func (p *Picture) gridTable(v View) (columns []string, rows [][]string) {
	columns = []string{"picture", "layer", "of", "row", "column", "value"}
	add := func(picture, layer, of string, c spot, x float64) {
		rows = append(rows, []string{picture, layer, of, strconv.Itoa(c.row + 1), strconv.Itoa(c.col + 1), strconv.FormatFloat(x, 'g', 6, 64)})
	}
	for layer := range p.Grids {
		g := &p.Grids[layer]
		c := p.over(v.Query, g.Rows, g.Cols)
		first := window(g, c)
		for head := range g.Heads + 1 {
			for i, w := range p.windowWeights(nil, layer, head, c) {
				add("attention from cell "+c.String(), g.Name, headName(g, head), spot{first.row + i/g.Side, first.col + i%g.Side}, w)
			}
			if d := distance(g, head); !math.IsNaN(d) {
				rows = append(rows, []string{"mean distance in pixels", g.Name, headName(g, head), "", "", strconv.FormatFloat(d, 'g', 6, 64)})
			}
		}
	}
	for i := range p.Panels {
		n := &p.Panels[i]
		for tile := range n.Tiles {
			for k, x := range p.tile(i, tile) {
				add(n.ID, n.Layer, p.tileName(i, tile), spot{k / n.Cols, k % n.Cols}, float64(x))
			}
		}
		if n.Outline != 0 {
			for k, x := range p.buffers[n.Outline] {
				add(n.ID+", predicted set", n.Layer, "", spot{k / n.Cols, k % n.Cols}, float64(x))
			}
		}
	}
	return columns, rows
}
