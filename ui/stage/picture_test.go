package stage

import (
	"image/color"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func picture(t testing.TB, rank int) *Picture {
	t.Helper()
	f, b := sample(t, 32, 8, 4, 4, 64, 64, rank)
	p, err := NewPicture(f, b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNewPictureRefusesWhatDoesNotFit(t *testing.T) {
	for name, spoil := range map[string]func(p *Picture, b [][]float32) [][]float32{
		"no attention":       func(_ *Picture, b [][]float32) [][]float32 { b[bufAttention] = nil; return b },
		"a short update":     func(_ *Picture, b [][]float32) [][]float32 { b[bufUpdate] = b[bufUpdate][1:]; return b },
		"factors of rank 3":  func(p *Picture, b [][]float32) [][]float32 { p.Rank = 3; return b },
		"no buffers":         func(*Picture, [][]float32) [][]float32 { return nil },
		"patches of 7":       func(p *Picture, b [][]float32) [][]float32 { p.Patch = 7; return b },
		"patches of nothing": func(p *Picture, b [][]float32) [][]float32 { p.Patch = 0; return b },
		"a missing token":    func(p *Picture, b [][]float32) [][]float32 { p.Tokens--; return b },
		"no heads":           func(p *Picture, b [][]float32) [][]float32 { p.Heads, b[bufAttention] = 0, nil; return b },
		"rows below zero":    func(p *Picture, b [][]float32) [][]float32 { p.Rows = -1; return b },
	} {
		f, b := sample(t, 32, 8, 4, 4, 64, 64, 4)
		p := &Picture{Frame: f}
		b = spoil(p, b)
		if _, err := NewPicture(p.Frame, b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestWeightsAreTheRowOfTheQuery(t *testing.T) {
	p := picture(t, 4)
	const layer, head, query = 2, 1, 6
	w := p.Weights(nil, layer, head, query)
	sum := 0.0
	for k, x := range w {
		sum += x
		if want := p.buffers[bufAttention][((layer*p.Heads+head)*p.Tokens+query)*p.Tokens+k]; x != float64(want) {
			t.Fatalf("weight of token %d: %v, stored %v", k, x, want)
		}
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("a row of attention sums to %v", sum)
	}
	mean := p.Weights(nil, layer, p.Heads, query)
	for k := range mean {
		want := 0.0
		for h := range p.Heads {
			want += p.Weights(nil, layer, h, query)[k] / float64(p.Heads)
		}
		if math.Abs(mean[k]-want) > 1e-12 {
			t.Fatalf("mean of token %d: %v, want %v", k, mean[k], want)
		}
	}
}

// The drawn matrices must satisfy the equation printed between them: ΔW = B·A, whichever way round they stand.
func TestDrawnMatricesMultiply(t *testing.T) {
	for _, shape := range [][2]int{{64, 64}, {64, 256}, {256, 64}} {
		f, b := sample(t, 32, 8, 4, 4, shape[0], shape[1], 3)
		p, err := NewPicture(f, b)
		if err != nil {
			t.Fatal(err)
		}
		d := p.update()
		if d.left.cols != 3 || d.right.rows != 3 || d.left.rows != d.update.rows || d.right.cols != d.update.cols {
			t.Fatalf("%v: %dx%d = %dx%d · %dx%d", shape, d.update.rows, d.update.cols, d.left.rows, d.left.cols, d.right.rows, d.right.cols)
		}
		if d.update.rows > d.update.cols {
			t.Errorf("%v is drawn %dx%d, taller than wide", shape, d.update.rows, d.update.cols)
		}
		for i := range d.update.rows {
			for j := range d.update.cols {
				want := 0.0
				for k := range 3 {
					want += d.left.at(i, k) * d.right.at(k, j)
				}
				if math.Abs(d.update.at(i, j)-want) > 1e-6 {
					t.Fatalf("%v: entry %d,%d is %v, the factors give %v", shape, i, j, d.update.at(i, j), want)
				}
			}
		}
		if name := map[bool]string{false: "B", true: "Aᵀ"}[d.transposed]; d.left.name != name {
			t.Errorf("%v: the left factor is called %s", shape, d.left.name)
		}
	}
}

func TestViridis(t *testing.T) {
	for x, want := range map[float64]color.NRGBA{0: {0x44, 0x01, 0x54, 255}, 1: {0xFD, 0xE7, 0x25, 255}, -3: {0x44, 0x01, 0x54, 255}, 7: {0xFD, 0xE7, 0x25, 255}, 0.5: {0x23, 0x90, 0x8C, 255}} {
		if got := Viridis(x); got != want {
			t.Errorf("Viridis(%v) = %v, want %v", x, got, want)
		}
	}
	// It must read in grey as well: lightness rises all the way.
	last := -1.0
	for i := range 256 {
		c := Viridis(float64(i) / 255)
		if y := 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B); y < last-0.5 {
			t.Fatalf("step %d is darker than the one before", i)
		} else {
			last = y
		}
	}
	if Viridis(math.NaN()).A != 0 || Diverging(math.NaN()).A != 0 {
		t.Error("NaN has a colour")
	}
}

func TestDivergingIsSymmetric(t *testing.T) {
	if Diverging(0).A != 0 {
		t.Error("zero is not the panel itself")
	}
	for _, x := range []float64{.1, .5, 1, 2} {
		if a, b := Diverging(x), Diverging(-x); a.A != b.A || a.R <= a.B || b.B <= b.R {
			t.Errorf("%v: %v and %v", x, a, b)
		}
	}
}

// The colours here are those of the page.
func TestTokensMatchTheStylesheet(t *testing.T) {
	css, err := os.ReadFile(filepath.Join("..", "..", "assets", "css", "tokens.css"))
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "prefers-color-scheme:dark")
	if !ok {
		t.Fatal("tokens.css has no dark part")
	}
	for name, hex := range tokens {
		if strings.HasPrefix(name, "mark") {
			continue // marks lie on pictures: no token
		}
		find := regexp.MustCompile(`--` + name + `:\s*#([0-9A-Fa-f]{6})`)
		for i, part := range []string{light, dark} {
			m := find.FindStringSubmatch(part)
			if m == nil && i == 1 {
				m = find.FindStringSubmatch(light) // the same in both themes
			}
			if m == nil {
				t.Errorf("tokens.css has no --%s", name)
				continue
			}
			if want, _ := strconv.ParseUint(m[1], 16, 32); uint32(want) != hex[i] {
				t.Errorf("--%s is #%06X here, #%s in tokens.css", name, hex[i], m[1])
			}
		}
	}
}
