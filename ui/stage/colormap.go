package stage

import (
	"image/color"
	"math"
)

// viridis is the colour map of van der Walt and Smith, at ten equal steps; Viridis interpolates between them.
var viridis = [...]uint32{0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B, 0xFDE725}

// Viridis maps 0..1 to a colour; values outside are clamped, NaN is transparent.
func Viridis(x float64) color.NRGBA {
	if math.IsNaN(x) {
		return color.NRGBA{}
	}
	x = min(max(x, 0), 1) * float64(len(viridis)-1)
	i := min(int(x), len(viridis)-2)
	f := x - float64(i)
	mix := func(shift uint) uint8 {
		a, b := float64(viridis[i]>>shift&255), float64(viridis[i+1]>>shift&255)
		return uint8(a + (b-a)*f + 0.5)
	}
	return color.NRGBA{mix(16), mix(8), mix(0), 255}
}

// Diverging maps -1..1 to blue below and red above zero, with strength as opacity: zero is the panel itself.
func Diverging(x float64) color.NRGBA {
	if math.IsNaN(x) {
		return color.NRGBA{}
	}
	name := "div-pos"
	if x < 0 {
		name = "div-neg"
	}
	return Ink{name, min(math.Abs(x), 1)}.Colour("light")
}
