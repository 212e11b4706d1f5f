package main

// lanesProduct is c[x][y] = Σ_z a[x][z]·b[z][y] where every number is four heads side by side. Strides are in bytes:
// ax and az of a, bz of b's z, cx of c's x; b's and c's y are next to each other. A tile is rows × vecs vectors: with
// eight lanes a vector holds two y. m is a multiple of rows, n of the y of a tile.
func lanesProduct(m machine, name string, rows, vecs int, narrow bool) *kernel {
	var inMemory []string
	if m.registers() < 16 {
		inMemory = []string{"n", "k", "b", "cx", "ax"}
	}
	f := newKernel(m, name, []string{"m", "n", "k", "a", "ax", "az", "b", "bz", "c", "cx"}, inMemory...)
	f.narrow = narrow
	bytes := 4 * f.lanes()
	q := names("q", rows)
	var acc [][]string
	for _, row := range names("c", rows) {
		acc = append(acc, names(row+"_", vecs))
	}
	f.each("m", rows, func() {
		f.arg("n", "n")
		f.arg("b", "b")
		f.mov("cp", "c")
		f.each("n", vecs*f.lanes()/4, func() {
			for _, row := range acc {
				for _, v := range row {
					f.zero(v)
				}
			}
			f.mov(q[0], "a")
			for i := 1; i < rows; i++ {
				f.mov(q[i], q[i-1])
				f.addTo(q[i], "ax")
			}
			f.mov("bp", "b")
			f.arg("z", "k")
			f.each("z", 1, func() {
				for i := range rows {
					if narrow {
						f.load(names("a", rows)[i], q[i], 0)
					} else {
						f.quad(names("a", rows)[i], q[i], 0)
					}
				}
				for j := range vecs {
					f.load("b", "bp", bytes*j)
					for i := range rows {
						f.mac(acc[i][j], names("a", rows)[i], "b")
					}
				}
				for _, p := range q {
					f.addTo(p, "az")
				}
				f.addTo("bp", "bz")
			})
			f.mov("bp", "cp")
			for i := range rows {
				for j := range vecs {
					f.store(acc[i][j], "bp", bytes*j)
				}
				if i < rows-1 {
					f.addTo("bp", "cx")
				}
			}
			f.addi("b", bytes*vecs)
			f.addi("cp", bytes*vecs)
		})
		for range rows {
			f.addTo("c", "cx")
			f.addTo("a", "ax")
		}
	})
	return f.done()
}

// lanesSoftmax turns m rows of n scores in four lanes into probabilities, in place. Where kept is set, the greatest score
// and the sum that divides are written down, eight floats for a row.
func lanesSoftmax(m machine, name string, kept bool) *kernel {
	args := []string{"m", "n", "s", "table"}
	if kept {
		args = append(args, "sums")
	}
	f := newKernel(m, name, args)
	bytes, columns := 4*f.lanes(), f.lanes()/4
	f.each("m", 1, func() {
		f.inFours(func() {
			f.mov("p", "s")
			f.load("max", "p", 0)
			f.mov("c", "n")
			f.each("c", 1, func() {
				f.load("v0", "p", 0)
				f.bin(most, "max", "max", "v0")
				f.addi("p", 16)
			})
			f.zero("sum")
			if kept {
				f.store("max", "sums", 0)
			}
		})
		f.spread("max")
		f.mov("p", "s")
		exps := func(w int) {
			bytes := 4 * f.lanes()
			for i, v := range names("v", w) {
				f.load(v, "p", bytes*i)
				f.bin(sub, v, v, "max")
			}
			f.konst("k", expScale)
			for _, v := range names("v", w) {
				f.bin(mul, v, v, "k")
			}
			expSteps(f, w, false)
			for i, v := range names("v", w) {
				f.store(v, "p", bytes*i)
				if f.narrow {
					f.bin(add, "sum", "sum", v)
				} else {
					f.addParts("sum", v)
				}
			}
			f.addi("p", bytes*w)
		}
		const wide = 4
		shift := 2 // columns of a wide step are 1<<shift
		if columns == 2 {
			shift = 3
		}
		f.shift("c", "n", -shift)
		f.each("c", 1, func() { exps(wide) })
		f.mask("c", "n", 1<<shift-1)
		f.each("c", 1, func() { f.inFours(func() { exps(1) }) })
		f.inFours(func() {
			if kept {
				f.store("sum", "sums", 16)
				f.addi("sums", 32)
			}
			f.konst("k", expOne)
			f.bin(div, "sum", "k", "sum")
		})
		f.spread("sum")
		times := func() {
			f.load("v0", "s", 0)
			f.bin(mul, "v0", "v0", "sum")
			f.store("v0", "s", 0)
		}
		acrossRow(f, func() { times(); f.addi("s", bytes) }, func() { times(); f.addi("s", 16) })
	})
	return f.done()
}

