package chart

import (
	"math"
	"sort"
)

// drawLabels writes the name of every line at its end. Lines that end together share a column right of their ends, with
// the names spread so that they never touch and a hairline from each end to its name. A line that ends on its own before
// the others carries its name beside its last point, where it covers least.
func (f plotFrame) drawLabels(g *pen) {
	type ending struct {
		line Line
		at   point
	}
	var ends []ending
	right := f.area.X0
	for _, l := range f.lines {
		at := f.end(l)
		right = math.Max(right, at.X)
		if early := f.area.X1-at.X > 0.1*f.area.width(); !f.mute(l) && (f.inside(l) || !early || l.DivergedText == "") {
			ends = append(ends, ending{l, at})
		}
	}
	sort.SliceStable(ends, func(i, j int) bool { return ends[i].at.X > ends[j].at.X })
	var taken []box
	for len(ends) > 0 {
		n := 1
		for n < len(ends) && ends[0].at.X-ends[n].at.X < 0.1*f.area.width() {
			n++
		}
		group := make([]Line, n)
		at := make([]point, n)
		for i, e := range ends[:n] {
			group[i], at[i] = e.line, e.at
		}
		if n == 1 && right-at[0].X > 0.1*f.area.width() {
			taken = append(taken, f.labelBeside(g, group[0], at[0], taken))
		} else {
			taken = append(taken, f.labelColumn(g, group, at, at[0].X < right)...)
		}
		ends = ends[n:]
	}
}

// labelColumn writes the names of lines that end together. over says that other lines run below the column.
func (f plotFrame) labelColumn(g *pen, lines []Line, ends []point, over bool) []box {
	lo, hi := f.area.Y0-6, f.area.Y1+2
	lines, ends = f.mostTelling(lines, ends, int((hi-lo)/(labelGap-1))+1)
	want := make([]float64, len(ends))
	column := 0.0
	for i, e := range ends {
		want[i] = e.Y
		column = math.Max(column, e.X)
	}
	ys := spread(want, labelGap, lo, hi)
	boxes := make([]box, len(lines))
	for i, l := range lines {
		elbow := column + 8
		g.mark("path", "d", pathData([]point{{ends[i].X + 2, ends[i].Y}, {elbow - 3, ys[i]}, {elbow, ys[i]}}), "fill", "none", "stroke", cssVar("line-2"), "stroke-width", "0.75")
		text := fitText(l.label(), 12, f.width-column-labelIndent-4, l.Selected)
		x := column + labelIndent + 4
		g.sign(point{column + 12, ys[i]}, l.Style)
		if over {
			g.halo(x, ys[i]+4, text, l.font(), "start")
		} else {
			g.text(x, ys[i]+4, text, l.font(), "start")
		}
		boxes[i] = box{column, ys[i] - 7, x + textWidth(text, 12, l.Selected), ys[i] + 7}
	}
	return boxes
}

// mostTelling keeps at most n labels: the selected arm, reference, floor and control first, then the outermost.
func (f plotFrame) mostTelling(lines []Line, ends []point, n int) ([]Line, []point) {
	if len(lines) <= n {
		return lines, ends
	}
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	weight := func(i int) float64 {
		switch {
		case lines[i].Selected:
			return 4
		case lines[i].Style == referenceStyle:
			return 3
		case lines[i].Style.Color == "frozen":
			return 2
		}
		return math.Abs(ends[i].Y-(f.area.Y0+f.area.Y1)/2) / f.area.height()
	}
	sort.SliceStable(order, func(a, b int) bool { return weight(order[a]) > weight(order[b]) })
	keepLines, keepEnds := make([]Line, n), make([]point, n)
	for k, i := range order[:n] {
		keepLines[k], keepEnds[k] = lines[i], ends[i]
	}
	return keepLines, keepEnds
}

// labelBeside writes one name next to its point, at the place where it covers the fewest lines and no other name.
func (f plotFrame) labelBeside(g *pen, l Line, at point, taken []box) box {
	w := textWidth(l.label(), 12, l.Selected)
	places := []struct {
		x, y   float64
		anchor string
	}{
		{at.X + 8, at.Y + 4, "start"}, {at.X, at.Y - 9, "middle"}, {at.X, at.Y + 18, "middle"},
		{at.X + 5, at.Y - 8, "start"}, {at.X + 5, at.Y + 16, "start"}, {at.X - 5, at.Y - 8, "end"}, {at.X - 5, at.Y + 16, "end"},
	}
	best, bestCost := 0, math.Inf(1)
	var bestBox box
	for k, p := range places {
		b := box{p.x, p.y - 10, p.x + w, p.y + 3}
		switch p.anchor {
		case "middle":
			b.X0, b.X1 = p.x-w/2, p.x+w/2
		case "end":
			b.X0, b.X1 = p.x-w, p.x
		}
		if cost := f.cover(l, b, taken) + 0.1*float64(k); cost < bestCost {
			best, bestCost, bestBox = k, cost, b
		}
	}
	g.sign(at, Style{Color: l.Style.Color, Shape: dotShape(l.Style.Shape)})
	g.halo(places[best].x, places[best].y, l.label(), l.font(), places[best].anchor)
	return bestBox
}

// cover counts what a label in box b would hide: lines count one each, names ten, and leaving the area a hundred.
func (f plotFrame) cover(own Line, b box, taken []box) float64 {
	cost := 0.0
	for _, t := range taken {
		if b.overlaps(t) {
			cost += 10
		}
	}
	if b.X0 < f.area.X0 || b.X1 > f.width || b.Y0 < 0 || b.Y1 > f.area.Y1 {
		cost += 100
	}
	for _, l := range f.lines {
		pts := f.points(l)
		for i := 1; i < len(pts); i++ {
			if _, _, hit := clipSegment(pts[i-1], pts[i], b); hit {
				cost++
				break
			}
		}
	}
	return cost
}
