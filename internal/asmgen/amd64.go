package main

import (
	"fmt"
	"strings"
)

// amd64 emits AVX2: eight lanes, or four in the lower half of the same registers. The functions are ABI0 leaves, which
// may use every register but SP and BP.
type amd64 struct {
	strings.Builder
	labels int
}

var amd64Ints = []string{"AX", "BX", "CX", "DX", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}

func (x *amd64) op(format string, args ...any) {
	fmt.Fprintf(x, "\t"+format+"\n", args...)
}

func vec(i int, narrow bool) string {
	if narrow {
		return fmt.Sprint("X", i)
	}
	return fmt.Sprint("Y", i)
}

func at(p, off int) string { return fmt.Sprintf("%d(%s)", off, amd64Ints[p]) }

func (x *amd64) tag() string    { return "amd64" }
func (x *amd64) lanes() int     { return 8 }
func (x *amd64) registers() int { return len(amd64Ints) }
func (x *amd64) header() string { return "" }
func (x *amd64) body() string   { return x.String() }

func (x *amd64) text(name string, argBytes int) {
	x.labels = 0
	fmt.Fprintf(x, "\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", name, argBytes)
}

func (x *amd64) ret() { x.op("VZEROUPPER"); x.op("RET") }

func (x *amd64) arg(dst int, name string, off int) {
	x.op("MOVQ %s+%d(FP), %s", name, off, amd64Ints[dst])
}

func (x *amd64) addArg(dst int, name string, off int) {
	x.op("ADDQ %s+%d(FP), %s", name, off, amd64Ints[dst])
}

func (x *amd64) mov(dst, a int) { x.op("MOVQ %s, %s", amd64Ints[a], amd64Ints[dst]) }

func (x *amd64) addRR(dst, a, b int) {
	if dst == a {
		x.op("ADDQ %s, %s", amd64Ints[b], amd64Ints[dst])
		return
	}
	x.op("LEAQ (%s)(%s*1), %s", amd64Ints[a], amd64Ints[b], amd64Ints[dst])
}

func (x *amd64) subRR(dst, a, b int) {
	if dst != a {
		x.mov(dst, a)
	}
	x.op("SUBQ %s, %s", amd64Ints[b], amd64Ints[dst])
}

func (x *amd64) addImm(dst, c int) { x.op("ADDQ $%d, %s", c, amd64Ints[dst]) }

func (x *amd64) shift(dst, a, bits int) {
	if dst != a {
		x.mov(dst, a)
	}
	if bits < 0 {
		x.op("SHRQ $%d, %s", -bits, amd64Ints[dst])
		return
	}
	x.op("SHLQ $%d, %s", bits, amd64Ints[dst])
}

func (x *amd64) mask(dst, a, bits int) {
	if dst != a {
		x.mov(dst, a)
	}
	x.op("ANDQ $%d, %s", bits, amd64Ints[dst])
}

func (x *amd64) loop(cnt, step int, body func()) {
	n := x.labels
	x.labels++
	x.op("TESTQ %s, %s", amd64Ints[cnt], amd64Ints[cnt])
	x.op("JZ end%d", n)
	fmt.Fprintf(x, "loop%d:\n", n)
	body()
	x.op("SUBQ $%d, %s", step, amd64Ints[cnt])
	x.op("JNZ loop%d", n)
	fmt.Fprintf(x, "end%d:\n", n)
}

func (x *amd64) move(p, off, q, qoff int) {
	x.op("VMOVSS %s, X15", at(q, qoff))
	x.op("VMOVSS X15, %s", at(p, off))
}

func (x *amd64) collect(q int, p [4]int, off int) {
	for l, r := range p {
		x.move(q, 4*l, r, off)
	}
}

func (x *amd64) load(v, p, off int, narrow bool) {
	x.op("VMOVUPS %s, %s", at(p, off), vec(v, narrow))
}

