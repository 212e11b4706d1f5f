package moat

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"petri/kernels/data"
	"petri/kernels/f32"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
	"petri/kernels/tape"
)

// Frame implements lab.Trial: one validation example as the racer sees it now.
func (t *trial) Frame(focus wire.Focus) (wire.Frame, [][]float32) {
	if t.base != nil { // what the racer would start from if it began now
		t.carried.Fill(carriedBy(t.base.net).Append(nil))
	}
	example := min(max(focus.Example, 0), course.Staged-1)
	image := make([]float32, data.Pixels)
	label := t.task.Holdout.Image(image, data.Validation, example)
	logits := slices.Clone(t.logits(image)) // more images follow on that tape
	rows, cols := t.net.last[0], t.net.last[1]
	token := min(focus.Token, rows*cols-1)
	if token < 0 {
		token = rows/2*cols + cols/2
	}
	f := wire.Frame{
		Arm: t.arm.String(), Trial: t.id, Step: t.Step(), Example: example, Examples: course.Staged,
		Height: data.Side, Width: data.Side,
		Classes: t.task.Classes, Label: label, Probs: probabilities(logits),
		Token: token, OutRows: rows, OutCols: cols,
	}
	view := &view{frame: &f, buffers: [][]float32{image, nil, nil, nil, nil}}
	layers := t.net.attentions()
	f.Layer = min(max(focus.Layer, 0), max(0, len(layers)-1))
	for _, a := range layers {
		view.grid(t.Look, a)
	}
	view.field(t, image)
	if len(layers) > 0 {
		view.rollout(t, image, logits, layers)
		view.table(layers[f.Layer])
	}
	view.filters(t.net, f.Layer)
	return f, view.buffers
}

// logits are what the net says of images, one after another. The tape t.Look holds them and what else was computed.
func (t *trial) logits(images []float32) []float32 {
	t.Look.Reset()
	return t.net.Forward(t.net.Input(t.Look, images)).Data()
}

// probabilities are those of the classes by the logits of one image.
func probabilities(logits []float32) []float32 {
	probs := make([]float32, len(logits))
	f32.Softmax(probs, logits, 1, len(logits))
	return probs
}

// view gathers the pictures of a frame.
type view struct {
	frame   *wire.Frame
	buffers [][]float32
}

// add appends a buffer and returns its place.
func (v *view) add(x []float32) int {
	v.buffers = append(v.buffers, x)
	return len(v.buffers) - 1
}

// weights are the attention maps [windows, heads, side², side²] of one layer for the image that the tape has seen.
func (a *attention) weights(t *tape.Tape) []float32 {
	s := a.side * a.side
	per := a.heads * s * s
	all := make([]float32, a.windows()*per)
	for w := range a.windows() {
		t.Attention(all[w*per:(w+1)*per], a.kept, w)
	}
	return all
}

// grid adds the attention maps of a layer.
func (v *view) grid(t *tape.Tape, a *attention) {
	w := a.weights(t)
	g := wire.Grid{Name: a.name, Rows: a.rows, Cols: a.cols, Side: a.side, Heads: a.heads, Buffer: v.add(w)}
	for _, d := range a.distance(w) {
		g.Distance = append(g.Distance, float32(d))
	}
	v.frame.Grids = append(v.frame.Grids, g)
}

// distance is the mean attention distance of each head in pixels: how far away, on average, lies what a cell looks at
// (Dosovitskiy et al. 2021).
func (a *attention) distance(weights []float32) []float64 {
	s := a.side * a.side
	pixels := float64(data.Side) / float64(a.rows)
	out := make([]float64, a.heads)
	for h := range out {
		sum := 0.0
		for w := range a.windows() {
			m := weights[(w*a.heads+h)*s*s:][:s*s]
			for i := range s {
				for j := range s {
					dy, dx := float64(i/a.side-j/a.side), float64(i%a.side-j%a.side)
					sum += float64(float64(m[i*s+j]) * math.Sqrt(float64(dy*dy)+float64(dx*dx)))
				}
			}
		}
		out[h] = float64(sum*pixels) / float64(a.windows()*s)
	}
	return out
}

