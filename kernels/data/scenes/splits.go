package scenes

import "petri/kernels/data"

// What the splits hold back. Train never has what the others add, and test has things that validation lacks:
//
//	axis              train                                    validation adds  test adds
//	numbers           of a stream of its own                   its own          its own
//	objects           3, 4                                     2                2, 5
//	scale, in pixels  15 .. 23                                 23 .. 25         12.5 .. 15, 25 .. 28
//	robot             2 wheels                                 1 wheel          3 wheels
//	flower            5 or 6 petals, 1 leaf                    7 petals         2 leaves
//	house             1 window, no chimney                     chimney          2 windows
//	train             1 wagon, 1 chimney                       2 chimneys       2 wagons
//	cup               1 handle                                 straw            2 handles
//	balloon           1 band                                   2 bands          flag
//	colour of robot   not violet                                                violet
//	          flower  not green                                green
//	          house   not pink                                                  pink
//	          train   not orange                               orange
//	          cup     not brown                                brown
//	          balloon not yellow                                                yellow
//	background        plain, gradient, hills, cloth or clouds  planks, always   waves or tiles, always
//
// An object of validation or test has a held-out colour, scale or form once in a while only: if it always had, its colour would
// tell its kind.

// held is a colour that the whole of some kind has in one split only.
var held = [kinds]struct {
	split  data.Split
	colour int
}{
	robot:   {data.Test, violet},
	flower:  {data.Validation, green},
	house:   {data.Test, pink},
	train:   {data.Validation, orange},
	cup:     {data.Validation, brown},
	balloon: {data.Test, yellow},
}

// The chances that an object of validation or test is held out in one respect.
const (
	oddColour = 1. / 8
	oddForm   = 1. / 4
	oddScale  = 1. / 4

	// Parts make up for the colour that a whole lacks: that, too, would tell the kind.
	oddPart = .12
)

// drawForm is the variant of an object: 0 and 1 are those of train, 2 is validation's, 3 is test's.
func drawForm(r *stream, split data.Split) int {
	usual, odd := r.Below(2), r.Chance(oddForm)
	if odd && split != data.Train {
		return 1 + int(split)
	}
	return usual
}

// drawScale is the square root of the area that an object aims at, in pixels of 64.
func drawScale(r *stream, split data.Split) float64 {
	usual, odd, u := r.Between(15, 23), r.Chance(oddScale), r.Unit()
	switch {
	case !odd || split == data.Train:
		return usual
	case split == data.Validation:
		return 23 + float64(2*u)
	case u < .5:
		return 12.5 + float64(5*u)
	default:
		return 22 + float64(6*u)
	}
}

// drawColour is the colour of a whole.
func drawColour(r *stream, split data.Split, k Kind) int {
	h := held[k]
	odd, c := r.Chance(oddColour), r.Below(len(colours)-1)
	if odd && split == h.split {
		return h.colour
	}
	if c >= h.colour {
		c++
	}
	return c
}

// usual says whether every split may show a kind in a colour.
func usual(k Kind, colour int) bool { return colour != held[k].colour }

// drawCount is how many objects there are.
func drawCount(r *stream, split data.Split) int {
	switch split {
	case data.Train:
		return 3 + r.Below(2)
	case data.Validation:
		return 2 + r.Below(3)
	default:
		return 2 + r.Below(4)
	}
}

// The families of backgrounds: train has the first five.
const (
	plain = iota
	gradient
	hills
	cloth
	clouds
	planks
	waves
	tiles
)

var families = [...]string{"plain", "gradient", "hills", "cloth", "clouds", "planks", "waves", "tiles"}

// drawFamily is the family of a background: validation and test have their own only.
func drawFamily(r *stream, split data.Split) int {
	switch split {
	case data.Train:
		return r.Below(planks)
	case data.Validation:
		return planks
	default:
		return waves + r.Below(len(families)-waves)
	}
}
