package f32

// Times multiplies every channel of the rows x [.., c] by its number in g [c]: y = 0 + x·g. y may not be x.
func Times(y, x, g []float32) {
	timesSizes("Times", len(y), len(x), len(g))
	clear(y)
	mulRows(y, x, g, len(x)/len(g), len(g), len(g))
}

// TimesBack is the backward pass of Times: it adds to dx and dg, of which one may be nil, from dy. dx needs g, dg needs x.
// An element of dg is a sum over the rows in increasing order.
func TimesBack(dx, dg, dy, x, g []float32) {
	c := len(g)
	if dx != nil {
		timesSizes("TimesBack", len(dx), len(dy), c)
		mulRows(dx, dy, g, len(dy)/c, c, c)
	}
	if dg != nil {
		timesSizes("TimesBack", len(x), len(dy), c)
		same("TimesBack", "dg", len(dg), c)
		sumRows(dg, x, dy, len(dy)/c, c, c)
	}
}

func timesSizes(op string, y, x, g int) {
	same(op, "y", y, x)
	if g == 0 || x%g != 0 {
		panic(Error("f32: " + op + ": rows do not have the length of g"))
	}
}
