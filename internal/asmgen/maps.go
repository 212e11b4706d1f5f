package main

import "fmt"

// Kernels of maps: channels fill the vectors, pixels are rows.

// wide is the number of vectors of channels that kernels take side by side where there are as many; others take one.
const wide = side

// blockSums adds to sum, for cnt columns, the sum of m rows of x that lie lda bytes apart, each from zero.
func blockSums(m machine, name string, w int) *kernel {
	return columnSum(m, name, w, "", func(f *kernel, i string, off int) { f.binMem(add, "s"+i, "s"+i, "p", off) })
}

// blockSquares does the same with (x-mean)².
func blockSquares(m machine, name string, w int) *kernel {
	return columnSum(m, name, w, "mean", func(f *kernel, i string, off int) {
		f.load("v", "p", off)
		f.bin(sub, "v", "v", "mean"+i)
		f.mac("s"+i, "v", "v")
	})
}

// columnSum is what both have in common; each column may have a constant.
func columnSum(m machine, name string, w int, constant string, term func(f *kernel, i string, off int)) *kernel {
	args := []string{"cnt", "m", "x", "lda", "sum"}
	pointers := []string{"x", "sum"}
	if constant != "" {
		args, pointers = append(args, constant), append(pointers, constant)
	}
	f := newKernel(m, name, args)
	bytes := 4 * f.lanes()
	f.each("cnt", w*f.lanes(), func() {
		for i, s := range names("s", w) {
			f.zero(s)
			if constant != "" {
				f.load(constant+fmt.Sprint(i), constant, bytes*i)
			}
		}
		f.mov("p", "x")
		f.mov("rows", "m")
		f.each("rows", 1, func() {
			for i := range w {
				term(f, fmt.Sprint(i), bytes*i)
			}
			f.addTo("p", "lda")
		})
		for i, s := range names("s", w) {
			f.binMem(add, s, s, "sum", bytes*i)
			f.store(s, "sum", bytes*i)
		}
		for _, p := range pointers {
			f.addi(p, bytes*w)
		}
	})
	return f.done()
}

// blockDots adds to sum and dot, for cnt columns, the sums of m rows of dy and of dy·xhat, each from zero. Rows lie lda
// bytes apart.
func blockDots(m machine, name string, w int) *kernel {
	f := newKernel(m, name, []string{"cnt", "m", "dy", "xhat", "lda", "sum", "dot"})
	bytes := 4 * f.lanes()
	f.each("cnt", w*f.lanes(), func() {
		for i := range w {
			f.zero(names("s", w)[i])
			f.zero(names("t", w)[i])
		}
		f.mov("p", "dy")
		f.mov("q", "xhat")
		f.mov("rows", "m")
		f.each("rows", 1, func() {
			for i := range w {
				f.load("y", "p", bytes*i)
				f.bin(add, names("s", w)[i], names("s", w)[i], "y")
				f.binMem(mul, "y", "y", "q", bytes*i)
				f.bin(add, names("t", w)[i], names("t", w)[i], "y")
			}
			f.addTo("p", "lda")
			f.addTo("q", "lda")
		})
		for i := range w {
			for _, to := range [2][2]string{{"s", "sum"}, {"t", "dot"}} {
				v := names(to[0], w)[i]
				f.binMem(add, v, v, to[1], bytes*i)
				f.store(v, to[1], bytes*i)
			}
		}
		for _, p := range []string{"dy", "xhat", "sum", "dot"} {
			f.addi(p, bytes*w)
		}
	})
	return f.done()
}

// batchNorm normalises n vectors of each of m rows that lie lda bytes apart; xhat may be y.
func batchNorm(m machine) *kernel {
	f := newKernel(m, "batchNormRows", []string{"m", "n", "x", "y", "xhat", "lda", "mean", "rstd", "gain", "bias"},
		"n", "lda", "mean", "rstd", "gain", "bias")
	constants := []string{"mean", "rstd", "gain", "bias"}
	channelRows(f, []string{"x", "y", "xhat"}, constants, func(off int) {
		f.load("v", "x", off)
		f.binMem(sub, "v", "v", "mean", off)
		f.binMem(mul, "v", "v", "rstd", off)
		f.store("v", "xhat", off)
		f.binMem(mul, "v", "v", "gain", off)
		f.binMem(add, "v", "v", "bias", off)
		f.store("v", "y", off)
	})
	return f.done()
}

// batchNormBack is dx = ((dy - m1) - xhat·m2)·scale for n vectors of each of m rows that lie lda bytes apart; dx may be
// dy.
func batchNormBack(m machine) *kernel {
	f := newKernel(m, "batchNormBackRows", []string{"m", "n", "out", "dy", "xhat", "lda", "m1", "m2", "scale"},
		"n", "lda", "m1", "m2", "scale")
	channelRows(f, []string{"out", "dy", "xhat"}, []string{"m1", "m2", "scale"}, func(off int) {
		f.load("v", "dy", off)
		f.binMem(sub, "v", "v", "m1", off)
		f.load("u", "xhat", off)
		f.binMem(mul, "u", "u", "m2", off)
		f.bin(sub, "v", "v", "u")
		f.binMem(mul, "v", "v", "scale", off)
		f.store("v", "out", off)
	})
	return f.done()
}

