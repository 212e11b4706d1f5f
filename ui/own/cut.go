package own

// CutOf is how a picture of width x height pixels, both above 0, is cut and scaled down, for a script: x, y and side of its
// middle square, then the sides through which that goes. Each is half of the one before, so that four pixels become their mean
// and nothing is skipped; the first step scales by less than two, and the last side is at most Most.
func CutOf(width, height int) []any {
	side := min(width, height)
	cut := []any{(width - side) / 2, (height - side) / 2, side}
	to := Most
	for to*2 <= side {
		to *= 2
	}
	for ; to >= Most; to /= 2 {
		cut = append(cut, min(to, side))
	}
	return cut
}

// Flatten lays a picture over white. rgba is [side, side, 4] of 8 bits, colours not multiplied by their opacity; it is changed
// in place. It says whether anything could be seen through.
func Flatten(rgba []byte) (clear bool) {
	for ; len(rgba) >= 4; rgba = rgba[4:] {
		a := int(rgba[3])
		clear = clear || a < 255
		for c := range 3 {
			rgba[c] = byte((int(rgba[c])*a + 255*(255-a) + 127) / 255)
		}
		rgba[3] = 255
	}
	return clear
}

// Shrink scales an opaque square picture [side, side, 4] of 8 bits to [Side, Side, 3] of 0..1: each pixel is the mean of the area that
// it covers, in which pixels at the rim count by their share. A smaller picture is enlarged the same way, into plain squares.
func Shrink(rgba []byte, side int) []float32 {
	// In units in which a pixel of the picture is Side long and one of the result side long, all overlaps are whole numbers.
	out := make([]float32, 0, 3*Side*Side)
	over := func(at, pixel int) int { return min((at+1)*side, (pixel+1)*Side) - max(at*side, pixel*Side) }
	for y := range Side {
		for x := range Side {
			var sum [3]int
			for sy := y * side / Side; sy*Side < (y+1)*side; sy++ {
				for sx := x * side / Side; sx*Side < (x+1)*side; sx++ {
					share := over(y, sy) * over(x, sx)
					for c := range sum {
						sum[c] += share * int(rgba[4*(sy*side+sx)+c])
					}
				}
			}
			for _, s := range sum {
				out = append(out, float32(float64(s)/float64(255*side*side)))
			}
		}
	}
	return out
}

// Grid is a square picture [side, side, 3] of 0..1 as [Side, Side, 4] of 8 bits, for painting on: each pixel is the one that
// lies below its middle.
func Grid(pixels []float32, side int) []byte {
	out := make([]byte, 0, 4*Side*Side)
	for y := range Side {
		for x := range Side {
			at := 3 * ((2*y+1)*side/(2*Side)*side + (2*x+1)*side/(2*Side))
			for _, v := range pixels[at : at+3] {
				out = append(out, byte(min(max(v, 0), 1)*255+0.5))
			}
			out = append(out, 255)
		}
	}
	return out
}
