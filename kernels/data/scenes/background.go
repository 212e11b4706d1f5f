package scenes

import "petri/kernels/data/random"

// ground is a background: its family, its colours, and where wall and floor meet.
type ground struct {
	family   int
	wall     rgb
	other    rgb // of the wall's pattern
	floor    rgb
	horizon  float32
	noise    uint64 // of the lattices
	period   float32
	phase    float32
	contrast float32
	bright   float32
}

func (g *ground) draw(r *stream, family int, light bool) {
	g.family = family
	a := r.Below(len(colours))
	b, c := neighbour(r, a), neighbour(r, a)
	g.wall, g.other, g.floor = tone(a, light), tone(b, light), tone(c, light)
	g.noise = r.Uint64()
	g.period, g.phase = float32(r.Between(6, 12)), float32(r.Unit())
	g.bright = float32(r.Between(.94, 1.1))
	g.contrast = float32(r.Between(.15, .4))
}

// neighbour is a colour that goes with another one: they stand in the order of the rainbow, then the earths.
func neighbour(r *stream, colour int) int {
	step := 1 + r.Below(2)
	if r.Chance(.5) {
		step = -step
	}
	return (colour + step + len(colours)) % len(colours)
}

// fill paints the background of a whole picture.
func (g *ground) fill(s *Scene) {
	var row, hill, crest [Side]float32
	if g.family == hills { // hills: two lines of them
		for x := range Side {
			hill[x] = g.horizon - 13 + float32(13*g.value(float32(x)/17, 3))
			crest[x] = g.horizon - 2 + float32(7*g.value(float32(x)/11, 9))
		}
	}
	far, near := blend(g.other, g.wall, .5), blend(g.other, g.floor, .35)
	for y := range Side {
		fy := float32(y) + .5
		floor := cover((g.horizon - fy) / 2) // two pixels of haze
		if g.family == cloth || g.family == clouds {
			floor = 0
		}
		down := fy / Side
		fall := g.bright - float32(.09*down)
		if floor > 0 {
			fall = g.bright - float32(.2*(1-down))
		}
		line := s.RGB[3*y*Side : 3*(y+1)*Side]
		switch {
		case g.family == hills:
			sky := blend(g.wall, paperWhite, float32(.3*down))
			for x := range Side {
				c := sky
				c = laid(c, far, cover(hill[x]-fy))
				c = laid(c, near, cover(crest[x]-fy))
				c = laid(c, g.floor, cover(crest[x]+5-fy))
				*(*rgb)(line[3*x:]) = lit(c, fall)
			}
		case floor == 1:
			c := lit(g.floor, fall)
			for x := range Side {
				*(*rgb)(line[3*x:]) = c
			}
		default:
			g.pattern(&row, fy)
			for x, t := range row {
				*(*rgb)(line[3*x:]) = lit(laid(laid(g.wall, g.other, t), g.floor, floor), fall)
			}
		}
	}
}

// laid is blend, quick where one of both colours is not seen.
func laid(under, over rgb, t float32) rgb {
	switch t {
	case 0:
		return under
	case 1:
		return over
	}
	return blend(under, over, t)
}

// pattern is how much of the other colour a row of the wall has.
func (g *ground) pattern(row *[Side]float32, y float32) {
	for x := range row {
		fx := float32(x) + .5
		var t float32
		switch g.family {
		case plain: // plain, a little cloudy
			t = float32(.12 * g.value(fx/14, uint64(y)/8))
		case gradient: // gradient
			t = y / 52
		case cloth: // cloth: stripes both ways
			t = float32(g.contrast*wave(fx/g.period+g.phase, g.period)) + float32(g.contrast*wave(y/g.period+g.phase, g.period))
		case clouds: // clouds
			t = float32(.9 * g.cloud(fx/15, y/15))
		case planks: // planks: boards with a seam, each a little different
			board := y/g.period + g.phase
			t = float32(.3*g.lattice(uint64(board), 5)) + float32(.5*cover(float32(g.period*fraction(board))-.6))
		case waves: // waves: bands that go up and down
			w := fraction(fx/23+g.phase) - .5
			bend := float32(16*float32(w*w)) + g.phase
			t = float32(2 * float32(g.contrast*wave((y+bend)/g.period, g.period)))
		case tiles: // tiles in two tones
			i, j := fx/g.period+g.phase, y/g.period
			t = float32(2 * float32(g.contrast*g.lattice(uint64(i), uint64(j))))
			joint := -larger(-fraction(i), -fraction(j))
			t = larger(t, float32(.8*cover(float32(g.period*joint)-.4)))
		}
		row[x] = clamp(t)
	}
}

// lattice is a number in 0..1 for each point of a grid.
func (g *ground) lattice(x, y uint64) float32 {
	return float32(float32(random.Mix(g.noise+x<<32+y)>>40) * 0x1p-24)
}

// value goes smoothly through the numbers along one line of the grid.
func (g *ground) value(x float32, y uint64) float32 {
	i := uint64(x)
	t := ease(x - float32(i))
	a, b := g.lattice(i, y), g.lattice(i+1, y)
	return a + float32((b-a)*t)
}

// cloud goes smoothly through the whole grid.
func (g *ground) cloud(x, y float32) float32 {
	j := uint64(y)
	a, b := g.value(x, j), g.value(x, j+1)
	return a + float32((b-a)*ease(y-float32(j)))
}

// ease is flat at 0 and 1.
func ease(t float32) float32 { return float32(float32(t*t) * (3 - float32(2*t))) }
