//go:build !js

package pixels

import (
	"image"
	"testing"
)

// TestFewColoursGetAPalette: a map of few colours becomes smaller with one, and one of many is refused.
func TestFewColoursGetAPalette(t *testing.T) {
	few, many := image.NewNRGBA(image.Rect(0, 0, 20, 20)), image.NewNRGBA(image.Rect(0, 0, 20, 20))
	for i := range 400 {
		copy(few.Pix[4*i:], []uint8{uint8(i * i % 7), 0, 0, 255})
		copy(many.Pix[4*i:], []uint8{uint8(i), uint8(i >> 8), 0, 255})
	}
	if p := indexed(few); p == nil || len(encode(few)) >= len(compressed(few)) {
		t.Error("a palette of seven colours does not pay")
	}
	if indexed(many) != nil {
		t.Error("400 colours went into a palette")
	}
}
