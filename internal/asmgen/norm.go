package main

import (
	"fmt"
	"maps"
	"slices"
)

// Constants of layer norm.
const (
	normInv = iota // 1/width
	normEps
	normOne
)

// layerNorm normalises m rows of n floats, a multiple of four; xhat may be y. Sums are four lanes, by definition: each
// waits for the addition before, so where pairs is set two rows go side by side.
func layerNorm(m machine, name string, pairs bool) *kernel {
	f := newKernel(m, name, []string{"m", "n", "x", "y", "xhat", "rstd", "gain", "bias", "table"}, "n", "gain", "bias")
	f.narrow = true
	rows := 1
	if pairs {
		rows = 2
	}
	sum := func(v string, one func(v, p string)) {
		f.mov("p0", "x")
		if pairs {
			f.mov("p1", "x1")
		}
		for i := range rows {
			f.zero(v + fmt.Sprint(i))
		}
		f.arg("c", "n")
		f.each("c", 4, func() {
			for i := range rows {
				one(v+fmt.Sprint(i), fmt.Sprint("p", i))
			}
			for i := range rows {
				f.addi(fmt.Sprint("p", i), 16)
			}
		})
		for i := range rows {
			f.sumLanes(v + fmt.Sprint(i))
		}
	}
	f.each("m", rows, func() {
		if pairs {
			f.secondRow("c", map[string]string{"x1": "x", "y1": "y", "h1": "xhat"})
		}
		sum("mean", func(v, p string) { f.binMem(add, v, v, p, 0) })
		f.konst("k", normInv)
		for i := range rows {
			f.bin(mul, fmt.Sprint("mean", i), fmt.Sprint("mean", i), "k")
		}
		sum("r", func(v, p string) {
			f.load("d", p, 0)
			f.bin(sub, "d", "d", "mean"+p[1:])
			f.mac(v, "d", "d")
		})
		f.konst("e", normEps)
		f.konst("one", normOne)
		for i := range rows {
			r := fmt.Sprint("r", i)
			f.bin(mul, r, r, "k")
			f.bin(add, r, r, "e")
			f.sqrt(r, r)
			f.bin(div, r, "one", r)
			f.m.storeLane(f.v(r), f.r("rstd"), 4*i)
		}
		f.addi("rstd", 4*rows)

		f.arg("g", "gain")
		f.arg("b", "bias")
		f.arg("c", "n")
		at := [2][3]string{{"x", "xhat", "y"}, {"x1", "h1", "y1"}}
		f.each("c", 4, func() {
			for i, p := range at[:rows] {
				f.load("d", p[0], 0)
				f.bin(sub, "d", "d", fmt.Sprint("mean", i))
				f.bin(mul, "d", "d", fmt.Sprint("r", i))
				f.store("d", p[1], 0)
				f.binMem(mul, "d", "d", "g", 0)
				f.binMem(add, "d", "d", "b", 0)
				f.store("d", p[2], 0)
				for _, p := range p {
					f.addi(p, 16)
				}
			}
			f.addi("g", 16)
			f.addi("b", 16)
		})
		if pairs { // the second row ends where the next pair begins
			for i, p := range at[0] {
				f.mov(p, at[1][i])
			}
		}
	})
	return f.done()
}

// secondRow sets pointers to the row of n floats behind those that others point to; tmp is overwritten.
func (f *kernel) secondRow(tmp string, pointers map[string]string) {
	f.arg(tmp, "n")
	f.shift(tmp, tmp, 2)
	for _, dst := range slices.Sorted(maps.Keys(pointers)) {
		f.mov(dst, pointers[dst])
		f.addTo(dst, tmp)
	}
}

// layerNormBack adds to dx and, where weights is set, to dgain and dbias, for pairs of rows, whose sums over rows stay in
// order.
func layerNormBack(m machine, name string, weights bool) *kernel {
	args := []string{"m", "n", "dx", "dy", "xhat", "rstd", "gain", "table"}
	inMemory := []string{"n", "gain"}
	if weights {
		args = append(args, "dgain", "dbias")
		inMemory = append(inMemory, "dgain", "dbias")
	}
	f := newKernel(m, name, args, inMemory...)
	f.narrow = true
	const rows = 2
	each := func(do func(row string)) {
		for i := range rows {
			do(fmt.Sprint(i))
		}
	}
	f.each("m", rows, func() {
		each(func(i string) { f.zero("s" + i); f.zero("t" + i) })
		f.mov("p0", "dy")
		f.mov("h0", "xhat")
		f.secondRow("c", map[string]string{"p1": "dy", "h1": "xhat"})
		f.arg("g", "gain")
		if weights {
			f.arg("dg", "dgain")
			f.arg("db", "dbias")
		}
		f.arg("c", "n")
		f.each("c", 4, func() {
			each(func(i string) { f.load("y"+i, "p"+i, 0); f.load("x"+i, "h"+i, 0) })
			if weights {
				f.load("d", "dg", 0)
				each(func(i string) { f.mac("d", "y"+i, "x"+i) })
				f.store("d", "dg", 0)
				f.load("d", "db", 0)
				each(func(i string) { f.bin(add, "d", "d", "y"+i) })
				f.store("d", "db", 0)
				f.addi("dg", 16)
				f.addi("db", 16)
			}
			each(func(i string) {
				f.binMem(mul, "y"+i, "y"+i, "g", 0)
				f.bin(add, "s"+i, "s"+i, "y"+i)
				f.mac("t"+i, "y"+i, "x"+i)
				f.addi("p"+i, 16)
				f.addi("h"+i, 16)
			})
			f.addi("g", 16)
		})
		f.konst("k", normInv)
		each(func(i string) {
			for _, v := range []string{"s" + i, "t" + i} {
				f.sumLanes(v)
				f.bin(mul, v, v, "k")
			}
		})
		for i := range rows {
			f.splat(fmt.Sprint("r", i), "rstd", 4*i)
		}
		f.addi("rstd", 4*rows)
		// The first row's pointers have come to the second row.
		at := [rows][3]string{{"dx", "dy", "xhat"}, {"p1", "p0", "h0"}}
		f.secondRow("c", map[string]string{"p1": "dx"})
		f.arg("g", "gain")
		f.arg("c", "n")
		f.each("c", 4, func() {
			for i, p := range at {
				n := fmt.Sprint(i)
				f.load("y"+n, p[1], 0)
				f.binMem(mul, "y"+n, "y"+n, "g", 0)
				f.bin(sub, "y"+n, "y"+n, "s"+n)
				f.load("x"+n, p[2], 0)
				f.msub("y"+n, "x"+n, "t"+n)
				f.load("d", p[0], 0)
				f.mac("d", "y"+n, "r"+n)
				f.store("d", p[0], 0)
				for _, p := range p {
					f.addi(p, 16)
				}
			}
			f.addi("g", 16)
		})
		for i, p := range at[0] {
			f.mov(p, at[1][i])
		}
	})
	return f.done()
}