// distances are the mean attention distances of all layers over some validation examples.
func (t *trial) distances() (layers []string, all [][]float64) {
	const examples = 8
	attentions := t.net.attentions()
	all = make([][]float64, len(attentions))
	image := make([]float32, data.Pixels)
	for e := range examples {
		t.task.Holdout.Image(image, data.Validation, e)
		t.logits(image)
		for i, a := range attentions {
			if e == 0 {
				layers, all[i] = append(layers, a.name), make([]float64, a.heads)
			}
			for h, d := range a.distance(a.weights(t.Look)) {
				all[i][h] += d / examples
			}
		}
	}
	return layers, all
}

// perImage is the median time in milliseconds to read one image in a batch of 32, norms folded; 0 without a clock.
func (t *trial) perImage() float64 {
	if t.env.Clock == nil {
		return 0
	}
	images := make([]float32, course.LookBatch*data.Pixels)
	for j := range course.LookBatch {
		t.task.Holdout.Image(images[j*data.Pixels:(j+1)*data.Pixels], data.Validation, j)
	}
	n := t.net.folded()
	var times []float64
	for range 5 {
		start := t.env.Now()
		t.Look.Reset()
		n.Forward(n.Input(t.Look, images))
		times = append(times, (t.env.Now()-start)/course.LookBatch)
	}
	return lab.Median(times)
}

// field adds the effective receptive field of the cell in focus, with the predicted set around it.
func (v *view) field(t *trial, image []float32) {
	n := t.net
	x := tape.NewParam("image", tape.Shape{1, data.Side, data.Side, n.channels})
	copy(x.Value.Data, image)
	out := newMask(n.last[0], n.last[1])
	out.on[v.frame.Token] = true
	want := n.Reach(out)
	outline := make([]float32, len(want.on))
	for i, on := range want.on {
		if on {
			outline[i] = 1
		}
	}
	rows, cols := want.box()
	note := "How strongly each pixel moves this cell, by gradient. "
	if want.size() == len(want.on) {
		note += "Every pixel can reach it: " + n.farthest() + "."
	} else {
		by := "convolutions"
		if len(n.attentions()) > 0 {
			by += " and attention"
		}
		note += fmt.Sprintf("Outlined: the %d × %d pixels that %s let through.", rows, cols, by)
	}
	v.frame.Panels = append(v.frame.Panels, wire.Panel{ID: "field", Title: "Receptive field", Note: note,
		Rows: data.Side, Cols: data.Side, Tiles: 1, Scale: "viridis", OverImage: true, Buffer: v.add(n.field(t.back, x, v.frame.Token)), Outline: v.add(outline)})
}

// farthest says how every pixel reaches a cell, in a net where it does: what looks at a whole map by itself, else what
// reaches that far only together.
func (n *net) farthest() string {
	var attends, windowed, gated bool
	for _, b := range n.blocks {
		b.parts(func(p part) {
			switch p := p.(type) {
			case *attention:
				attends = attends || p.windows() == 1
				windowed = windowed || p.windows() > 1
			case *excite:
				gated = true
			}
		})
	}
	const gate = "a gate (squeeze-and-excitation)"
	switch {
	case attends && gated:
		return "attention and " + gate + " look at the whole map"
	case attends:
		return "attention looks at the whole map"
	case gated:
		return gate + " looks at the whole map"
	case windowed:
		return "convolutions and attention in windows together reach that far"
	}
	return "convolutions alone reach that far"
}

// rolled is the attention rollout (Abnar and Zuidema 2020) over some layers of one map: the heads' mean, half of it
// replaced by the identity for the shortcut, multiplied through. R[i][j] is how much of cell j is in cell i.
func rolled(t *tape.Tape, layers []*attention) []float64 {
	n := layers[0].rows * layers[0].cols
	var r []float64
	for _, a := range layers {
		m := a.mean(a.weights(t))
		if r == nil {
			r = m
			continue
		}
		next := make([]float64, n*n)
		for i := range n {
			for k := range n {
				if x := m[i*n+k]; x != 0 {
					for j := range n {
						next[i*n+j] += float64(x * r[k*n+j])
					}
				}
			}
		}
		r = next
	}
	return r
}

