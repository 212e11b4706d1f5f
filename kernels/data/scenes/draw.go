package scenes

import (
	"math"

	"petri/kernels/data"
)

// Side is the size at which every scene is drawn; smaller ones are averaged from it.
const Side = 64

const (
	maxObjects = 5
	tries      = 8 // at a scene in which everything that it promises is seen
)

// touching is the share of scenes in which two objects of one colour touch.
const touching = .3

// plan is what a stream decides of a scene.
type plan struct {
	n      int
	things [maxObjects]thing
	ground ground
	light  bool   // the ground
	said   uint64 // the order of words
}

// draw decides a scene.
func (p *plan) draw(r *stream, split data.Split) {
	p.n = drawCount(r, split)
	p.light = r.Chance(.5)
	p.ground.draw(r, drawFamily(r, split), p.light)
	for i := range p.n {
		p.things[i].draw(r, split, p.light)
	}
	p.place(r)
	if r.Chance(touching) {
		p.touch(r)
	}
	p.ground.horizon = float32(p.meet(r))
	p.said = r.Uint64()
	// The lower an object, the nearer it is. Whatever its kind: nothing but its place is compared.
	for i := 1; i < p.n; i++ {
		for j := i; j > 0 && p.things[j].level() < p.things[j-1].level(); j-- {
			p.things[j], p.things[j-1] = p.things[j-1], p.things[j]
		}
	}
	for i := range p.n {
		p.things[i].depth = .4 + float32(.55*(float32(i)+float32(r.Between(0, .7))))/float32(p.n)
	}
}

// level is how low a thing stands; see body.
func (t *thing) level() float64 { return t.y - float64(body[t.kind].heavy*t.unit) }

// draw decides a thing but for its place.
func (t *thing) draw(r *stream, split data.Split, light bool) {
	t.kind = Kind(r.Below(int(kinds)))
	t.form = drawForm(r, split)
	t.unit = float64(drawScale(r, split) * body[t.kind].unit)
	t.flip = r.sign()
	t.s = r.Between(-.09, .09)
	t.c = math.Sqrt(1 - float64(t.s*t.s))
	t.small = r.Unit()
	t.colours[0] = drawColour(r, split, t.kind)
	for i := 1; i < len(t.colours); i++ {
		t.colours[i] = (t.colours[i-1] + 1 + r.Below(len(colours)-1)) % len(colours) // parts that follow differ
		if r.Chance(oddPart) && split != held[t.kind].split && t.colours[i-1] != held[t.kind].colour {
			t.colours[i] = held[t.kind].colour
		}
	}
	t.main, t.seconds[0] = drawCoat(r, t.colours[0], light, true)
	for i := range t.parts {
		t.parts[i], t.seconds[i+1] = drawCoat(r, t.colours[i+1], light, i < 2)
	}
}

// drawCoat decides how a part of some colour is painted, and its second colour or -1.
func drawCoat(r *stream, colour int, light, large bool) (c coat, second int) {
	second = -1
	c.first = lit(tone(colour, !light), float32(r.Between(.95, 1.05)))
	if shade := float32(r.Between(.72, .82)); r.Chance(.5) {
		c.second = lit(c.first, shade)
	} else {
		c.second = blend(c.first, paperWhite, 1.1-shade)
	}
	c.period = float32(r.Between(3.6, 6))
	c.u, c.v = float32(r.Unit()), float32(r.Unit())
	c.w = float32(r.Between(-2, -.5))
	other := (colour + 1 + r.Below(len(colours)-1)) % len(colours)
	kind, two := r.Unit(), r.Chance(.4)
	if !large {
		return c, second
	}
	if kind < .45 {
		c.texture = 1 + int(float64(kind/.15))
	} else if two {
		c.halves = kind < .7
		two = c.halves
	}
	if two {
		second = other
		c.second = lit(tone(other, !light), 1)
	}
	return c, second
}

// place spreads the things over the picture: of some places for each the first that keeps apart, or the one that does best. How
// far apart differs between scenes, so that some hide parts of others.
func (p *plan) place(r *stream) {
	apart := r.Between(.45, .95)
	for i := range p.n {
		t := &p.things[i]
		size := t.unit / body[t.kind].unit
		best := math.Inf(-1)
		for range 12 {
			edge := float64(.72 * size)
			x, y := r.Between(edge, Side-edge), r.Between(edge, Side-edge)
			gap := math.Inf(1)
			for j := range i {
				o := &p.things[j]
				dx, dy := x-o.x, y-o.y+float64(body[o.kind].heavy*o.unit)
				far := math.Sqrt(float64(dx*dx) + float64(dy*dy))
				gap = min(gap, far-float64(apart*(size+o.unit/body[o.kind].unit)))
			}
			if gap > best {
				best, t.x, t.y = gap, x, y+float64(body[t.kind].heavy*t.unit)
			}
			if gap >= 0 {
				break
			}
		}
	}
}

