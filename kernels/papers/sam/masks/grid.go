package masks

import "petri/kernels/lab/wire"

// Crops returns the windows of a picture: the whole, then those of layers 1 .. layers, column by column. Layer i has 2^i windows
// along each side; those of layer 1 overlap by 512/1500 of the side, those of each further layer by half as much.
func Crops(side, layers int) []Box {
	crops := []Box{{0, 0, side, side}}
	for layer := 1; layer <= layers; layer++ {
		n := 1 << layer
		overlap := 512 * side * 2 / (1500 * n)
		size := (overlap*(n-1) + side + n - 1) / n // rounded up
		for i := range n {
			for j := range n {
				x, y := i*(size-overlap), j*(size-overlap)
				crops = append(crops, Box{x, y, min(x+size, side), min(y+size, side)})
			}
		}
	}
	return crops
}

// Grid returns the points at which everything is looked for, and the crops they are in: points×points at the middles of the
// cells of the whole picture, then half as many along each side of each crop of layer 1, and so on. Coordinates are in pixels of
// the whole picture. The points of one crop lie together, row by row.
func Grid(side, points, layers int) (dots []wire.Dot, crops []Box) {
	crops = Crops(side, layers)
	n, layer, left := points, 0, 1 // points along each side; the layer, and how many crops it still has
	for c, b := range crops {
		if left == 0 {
			n, layer = n/2, layer+1
			left = 1 << (2 * layer)
		}
		left--
		for i := range n {
			for j := range n {
				dots = append(dots, wire.Dot{
					X:    float64(b.X0) + float64((2*j+1)*(b.X1-b.X0))/float64(2*n),
					Y:    float64(b.Y0) + float64((2*i+1)*(b.Y1-b.Y0))/float64(2*n),
					Crop: c,
				})
			}
		}
	}
	return dots, crops
}

// cut tells whether a box ends at an edge of a crop that is no edge of the picture: what it holds goes on beyond. The tolerance
// is 20 pixels of 1024: 1 of 64.
func cut(b, crop Box, side int) bool {
	near := func(edge, of, picture int) bool {
		t := max(1, side*20/1024)
		return within(edge, of, t) && !within(edge, picture, t)
	}
	return near(b.X0, crop.X0, 0) || near(b.Y0, crop.Y0, 0) || near(b.X1, crop.X1, side) || near(b.Y1, crop.Y1, side)
}

func within(a, b, tolerance int) bool { return a-b <= tolerance && b-a <= tolerance }