// channelRows walks over m rows of n vectors, from row to row by what is missing to lda bytes, and over the constants of
// their columns.
func channelRows(f *kernel, rows, constants []string, step func(off int)) {
	bytes := 4 * f.lanes()
	shift := 4
	if f.lanes() == 8 {
		shift = 5
	}
	f.arg("skip", "lda")
	f.arg("c", "n")
	f.shift("c", "c", shift)
	f.subr("skip", "skip", "c")
	f.each("m", 1, func() {
		for _, p := range constants {
			f.arg(p, p)
		}
		f.arg("n", "n")
		unrolled(f, "n", "c", 2, func(u int) { step(bytes * u) }, func(u int) {
			for _, p := range append(append([]string(nil), rows...), constants...) {
				f.addi(p, bytes*u)
			}
		})
		for _, p := range rows {
			f.addTo(p, "skip")
		}
	})
}

// window adds to m pixels of y, ldc bytes apart, the products of windows over x, lda bytes apart, with w: n rows of k taps,
// from row to row ax and cx bytes, from tap to tap az and bz. cnt channels. Without weights it adds the sums of windows.
func window(m machine, name string, vecs int, weights bool) *kernel {
	args := []string{"cnt", "m", "y", "ldc", "x", "lda", "n", "ax", "k", "az"}
	inMemory := []string{"m", "ldc", "lda", "n", "ax", "k"}
	pointers := []string{"y", "x"}
	if weights {
		args, pointers = append(args, "cx", "bz", "w"), append(pointers, "w")
		if m.registers() < 16 {
			inMemory = append(inMemory, "cx", "bz")
		}
	}
	f := newKernel(m, name, args, inMemory...)
	bytes := 4 * f.lanes()
	acc := names("s", vecs)
	f.each("cnt", vecs*f.lanes(), func() {
		f.mov("yp", "y")
		f.mov("xp", "x")
		f.arg("pixels", "m")
		f.each("pixels", 1, func() {
			for i, s := range acc {
				f.load(s, "yp", bytes*i)
			}
			f.mov("xr", "xp")
			if weights {
				f.mov("wr", "w")
			}
			f.arg("rows", "n")
			f.each("rows", 1, func() {
				f.mov("xt", "xr")
				if weights {
					f.mov("wt", "wr")
				}
				f.arg("taps", "k")
				f.each("taps", 1, func() {
					for i, s := range acc {
						if weights {
							f.load("v", "xt", bytes*i)
							f.binMem(mul, "v", "v", "wt", bytes*i)
							f.bin(add, s, s, "v")
						} else {
							f.binMem(add, s, s, "xt", bytes*i)
						}
					}
					f.addTo("xt", "az")
					if weights {
						f.addTo("wt", "bz")
					}
				})
				f.addTo("xr", "ax")
				if weights {
					f.addTo("wr", "cx")
				}
			})
			for i, s := range acc {
				f.store(s, "yp", bytes*i)
			}
			f.addTo("yp", "ldc")
			f.addTo("xp", "lda")
		})
		for _, p := range pointers {
			f.addi(p, vecs*bytes)
		}
	})
	return f.done()
}

// copyRows copies cnt floats from each of m rows of x to y; rows lie lda and ldc bytes apart.
func copyRows(m machine, name string, vecs int) *kernel {
	f := newKernel(m, name, []string{"cnt", "m", "y", "ldc", "x", "lda"})
	bytes := 4 * f.lanes()
	f.each("cnt", vecs*f.lanes(), func() {
		f.mov("p", "y")
		f.mov("q", "x")
		f.mov("rows", "m")
		f.each("rows", 1, func() {
			for i, v := range names("v", vecs) {
				f.load(v, "q", bytes*i)
			}
			for i, v := range names("v", vecs) {
				f.store(v, "p", bytes*i)
			}
			f.addTo("p", "ldc")
			f.addTo("q", "lda")
		})
		f.addi("y", vecs*bytes)
		f.addi("x", vecs*bytes)
	})
	return f.done()
}

// taps adds to n rows of cnt floats of y, bz bytes apart, the sums over m pixels of x·w, where one after another reads x one
// tap, az bytes, further on. Pixels lie lda and ldc bytes apart.
func taps(m machine, name string, n, vecs int) *kernel {
	f := newKernel(m, name, []string{"cnt", "m", "y", "bz", "x", "lda", "az", "w", "ldc"}, "m", "ldc", "bz", "lda")
	bytes := 4 * f.lanes()
	acc := make([][]string, n)
	for i := range acc {
		acc[i] = names(fmt.Sprint("s", i, "_"), vecs)
	}
	f.each("cnt", vecs*f.lanes(), func() {
		rows := func(do func(v, p string, off int)) {
			f.mov("r", "y")
			for i := range n {
				for j, v := range acc[i] {
					do(v, "r", bytes*j)
				}
				if i < n-1 {
					f.addTo("r", "bz")
				}
			}
		}
		rows(f.load)
		f.mov("p0", "x")
		f.mov("q", "w")
		f.arg("pixels", "m")
		f.each("pixels", 1, func() {
			at := names("p", n)
			for i := 1; i < n; i++ {
				f.mov(at[i], at[i-1])
				f.addTo(at[i], "az")
			}
			for j := range vecs {
				f.load("u", "q", bytes*j)
				for i, p := range at {
					f.load("v", p, bytes*j)
					f.mac(acc[i][j], "v", "u")
				}
			}
			f.addTo("p0", "lda")
			f.addTo("q", "ldc")
		})
		rows(f.store)
		for _, p := range []string{"y", "x", "w"} {
			f.addi(p, vecs*bytes)
		}
	})
	return f.done()
}
