package scenes

import "math"

// The kinds of wholes of world Shapes.
const (
	robot Kind = iota
	flower
	house
	train
	cup
	balloon
	kinds
)

var kindNames = [kinds]string{"robot", "flower", "house", "train", "cup", "balloon"}

func (k Kind) String() string { return kindNames[k] }

// body says of each kind how many pixels a side of its unit is, so that the areas of all kinds are alike, and how far it reaches
// from its middle: half a width and half a height in units. It is placed by a point that lies above its middle by heavy, half the way to where it
// is broad: neither boxes nor deepest pixels then lie higher for one kind than for another, by much. Its main part reaches to mainX on the side that has nothing else on
// it, the right one unless left is set, at the height mainY.
var body = [kinds]struct {
	unit, halfX, halfY, heavy, mainX, mainY float64
	left                                    bool
}{
	robot:   {1.02, .5, .8, -.06, .38, .22, false},
	flower:  {1.21, .45, .8, .18, .42, -.38, false},
	house:   {1.03, .54, .62, -.06, .43, .3, false},
	train:   {1.05, .8, .5, -.03, .76, .06, false},
	cup:     {1.18, .55, .45, .03, .36, .05, true},
	balloon: {.98, .5, .82, .12, .5, -.24, false},
}

// thing is an object before it is drawn: everything about it that a stream decides.
type thing struct {
	kind    Kind
	form    int     // see drawForm
	x, y    float64 // its middle, in pixels of 64
	unit    float64 // pixels
	flip    float64 // 1, or -1 where left and right are exchanged
	c, s    float64 // it leans a little
	main    coat    // of its largest part
	parts   [4]coat // of the others, in the order in which a kind asks for them
	colours [5]int  // of main and parts
	seconds [5]int  // their second colours, -1 for none
	small   float64 // a number in 0..1 that shifts details
	depth   float32
}

// maker builds the nodes and strokes of one thing.
type maker struct {
	*Scene
	t      *thing
	object int
}

// node adds a node in the coat with a number: 0 is the main one.
func (m maker) node(parent int, name string, coat int) int {
	level, depth := Whole, m.t.depth
	if parent >= 0 {
		level = min(m.Nodes[parent].Level+1, Subpart)
		depth = m.Nodes[parent].Depth + .004
	}
	c := m.t.main
	if coat > 0 {
		c = m.t.parts[coat-1]
	}
	second := ""
	if i := m.t.seconds[coat]; i >= 0 {
		second = colours[i]
	}
	m.coats = append(m.coats, c)
	m.masks = append(m.masks, bitmap{})
	m.Nodes = append(m.Nodes, Node{Parent: parent, Object: m.object, Level: level, Name: name, Kind: m.t.kind,
		Colour: colours[m.t.colours[coat]], Second: second, Texture: textures[c.texture], Depth: depth})
	return len(m.Nodes) - 1
}

// at is a place of the thing in the picture, in pixels of 64.
func (m maker) at(x, y float64) (float64, float64) {
	x, y = float64(float64(x*m.t.unit)*m.t.flip), float64(y*m.t.unit)
	return m.t.x + float64(x*m.t.c) - float64(y*m.t.s), m.t.y + float64(x*m.t.s) + float64(y*m.t.c)
}

// shape places a form: its middle and half axes in units, turned clockwise by the angle whose tangent is tilt.
func (m maker) shape(f form, x, y, a, b, r, tilt float64) outline {
	u := m.t.unit
	x, y = m.at(x, y)
	long := math.Sqrt(1 + float64(tilt*tilt))
	c, s := 1/long, float64(m.t.flip*tilt)/long
	o := outline{form: f, x: float32(x), y: float32(y), a: float32(a * u), b: float32(b * u), r: float32(r * u),
		c: float32(float64(c*m.t.c) - float64(s*m.t.s)), s: float32(float64(s*m.t.c) + float64(c*m.t.s))}
	if f == wedge { // its right side leads from (a, -b) to (r, b)
		dx, dy := float64(o.r-o.a), float64(2*o.b)
		l := math.Sqrt(float64(dx*dx) + float64(dy*dy))
		o.slantX, o.slant = float32(dy/l), float32(-dx/l)
	}
	return o
}

// lay adds a stroke. It is called so often that its code is better had once.
//
//go:noinline
func (m maker) lay(node int, o outline) *stroke {
	m.strokes = append(m.strokes, stroke{node: node, shape: o})
	return &m.strokes[len(m.strokes)-1]
}

func (m maker) disc(node int, x, y, r float64) *stroke {
	r = max(r, 1/m.t.unit)
	return m.lay(node, m.shape(ellipse, x, y, r, r, 0, 0))
}

func (m maker) box(node int, x, y, a, b, r float64) *stroke {
	return m.lay(node, m.shape(box, x, y, a, b, r, 0))
}

