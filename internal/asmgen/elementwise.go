package main

import "fmt"

// Places of the constants in the tables that f32 passes (see tables.go there). Each is stored four times.
const (
	expMax = iota
	expMin
	expLog2E
	expRound
	expLn2Hi
	expLn2Lo
	expP0
	expOne   = expP0 + 6
	expHalf  = expOne + 1
	expScale = expHalf + 1 // softmax only
)

const (
	geluMax = iota
	geluMin
	geluC1
	geluC0
	geluP
	geluQ    = geluP + 7
	geluOne  = geluQ + 4
	geluHalf = geluOne + 1
	geluC3   = geluHalf + 1
)

// side is the number of vectors that elementwise kernels work on side by side: one alone would wait for its own results.
const side = 4

// expSteps turns the vectors v0.. into their exponentials, with t0.. and n0.. for work. highest says whether arguments
// may be above expMax.
func expSteps(f *kernel, w int, highest bool) {
	v, t, n := names("v", w), names("t", w), names("n", w)
	all := func(do func(v, t, n string)) {
		for i := range w {
			do(v[i], t[i], n[i])
		}
	}
	if highest {
		f.konst("k", expMax)
		all(func(v, _, _ string) { f.bin(least, v, v, "k") })
	}
	f.konst("k", expMin)
	all(func(v, _, _ string) { f.bin(most, v, v, "k") })
	f.konst("k", expLog2E)
	all(func(v, t, _ string) { f.bin(mul, t, v, "k") })
	f.konst("k", expRound)
	all(func(_, t, n string) { f.bin(add, t, t, "k"); f.bin(sub, n, t, "k") })
	for _, part := range []int{expLn2Hi, expLn2Lo} {
		f.konst("k", part)
		all(func(v, _, n string) { f.msub(v, n, "k") })
	}
	f.konst("k", expP0)
	all(func(v, _, n string) { f.bin(mul, n, v, "k") })
	for i := 1; i < 6; i++ {
		f.konst("k", expP0+i)
		all(func(v, _, n string) {
			f.bin(add, n, n, "k")
			if i < 5 {
				f.bin(mul, n, n, v)
			}
		})
	}
	f.konst("k", expOne)
	all(func(v, _, n string) {
		f.product(mul, n, v, v) // n *= v·v
		f.bin(add, n, n, v)
		f.bin(add, n, n, "k")
	})
	f.konst("k", expHalf)
	all(func(v, t, n string) {
		f.shl(t, t, 23)
		f.bin(addInt, t, t, "k")
		f.bin(mul, n, n, t)
		f.bin(add, v, n, n)
	})
}

// exp writes e**x into y for cnt floats, a multiple of side vectors.
func exp(m machine) *kernel {
	f := newKernel(m, "expVectors", []string{"cnt", "x", "y", "table"})
	bytes := 4 * f.lanes()
	f.each("cnt", side*f.lanes(), func() {
		for i, v := range names("v", side) {
			f.load(v, "x", bytes*i)
		}
		expSteps(f, side, true)
		for i, v := range names("v", side) {
			f.store(v, "y", bytes*i)
		}
		f.addi("x", side*bytes)
		f.addi("y", side*bytes)
	})
	return f.done()
}