// meet is where the floor begins: above the feet of everything, as far as they leave room.
func (p *plan) meet(r *stream) float64 {
	y := r.Between(20, 46)
	for i := range p.n {
		t := &p.things[i]
		y = min(y, t.y+float64(body[t.kind].halfY*t.unit)-3)
	}
	return max(y, 10)
}

// touch moves the second thing beside the first one and paints both alike, so that colour does not tell where one ends.
func (p *plan) touch(r *stream) {
	a, b := &p.things[0], &p.things[1]
	if !usual(b.kind, a.colours[0]) || !usual(a.kind, a.colours[0]) {
		return
	}
	side := 1. // of a, on which b comes
	if a.x > Side/2 {
		side = -1
	}
	a.face(side)
	b.face(-side)
	one, two := &body[a.kind], &body[b.kind]
	b.x = a.x + float64(side*(float64(one.mainX*a.unit)+float64(two.mainX*b.unit)-r.Between(.5, 1.5)))
	b.y = a.y + float64(one.mainY*a.unit) - float64(two.mainY*b.unit) + r.Between(-2, 2)
	b.x, b.y = min(max(b.x, 6), Side-6), min(max(b.y, 10), Side-10)
	b.colours[0], b.seconds[0], b.main = a.colours[0], a.seconds[0], a.main
}

// face turns the free side of the main part to the right (1) or the left (-1), and stands upright.
func (t *thing) face(side float64) {
	t.flip, t.s, t.c = side, 0, 1
	if body[t.kind].left {
		t.flip = -side
	}
}

// render draws what was decided.
func (s *Scene) render(p *plan, moves []Move) {
	s.RGB = sized(s.RGB, 3*Side*Side)
	s.owner = sized(s.owner, Side*Side)
	clear(s.owner)
	s.Nodes, s.Keypoints = s.Nodes[:0], s.Keypoints[:0]
	s.coats, s.masks, s.strokes = s.coats[:0], s.masks[:0], s.strokes[:0]
	s.Size = Side
	p.ground.fill(s)
	s.things = p.things
	for _, m := range moves {
		if m.Object >= 0 && m.Object < p.n {
			t := &s.things[m.Object]
			t.x = min(max(t.x+float64(m.DX), 3), Side-3)
			t.y = min(max(t.y+float64(m.DY), 3), Side-3)
		}
	}
	for i := range p.n {
		t := &s.things[i]
		b := &body[t.kind]
		wide, high := float64(b.halfX*t.unit), float64(b.halfY*t.unit)
		s.shade(float32(t.x+2), float32(t.y+high-1), float32(float64(1.15*wide)+1), float32(float64(.16*t.unit)+1))
	}
	for i := range p.n {
		maker{s, &s.things[i], i}.build()
	}
	for i := range s.strokes {
		s.paint(&s.strokes[i])
	}
}

func sized[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// finish fills in what follows from the picture.
func (s *Scene) finish(p *plan) {
	s.Instance = sized(s.Instance, s.Size*s.Size)
	s.Depth = sized(s.Depth, s.Size*s.Size)
	scale := Side / s.Size
	for y := range s.Size {
		floor := max(0, (float32(y*scale)-p.ground.horizon)/(Side-p.ground.horizon))
		for x := range s.Size {
			i := y*s.Size + x
			if o := s.owner[i]; o == 0 {
				s.Instance[i], s.Depth[i] = 0, float32(.35*floor)
			} else {
				n := &s.Nodes[o-1]
				s.Instance[i], s.Depth[i] = uint8(n.Object+1), n.Depth
			}
		}
	}
	s.measure()
}

// whole says whether what every scene promises is seen: a small node, and one with a hole.
func (s *Scene) whole() bool {
	small, hole := false, false
	for i := range s.Nodes {
		n := &s.Nodes[i]
		small = small || n.Area > 0 && 100*n.Area < 3*s.Size*s.Size
		hole = hole || n.Hole
	}
	return small && hole
}

// halve averages the picture to half its size. Of four owners the commonest stays, of equally common ones the one in front: thin
// things do not vanish.
func (s *Scene) halve() {
	const half = Side / 2
	for y := range half {
		for x := range half {
			from, to := 2*y*Side+2*x, y*half+x
			for c := range 3 {
				a, b := s.RGB[3*from+c]+s.RGB[3*from+3+c], s.RGB[3*(from+Side)+c]+s.RGB[3*(from+Side)+3+c]
				s.RGB[3*to+c] = (a + b) / 4
			}
			four := [4]uint8{s.owner[from], s.owner[from+1], s.owner[from+Side], s.owner[from+Side+1]}
			best, most := uint8(0), 0
			for _, o := range four {
				n := 0
				for _, q := range four {
					if q == o {
						n++
					}
				}
				if n > most || n == most && o > best {
					best, most = o, n
				}
			}
			s.owner[to] = best
		}
	}
	s.RGB, s.owner, s.Size = s.RGB[:3*half*half], s.owner[:half*half], half
	for i := range s.Keypoints {
		at := &s.Keypoints[i].At
		at.X, at.Y = at.X/2, at.Y/2
	}
}