// line is a straight line, a pixel wide at least.
func (m maker) line(node int, x0, y0, x1, y1, half float64) *stroke {
	dx, dy := x1-x0, y1-y0
	half = max(half, .56/m.t.unit)
	o := m.shape(box, (x0+x1)/2, (y0+y1)/2, half, math.Sqrt(float64(dx*dx)+float64(dy*dy))/2+half, half, 0)
	l := math.Sqrt(float64(dx*dx) + float64(dy*dy))
	c, s := dy/l, float64(-m.t.flip*dx)/l // its long axis is the second one
	o.c, o.s = float32(float64(c*m.t.c)-float64(s*m.t.s)), float32(float64(s*m.t.c)+float64(c*m.t.s))
	return m.lay(node, o)
}

// mark adds a keypoint, unless it lies outside the picture.
func (m maker) mark(name string, x, y float64) {
	x, y = m.at(x, y)
	if x >= 0 && y >= 0 && x < Side && y < Side {
		m.Keypoints = append(m.Keypoints, Keypoint{Name: name, Object: m.object, At: Point{int(x), int(y)}})
	}
}

// wheel is a wheel with its hub.
func (m maker) wheel(parent int, x, y, r float64) {
	w := m.node(parent, "wheel", 2)
	m.disc(w, x, y, r)
	m.disc(m.node(w, "hub", 3), x, y, max(float64(.42*r), 1.5/m.t.unit))
}

// build adds all of a thing.
func (m maker) build() {
	whole := m.node(-1, m.t.kind.String(), 0)
	switch m.t.kind {
	case robot:
		m.robot(whole)
	case flower:
		m.flower(whole)
	case house:
		m.house(whole)
	case train:
		m.train(whole)
	case cup:
		m.cup(whole)
	case balloon:
		m.balloon(whole)
	}
}

func (m maker) robot(whole int) {
	antenna := m.node(whole, "antenna", 4)
	x := float64(.2*m.t.small) - .1
	r := max(.1, 2.1/m.t.unit)
	m.line(antenna, 0, -.4, x, -.66+r-.06, 0)
	m.lay(antenna, m.shape(ring, x, -.72, r, r, max(.03, .62/m.t.unit), 0))
	m.mark("tip", x, -.72-r)
	head := m.node(whole, "head", 1)
	m.box(head, 0, -.29, .27, .19, .08)
	if m.t.form == 0 {
		m.disc(m.node(head, "eye", 3), .04, -.29, .1)
		m.mark("eye", .04, -.29)
	} else {
		m.disc(m.node(head, "eye", 3), -.11, -.29, .075)
		m.disc(m.node(head, "eye", 3), .12, -.29, .075)
		m.mark("eye", -.11, -.29)
	}
	trunk := m.node(whole, "body", 0)
	m.box(trunk, 0, .22, .38, .32, .09)
	m.box(m.node(trunk, "panel", 1), 0, .2, .18, .1, .03)
	switch m.t.form {
	case 2:
		m.wheel(whole, 0, .62, .2)
	case 3:
		m.wheel(whole, -.32, .65, .15)
		m.wheel(whole, .32, .65, .15)
		m.wheel(whole, 0, .65, .15)
	default:
		m.wheel(whole, -.24, .62, .18)
		m.wheel(whole, .24, .62, .18)
	}
}

func (m maker) flower(whole int) {
	stem := m.node(whole, "stem", 1)
	m.line(stem, 0, -.2, 0, .76, .045)
	leaf := m.node(stem, "leaf", 2)
	m.lay(leaf, m.shape(ellipse, .2, .45, .2, .085, 0, -.6))
	m.mark("leaf", .2, .45)
	if m.t.form == 3 {
		m.lay(m.node(stem, "leaf", 2), m.shape(ellipse, -.19, .32, .19, .085, 0, .6))
	}
	n := 5 + min(m.t.form, 2)
	size := [9]float64{5: .185, 6: .165, 7: .15}[n]
	o := m.shape(petals, 0, -.38, .25, size, 0, float64(.5*m.t.small))
	o.n = n
	m.lay(m.node(whole, "petals", 0), o)
	m.disc(m.node(whole, "core", 3), 0, -.38, .15)
	m.mark("core", 0, -.38)
}