// gelu writes GELU(x) into y and, where derivative is set, its derivative into d, for cnt floats, a multiple of side
// vectors.
func gelu(m machine, name string, derivative bool) *kernel {
	args := []string{"cnt", "x", "y", "table"}
	if derivative {
		args = append(args, "d")
	}
	f := newKernel(m, name, args)
	bytes := 4 * f.lanes()
	u, z, p := names("u", side), names("z", side), names("p", side)
	all := func(konst int, do func(i int)) {
		if konst >= 0 {
			f.konst("k", konst)
		}
		for i := range side {
			do(i)
		}
	}
	clamp := func(v []string) {
		all(geluMax, func(i int) { f.bin(least, v[i], v[i], "k") })
		all(geluMin, func(i int) { f.bin(most, v[i], v[i], "k") })
	}
	horner := func(v []string, first, n int) {
		all(first, func(i int) { f.bin(mul, v[i], z[i], "k") })
		for j := 1; j < n; j++ {
			all(first+j, func(i int) {
				f.bin(add, v[i], v[i], "k")
				if j < n-1 {
					f.bin(mul, v[i], v[i], z[i])
				}
			})
		}
	}
	f.each("cnt", side*f.lanes(), func() {
		all(-1, func(i int) { f.load(u[i], "x", bytes*i) })
		clamp(u)
		all(geluC1, func(i int) { f.bin(mul, z[i], u[i], u[i]); f.bin(mul, z[i], z[i], "k") })
		all(geluC0, func(i int) { f.bin(add, z[i], z[i], "k"); f.bin(mul, u[i], u[i], z[i]) })
		all(-1, func(i int) { f.bin(mul, z[i], u[i], u[i]) })
		horner(p, geluP, 7)
		all(-1, func(i int) { f.bin(mul, p[i], p[i], u[i]) })
		horner(u, geluQ, 4)
		all(-1, func(i int) { f.bin(div, p[i], p[i], u[i]) }) // tanh
		all(geluOne, func(i int) { f.bin(add, u[i], p[i], "k") })
		all(geluHalf, func(i int) { // u = ½(1 + tanh), z = x
			f.bin(mul, u[i], u[i], "k")
			f.load(z[i], "x", bytes*i)
			f.bin(mul, "e", z[i], u[i])
			f.store("e", "y", bytes*i)
		})
		if derivative {
			clamp(z)
			all(geluOne, func(i int) { f.bin(mul, p[i], p[i], p[i]); f.bin(sub, p[i], "k", p[i]) })
			all(geluHalf, func(i int) { f.product(mul, p[i], z[i], "k") })
			all(geluC3, func(i int) { f.bin(mul, z[i], z[i], z[i]); f.bin(mul, z[i], z[i], "k") })
			all(geluC0, func(i int) {
				f.bin(add, z[i], z[i], "k")
				f.mac(u[i], p[i], z[i])
				f.store(u[i], "d", bytes*i)
			})
			f.addi("d", side*bytes)
		}
		f.addi("x", side*bytes)
		f.addi("y", side*bytes)
	})
	return f.done()
}

// binary is y = y o x for cnt floats, a multiple of side vectors.
func binary(m machine, name string, o op) *kernel {
	f := newKernel(m, name, []string{"cnt", "y", "x"})
	bytes := 4 * f.lanes()
	f.each("cnt", side*f.lanes(), func() {
		for i := range side {
			v := fmt.Sprint("v", i)
			f.load(v, "y", bytes*i)
			f.binMem(o, v, v, "x", bytes*i)
		}
		for i := range side {
			f.store(fmt.Sprint("v", i), "y", bytes*i)
		}
		f.addi("x", side*bytes)
		f.addi("y", side*bytes)
	})
	return f.done()
}

// axpy is y += a·x, scale is y *= a; a is the only constant of the table.
func axpy(m machine) *kernel {
	f := newKernel(m, "axpyVectors", []string{"cnt", "y", "x", "table"})
	bytes := 4 * f.lanes()
	f.konst("k", 0)
	f.each("cnt", side*f.lanes(), func() {
		for i := range side {
			v := fmt.Sprint("v", i)
			f.load(v, "x", bytes*i)
			f.bin(mul, v, v, "k")
			f.binMem(add, v, v, "y", bytes*i)
		}
		for i := range side {
			f.store(fmt.Sprint("v", i), "y", bytes*i)
		}
		f.addi("x", side*bytes)
		f.addi("y", side*bytes)
	})
	return f.done()
}

// scaleAdd is y = y·a + x.
func scaleAdd(m machine) *kernel {
	f := newKernel(m, "scaleAddVectors", []string{"cnt", "y", "x", "table"})
	bytes := 4 * f.lanes()
	f.konst("k", 0)
	f.each("cnt", side*f.lanes(), func() {
		for i := range side {
			v := fmt.Sprint("v", i)
			f.load(v, "y", bytes*i)
			f.bin(mul, v, v, "k")
			f.binMem(add, v, v, "x", bytes*i)
			f.store(v, "y", bytes*i)
		}
		f.addi("x", side*bytes)
		f.addi("y", side*bytes)
	})
	return f.done()
}

func scale(m machine) *kernel {
	f := newKernel(m, "scaleVectors", []string{"cnt", "y", "table"})
	bytes := 4 * f.lanes()
	f.konst("k", 0)
	f.each("cnt", side*f.lanes(), func() {
		for i := range side {
			v := fmt.Sprint("v", i)
			f.load(v, "y", bytes*i)
			f.bin(mul, v, v, "k")
			f.store(v, "y", bytes*i)
		}
		f.addi("y", side*bytes)
	})
	return f.done()
}