// mean is half the mean of the heads and half the identity, over the whole map [cells, cells]: windows stand as blocks on
// their places, all else is zero. Rows add up to one.
func (a *attention) mean(weights []float32) []float64 {
	n, s := a.rows*a.cols, a.side*a.side
	out := make([]float64, n*n)
	across := a.cols / a.side
	for w := range a.windows() {
		cell := func(i int) int {
			return (w/across*a.side+i/a.side)*a.cols + w%across*a.side + i%a.side
		}
		for i := range s {
			for j := range s {
				sum := 0.0
				for h := range a.heads {
					sum += float64(weights[((w*a.heads+h)*s+i)*s+j])
				}
				out[cell(i)*n+cell(j)] = float64(0.5*sum) / float64(a.heads)
			}
		}
	}
	for i := range n {
		out[i*n+i] += 0.5
	}
	return out
}

// mostRolled is the side of the largest window whose maps are multiplied through.
const mostRolled = 8

// rollout adds what the layers of the last map with attention look at in the end, and checks whether it means anything.
func (v *view) rollout(t *trial, image, logits []float32, layers []*attention) {
	last := layers[len(layers)-1]
	panel := wire.Panel{ID: "rollout", Title: "Attention rollout"}
	if last.side > mostRolled { // pictures are made many times a second
		panel.Note = fmt.Sprintf("Left out: attention looks over %d × %d cells at once here, and to multiply such maps for every picture would hold up the race. It is drawn for windows of up to %d × %d cells.",
			last.side, last.side, mostRolled, mostRolled)
		v.frame.Panels = append(v.frame.Panels, panel)
		return
	}
	var same []*attention
	for _, a := range layers {
		if a.rows == last.rows && a.cols == last.cols {
			same = append(same, a)
		}
	}
	n := last.rows * last.cols
	r := rolled(t.Look, same)
	cells := make([]float32, n) // the mean over the cells that ask: there is no class token
	for i := range n {
		for j := range n {
			cells[j] += float32(r[i*n+j] / float64(n))
		}
	}
	panel.Note = "Attention of the layers on this map, heads averaged, multiplied through; it ignores values, convolutions and norms, and knows no class. " +
		verdict(t.blanked(image, logits, cells, last.rows))
	panel.Rows, panel.Cols, panel.Tiles, panel.Scale, panel.OverImage, panel.Buffer = last.rows, last.cols, 1, "viridis", true, v.add(cells)
	v.frame.Panels = append(v.frame.Panels, panel)
}

// verdict says what blanking cells does to the answer, and what follows. What is compared are the numbers as they are written.
func verdict(marked, random float64) string {
	if !lab.IsFinite(marked) || !lab.IsFinite(random) {
		return "The logits are no numbers: there is nothing to check it by."
	}
	s := fmt.Sprintf("The logit of the answer %s when the fifth of the cells that it marks most are blanked, and %s when as many random ones are, mean of %d draws. ",
		falls(marked), falls(random), draws)
	if math.Round(100*marked) > max(0, math.Round(100*random)) {
		return s + "More than chance: here it marks what counts."
	}
	return s + "No more than chance: here the picture misleads."
}

// falls writes a change of a logit.
func falls(by float64) string {
	if math.Round(100*by) < 0 {
		return "rises by " + words.Number(-by, 2)
	}
	return "drops by " + words.Number(math.Abs(by), 2)
}

// draws is how many random sets of cells are blanked: one alone may hit or miss what counts.
const draws = 4

