package f32

// Mul multiplies y by x, element by element.
func Mul(y, x []float32) {
	same("Mul", "x", len(x), len(y))
	for i, v := range x {
		y[i] *= v
	}
}

// Add adds x to y, element by element.
func Add(y, x []float32) {
	same("Add", "x", len(x), len(y))
	for i, v := range x {
		y[i] += v
	}
}

// Axpy adds a·x to y, element by element.
func Axpy(y []float32, a float32, x []float32) {
	same("Axpy", "x", len(x), len(y))
	for i, v := range x {
		y[i] += float32(a * v)
	}
}

// Scale multiplies y by a.
func Scale(y []float32, a float32) {
	for i := range y {
		y[i] *= a
	}
}
