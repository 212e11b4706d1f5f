package stage

import (
	"fmt"
	"math"
	"strconv"

	"petri/kernels/lab/wire/frame"
)

// A frame with grids or panels is of a network whose layers have maps of their own sizes and no class token. There the
// tokens of a View are pixels of the image: 1+i is pixel i in reading order and 0 none, for which the middle stands. Each
// layer has its own cell over a pixel.

// mostSide bounds what a header may promise, so that products of sizes stay numbers.
const mostSide = 4096

func (p *Picture) checkGrids() error {
	f := &p.Frame
	within := func(what string, sizes ...int) error {
		for _, n := range sizes {
			if n <= 0 || n > mostSide {
				return fmt.Errorf("stage: %s of size %d", what, n)
			}
		}
		return nil
	}
	holds := func(what string, buffer, want int) error {
		if buffer < 0 || buffer >= len(p.buffers) {
			return fmt.Errorf("stage: %s names buffer %d of %d", what, buffer, len(p.buffers))
		}
		if n := len(p.buffers[buffer]); n != want {
			return fmt.Errorf("stage: buffer %d holds %d numbers, %s says %d", buffer, n, what, want)
		}
		return nil
	}
	if err := within("an image", f.Height, f.Width); err != nil {
		return err
	}
	if err := holds("the image", bufImage, f.Height*f.Width); err != nil {
		return err
	}
	for i := range f.Grids {
		g := &f.Grids[i]
		name := "grid " + g.Name
		if err := within(name, g.Rows, g.Cols, g.Side, g.Heads); err != nil {
			return err
		}
		if g.Rows%g.Side != 0 || g.Cols%g.Side != 0 {
			return fmt.Errorf("stage: %s of %dx%d does not split into windows of %d", name, g.Rows, g.Cols, g.Side)
		}
		if n := len(g.Distance); n != 0 && n != g.Heads {
			return fmt.Errorf("stage: %s has %d heads and %d distances", name, g.Heads, n)
		}
		s := g.Side * g.Side
		if err := holds(name, g.Buffer, g.Rows*g.Cols*g.Heads*s); err != nil { // windows·s = rows·cols
			return err
		}
	}
	for i := range f.Panels {
		n := &f.Panels[i]
		name := "panel " + n.ID
		if bare(n) {
			continue
		}
		if err := within(name, n.Rows, n.Cols, n.Tiles); err != nil {
			return err
		}
		if n.Scale != scaleViridis && n.Scale != scaleDiverging {
			return fmt.Errorf("stage: %s has no scale %q", name, n.Scale)
		}
		if k := len(n.Labels); k != 0 && k != n.Tiles {
			return fmt.Errorf("stage: %s has %d tiles and %d labels", name, n.Tiles, k)
		}
		if err := holds(name, n.Buffer, n.Tiles*n.Rows*n.Cols); err != nil {
			return err
		}
		if n.Outline != 0 {
			if err := holds("the outline of "+name, n.Outline, n.Rows*n.Cols); err != nil {
				return err
			}
		}
	}
	if f.OutRows != 0 || f.OutCols != 0 {
		if err := within("an output map", f.OutRows, f.OutCols); err != nil {
			return err
		}
	}
	if rows, cols := p.outSize(); f.Token < 0 || rows > 0 && f.Token >= rows*cols {
		return fmt.Errorf("stage: output position %d of a map of %dx%d", f.Token, rows, cols)
	}
	return nil
}

// The scales of panels.
const (
	scaleViridis   = "viridis"
	scaleDiverging = "diverging"
)

// The panels that the stage knows more of than their numbers.
const (
	panelField      = "field"
	panelRollout    = "rollout"
	panelTable      = "table"
	panelSimilarity = "similarity"
	panelFilters    = "filters"
)

// outSize is the size of the output map, 0, 0 where the frame does not say.
func (p *Picture) outSize() (rows, cols int) {
	if p.OutRows > 0 && p.OutCols > 0 {
		return p.OutRows, p.OutCols
	}
	if n := len(p.Grids); n > 0 {
		return p.Grids[n-1].Rows, p.Grids[n-1].Cols
	}
	return 0, 0
}

// spot is a cell of a map over the image.
type spot struct{ row, col int }

func (c spot) String() string { return strconv.Itoa(c.row+1) + "," + strconv.Itoa(c.col+1) }

