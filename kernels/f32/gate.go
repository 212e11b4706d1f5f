package f32

// Sigmoid writes 1/(1 + e**-x) into y, element by element; y may be x.
func Sigmoid(y, x []float32) {
	same("Sigmoid", "y", len(y), len(x))
	for i, v := range x {
		y[i] = -v
	}
	Exp(y, y)
	for i, v := range y {
		y[i] = 1 / (1 + v)
	}
}

// Swish writes x·sigmoid(x) (Ramachandran et al. 2017) into y, and its derivative into dswish unless that is nil: what
// backward then needs is one Mul. No two of the three may be the same.
func Swish(y, dswish, x []float32) {
	Sigmoid(y, x)
	if dswish != nil {
		same("Swish", "dswish", len(dswish), len(x))
		for i, s := range y {
			dswish[i] = float32(s * (1 + float32(x[i]*(1-s))))
		}
	}
	Mul(y, x)
}

// Gate multiplies every channel of x [n, rows, c] by a number of its own for each example, the sigmoid of g [n, c], which
// it writes into s: y = 0 + x·s. y may not be x, s may be g.
func Gate(y, s, x, g []float32, n, rows, c int) {
	gateSizes("Gate", len(y), len(x), len(s), len(g), n, rows, c)
	Sigmoid(s, g)
	clear(y)
	for i := range n {
		mulRows(y[i*rows*c:], x[i*rows*c:], s[i*c:][:c], rows, c, c)
	}
}

// GateBack is the backward pass of Gate: from dy it adds to dx and stores into dg, of which one may be nil. s is what Gate
// wrote; dx does not need x. An element of dg is Σ x·dy over the rows in increasing order, times s·(1-s).
func GateBack(dx, dg, dy, x, s []float32, n, rows, c int) {
	if dx != nil {
		gateSizes("GateBack", len(dx), len(dy), len(s), n*c, n, rows, c)
		for i := range n {
			mulRows(dx[i*rows*c:], dy[i*rows*c:], s[i*c:][:c], rows, c, c)
		}
	}
	if dg != nil {
		gateSizes("GateBack", len(x), len(dy), len(s), len(dg), n, rows, c)
		clear(dg)
		for i := range n {
			sumRows(dg[i*c:][:c], x[i*rows*c:], dy[i*rows*c:], rows, c, c)
		}
		for i, v := range s {
			dg[i] = float32(dg[i] * float32(v*(1-v)))
		}
	}
}

func gateSizes(op string, y, x, s, g, n, rows, c int) {
	same(op, "y", y, n*rows*c)
	same(op, "x", x, n*rows*c)
	same(op, "s", s, n*c)
	same(op, "g", g, n*c)
}
