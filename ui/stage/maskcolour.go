package stage

import (
	"image/color"
	"math"
)

// MaskColour is the colour of a mask among many: hues a golden angle apart, of one saturation and lightness, seen on both grounds.
func MaskColour(i int) color.NRGBA {
	h := math.Mod(float64(i)*137.508+205, 360) / 60
	part := func(shift float64) uint8 { // of a hue in HSL, saturation .66, lightness .5
		k := math.Mod(h+shift, 6)
		return uint8(255*(0.5+0.33*min(max(math.Abs(k-3)-2, -1), 1)) + 0.5)
	}
	return color.NRGBA{part(0), part(4), part(2), 255}
}