func (x *amd64) store(v, p, off int, narrow bool) {
	x.op("VMOVUPS %s, %s", vec(v, narrow), at(p, off))
}

func (x *amd64) splat(v, p, off int, narrow bool) {
	x.op("VBROADCASTSS %s, %s", at(p, off), vec(v, narrow))
}

func (x *amd64) konst(v, p, off int, narrow bool) { x.splat(v, p, off, narrow) }
func (x *amd64) quad(v, p, off int)               { x.op("VBROADCASTF128 %s, %s", at(p, off), vec(v, false)) }

func (x *amd64) vmov(dst, a int, narrow bool) {
	x.op("VMOVAPS %s, %s", vec(a, narrow), vec(dst, narrow))
}

func (x *amd64) zero(v int) { x.op("VXORPS X%d, X%d, X%d", v, v, v) } // clears the upper half as well

var amd64Ops = map[op]string{mul: "VMULPS", add: "VADDPS", sub: "VSUBPS", div: "VDIVPS", least: "VMINPS", most: "VMAXPS", addInt: "VPADDD"}

func (x *amd64) bin(o op, dst, a, b int, narrow bool) {
	if o == least || o == most { // MINPS returns its second source where one is NaN: a has to be that
		a, b = b, a
	}
	x.op("%s %s, %s, %s", amd64Ops[o], vec(b, narrow), vec(a, narrow), vec(dst, narrow))
}

func (x *amd64) binMem(o op, dst, a, p, off int, narrow bool) {
	if o == least || o == most {
		panic("amd64: the memory operand of a minimum would be the one that keeps NaN")
	}
	x.op("%s %s, %s, %s", amd64Ops[o], at(p, off), vec(a, narrow), vec(dst, narrow))
}

func (x *amd64) sqrt(dst, a int, narrow bool) {
	x.op("VSQRTPS %s, %s", vec(a, narrow), vec(dst, narrow))
}

func (x *amd64) shl(dst, a, bits int, narrow bool) {
	x.op("VPSLLD $%d, %s, %s", bits, vec(a, narrow), vec(dst, narrow))
}

func (x *amd64) sumLanes(v int) {
	x.op("VHADDPS X%d, X%d, X%d", v, v, v)
	x.op("VHADDPS X%d, X%d, X%d", v, v, v)
}

func (x *amd64) addParts(sum, v, tmp int) {
	x.bin(add, sum, sum, v, true)
	x.op("VEXTRACTF128 $1, Y%d, X%d", v, tmp)
	x.bin(add, sum, sum, tmp, true)
}

func (x *amd64) spread(v int) { x.op("VINSERTF128 $1, X%d, Y%d, Y%d", v, v, v) }

func (x *amd64) storeLane(v, p, off int) { x.op("VMOVSS X%d, %s", v, at(p, off)) }

func (x *amd64) transposes() bool { return true }

func (x *amd64) transpose(v [4]int) {
	const t = vectors - 1
	a, b, c, d := v[0], v[1], v[2], v[3]
	x.op("VUNPCKLPS X%d, X%d, X%d", b, a, t) // a0 b0 a1 b1
	x.op("VUNPCKHPS X%d, X%d, X%d", b, a, b) // a2 b2 a3 b3
	x.op("VUNPCKLPS X%d, X%d, X%d", d, c, a) // c0 d0 c1 d1
	x.op("VUNPCKHPS X%d, X%d, X%d", d, c, d) // c2 d2 c3 d3
	x.op("VUNPCKLPD X%d, X%d, X%d", d, b, c) // a2 b2 c2 d2
	x.op("VUNPCKHPD X%d, X%d, X%d", d, b, d) // a3 b3 c3 d3
	x.op("VUNPCKHPD X%d, X%d, X%d", a, t, b) // a1 b1 c1 d1
	x.op("VUNPCKLPD X%d, X%d, X%d", a, t, a) // a0 b0 c0 d0
}
