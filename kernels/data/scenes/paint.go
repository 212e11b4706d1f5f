package scenes

// coat is how a node is painted.
type coat struct {
	first, second   rgb
	texture         int // index into textures
	halves          bool
	period, u, v, w float32 // of the texture, in pixels; its phase; where halves meet
}

// The textures, by index.
var textures = [...]string{"plain", "striped", "dotted", "checked"}

// mixed is the share of the second colour at a place on an outline.
func (c *coat) mixed(u, v float32) float32 {
	switch c.texture {
	case 1:
		return wave(u/c.period+float32(.5*v)/c.period+c.u, c.period)
	case 2:
		x, y := fraction(u/c.period+c.u)-.5, fraction(v/c.period+c.v)-.5
		return cover(float32(c.period * (root(float32(x*x)+float32(y*y)) - .3)))
	case 3:
		x, y := wave(u/c.period+c.u, c.period), wave(v/c.period+c.v, c.period)
		return x + y - float32(2*float32(x*y))
	}
	if c.halves {
		return cover(c.w - u)
	}
	return 0
}

// wave is 1 in one half of every period and 0 in the other, soft between them.
func wave(t, period float32) float32 { return cover(float32(period * (abs(fraction(t)-.5) - .23))) }

// stroke is one thing that is painted: an outline that belongs to a node, without what another outline cuts out of it or
// within what it is kept in.
type stroke struct {
	node      int
	shape     outline
	cut, keep outline
}

// paint lays a stroke over the picture: soft edges in its colours, hard ones among the owners.
func (s *Scene) paint(k *stroke) {
	c, o := &s.coats[k.node], &k.shape
	rx, ry := o.reach()
	x0, x1 := max(int(o.x-rx-1), 0), min(int(o.x+rx+2), Side)
	y0, y1 := max(int(o.y-ry-1), 0), min(int(o.y+ry+2), Side)
	inverse := 1 / max(o.a, o.b)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			px, py := float32(x)+.5, float32(y)+.5
			u, v := o.turned(px, py)
			d := o.distance(u, v)
			if d >= .5 {
				continue
			}
			if k.cut.form != none {
				d = larger(d, -k.cut.distance(k.cut.turned(px, py)))
			}
			if k.keep.form != none {
				d = larger(d, k.keep.distance(k.keep.turned(px, py)))
			}
			if d >= .5 {
				continue
			}
			// Light falls from above and the left; edges are a little darker, so that neighbours of one colour can be told apart.
			light := 1.02 - float32((float32(.09*v)+float32(.05*u))*inverse)
			light -= float32(.15 * clamp(1+d))
			colour := c.first
			if m := c.mixed(u, v); m > 0 {
				colour = blend(colour, c.second, m)
			}
			at := y*Side + x
			p := (*rgb)(s.RGB[3*at:])
			*p = blend(*p, lit(colour, light), cover(d))
			if d < 0 {
				s.owner[at] = uint8(k.node + 1)
			}
		}
	}
}

// shade darkens the ground under an object: a soft ellipse.
func (s *Scene) shade(x, y, a, b float32) {
	for row := max(int(y-b), 0); row < min(int(y+b+1), Side); row++ {
		for col := max(int(x-a), 0); col < min(int(x+a+1), Side); col++ {
			u, v := (float32(col)+.5-x)/a, (float32(row)+.5-y)/b
			if q := 1 - float32(u*u) - float32(v*v); q > 0 {
				p := (*rgb)(s.RGB[3*(row*Side+col):])
				*p = lit(*p, 1-float32(.42*float32(q*(2-q))))
			}
		}
	}
}

// grain adds the same faint noise to everything, two pixels from each eighth of a word.
func (s *Scene) grain(r *stream) {
	for i := 0; i < Side*Side; i += 8 {
		bits := r.Uint64()
		for j := i; j < i+8; j++ {
			e := float32(float32(int8(bits)) * (.012 / 128))
			bits >>= 8
			for k := 3 * j; k < 3*j+3; k++ {
				s.RGB[k] = clamp(s.RGB[k] + e)
			}
		}
	}
}