// pixel is where a token of a View lies: the middle of the image for none.
func (p *Picture) pixel(token int) spot {
	if token <= 0 {
		return spot{p.Height / 2, p.Width / 2}
	}
	return spot{(token - 1) / p.Width, (token - 1) % p.Width}
}

// over is the cell of a map of rows×cols over a token's pixel.
//
//go:noinline
func (p *Picture) over(token, rows, cols int) spot {
	at := p.pixel(token)
	return spot{at.row * rows / p.Height, at.col * cols / p.Width}
}

// under is the token of the pixel in the middle of a cell.
func (p *Picture) under(c spot, rows, cols int) int {
	y, x := (2*c.row+1)*p.Height/(2*rows), (2*c.col+1)*p.Width/(2*cols)
	return 1 + y*p.Width + x
}

// output is the cell of the output map over a token's pixel, as Frame.Token counts.
func (p *Picture) output(token int) int {
	rows, cols := p.outSize()
	c := p.over(token, rows, cols)
	return c.row*cols + c.col
}

// heads of a layer, 0 where there is none.
func (p *Picture) heads(layer int) int {
	if p.Sized() {
		if layer < len(p.Grids) {
			return p.Grids[layer].Heads
		}
		return 0
	}
	return p.Heads
}

// window is the part of a layer's map that a cell can look at: its first cell.
func window(g *frame.Grid, c spot) spot {
	return spot{c.row / g.Side * g.Side, c.col / g.Side * g.Side}
}

func windowed(g *frame.Grid) bool { return g.Side < g.Rows || g.Side < g.Cols }

// windowWeights appends the weights with which a cell looks at the cells of its window, row-major; head equal to Heads is
// the mean of the heads.
func (p *Picture) windowWeights(dst []float64, layer, head int, c spot) []float64 {
	g := &p.Grids[layer]
	s := g.Side * g.Side
	w := c.row/g.Side*(g.Cols/g.Side) + c.col/g.Side
	i := c.row%g.Side*g.Side + c.col%g.Side
	from, to := head, head+1
	if head == g.Heads {
		from, to = 0, g.Heads
	}
	at := len(dst)
	for range s {
		dst = append(dst, 0)
	}
	for h := from; h < to; h++ {
		for k, x := range p.buffers[g.Buffer][((w*g.Heads+h)*s+i)*s:][:s] {
			dst[at+k] += float64(x) / float64(to-from)
		}
	}
	return dst
}

// weightTo is the weight with which a head looks from one token to another in a layer; inside is false where the window
// ends before.
func (p *Picture) weightTo(layer, head, from, to int) (w float64, inside bool) {
	g := &p.Grids[layer]
	a, b := p.over(from, g.Rows, g.Cols), p.over(to, g.Rows, g.Cols)
	first := window(g, a)
	if window(g, b) != first {
		return 0, false
	}
	return p.windowWeights(nil, layer, head, a)[(b.row-first.row)*g.Side+b.col-first.col], true
}

// distance is the mean attention distance of a head in pixels, of the mean of the heads for head equal to Heads; NaN
// where the frame has none.
func distance(g *frame.Grid, head int) float64 {
	if len(g.Distance) == 0 {
		return math.NaN()
	}
	if head < g.Heads {
		return float64(g.Distance[head])
	}
	sum := 0.0 // the distance is linear in the weights
	for _, d := range g.Distance {
		sum += float64(d)
	}
	return sum / float64(g.Heads)
}

// evenDistance is the mean attention distance of a head that looks everywhere alike within its window, in pixels.
func (p *Picture) evenDistance(g *frame.Grid) float64 {
	dy, dx := float64(p.Height)/float64(g.Rows), float64(p.Width)/float64(g.Cols)
	sum, n := 0.0, float64(g.Side)
	for y := 1 - g.Side; y < g.Side; y++ { // pairs of cells by their offset
		for x := 1 - g.Side; x < g.Side; x++ {
			pairs := (n - math.Abs(float64(y))) * (n - math.Abs(float64(x)))
			sum += pairs * math.Hypot(float64(y)*dy, float64(x)*dx)
		}
	}
	return sum / (n * n * n * n)
}

// tile is one picture of a panel.
func (p *Picture) tile(panel, i int) []float32 {
	n := &p.Panels[panel]
	return p.buffers[n.Buffer][i*n.Rows*n.Cols:][:n.Rows*n.Cols]
}

// bare reports whether a panel is a note without a picture.
func bare(n *frame.Panel) bool { return n.Tiles == 0 && n.Rows == 0 && n.Cols == 0 && n.Outline == 0 }

