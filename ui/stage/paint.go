package stage

import (
	"image"
	"image/color"
	"math"

	"petri/kernels/lab/wire/frame"
)

// Paint draws a scene without its words into img, one scene pixel being scale image pixels. The image is filled with
// the theme's surface first; its size should be that of Size.
func Paint(img *image.RGBA, s *Scene, theme string, scale float64) {
	paint(&canvas{img: img, scale: scale, theme: theme}, s)
}

func paint(c *canvas, s *Scene) {
	c.fill(c.img.Rect, ink("surface").Colour(c.theme))
	for _, r := range s.Rasters {
		c.raster(r)
	}
	for _, p := range s.Paths {
		c.path(p)
	}
	for _, b := range s.Boxes {
		c.box(b)
	}
}

// Size is the size of a scene in device pixels.
func (s *Scene) Size(scale float64) (w, h int) {
	return int(math.Ceil(s.W * scale)), int(math.Ceil(s.H * scale))
}

// Render draws one frame natively, without words: for pictures where SVG can not be used (see package still).
func Render(f frame.Frame, buffers [][]float32, v View) (*image.RGBA, error) {
	p, err := NewPicture(f, buffers)
	if err != nil {
		return nil, err
	}
	s := Build(p, v)
	w, h := s.Size(v.Scale)
	img := newImage(w, h)
	Paint(img, s, v.Theme, v.Scale)
	return img, nil
}

func newImage(w, h int) *image.RGBA { return image.NewRGBA(image.Rect(0, 0, w, h)) }

type canvas struct {
	img   *image.RGBA
	scale float64
	theme string
	cover []uint8 // scratch of path
}

// device converts to whole device pixels, edges rounded, so that neighbours meet without gap or overlap.
func (c *canvas) device(r Rect) image.Rectangle {
	round := func(x float64) int { return int(math.Round(x * c.scale)) }
	return image.Rect(round(r.X), round(r.Y), round(r.X+r.W), round(r.Y+r.H))
}

func (c *canvas) fill(r image.Rectangle, col color.NRGBA) {
	r = r.Intersect(c.img.Rect)
	if col.A == 0 || r.Empty() {
		return
	}
	row := func(y int) []uint8 { return c.img.Pix[c.img.PixOffset(r.Min.X, y):c.img.PixOffset(r.Max.X, y)] }
	if col.A < 255 {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for px := row(y); len(px) > 0; px = px[4:] {
				over(px[:4:4], col)
			}
		}
		return
	}
	// The first row is doubled until it is full, the others are copies: the whole ground is painted this way.
	first := row(r.Min.Y)
	first[0], first[1], first[2], first[3] = col.R, col.G, col.B, 255
	for n := 4; n < len(first); n *= 2 {
		copy(first[n:], first[:n])
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		copy(row(y), first)
	}
}

// over lays a colour over an opaque pixel.
func over(px []uint8, c color.NRGBA) {
	a := int(c.A)
	px[0] = uint8((int(px[0])*(255-a) + int(c.R)*a + 127) / 255)
	px[1] = uint8((int(px[1])*(255-a) + int(c.G)*a + 127) / 255)
	px[2] = uint8((int(px[2])*(255-a) + int(c.B)*a + 127) / 255)
	px[3] = 255
}

func (c *canvas) raster(r Raster) {
	d := c.device(r.Rect)
	if d.Dx() < r.Cols || d.Dy() < r.Rows {
		c.averaged(r, d)
		return
	}
	for i := range r.Rows {
		y0, y1 := d.Min.Y+d.Dy()*i/r.Rows, d.Min.Y+d.Dy()*(i+1)/r.Rows
		for j := range r.Cols {
			x0, x1 := d.Min.X+d.Dx()*j/r.Cols, d.Min.X+d.Dx()*(j+1)/r.Cols
			c.fill(image.Rect(x0, y0, x1, y1), r.Cells[i*r.Cols+j])
		}
	}
}

// averaged draws cells smaller than a pixel: each pixel is the mean of the cells whose corner lies in it.
func (c *canvas) averaged(r Raster, d image.Rectangle) {
	for y := range d.Dy() {
		i0, i1 := span(y, d.Dy(), r.Rows)
		for x := range d.Dx() {
			j0, j1 := span(x, d.Dx(), r.Cols)
			var red, green, blue, alpha, n int
			for i := i0; i < i1; i++ {
				for j := j0; j < j1; j++ {
					k := r.Cells[i*r.Cols+j]
					a := int(k.A)
					red, green, blue, alpha, n = red+int(k.R)*a, green+int(k.G)*a, blue+int(k.B)*a, alpha+a, n+1
				}
			}
			if alpha > 0 {
				col := color.NRGBA{uint8(red / alpha), uint8(green / alpha), uint8(blue / alpha), uint8(alpha / n)}
				c.fill(image.Rect(d.Min.X+x, d.Min.Y+y, d.Min.X+x+1, d.Min.Y+y+1), col)
			}
		}
	}
}

// span gives the cells of pixel i when n cells share m pixels; at least one.
func span(i, m, n int) (from, to int) {
	from, to = i*n/m, (i+1)*n/m
	return from, max(to, from+1)
}

func (c *canvas) box(b Box) {
	d := c.device(b.Rect)
	if b.Fill.Alpha > 0 {
		// A hairline must not round away.
		f := d
		if f.Dx() == 0 && b.W > 0 {
			f.Max.X++
		}
		if f.Dy() == 0 && b.H > 0 {
			f.Max.Y++
		}
		c.fill(f, b.Fill.Colour(c.theme))
	}
	if b.Hatch.Alpha > 0 {
		c.hatch(d, b.Hatch.Colour(c.theme))
	}
	if b.Stroke.Alpha > 0 && b.Line > 0 {
		n := max(int(math.Round(b.Line*c.scale)), 1)
		col := b.Stroke.Colour(c.theme)
		top, bottom := min(d.Min.Y+n, d.Max.Y), max(d.Max.Y-n, d.Min.Y)
		c.fill(image.Rect(d.Min.X, d.Min.Y, d.Max.X, top), col)
		c.fill(image.Rect(d.Min.X, max(bottom, top), d.Max.X, d.Max.Y), col)
		c.fill(image.Rect(d.Min.X, top, min(d.Min.X+n, d.Max.X), max(bottom, top)), col)
		c.fill(image.Rect(max(d.Max.X-n, d.Min.X+n), top, d.Max.X, max(bottom, top)), col)
	}
}

// hatchEvery is the distance of hatch lines, CSS pixels along x.
const hatchEvery = 6

func (c *canvas) hatch(d image.Rectangle, col color.NRGBA) {
	d = d.Intersect(c.img.Rect)
	every, line := max(int(hatchEvery*c.scale), 3), max(int(math.Round(c.scale)), 1)
	for y := d.Min.Y; y < d.Max.Y; y++ {
		for x := d.Min.X; x < d.Max.X; x++ {
			if (x+y)%every < line {
				over(c.img.Pix[c.img.PixOffset(x, y):][:4:4], col)
			}
		}
	}
}
