package scenes

import "math"

// form is what a shape is made of.
type form uint8

const (
	none    form = iota
	ellipse      // half axes a, b
	box          // half sides a, b, corners rounded by r
	wedge        // upright, half height b; half as wide as a at the top, as r at the bottom
	ring         // the outline of an ellipse a, b, r to either side
	petals       // n discs of radius b, whose centres lie a from the middle
)

// outline is a form in its place: middle x, y in pixels of 64 and the direction c, s of its first axis.
type outline struct {
	form          form
	n             int
	x, y, c, s    float32
	a, b, r       float32
	slantX, slant float32 // of a wedge: the unit normal of its right side
}

// turned finds the place of a pixel along the axes of the outline.
func (o *outline) turned(x, y float32) (u, v float32) {
	x -= o.x
	y -= o.y
	return float32(x*o.c) + float32(y*o.s), float32(y*o.c) - float32(x*o.s)
}

// distance is how far outside the outline a place along its axes is, in pixels, negative inside; right near the outline.
func (o *outline) distance(u, v float32) float32 {
	switch o.form {
	case ellipse:
		return o.round(u, v)
	case box:
		dx, dy := abs(u)-o.a+o.r, abs(v)-o.b+o.r
		inside := -larger(-larger(dx, dy), 0)
		dx, dy = larger(dx, 0), larger(dy, 0)
		return inside - o.r + root(float32(dx*dx)+float32(dy*dy))
	case wedge:
		side := float32((abs(u)-o.a)*o.slantX) + float32((v+o.b)*o.slant)
		return larger(side, abs(v)-o.b)
	case ring:
		return abs(o.round(u, v)) - o.r
	default:
		near := float32(1 << 20)
		for i := range o.n {
			p := petalAt[o.n][i]
			x, y := u-float32(o.a*p[0]), v-float32(o.a*p[1])
			near = -larger(-near, -float32(x*x)-float32(y*y))
		}
		return root(near) - o.b
	}
}

// round is the distance to an ellipse: its implicit function over the length of its gradient.
func (o *outline) round(u, v float32) float32 {
	if o.a == o.b {
		return root(float32(u*u)+float32(v*v)) - o.a
	}
	p, q := u/o.a, v/o.b
	k := root(float32(p*p) + float32(q*q))
	p, q = p/o.a, q/o.b
	g := root(float32(p*p) + float32(q*q))
	if g == 0 {
		return -min(o.a, o.b)
	}
	return float32(k*(k-1)) / g
}

// reach is how far from its middle the outline may go along x and y.
func (o *outline) reach() (x, y float32) {
	a, b := o.a, o.b
	switch o.form {
	case wedge:
		a = max(o.a, o.r)
	case ring:
		a, b = a+o.r, b+o.r
	case petals:
		a, b = o.a+o.b, o.a+o.b
	}
	c, s := abs(o.c), abs(o.s)
	return float32(a*c) + float32(b*s), float32(a*s) + float32(b*c)
}

// petalAt are the directions of n petals, for n = 5 .. 8: decimals, since cosines differ between machines.
var petalAt = [9][8][2]float32{
	5: {{0, -1}, {.951057, -.309017}, {.587785, .809017}, {-.587785, .809017}, {-.951057, -.309017}},
	6: {{0, -1}, {.866025, -.5}, {.866025, .5}, {0, 1}, {-.866025, .5}, {-.866025, -.5}},
	7: {{0, -1}, {.781831, -.623490}, {.974928, .222521}, {.433884, .900969}, {-.433884, .900969}, {-.974928, .222521}, {-.781831, -.623490}},
	8: {{0, -1}, {.707107, -.707107}, {1, 0}, {.707107, .707107}, {0, 1}, {-.707107, .707107}, {-1, 0}, {-.707107, -.707107}},
}

// cover is how much of a pixel lies inside an edge at signed distance d: a ramp one pixel wide.
func cover(d float32) float32 { return clamp(.5 - d) }

// clamp keeps x in 0..1. Built-in min and max know NaN and signed zeros, which costs a call in the browser.
func clamp(x float32) float32 {
	if x < 0 {
		return 0
	}
	if x > 1 {
		return 1
	}
	return x
}

func larger(x, y float32) float32 {
	if x > y {
		return x
	}
	return y
}

func abs(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}

func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// fraction is what is left of x above the next lower whole number.
func fraction(x float32) float32 { return x - float32(math.Floor(float64(x))) }