// outlined reports whether a panel's predicted set holds a cell.
func (p *Picture) outlined(panel, row, col int) bool {
	n := &p.Panels[panel]
	return row >= 0 && row < n.Rows && col >= 0 && col < n.Cols && p.buffers[n.Outline][row*n.Cols+col] > 0.5
}

// insideShare is the part of a panel's magnitude that lies in its predicted set; ok is false where there is nothing to
// divide.
func (p *Picture) insideShare(panel int) (share float64, ok bool) {
	n := &p.Panels[panel]
	if n.Outline == 0 {
		return 0, false
	}
	in, all := 0.0, 0.0
	for i, x := range p.tile(panel, 0) {
		a := math.Abs(float64(x))
		all += a
		if p.buffers[n.Outline][i] > 0.5 {
			in += a
		}
	}
	return in / all, all > 0 && !math.IsInf(all, 0)
}

// tileName says which tile of a panel is meant, "" where there is one.
func (p *Picture) tileName(panel, i int) string {
	switch n := &p.Panels[panel]; {
	case len(n.Labels) > 0:
		return n.Labels[i]
	case n.Tiles == 1:
		return ""
	case isMapOfTiles(n):
		return "cell " + spot{i / n.Cols, i % n.Cols}.String()
	default:
		return "tile " + strconv.Itoa(i+1)
	}
}

// isMapOfTiles reports whether a panel has one tile for each cell, each of them a map: they are laid out as that map.
func isMapOfTiles(n *frame.Panel) bool {
	return n.Tiles > 1 && n.Tiles == n.Rows*n.Cols && n.ID == panelSimilarity
}

// A group is a set of panels with one name, of which one is shown at a time.
type group struct {
	id     string
	panels []int
}

func (p *Picture) groups() []group {
	var list []group
next:
	for i := range p.Panels {
		for k := range list {
			if list[k].id == p.Panels[i].ID {
				list[k].panels = append(list[k].panels, i)
				continue next
			}
		}
		list = append(list, group{p.Panels[i].ID, []int{i}})
	}
	return list
}

// picked is the panel of a group that is shown: the one that was chosen, else that of the selected layer, else the first.
func (p *Picture) picked(v View, i int, g group) int {
	if i < len(v.Pick) && v.Pick[i] > 0 && v.Pick[i] <= len(g.panels) {
		return g.panels[v.Pick[i]-1]
	}
	if v.Layer < len(p.Grids) {
		for _, k := range g.panels {
			if p.Panels[k].Layer == p.Grids[v.Layer].Name {
				return k
			}
		}
	}
	return g.panels[0]
}

// clampGrids brings a view's indices into the picture's ranges.
func (p *Picture) clampGrids(v View) View {
	in := func(x, low, high int) int { return min(max(x, low), high) }
	pixels := p.Height * p.Width
	v.Query = in(v.Query, 0, pixels)
	v.Key = in(v.Key, -1, pixels)
	if v.Key == 0 {
		v.Key = -1
	}
	v.Layer = in(v.Layer, 0, max(len(p.Grids)-1, 0))
	v.Head = in(v.Head, 0, p.heads(v.Layer))
	v.Over = in(v.Over, -1, len(p.Grids)-1)
	if v.Panel < 0 || v.Panel >= len(p.Panels) || v.Tile < 0 || v.Tile >= p.Panels[v.Panel].Tiles ||
		v.Row < 0 || v.Row >= p.Panels[v.Panel].Rows || v.Col < 0 || v.Col >= p.Panels[v.Panel].Cols {
		v.Panel, v.Tile, v.Row, v.Col = -1, -1, -1, -1
	}
	return v
}

// stepGrids moves a token by one cell of the selected layer, or of the output map where there is no layer.
func (p *Picture) stepGrids(v View, arrow string) int {
	rows, cols := p.outSize()
	if v.Layer < len(p.Grids) {
		rows, cols = p.Grids[v.Layer].Rows, p.Grids[v.Layer].Cols
	}
	if rows == 0 {
		rows, cols = p.Height, p.Width
	}
	c := p.over(v.Query, rows, cols)
	switch arrow {
	case "ArrowLeft":
		c.col = max(c.col-1, 0)
	case "ArrowRight":
		c.col = min(c.col+1, cols-1)
	case "ArrowUp":
		c.row = max(c.row-1, 0)
	case "ArrowDown":
		c.row = min(c.row+1, rows-1)
	}
	return p.under(c, rows, cols)
}
