package own

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestCutOf(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          []any
	}{
		{64, 64, []any{0, 0, 64, 64}},
		{1, 3, []any{0, 1, 1, 1}},
		{451, 300, []any{75, 0, 300, 300}},
		{512, 512, []any{0, 0, 512, 512}},
		{600, 900, []any{0, 150, 600, 512}},
		{4032, 3024, []any{504, 0, 3024, 2048, 1024, 512}},
		{6300, 6300, []any{0, 0, 6300, 4096, 2048, 1024, 512}},
	} {
		if got := CutOf(c.width, c.height); !slices.Equal(got, c.want) {
			t.Errorf("%d x %d: %v, want %v", c.width, c.height, got, c.want)
		}
	}
	// Whatever is taken: the square lies within the picture, in its middle, and no step scales by more than two.
	for w := 1; w < 7000; w = w*9/7 + 1 {
		for h := 1; w*h <= MaxPixels; h = h*11/8 + 1 {
			c := CutOf(w, h)
			x, y, side := c[0].(int), c[1].(int), c[2].(int)
			if side != min(w, h) || x < 0 || y < 0 || x+side > w || y+side > h || abs(w-side-2*x) > 1 || abs(h-side-2*y) > 1 {
				t.Fatalf("%d x %d: %v", w, h, c)
			}
			from := side
			for i, to := range c[3:] {
				to := to.(int)
				if to > from || i == 0 && 2*to <= from || i > 0 && 2*to != from {
					t.Fatalf("%d x %d: %v", w, h, c)
				}
				from = to
			}
			if from > Most || from < min(side, Most) {
				t.Fatalf("%d x %d ends at %d", w, h, from)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

func TestFlatten(t *testing.T) {
	rgba := []byte{10, 20, 30, 255, 200, 100, 0, 0, 0, 0, 0, 128, 255, 255, 255, 1}
	if !Flatten(rgba) || !slices.Equal(rgba, []byte{10, 20, 30, 255, 255, 255, 255, 255, 127, 127, 127, 255, 255, 255, 255, 255}) {
		t.Errorf("%v", rgba)
	}
	if rgba = []byte{1, 2, 3, 255}; Flatten(rgba) || !slices.Equal(rgba, []byte{1, 2, 3, 255}) {
		t.Errorf("an opaque pixel became %v", rgba)
	}
}

// TestShrinkIsAMean: the picture that comes out has the mean of the one that went in, for every side; stripes as fine as
// pixels become grey and no coarser stripes; a picture of the right size is left as it is, and is what Grid takes back.
func TestShrinkIsAMean(t *testing.T) {
	for _, side := range []int{1, 3, 63, 64, 65, 100, 128, 300, 511, 512} {
		rgba := make([]byte, 4*side*side)
		sum := 0
		for i := range rgba {
			if rgba[i] = byte(i * i >> 3 * 7); i%4 < 3 {
				sum += int(rgba[i])
			} else {
				rgba[i] = 255
			}
		}
		out := Shrink(rgba, side)
		if len(out) != 3*Side*Side {
			t.Fatalf("side %d: %d numbers", side, len(out))
		}
		mean := 0.0
		for _, v := range out {
			mean += float64(v) / float64(len(out))
		}
		if want := float64(sum) / 255 / float64(3*side*side); math.Abs(mean-want) > 1e-6 {
			t.Errorf("side %d: the mean is %v, want %v", side, mean, want)
		}
		if side == Side && !slices.Equal(Grid(out, Side), rgba) {
			t.Errorf("side %d: the pixels have changed", side)
		}
	}
	stripes := slices.Repeat([]byte{0, 0, 0, 255, 255, 255, 255, 255}, 512*256)
	for i, v := range Shrink(stripes, 512) {
		if v != 0.5 {
			t.Fatalf("stripes: number %d is %v", i, v)
		}
	}
	white := slices.Repeat([]byte{255}, 4*300*300)
	for i, v := range Shrink(white, 300) {
		if v != 1 {
			t.Fatalf("white: number %d is %v", i, v)
		}
	}
}

// TestGridOfASmallPicture: every pixel becomes a square of its colour.
func TestGridOfASmallPicture(t *testing.T) {
	pixels := make([]float32, 3*32*32)
	for i := range 32 * 32 {
		pixels[3*i], pixels[3*i+1], pixels[3*i+2] = float32(i%32)/255, float32(i/32)/255, 2 // the last beyond what there is
	}
	grid := Grid(pixels, 32)
	for y := range Side {
		for x := range Side {
			if got := grid[4*(y*Side+x):][:4]; !slices.Equal(got, []byte{byte(x / 2), byte(y / 2), 255, 255}) {
				t.Fatalf("pixel %d, %d is %v", x, y, got)
			}
		}
	}
}

// TestWords: what the script says is in the list, and every sentence says what to do or what was wrong.
func TestWords(t *testing.T) {
	for _, said := range words {
		code, w := said[0], said[1]
		if w != Words(code) || !strings.HasSuffix(w, ".") && !strings.HasSuffix(w, "?") || len(w) > 140 {
			t.Errorf("%s: %q", code, w)
		}
	}
	if w := Words("Some sentence of its own."); w != "Some sentence of its own." {
		t.Errorf("a sentence became %q", w)
	}
}