// adamW is one step on cnt floats, a multiple of one vector. The table: beta1, rest1, beta2, rest2, rate, root, eps,
// keep.
func adamW(m machine) *kernel {
	f := newKernel(m, "adamWVectors", []string{"cnt", "p", "grad", "mom", "vel", "table"})
	bytes := 4 * f.lanes()
	const beta1, rest1, beta2, rest2, rate, root, eps, keep = "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
	for i, k := range names("k", 8) {
		f.konst(k, i)
	}
	f.each("cnt", f.lanes(), func() {
		f.load("d", "grad", 0)
		f.load("m", "mom", 0)
		f.bin(mul, "m", "m", beta1)
		f.mac("m", "d", rest1)
		f.store("m", "mom", 0)
		f.load("v", "vel", 0)
		f.bin(mul, "v", "v", beta2)
		f.bin(mul, "d", "d", "d")
		f.mac("v", "d", rest2)
		f.store("v", "vel", 0)
		f.sqrt("v", "v")
		f.bin(mul, "v", "v", root)
		f.bin(add, "v", "v", eps)
		f.bin(mul, "m", "m", rate)
		f.bin(div, "m", "m", "v")
		f.load("d", "p", 0)
		f.bin(mul, "d", "d", keep)
		f.bin(sub, "d", "d", "m")
		f.store("d", "p", 0)
		for _, p := range []string{"p", "grad", "mom", "vel"} {
			f.addi(p, bytes)
		}
	})
	return f.done()
}

// sgd is one step on cnt floats, a multiple of one vector, with a buffer of momentum or without. The table: rate, decay,
// momentum.
func sgd(m machine, name string, momentum bool) *kernel {
	args := []string{"cnt", "p", "grad", "table"}
	if momentum {
		args = append(args, "mom")
	}
	f := newKernel(m, name, args)
	pointers := []string{"p", "grad"}
	f.konst("rate", 0)
	f.konst("decay", 1)
	if momentum {
		f.konst("keep", 2)
		pointers = append(pointers, "mom")
	}
	f.each("cnt", f.lanes(), func() {
		f.load("p", "p", 0)
		f.load("d", "grad", 0)
		f.mac("d", "p", "decay")
		if momentum {
			f.load("m", "mom", 0)
			f.bin(mul, "m", "m", "keep")
			f.bin(add, "d", "m", "d")
			f.store("d", "mom", 0)
		}
		f.msub("p", "d", "rate")
		f.store("p", "p", 0)
		for _, p := range pointers {
			f.addi(p, 4*f.lanes())
		}
	})
	return f.done()
}

// mulRows is y += x·w for m rows of cnt floats, w being one row: the step of a depth-wise convolution. Rows lie ldc and
// lda bytes apart.
func mulRows(m machine) *kernel {
	f := newKernel(m, "mulRowsVectors", []string{"cnt", "m", "y", "ldc", "x", "lda", "w"}, "m", "ldc", "lda")
	bytes := 4 * f.lanes()
	f.each("cnt", f.lanes(), func() {
		f.load("k", "w", 0)
		f.mov("p", "y")
		f.mov("q", "x")
		f.arg("rows", "m")
		f.each("rows", 1, func() {
			f.load("v", "q", 0)
			f.bin(mul, "v", "v", "k")
			f.binMem(add, "v", "v", "p", 0)
			f.store("v", "p", 0)
			f.addTo("p", "ldc")
			f.addTo("q", "lda")
		})
		for _, p := range []string{"y", "x", "w"} {
			f.addi(p, bytes)
		}
	})
	return f.done()
}

// sumRows is y += Σ x·w over m rows of cnt floats, in their order, y being one row. Rows lie lda and ldc bytes apart.
func sumRows(m machine) *kernel {
	f := newKernel(m, "sumRowsVectors", []string{"cnt", "m", "y", "x", "lda", "w", "ldc"}, "m", "lda", "ldc")
	bytes := 4 * f.lanes()
	f.each("cnt", f.lanes(), func() {
		f.load("sum", "y", 0)
		f.mov("p", "x")
		f.mov("q", "w")
		f.arg("rows", "m")
		f.each("rows", 1, func() {
			f.load("v", "p", 0)
			f.load("u", "q", 0)
			f.mac("sum", "v", "u")
			f.addTo("p", "lda")
			f.addTo("q", "ldc")
		})
		f.store("sum", "y", 0)
		for _, p := range []string{"y", "x", "w"} {
			f.addi(p, bytes)
		}
	})
	return f.done()
}
