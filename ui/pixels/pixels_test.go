package pixels

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestBothEncodersKeepEveryPixel reads back what the generator and the page's program write.
func TestBothEncodersKeepEveryPixel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{1, 1}, {3, 2}, {64, 64}, {150, 130}} { // the last takes two stored blocks
		img := image.NewNRGBA(image.Rect(0, 0, size[0], size[1]))
		for i := range img.Pix {
			img.Pix[i] = uint8(r.Uint32())
		}
		for name, file := range map[string][]byte{"this platform's": encode(img), "stored": stored(img)} {
			got, err := png.Decode(bytes.NewReader(file))
			if err != nil {
				t.Fatalf("%s, %v: %v", name, size, err)
			}
			if got.Bounds() != img.Bounds() {
				t.Fatalf("%s is %v, want %v", name, got.Bounds(), img.Bounds())
			}
			for y := range size[1] {
				for x := range size[0] {
					if got := color.NRGBAModel.Convert(got.At(x, y)); got != img.At(x, y) {
						t.Fatalf("%s, %v: pixel %d, %d is %v, want %v", name, size, x, y, got, img.At(x, y))
					}
				}
			}
		}
	}
}

func TestURL(t *testing.T) {
	url := URL(2, 3, func(row, col int) color.NRGBA { return color.NRGBA{R: uint8(row), G: uint8(col), A: 255} })
	text, ok := strings.CutPrefix(url, "data:image/png;base64,")
	file, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil {
		t.Fatalf("%.40s: %v", url, err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 3 || b.Dy() != 2 {
		t.Errorf("%v, want 3 columns and 2 rows", b)
	}
	if got := color.NRGBAModel.Convert(img.At(2, 1)); got != (color.NRGBA{R: 1, G: 2, A: 255}) {
		t.Errorf("row 1, column 2 is %v", got)
	}
}
