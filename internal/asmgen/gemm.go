package main

// gemmRows is the matrix product for one panel, or its first columns, and all rows of a: c = start + bias + a·panel.
//
//	m, k        rows, a multiple of rows; length of the sum
//	a, lda      rows of a, read in place; lda in bytes, as all strides
//	b           panel [k][16]
//	c, ldc      result
//	ini, irs    start; irs 0 repeats a row
//	bias        one number per column
//
// The tile keeps rows×columns sums in registers. Per k it splats one float per row and then reads each vector of the panel
// once; in V8 this order is a quarter faster than the other way round. With fresh the sums start at zero, which spares a
// short product the reading of start and bias: a fiftieth of its time.
func gemmRows(m machine, name string, rows, columns int, fresh bool) *kernel {
	args, inMemory := []string{"m", "k", "a", "lda", "b", "c", "ldc"}, []string{"m", "c"}
	if !fresh {
		args, inMemory = append(args, "ini", "irs", "bias"), append(inMemory, "ini", "bias")
	}
	if m.registers() < 16 {
		inMemory = append(inMemory, "lda", "ldc", "irs")
	}
	f := newKernel(m, name, args, inMemory...)
	const unroll = 4
	f.narrow = columns < f.lanes()
	t := newTile(f, rows, columns)
	q := names("q", rows)
	f.arg("left", "m")
	f.arg("cp", "c")
	if !fresh {
		f.arg("ip", "ini")
	}
	f.each("left", rows, func() {
		if !fresh {
			f.arg("bp", "bias")
		}
		for i := range rows {
			for j, acc := range t.acc[i] {
				if fresh {
					f.zero(acc)
					continue
				}
				f.load(acc, "ip", t.bytes*j)
				f.binMem(add, acc, acc, "bp", t.bytes*j)
			}
			if !fresh {
				f.addTo("ip", "irs")
			}
		}
		for i := range rows {
			f.mov(q[i], "a")
			f.addTo("a", "lda")
		}
		f.mov("bp", "b")
		step := func(u int) {
			for i := range rows {
				f.splat(t.a[i], q[i], 4*u)
			}
			t.multiply("bp", 64*u)
		}
		advance := func(u int) {
			for _, p := range q {
				f.addi(p, 4*u)
			}
			f.addi("bp", 64*u)
		}
		unrolled(f, "k", "kc", unroll, step, advance)
		for i := range rows {
			for j, acc := range t.acc[i] {
				f.store(acc, "cp", t.bytes*j)
			}
			f.addTo("cp", "ldc")
		}
	})
	return f.done()
}

// gemmColumns is the same product with a transposed: a is a panel [k][16] too, whose columns are rows of the result.
// ini may be c.
func gemmColumns(m machine, name string, rows int) *kernel {
	f := newKernel(m, name, []string{"m", "k", "a", "b", "c", "ldc", "ini", "irs"})
	const unroll = 4
	t := newTile(f, rows, 16)
	f.each("m", rows, func() {
		for i := range rows {
			for j, acc := range t.acc[i] {
				f.load(acc, "ini", t.bytes*j)
			}
			f.addTo("ini", "irs")
		}
		f.mov("ap", "a")
		f.mov("bp", "b")
		step := func(u int) {
			for i := range rows {
				f.splat(t.a[i], "ap", 64*u+4*i)
			}
			t.multiply("bp", 64*u)
		}
		advance := func(u int) {
			f.addi("ap", 64*u)
			f.addi("bp", 64*u)
		}
		unrolled(f, "k", "kc", unroll, step, advance)
		for i := range rows {
			for j, acc := range t.acc[i] {
				f.store(acc, "c", t.bytes*j)
			}
			f.addTo("c", "ldc")
		}
		f.addi("a", 4*rows)
	})
	return f.done()
}

// tile is a block of rows×columns sums in registers.
type tile struct {
	f     *kernel
	acc   [][]string
	a     []string
	bytes int
}

func newTile(f *kernel, rows, columns int) tile {
	t := tile{f: f, a: names("a", rows), bytes: 4 * f.lanes()}
	for _, row := range names("c", rows) {
		t.acc = append(t.acc, names(row+"_", columns/f.lanes()))
	}
	return t
}

// multiply adds one k: the splatted rows times the vectors at p+off.
func (t tile) multiply(p string, off int) {
	for j := range t.acc[0] {
		t.f.load("b", p, off+t.bytes*j)
		for i := range t.acc {
			t.f.mac(t.acc[i][j], t.a[i], "b")
		}
	}
}

// unrolled runs step(0), step(1), ... for count, n at a time and then one by one; advance(n) moves the pointers.
func unrolled(f *kernel, count, counter string, n int, step, advance func(int)) {
	shift := 0
	for 1<<shift < n {
		shift++
	}
	f.shift(counter, count, -shift)
	f.each(counter, 1, func() {
		for u := range n {
			step(u)
		}
		advance(n)
	})
	f.mask(counter, count, n-1)
	f.each(counter, 1, func() { step(0); advance(1) })
}

// packRows copies k rows of 16 floats, lds bytes apart, into d [k][16].
func packRows(m machine) *kernel {
	f := newKernel(m, "packRows16", []string{"k", "s", "lds", "d"})
	f.each("k", 1, func() {
		n := 16 / f.lanes()
		for j, v := range names("v", n) {
			f.load(v, "s", 4*f.lanes()*j)
		}
		for j, v := range names("v", n) {
			f.store(v, "d", 4*f.lanes()*j)
		}
		f.addTo("s", "lds")
		f.addi("d", 64)
	})
	return f.done()
}

// packRows4 copies k rows of 4 floats, lds bytes apart, into the first columns of d [k][16].
func packRows4(m machine) *kernel {
	f := newKernel(m, "packRows4", []string{"k", "s", "lds", "d"})
	f.narrow = true
	f.each("k", 1, func() {
		f.load("v", "s", 0)
		f.store("v", "d", 0)
		f.addTo("s", "lds")
		f.addi("d", 64)
	})
	return f.done()
}

// columnSums adds the k rows of a panel [k][16] to d [16].
func columnSums(m machine) *kernel {
	f := newKernel(m, "columnSums16", []string{"k", "s", "d"})
	n, bytes := 16/f.lanes(), 4*f.lanes()
	for j, v := range names("v", n) {
		f.load(v, "d", bytes*j)
	}
	f.each("k", 1, func() {
		for j, v := range names("v", n) {
			f.binMem(add, v, v, "s", bytes*j)
		}
		f.addi("s", 64)
	})
	for j, v := range names("v", n) {
		f.store(v, "d", bytes*j)
	}
	return f.done()
}