// blanked is by how much the logit of the answer falls when the fifth of the cells that weigh most are painted in the
// image's mean grey, and when as many cells are, chosen among all at random: the mean of some draws. They are the same for
// all images, racers and steps. A map has as many columns as rows.
func (t *trial) blanked(image, logits, weight []float32, rows int) (marked, random float64) {
	n := len(weight)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight[b], weight[a]) })
	k := max(1, n/5)
	grey := float32(0)
	for _, x := range image {
		grey += x
	}
	grey /= float32(len(image))
	images := make([]float32, 0, (1+draws)*len(image))
	paint := func(cells []int) {
		at, side := len(images), data.Side/rows
		images = append(images, image...)
		for _, c := range cells {
			for y := range side {
				for x := range side {
					images[at+(c/rows*side+y)*data.Side+c%rows*side+x] = grey
				}
			}
		}
	}
	paint(order[:k])
	r := stream(0, "blank")
	for range draws {
		paint(r.Perm(n)[:k])
	}
	best := lab.Argmax(logits)
	after := t.logits(images) // in evaluation images do not meet
	fall := func(i int) float64 { return float64(logits[best]) - float64(after[i*len(logits)+best]) }
	for i := range draws {
		random += fall(1+i) / draws
	}
	return fall(0), random
}

// table adds the position table of a layer, and how alike the places of its map are by it.
func (v *view) table(a *attention) {
	if a.table == nil {
		return
	}
	side := 2*a.side - 1
	heads := labels(a.heads, "head")
	table := a.table.Table.Value.Data
	seen := slices.Clone(table) // turned: as seen from the cell that asks, what lies below it below
	for h := range a.heads {
		slices.Reverse(seen[h*side*side:][:side*side])
	}
	v.frame.Panels = append(v.frame.Panels, wire.Panel{ID: "table", Title: "Position table", Layer: a.name,
		Note: "What is added to a score for each offset between two cells, the same whatever they hold; the middle is a cell's own place.",
		Rows: side, Cols: side, Tiles: a.heads, Labels: heads, Scale: "diverging", Buffer: v.add(seen)})
	n := a.side * a.side
	bias := func(h, i, j int) float64 {
		y, x := i/a.side-j/a.side+a.side-1, i%a.side-j%a.side+a.side-1
		return float64(table[(h*side+y)*side+x])
	}
	middle := a.side/2*a.side + a.side/2
	alike := make([]float32, a.heads*n)
	for h := range a.heads {
		for i := range n {
			var dot, p, q float64
			for j := range n {
				x, y := bias(h, middle, j), bias(h, i, j)
				dot, p, q = dot+float64(x*y), p+float64(x*x), q+float64(y*y)
			}
			if p > 0 && q > 0 {
				alike[h*n+i] = float32(dot / math.Sqrt(float64(p*q)))
			}
		}
	}
	v.frame.Panels = append(v.frame.Panels, wire.Panel{ID: "similarity", Title: "Similarity of places", Layer: a.name,
		Note: "Cosine between what the table tells the cell in the middle and what it tells every other one.",
		Rows: a.side, Cols: a.side, Tiles: a.heads, Labels: heads, Scale: "diverging", Buffer: v.add(alike)})
}

// mostFilters is how many windows of a layer are drawn.
const mostFilters = 64

// filters adds the depth-wise windows of the block that holds attention layer number i, or of the last one before it.
func (v *view) filters(n *net, i int) {
	var found *depthwise
	layer, seen := "", 0
	for _, b := range n.blocks {
		holds := 0
		b.parts(func(p part) {
			switch p := p.(type) {
			case *depthwise:
				if found == nil || seen <= i {
					found, layer = p, b.name
				}
			case *attention:
				holds++
			}
		})
		seen += holds
		if seen > i && found != nil {
			break
		}
	}
	if found == nil {
		return
	}
	k, c := found.k(), found.W.Value.Shape[2]
	tiles := min(c, mostFilters)
	out := make([]float32, tiles*k*k)
	for tile := range tiles {
		for at := range k * k {
			out[tile*k*k+at] = found.W.Value.Data[at*c+tile]
		}
	}
	note := fmt.Sprintf("The windows of %d channels.", c)
	if tiles < c {
		note = fmt.Sprintf("The windows of the first %d of %d channels.", tiles, c)
	}
	v.frame.Panels = append(v.frame.Panels, wire.Panel{ID: "filters", Title: "Depth-wise filters", Layer: layer, Note: note,
		Rows: k, Cols: k, Tiles: tiles, Scale: "diverging", Buffer: v.add(out)})
}

func labels(n int, what string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s %d", what, i+1)
	}
	return out
}
