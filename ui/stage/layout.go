package stage

import "math"

// Sizes in CSS pixels.
const (
	micro      = 11.0 // ticks, labels, units: nothing smaller
	small      = 12.0 // readout
	lineHeight = 17.0
	mapLabel   = 16.0 // room under a map for its maximum
	stripWide  = 5.0  // class token strip beside a map
	stripGap   = 2.0
	cellMost   = 2.0 // side of one matrix entry at most
)

// layout places the parts of the picture at a width and a device pixel ratio. Everything that is made of cells gets
// a whole number of device pixels per cell, so that no cell is a pixel wider than its neighbour.
type layout struct {
	wide      bool
	left      Rect // input, readout, answer
	classBar  Rect // the class token beside the input
	input     Rect
	readout   Rect
	answer    Rect
	legend    Rect
	maps      Rect
	pitchX    float64 // from map to map
	pitchY    float64
	mapX      float64 // x of the first map, behind the layer labels
	mapSize   float64
	meanGap   float64 // additional room before the mean
	headLabel float64 // y of the baseline of "head 1"
	strip     float64 // y where the update begins
	width     float64
}

// snap rounds a length down to a whole number of device pixels for each of n cells; at least one.
func snap(length float64, n int, scale float64) float64 {
	k := math.Floor(length * scale / float64(n))
	return max(k, 1) * float64(n) / scale
}

func newLayout(p *Picture, v View) layout {
	w := max(v.Width, 240)
	l := layout{width: w, wide: w >= 500, meanGap: 9}
	lines := 3.0 // of the readout where it is wide
	if p.prompts() > 0 {
		lines = 4
	}
	const turned = 13 // the turned word beside the class bar
	gap := 18.0
	if w >= 600 {
		gap = 24
	}
	classWide := 9.0
	if l.wide {
		column := min(max(0.31*w, 150), 216)
		size := snap(column-classWide-3-turned, p.Width, v.Scale)
		l.classBar = Rect{turned, 2, classWide, size}
		l.input = Rect{turned + classWide + 3, 2, size, size}
		l.readout = Rect{0, l.input.Y + size + 8, column, lines * lineHeight}
		l.answer = Rect{0, l.readout.Y + l.readout.H + 8, column, 20 + lineHeight}
		l.legend = Rect{0, l.answer.Y + l.answer.H + 10, column, legendHeight(v)}
		l.left = Rect{0, 0, column, l.legend.Y + l.legend.H}
		l.maps = Rect{column + gap, 0, w - column - gap, 0}
	} else {
		size := snap(min(w*0.42, 156)-classWide-3-turned, p.Width, v.Scale)
		l.classBar = Rect{turned, 2, classWide, size}
		l.input = Rect{turned + classWide + 3, 2, size, size}
		x := l.input.X + size + 14
		l.readout = Rect{x, 0, w - x, (1 + lines) * lineHeight}
		l.answer = Rect{x, l.readout.H + 8, w - x, 20 + lineHeight}
		bottom := max(l.input.Y+size, l.answer.Y+l.answer.H)
		l.legend = Rect{0, bottom + 10, w, legendHeight(v)}
		l.left = Rect{0, 0, w, l.legend.Y + l.legend.H}
		l.maps = Rect{0, l.left.H + 14, w, 0}
	}
	layers, columns := float64(p.Layers), float64(p.Heads+1)
	l.mapX = l.maps.X + 18
	l.headLabel = l.maps.Y + 10
	side := stripWide + stripGap
	l.pitchX = (l.maps.X + l.maps.W - l.mapX - l.meanGap + 6) / columns
	room := l.pitchX - side - 6
	if l.wide {
		room = min(room, 460/layers-mapLabel-4)
	} else {
		room = min(room, 76)
	}
	l.mapSize = snap(room, p.gridCols(), v.Scale)
	l.pitchX = min(l.pitchX, l.mapSize+side+44)
	l.pitchY = l.mapSize + mapLabel + 4
	l.maps.H = 16 + layers*l.pitchY
	l.strip = max(l.left.H, l.maps.Y+l.maps.H) + 10
	if l.wide {
		l.strip = max(l.left.Y+l.left.H, l.maps.H) + 10
	}
	return l
}

// legendHeight leaves room for the switch of the scale, larger for fingers.
func legendHeight(v View) float64 { return 14 + 6 + chipHeight(v) }

func chipHeight(v View) float64 {
	if v.Coarse {
		return 40
	}
	return 24
}

// cell places map (layer, head); head equal to Heads is the mean.
func (l layout) cell(p *Picture, layer, head int) (strip, grid Rect) {
	x := l.mapX + float64(head)*l.pitchX
	if head == p.Heads {
		x += l.meanGap
	}
	y := l.maps.Y + 16 + float64(layer)*l.pitchY
	height := l.mapSize / float64(p.gridCols()) * float64(p.gridRows())
	return Rect{x, y, stripWide, height}, Rect{x + stripWide + stripGap, y, l.mapSize, height}
}

// inner is the area of one cell of a grid.
func inner(r Rect, rows, cols, row, col int) Rect {
	w, h := r.W/float64(cols), r.H/float64(rows)
	return Rect{r.X + float64(col)*w, r.Y + float64(row)*h, w, h}
}