// acrossRow runs wide for every full vector of a row of n columns, and narrow for what is left.
func acrossRow(f *kernel, wide, narrow func()) {
	if f.lanes() == 4 {
		f.mov("c", "n")
		f.each("c", 1, wide)
		return
	}
	f.shift("c", "n", -1)
	f.each("c", 1, wide)
	f.mask("c", "n", 1)
	f.each("c", 1, func() { f.inFours(narrow) })
}

// lanesSoftmaxBack turns gradients of probabilities d into gradients of scores, in place. The table holds the
// scale. Where gathered is set, the gradients before that factor are added to sums.
func lanesSoftmaxBack(m machine, name string, gathered bool) *kernel {
	args := []string{"m", "n", "d", "p", "table"}
	if gathered {
		args = append(args, "sums")
	}
	f := newKernel(m, name, args)
	f.konst("k", 0)
	f.each("m", 1, func() {
		f.inFours(func() {
			f.zero("sum")
			f.mov("dp", "d")
			f.mov("pp", "p")
			f.mov("c", "n")
			f.each("c", 1, func() {
				f.load("x", "pp", 0)
				f.load("y", "dp", 0)
				f.mac("sum", "x", "y")
				f.addi("pp", 16)
				f.addi("dp", 16)
			})
		})
		f.spread("sum")
		step := func() {
			f.load("y", "d", 0)
			f.bin(sub, "y", "y", "sum")
			f.load("x", "p", 0)
			f.bin(mul, "y", "x", "y")
			if gathered {
				f.load("x", "sums", 0)
				f.bin(add, "x", "x", "y")
				f.store("x", "sums", 0)
				f.addi("sums", 4*f.lanes())
			}
			f.bin(mul, "y", "y", "k")
			f.store("y", "d", 0)
			f.addi("d", 4*f.lanes())
			f.addi("p", 4*f.lanes())
		}
		acrossRow(f, step, step)
	})
	return f.done()
}

// gatherHeads copies four heads of m rows of n floats into lanes: d[row][x][head] with dr bytes from row to row and dx from
// x to x. The heads are two pairs, hp bytes apart; those of a pair lie hs bytes apart. scatterHeads is the way back.
func gatherHeads(m machine) *kernel {
	f := newKernel(m, "gatherHeads", []string{"m", "n", "s", "sr", "hs", "hp", "d", "dr", "dx"}, "hs", "hp", "dr", "sr")
	return headLoop(f, "s", "sr", "d", "dr", func(heads []string, u int) {
		f.m.collect(f.r("q"), [4]int{f.r(heads[0]), f.r(heads[1]), f.r(heads[2]), f.r(heads[3])}, 4*u)
	}, func(v, heads []string) {
		for l, p := range heads {
			f.load(v[l], p, 0)
		}
		f.m.transpose([4]int{f.v(v[0]), f.v(v[1]), f.v(v[2]), f.v(v[3])})
		for _, x := range v {
			f.store(x, "q", 0)
			f.addTo("q", "dx")
		}
	})
}

func scatterHeads(m machine) *kernel {
	f := newKernel(m, "scatterHeads", []string{"m", "n", "s", "sr", "hs", "hp", "d", "dr", "dx"}, "hs", "hp", "dr", "sr")
	return headLoop(f, "d", "dr", "s", "sr", func(heads []string, u int) {
		for l, p := range heads {
			f.m.move(f.r(p), 4*u, f.r("q"), 4*l)
		}
	}, func(v, heads []string) {
		for _, x := range v {
			f.load(x, "q", 0)
			f.addTo("q", "dx")
		}
		f.m.transpose([4]int{f.v(v[0]), f.v(v[1]), f.v(v[2]), f.v(v[3])})
		for l, p := range heads {
			f.store(v[l], p, 0)
		}
	})
}

// headLoop walks rows, and along each row over the four heads of the plain side and the lanes of the other: one x at a
// time with one, four at a time with four where the machine can transpose.
func headLoop(f *kernel, plain, plainRow, lanes, lanesRow string, one func(heads []string, u int), four func(v, heads []string)) *kernel {
	f.narrow = true
	heads, v := names("h", 4), names("v", 4)
	f.each("m", 1, func() {
		f.mov(heads[0], plain)
		f.mov(heads[2], plain)
		f.addTo(heads[2], "hp")
		for _, l := range [2]int{0, 2} {
			f.mov(heads[l+1], heads[l])
			f.addTo(heads[l+1], "hs")
		}
		f.mov("q", lanes)
		step := func(u int) { one(heads, u); f.addTo("q", "dx") }
		advance := func(n int) {
			for _, p := range heads {
				f.addi(p, 4*n)
			}
		}
		if f.m.transposes() {
			f.shift("c", "n", -2)
			f.each("c", 1, func() { four(v, heads); advance(4) })
			f.mask("c", "n", 3)
			f.each("c", 1, func() { step(0); advance(1) })
		} else {
			unrolled(f, "n", "c", 4, step, advance)
		}
		f.addTo(plain, plainRow)
		f.addTo(lanes, lanesRow)
	})
	return f.done()
}
