package still

import (
	"bytes"
	"encoding/base64"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
	"petri/ui/stage"
)

func frame() (wire.Frame, [][]float32) {
	f := wire.Frame{Arm: "head", Examples: 1, Height: 4, Width: 4, Patch: 2, Layers: 1, Heads: 1, Tokens: 5, Probs: []float32{.25, .75}}
	b := [][]float32{make([]float32, 16), make([]float32, 25), nil, nil, nil}
	b[0][5] = 1
	for i := range b[1] {
		b[1][i] = .2
	}
	return f, b
}

// The pixels in the picture are those of the raster.
func TestPixelsSurvive(t *testing.T) {
	f, b := frame()
	text, err := SVG(f, b, stage.NewView(), "")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`data:image/png;base64,([^"]+)`).FindStringSubmatch(text)
	if m == nil || !strings.Contains(text, "var(--ink") {
		t.Fatalf("no pixels or no variables in %.200s", text)
	}
	raw, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 16 {
		want := color.NRGBA{8, 8, 8, 255}
		if i == 5 {
			want = color.NRGBA{255, 255, 255, 255}
		}
		if got := color.NRGBAModel.Convert(img.At(i%4, i/4)); got != want {
			t.Errorf("pixel %d is %v, want %v", i, got, want)
		}
	}
}

func TestBrokenFrameIsAnError(t *testing.T) {
	f, b := frame()
	if _, err := SVG(f, b[:1], stage.NewView(), ""); err == nil {
		t.Error("a frame without attention was drawn")
	}
}

// Two drawings of one sheet: every map they refer to is among the symbols, once, and no pixels stand in the drawings.
func TestSheetWritesMapsOnce(t *testing.T) {
	f, b := frame()
	p, err := stage.NewPicture(f, b)
	if err != nil {
		t.Fatal(err)
	}
	var sheet Sheet
	drawn := ""
	for _, width := range []float64{640, 340} {
		v := stage.NewView()
		v.Width = width
		drawn += sheet.Draw(stage.Build(p, v), "", "title", "description")
	}
	if strings.Contains(drawn, "data:") {
		t.Error("a drawing carries pixels")
	}
	symbols := sheet.Symbols()
	uses := regexp.MustCompile(`<use [^>]*href="#([^"]+)"`).FindAllStringSubmatch(drawn, -1)
	if len(uses) < 4 {
		t.Fatalf("only %d maps are drawn", len(uses))
	}
	for _, u := range uses {
		if n := strings.Count(symbols, `<symbol id="`+u[1]+`"`); n != 1 {
			t.Errorf("map %s is there %d times", u[1], n)
		}
	}
	if n := strings.Count(symbols, "data:image/png"); 2*n > len(uses) {
		t.Errorf("%d maps are written for %d places in two drawings", n, len(uses))
	}
}
