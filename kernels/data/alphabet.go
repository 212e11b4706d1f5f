package data

// shape is one class of glyphs: polylines in the box -1..1. A closed polyline repeats its first point.
type shape struct {
	name  string
	lines []outline
	solid bool // the polylines bound an area that may be filled
}

// outline is one polyline. The points of a curve lie close together: they are bent together, not jittered apart.
type outline struct {
	at    []point
	curve bool
}

// turn is the unit circle in 24 steps, clockwise on the screen from 3 o'clock, from literals: a cosine function
// may differ in its last bit between machines.
var turn = func() (t [24]point) {
	quarter := [7]float64{1, 0.9659258262890683, 0.8660254037844386, 0.7071067811865476, 0.5, 0.25881904510252074, 0}
	cos := func(i int) float64 {
		switch i %= 24; {
		case i <= 6:
			return quarter[i]
		case i <= 12:
			return -quarter[12-i]
		case i <= 18:
			return -quarter[i-12]
		default:
			return quarter[24-i]
		}
	}
	for i := range t {
		t[i] = point{cos(i), cos(i + 18)}
	}
	return t
}()

// arc follows an ellipse about (cx, cy) from step a to step b of turn, backwards where b < a.
func arc(cx, cy, rx, ry float64, a, b int) outline {
	step := 1
	if b < a {
		step = -1
	}
	o := outline{curve: true}
	for i := a; ; i += step {
		u := turn[(i%24+24)%24]
		o.at = append(o.at, point{cx + float64(rx*u.x), cy + float64(ry*u.y)})
		if i == b {
			return o
		}
	}
}

// path is a polyline through x0, y0, x1, y1, ...
func path(xy ...float64) outline {
	var o outline
	for i := 0; i < len(xy); i += 2 {
		o.at = append(o.at, point{xy[i], xy[i+1]})
	}
	return o
}

// join appends polylines end to end.
func join(parts ...outline) outline {
	o := outline{curve: true}
	for _, p := range parts {
		o.at = append(o.at, p.at...)
	}
	return o
}

// closed leads a polyline back to its first point.
func closed(o outline) outline {
	o.at = append(o.at, o.at[0])
	return o
}

func letter(name string, lines ...outline) shape { return shape{name: name, lines: lines} }
func solid(name string, lines ...outline) shape  { return shape{name: name, lines: lines, solid: true} }

// Letters shared by both worlds.
var (
	letterA = letter("A", path(-.8, 1, 0, -1, .8, 1), path(-.45, .25, .45, .25))
	letterC = letter("C", arc(.1, 0, .85, 1, -3, -21))
	letterE = letter("E", path(.7, -1, -.7, -1, -.7, 1, .7, 1), path(-.7, 0, .45, 0))
	letterH = letter("H", path(-.7, -1, -.7, 1), path(.7, -1, .7, 1), path(-.7, 0, .7, 0))
	letterK = letter("K", path(-.65, -1, -.65, 1), path(.7, -1, -.65, .1, .7, 1))
	letterM = letter("M", path(-.85, 1, -.85, -1, 0, .35, .85, -1, .85, 1))
	letterT = letter("T", path(-.8, -1, .8, -1), path(0, -1, 0, 1))
	letterU = letter("U", join(path(-.7, -1), arc(0, .3, .7, .7, 12, 0), path(.7, -1)))
	letterX = letter("X", path(-.75, -1, .75, 1), path(.75, -1, -.75, 1))
	letterY = letter("Y", path(-.8, -1, 0, .05, .8, -1), path(0, .05, 0, 1))
)

// strokes is the alphabet of world M: letter-like, drawn with a pen, none of them close to a digit.
var strokes = []shape{
	letterA, letterC, letterE, letterH, letterK, letterM, letterT, letterU, letterX, letterY,
	letter("phi", arc(0, 0, .8, .55, 0, 24), path(0, -1, 0, 1)),
	letter("psi", join(path(-.8, -.9), arc(0, -.3, .8, .75, 12, 0), path(.8, -.9)), path(0, -1, 0, 1)),
	letter("diamond", path(0, -1, .75, 0, 0, 1, -.75, 0, 0, -1)),
	letter("wave", join(arc(-.5, 0, .5, .6, 12, 23), arc(.5, 0, .5, .6, 12, 0))),
}

// mixed is the alphabet of world H: ten geometric shapes and six letters.
var mixed = []shape{
	solid("circle", arc(0, 0, .9, .9, 0, 24)),
	solid("square", path(-.8, -.8, .8, -.8, .8, .8, -.8, .8, -.8, -.8)),
	solid("triangle", path(0, -.95, .95, .8, -.95, .8, 0, -.95)),
	solid("star", path(0, -1, .235, -.324, .951, -.309, .38, .124, .588, .809, 0, .4, -.588, .809, -.38, .124, -.951, -.309, -.235, -.324, 0, -1)),
	solid("plus", path(-.3, -.95, .3, -.95, .3, -.3, .95, -.3, .95, .3, .3, .3, .3, .95, -.3, .95, -.3, .3, -.95, .3, -.95, -.3, -.3, -.3, -.3, -.95)),
	solid("crescent", closed(join(arc(.1, 0, .95, .95, -4, -20), arc(.45, 0, .65, .82, -20, -4)))),
	solid("arrow", path(-.95, -.28, .1, -.28, .1, -.8, .95, 0, .1, .8, .1, .28, -.95, .28, -.95, -.28)),
	solid("half", join(arc(0, .45, .95, 1.2, 12, 24), path(-.95, .45))),
	solid("hourglass", path(-.75, -.95, .75, -.95, -.75, .95, .75, .95, -.75, -.95)),
	solid("chevron", path(-.9, .1, 0, -.85, .9, .1, .9, .8, 0, -.15, -.9, .8, -.9, .1)),
	letterA, letterE, letterH, letterK, letterT, letterY,
}
