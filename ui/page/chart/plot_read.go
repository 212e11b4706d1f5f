package chart

import (
	"math"
	"slices"
	"sort"
	"strings"
)

// xs are the places at which a plot can be read: every x of every line, once, in order.
func (f plotFrame) xs() []float64 {
	var xs []float64
	for _, l := range f.lines {
		for i, x := range l.X {
			if finite(l.Y[i]) && x >= f.x.Lo && x <= f.x.Hi {
				xs = append(xs, x)
			}
		}
	}
	slices.Sort(xs)
	return slices.Compact(xs)
}

// Hit implements Graphic: Cursor.Col is the index of the nearest x.
func (p Plot) Hit(width, x, y float64) (Cursor, bool) {
	f := p.frame(width)
	xs := f.xs()
	if len(xs) == 0 || x < f.area.X0-12 || x > f.area.X1+12 || y < f.area.Y0-overAxis || y > f.area.Y1+underAxis {
		return Cursor{}, false
	}
	best := 0
	for i, v := range xs {
		if math.Abs(f.x.at(v)-x) < math.Abs(f.x.at(xs[best])-x) {
			best = i
		}
	}
	return Cursor{Col: best}, true
}

// Move implements Graphic: left and right step through the values of x.
func (p Plot) Move(from *Cursor, key string) (Cursor, bool) {
	n := len(p.frame(600).xs())
	if n == 0 {
		return Cursor{}, false
	}
	at := n - 1
	if from != nil {
		at = min(from.Col, n-1)
	}
	switch key {
	case "Home":
		return Cursor{}, true
	case "End":
		return Cursor{Col: n - 1}, true
	}
	to, ok := moveIn(at, n, key, "ArrowLeft", "ArrowRight")
	if from == nil && ok {
		to = n - 1
	}
	return Cursor{Col: to}, ok
}

// Read implements Graphic: a hairline at one x, a dot on every line that has a value there, and the values from top to
// bottom.
func (p Plot) Read(width float64, c Cursor) Reading {
	f := p.frame(width)
	xs := f.xs()
	if len(xs) == 0 {
		return Reading{}
	}
	x := xs[min(max(c.Col, 0), len(xs)-1)]
	r := Reading{X: f.x.at(x), Y: f.area.Y0, Head: strings.TrimSpace(p.X.Name + " " + Number(x))}
	if p.X.Unit != "" {
		r.Head += " " + p.X.Unit
	}
	var g pen
	g.line(r.X, f.area.Y0, r.X, f.area.Y1, "ink-3", 1, "")
	type value struct {
		l Line
		i int
	}
	var values []value
	for _, l := range f.lines {
		if i := slices.Index(l.X, x); i >= 0 && finite(l.Y[i]) {
			values = append(values, value{l, i})
			if q := (point{r.X, f.y.at(l.Y[i])}); f.area.holds(q) {
				g.mark("circle", "cx", px(q.X), "cy", px(q.Y), "r", "3.2", "fill", l.Style.CSS(), "stroke", cssVar("surface"), "stroke-width", "1")
			}
		}
	}
	sort.SliceStable(values, func(a, b int) bool { return values[a].l.Y[values[a].i] > values[b].l.Y[values[b].i] })
	for _, v := range values {
		r.Rows = append(r.Rows, ReadingRow{Name: v.l.Name, Text: v.l.valueText(v.i, p.Y.Unit), Color: v.l.Style.Color, Strong: v.l.Selected})
	}
	r.Marks = g.String()
	return r
}

// valueText is "94.3 ±0.6", with the interval where there is one.
func (l Line) valueText(i int, unit string) string {
	s := Number(l.Y[i])
	if i < len(l.Low) && i < len(l.High) && l.High[i] > l.Low[i] {
		if up, down := l.High[i]-l.Y[i], l.Y[i]-l.Low[i]; math.Abs(up-down) < 0.02*(up+down) {
			if unit == "%" && tooWide(up) {
				return s + " %, interval too wide to tell"
			}
			s += " ±" + spreadText(l.Y[i], up)
		} else {
			s += " (" + Number(l.Low[i]) + " to " + Number(l.High[i]) + ")"
		}
	}
	if unit == "%" {
		s += " %"
	}
	return s
}

// spreadText writes a half width with as many decimals as its mean has in Number.
func spreadText(mean, half float64) string {
	_, frac, _ := strings.Cut(Number(mean), ".")
	a := math.Abs(mean)
	if a >= 1000 || a != 0 && a < 1e-3 {
		return Number(half)
	}
	if s := fixed(half, max(len(frac), 1)); strings.Trim(s, "0.") != "" {
		return s
	}
	return Number(half)
}

// Alt implements Graphic: where every line ends, in numbers.
func (p Plot) Alt() string {
	f := p.frame(600)
	title := strings.Trim(p.Title+", "+p.axisWords(), ", ")
	if len(f.lines) == 0 {
		return title + ". " + p.Empty
	}
	ends := slices.Clone(f.lines)
	sort.SliceStable(ends, func(i, j int) bool { return ends[i].Y[ends[i].last()] > ends[j].Y[ends[j].last()] })
	var words []string
	for _, l := range ends {
		i := l.last()
		w := l.Name + " " + l.valueText(i, p.Y.Unit)
		if l.DivergedText != "" {
			w += ", " + l.DivergedText
		}
		if x := l.X[i]; x != f.x.Hi {
			w += " at " + strings.TrimSpace(p.X.Name+" "+Number(x))
		}
		words = append(words, w)
	}
	return title + " against " + p.X.Name + ". At the end: " + strings.Join(words, "; ") + "."
}

// Table implements Graphic: one row per x, one column per line, two more where the line has an interval.
func (p Plot) Table() Table {
	f := p.frame(600)
	t := Table{Columns: []string{p.X.Name}}
	if p.X.Name == "" {
		t.Columns[0] = "x"
	}
	var lines []Line
	for _, l := range p.Lines {
		if l.last() >= 0 {
			lines = append(lines, l)
			t.Columns = append(t.Columns, l.Name)
			if l.hasInterval() {
				t.Columns = append(t.Columns, l.Name+", low", l.Name+", high")
			}
		}
	}
	for _, x := range f.xs() {
		row := []string{plain(x)}
		for _, l := range lines {
			i := slices.Index(l.X, x)
			cells := []float64{math.NaN(), math.NaN(), math.NaN()}
			if i >= 0 {
				cells[0] = l.Y[i]
				if l.hasInterval() {
					cells[1], cells[2] = l.Low[i], l.High[i]
				}
			}
			row = append(row, plain(cells[0]))
			if l.hasInterval() {
				row = append(row, plain(cells[1]), plain(cells[2]))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (l Line) hasInterval() bool {
	l.Band = true
	return l.banded()
}
