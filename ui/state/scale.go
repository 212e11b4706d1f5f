package state

import (
	"math"
	"slices"

	"petri/kernels/lab/wire"
)

// What is placed on a picture of one size, on another.

func scalePoint(p wire.PromptPoint, k float64) wire.PromptPoint {
	p.X *= k
	p.Y *= k
	return p
}

func scaleBox(b wire.PromptBox, k float64) wire.PromptBox {
	return wire.PromptBox{X0: b.X0 * k, Y0: b.Y0 * k, X1: b.X1 * k, Y1: b.Y1 * k}
}

// scenePixels is a way on a picture of some side in pixels of 64, which is what scenes are moved by.
func scenePixels(x float64, side int) int { return int(math.Round(x * 64 / float64(max(1, side)))) }

// scalePixels are the pixels of a picture of side to that are touched by some of a picture of side from, in order.
func scalePixels(pixels []int, from, to int) []int {
	if from <= 0 || to <= 0 {
		return nil
	}
	touched := make([]bool, to*to)
	for _, i := range pixels {
		if i < 0 || i >= from*from {
			continue
		}
		row, col := i/from, i%from
		for y := row * to / from; y < max(row*to/from+1, (row+1)*to/from); y++ {
			for x := col * to / from; x < max(col*to/from+1, (col+1)*to/from); x++ {
				touched[y*to+x] = true
			}
		}
	}
	var out []int
	for i, t := range touched {
		if t {
			out = append(out, i)
		}
	}
	return out
}

// stroke adds pixels to some, or wipes them away; both are in order, and so is the result.
func stroke(to, pixels []int, wipe bool) []int {
	if wipe {
		return slices.DeleteFunc(slices.Clone(to), func(i int) bool { return slices.Contains(pixels, i) })
	}
	all := append(slices.Clone(to), pixels...)
	slices.Sort(all)
	return slices.Compact(all)
}
