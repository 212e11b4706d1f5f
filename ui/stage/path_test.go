package stage

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"
)

func dataURL(t testing.TB, r Raster) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, r.Cols, r.Rows))
	for i, c := range r.Cells {
		img.SetNRGBA(i%r.Cols, i/r.Cols, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// area is the signed area of lines: holes count against it.
func area(lines [][]Point) (sum float64) {
	for _, line := range lines {
		for i, a := range line {
			b := line[(i+1)%len(line)]
			sum += (a.X*b.Y - a.Y*b.X) / 2
		}
	}
	return sum
}

func TestContour(t *testing.T) {
	at := func(s shape) []float32 { return drawnBy(true, s) }
	circle := contour(at(disc(30, 34, 10)), 64, 0, 0)
	if len(circle) != 1 || math.Abs(math.Abs(area(circle))-math.Pi*100) > 1 {
		t.Fatalf("a disc of area 314 has %d outlines, area %v", len(circle), area(circle))
	}
	for _, p := range circle[0] {
		if math.Abs(math.Hypot(p.X-30, p.Y-34)-10) > 0.05 {
			t.Errorf("the outline of a disc passes %v", p)
		}
	}
	ring := func(x, y float64) float64 { return math.Abs(math.Hypot(x-32, y-32)-10) - 3 }
	two := contour(at(ring), 64, 0, 0)
	if len(two) != 2 || math.Abs(math.Abs(area(two))-math.Pi*(169-49)) > 3 || area(two[:1])*area(two[1:]) >= 0 {
		t.Errorf("a ring has %d outlines, area %v", len(two), area(two))
	}
	// What fills the picture ends at its border, what is nowhere has no outline, and what has no number is outside.
	full := contour(at(func(x, y float64) float64 { return -1 }), 64, 0, 0)
	if len(full) != 1 || math.Abs(math.Abs(area(full))-64*64) > 1 {
		t.Errorf("the whole picture: %d outlines, area %v", len(full), area(full))
	}
	if none := contour(at(func(x, y float64) float64 { return 1 }), 64, 0, 2); len(none) != 0 {
		t.Errorf("%d outlines of nothing", len(none))
	}
	half := at(func(x, y float64) float64 { return -1 })
	for i := range half {
		if i%64 >= 32 {
			half[i] = float32(math.NaN())
		}
	}
	if lines := contour(half, 64, 0, 0); len(lines) != 1 || math.Abs(math.Abs(area(lines))-64*32) > 40 {
		t.Errorf("half without numbers: %d outlines, area %v", len(lines), area(lines))
	}
	// Zeros and ones, with corners cut, keep about their area, and a single pixel stays to be seen.
	soft := contour(drawnBy(false, engine), 64, 0.5, 3)
	pixels := 0.0
	for _, x := range drawnBy(false, engine) {
		pixels += float64(x)
	}
	if got := math.Abs(area(soft)); math.Abs(got-pixels) > 0.03*pixels {
		t.Errorf("a mask of %v pixels is outlined as %v", pixels, got)
	}
	one := make([]float32, 64*64)
	one[64*20+9] = 1
	if lines := contour(one, 64, 0.5, 3); len(lines) != 1 || math.Abs(area(lines)) < 0.2 {
		t.Errorf("a pixel alone: %v", lines)
	}
	// Two pixels that touch at a corner are two things, with two outlines.
	one[64*21+10] = 1
	if lines := contour(one, 64, 0.5, 0); len(lines) != 2 {
		t.Errorf("%d outlines of two pixels at a corner", len(lines))
	}
}

// painted draws one path in black on white and sums what is covered, in pixels.
func covered(p Path, scale float64) (sum float64, img *image.RGBA) {
	img = newImage(int(40*scale), int(40*scale))
	Paint(img, &Scene{W: 40, H: 40, Paths: []Path{p}}, "light", scale)
	for i := 0; i < len(img.Pix); i += 4 {
		sum += (255 - float64(img.Pix[i])) / 255 / scale / scale
	}
	return sum, img
}

func TestPathsArePaintedToScale(t *testing.T) {
	black := ink("#000000")
	for _, scale := range []float64{1, 1.5, 2} {
		disc := Path{Lines: [][]Point{round(20, 20, 12, 64, 0)}, Fill: black}
		if got, _ := covered(disc, scale); math.Abs(got-math.Pi*144) > 8 {
			t.Errorf("x%v: a disc of area 452 covers %v", scale, got)
		}
		disc.Lines = append(disc.Lines, round(20, 20, 6, 64, 0))
		got, img := covered(disc, scale)
		if math.Abs(got-math.Pi*108) > 8 || img.RGBAAt(int(20*scale), int(20*scale)) != (color.RGBA{255, 255, 255, 255}) {
			t.Errorf("x%v: a disc with a hole covers %v", scale, got)
		}
		line := Path{Open: true, Lines: [][]Point{{{5, 20}, {35, 20}}}, Stroke: black, Line: 4}
		if got, _ := covered(line, scale); math.Abs(got-(120+math.Pi*4)) > 5 {
			t.Errorf("x%v: a line of 30 by 4 with round ends covers %v", scale, got)
		}
		line.Open = false
		if again, _ := covered(line, scale); again < 120 || again > 140 {
			t.Errorf("x%v: the way back covers it twice: %v", scale, again)
		}
		line = Path{Open: true, Lines: [][]Point{{{2, 20}, {38, 20}}}, Stroke: black, Line: 1, Dash: 6}
		if got, _ := covered(line, scale); math.Abs(got-3*6.8) > 2.5 {
			t.Errorf("x%v: three dashes of 6 cover %v", scale, got)
		}
		// What leaves the image is cut, not wrapped.
		if got, _ := covered(Path{Lines: [][]Point{round(0, 20, 10, 64, 0)}, Fill: black, Stroke: black, Line: 2}, scale); math.Abs(got-math.Pi*121/2) > 8 {
			t.Errorf("x%v: half a disc covers %v", scale, got)
		}
	}
	half := Path{Lines: [][]Point{round(20, 20, 12, 64, 0)}, Fill: Ink{"#000000", 0.5}}
	if got, _ := covered(half, 1); math.Abs(got-math.Pi*72) > 6 {
		t.Errorf("a see-through disc covers %v", got)
	}
	if got, _ := covered(Path{Fill: black}, 1); got != 0 {
		t.Error("no lines are drawn")
	}
}

func TestPathsAreWritten(t *testing.T) {
	s := &Scene{W: 10, H: 10, Paths: []Path{{Lines: [][]Point{{{1.04, 2}, {3, 2.26}, {3, 4}}}, Fill: Ink{"mask", 0.45}},
		{Open: true, Lines: [][]Point{{{0, 0}, {1, 1}}, {{5, 5}, {4, 5}}}, Stroke: ink("#ABCDEF"), Line: 2, Dash: 3}}}
	text := SVG(s, "", "", "", nil)
	for _, want := range []string{`<path d="M1 2l2 0.3 0 1.7z" style="fill-rule:evenodd;fill:var(--mask,#1B8BD8);fill-opacity:0.45"/>`,
		`<path d="M0 0l1 1M5 5l-1 0" style="fill:none;stroke-linejoin:round;stroke:#ABCDEF;stroke-width:2;stroke-dasharray:3"/>`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}
