package f32

// Mul multiplies y by x, element by element.
func Mul(y, x []float32) {
	same("Mul", "x", len(x), len(y))
	n := 0
	if fast {
		if n = len(y) &^ (chunk - 1); n > 0 {
			mulVectors(n, &y[0], &x[0])
		}
	}
	for i, v := range x[n:] {
		y[n+i] = float32(y[n+i] * v)
	}
}

// Add adds x to y, element by element.
func Add(y, x []float32) {
	same("Add", "x", len(x), len(y))
	n := 0
	if fast {
		if n = len(y) &^ (chunk - 1); n > 0 {
			addVectors(n, &y[0], &x[0])
		}
	}
	for i, v := range x[n:] {
		y[n+i] += v
	}
}

// Axpy adds a·x to y, element by element.
func Axpy(y []float32, a float32, x []float32) {
	same("Axpy", "x", len(x), len(y))
	n := 0
	if fast {
		if n = len(y) &^ (chunk - 1); n > 0 {
			t := [lanes]float32{a, a, a, a}
			axpyVectors(n, &y[0], &x[0], &t[0])
		}
	}
	for i, v := range x[n:] {
		y[n+i] += float32(a * v)
	}
}

// Scale multiplies y by a.
func Scale(y []float32, a float32) {
	n := 0
	if fast {
		if n = len(y) &^ (chunk - 1); n > 0 {
			t := [lanes]float32{a, a, a, a}
			scaleVectors(n, &y[0], &t[0])
		}
	}
	for i := n; i < len(y); i++ {
		y[i] = float32(y[i] * a)
	}
}

// scaleAdd is y = y·a + x, element by element.
func scaleAdd(y []float32, a float32, x []float32) {
	n := 0
	if fast {
		if n = len(y) &^ (chunk - 1); n > 0 {
			t := [lanes]float32{a, a, a, a}
			scaleAddVectors(n, &y[0], &x[0], &t[0])
		}
	}
	for i, v := range x[n:] {
		y[n+i] = float32(y[n+i]*a) + v
	}
}