func (m maker) house(whole int) {
	if m.t.form == 2 {
		m.box(m.node(whole, "chimney", 4), .29, -.38, .075, .2, 0)
	}
	roof := m.node(whole, "roof", 1)
	k := m.lay(roof, m.shape(wedge, 0, -.33, .03, .25, .54, 0))
	r := max(.085, 1.5/m.t.unit)
	k.cut = m.shape(ellipse, 0, -.27, r, r, 0, 0)
	m.mark("tip", 0, -.52)
	wall := m.node(whole, "wall", 0)
	m.box(wall, 0, .26, .43, .36, .02)
	left := -.22
	if m.t.form == 1 {
		left = -.2
	}
	pane := .11
	if m.t.form == 1 {
		pane = .13
	}
	m.box(m.node(wall, "window", 2), left, .14, pane, pane, .015)
	if m.t.form == 3 {
		m.box(m.node(wall, "window", 2), .2, .05, .11, .1, .015)
	}
	door := m.node(wall, "door", 3)
	m.box(door, .2, .37, .12, .25, .03)
	m.disc(m.node(door, "knob", 4), .14, .38, .035)
	m.mark("knob", .14, .38)
}

func (m maker) train(whole int) {
	wagons, push := 1, 0.
	if m.t.form == 3 {
		wagons, push = 2, .1
	}
	half := [3]float64{0, .27, .155}[wagons]
	for i := range wagons {
		x := -.5 + float64(float64(i)*.36)
		if wagons == 2 {
			x -= .12
		}
		w := m.node(whole, "wagon", 1)
		m.line(w, x, .22, x+half+.14, .22, .03)
		m.box(w, x, .08, half, .2, .04)
		if wagons == 1 {
			m.wheel(w, x-.15, .33, .115)
			m.wheel(w, x+.15, .33, .115)
		} else {
			m.wheel(w, x, .33, .115)
		}
	}
	engine := m.node(whole, "engine", 0)
	m.box(m.node(engine, "chimney", 3), .58, -.27, .07, .18, .02)
	if m.t.form == 2 {
		m.box(m.node(engine, "chimney", 3), .37, -.22, .055, .13, .02)
	}
	m.mark("chimney", .58, -.42)
	m.box(engine, .46, .06, .3, .2, .09)
	cab := m.box(engine, .06+push, -.07, .2-push/2, .33, .03)
	pane := max(.09, 1.7/m.t.unit)
	cab.cut = m.shape(box, .06+push, -.19, pane, pane, .02, 0)
	m.wheel(engine, .1+push/2, .31, .15)
	m.wheel(engine, .54, .31, .15)
}

func (m maker) cup(whole int) {
	handle := m.node(whole, "handle", 1)
	r := max(.2, 2.6/m.t.unit)
	thick := max(.055, .7/m.t.unit)
	m.lay(handle, m.shape(ring, .42, 0, r, r, thick, 0))
	if m.t.form == 3 {
		m.lay(m.node(whole, "handle", 1), m.shape(ring, -.42, 0, r, r, thick, 0))
	}
	m.mark("handle", .42+r, 0)
	if m.t.form == 2 {
		m.line(m.node(whole, "straw", 4), .05, -.2, .2, -.68, 0)
	}
	bowl := m.node(whole, "bowl", 0)
	m.lay(bowl, m.shape(wedge, 0, .05, .42, .38, .29, 0))
	m.lay(bowl, m.shape(ellipse, 0, -.32, .42, .08, 0, 0))
	m.lay(m.node(bowl, "rim", 3), m.shape(ellipse, 0, -.32, .34, max(.05, .8/m.t.unit), 0, 0))
	label := m.node(bowl, "label", 2)
	if m.t.form == 0 {
		m.disc(label, -.02, .08, .17)
	} else {
		m.box(label, -.02, .08, .2, .13, .03)
	}
	m.mark("label", -.02, .08)
}

func (m maker) balloon(whole int) {
	rope := m.node(whole, "rope", 4)
	m.line(rope, -.24, .05, -.12, .6, 0)
	rope = m.node(whole, "rope", 4)
	m.line(rope, .24, .05, .12, .6, 0)
	basket := m.node(whole, "basket", 1)
	m.box(basket, 0, .68, .16, .13, .04)
	m.box(m.node(basket, "edge", 3), 0, .58, .18, max(.035, .6/m.t.unit), .02)
	m.mark("basket", 0, .68)
	if m.t.form == 3 {
		flag := m.node(whole, "flag", 3)
		m.line(flag, 0, -.7, 0, -.92, 0)
		m.box(flag, .1, -.88, .1, .06, 0)
	}
	bag := m.node(whole, "envelope", 0)
	k := m.lay(bag, m.shape(ellipse, 0, -.24, .5, .53, 0, 0))
	envelope := k.shape
	switch m.t.form {
	case 2:
		for _, x := range [2]float64{-.22, .22} {
			m.box(m.node(bag, "band", 2), x, -.24, .09, .6, 0).keep = envelope
		}
	case 1:
		m.box(m.node(bag, "band", 2), 0, -.2, .6, .12, 0).keep = envelope
	default:
		m.box(m.node(bag, "band", 2), 0, -.24, .14, .6, 0).keep = envelope
	}
	m.mark("crown", 0, -.72)
}
