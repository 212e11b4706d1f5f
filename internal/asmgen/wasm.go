package main

import (
	"fmt"
	"strings"
)

// wasm emits WebAssembly SIMD128 for Go's assembler of release 1.27. Its registers become locals: R0..R15 are i64,
// V0..V15 v128. A pointer is wrapped to i32 at each use, which V8 merges.
//
// Two things about that assembler are used on purpose. An instruction with one constant operand encodes another one
// where it stores or names a lane, so V128Store, F32x4ExtractLane and F32x4ReplaceLane are written with two. And
// V128Load32Splat lacks its memory operand, so a splat is F32Load and F32x4Splat, which package splat joins after the
// link.
type wasm struct{ strings.Builder }

func (w *wasm) op(lines ...string) {
	for _, l := range lines {
		w.WriteString("\t" + l + "\n")
	}
}

func intLocal(i int) string { return fmt.Sprint("R", i) }
func vecLocal(i int) string { return fmt.Sprint("V", i) }

func (w *wasm) tag() string    { return "wasm" }
func (w *wasm) lanes() int     { return 4 }
func (w *wasm) registers() int { return 16 }
func (w *wasm) header() string { return "//go:build go1.27" }
func (w *wasm) body() string   { return w.String() }
func (w *wasm) ret()           { w.op("RET") }

func (w *wasm) text(name string, argBytes int) {
	fmt.Fprintf(w, "\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", name, argBytes)
}

func (w *wasm) get(i int)  { w.op("Get " + intLocal(i)) }
func (w *wasm) set(i int)  { w.op("Set " + intLocal(i)) }
func (w *wasm) vget(i int) { w.op("Get " + vecLocal(i)) }
func (w *wasm) vset(i int) { w.op("Set " + vecLocal(i)) }
func (w *wasm) ptr(i int)  { w.op("Get "+intLocal(i), "I32WrapI64") }

func (w *wasm) arg(dst int, name string, off int) {
	w.op(fmt.Sprintf("I64Load %s+%d(FP)", name, off))
	w.set(dst)
}

func (w *wasm) addArg(dst int, name string, off int) {
	w.get(dst)
	w.op(fmt.Sprintf("I64Load %s+%d(FP)", name, off), "I64Add")
	w.set(dst)
}

func (w *wasm) mov(dst, a int) { w.get(a); w.set(dst) }

func (w *wasm) addRR(dst, a, b int) { w.get(a); w.get(b); w.op("I64Add"); w.set(dst) }
func (w *wasm) subRR(dst, a, b int) { w.get(a); w.get(b); w.op("I64Sub"); w.set(dst) }

func (w *wasm) immediate(o string, dst, a, c int) {
	w.get(a)
	w.op(fmt.Sprintf("I64Const $%d", c), o)
	w.set(dst)
}

func (w *wasm) addImm(dst, c int)     { w.immediate("I64Add", dst, dst, c) }
func (w *wasm) mask(dst, a, bits int) { w.immediate("I64And", dst, a, bits) }
func (w *wasm) shift(dst, a, bits int) {
	if bits < 0 {
		w.immediate("I64ShrU", dst, a, -bits)
		return
	}
	w.immediate("I64Shl", dst, a, bits)
}

func (w *wasm) loop(cnt, step int, body func()) {
	w.op("Block", "Get "+intLocal(cnt), "I64Eqz", "BrIf $0", "Loop")
	body()
	w.op("Get "+intLocal(cnt), fmt.Sprintf("I64Const $%d", step), "I64Sub", "Tee "+intLocal(cnt))
	w.op("I64Eqz", "I32Eqz", "BrIf $0", "End", "End")
}

func (w *wasm) move(p, off, q, qoff int) {
	w.ptr(p)
	w.ptr(q)
	w.op(fmt.Sprintf("F32Load $%d", qoff), fmt.Sprintf("F32Store $%d", off))
}

func (w *wasm) push(p, off int) {
	w.ptr(p)
	w.op(fmt.Sprintf("V128Load $%d", off))
}

func (w *wasm) load(v, p, off int, _ bool) { w.push(p, off); w.vset(v) }
func (w *wasm) store(v, p, off int, _ bool) {
	w.ptr(p)
	w.vget(v)
	w.op(fmt.Sprintf("V128Store $0, $%d", off))
}

func (w *wasm) splat(v, p, off int, _ bool) {
	w.ptr(p)
	w.op(fmt.Sprintf("F32Load $%d", off), "F32x4Splat")
	w.vset(v)
}

func (w *wasm) konst(v, p, off int, _ bool) { w.load(v, p, off, true) }
func (w *wasm) quad(v, p, off int)          { w.load(v, p, off, true) }
func (w *wasm) vmov(dst, a int, _ bool)     { w.vget(a); w.vset(dst) }
func (w *wasm) zero(v int)                  { w.op("I32Const $0", "I32x4Splat"); w.vset(v) }

// least and most are pmin and pmax: one instruction of the processor, and a NaN in a stays.
var wasmOps = map[op]string{
	mul: "F32x4Mul", add: "F32x4Add", sub: "F32x4Sub", div: "F32x4Div",
	least: "F32x4Pmin", most: "F32x4Pmax", addInt: "I32x4Add",
}

func (w *wasm) bin(o op, dst, a, b int, _ bool) {
	w.vget(a)
	w.vget(b)
	w.op(wasmOps[o])
	w.vset(dst)
}

func (w *wasm) binMem(o op, dst, a, p, off int, _ bool) {
	w.vget(a)
	w.push(p, off)
	w.op(wasmOps[o])
	w.vset(dst)
}

func (w *wasm) sqrt(dst, a int, _ bool) { w.vget(a); w.op("F32x4Sqrt"); w.vset(dst) }

func (w *wasm) shl(dst, a, bits int, _ bool) {
	w.vget(a)
	w.op(fmt.Sprintf("I32Const $%d", bits), "I32x4Shl")
	w.vset(dst)
}

func (w *wasm) lane(v, i int) {
	w.vget(v)
	w.op(fmt.Sprintf("F32x4ExtractLane $0, $%d", i))
}

func (w *wasm) sumLanes(v int) {
	w.lane(v, 0)
	w.lane(v, 1)
	w.op("F32Add")
	w.lane(v, 2)
	w.lane(v, 3)
	w.op("F32Add", "F32Add", "F32x4Splat")
	w.vset(v)
}

func (w *wasm) addParts(sum, v, _ int) { w.bin(add, sum, sum, v, true) }
func (w *wasm) spread(int)             {}

func (w *wasm) storeLane(v, p, off int) {
	w.ptr(p)
	w.lane(v, 0)
	w.op(fmt.Sprintf("F32Store $%d", off))
}

// One store of four floats is worth the inserts: stores are what the copies into lanes wait for.
func (w *wasm) collect(q int, p [4]int, off int) {
	w.ptr(q)
	for l, r := range p {
		w.ptr(r)
		w.op(fmt.Sprintf("F32Load $%d", off))
		if l == 0 {
			w.op("F32x4Splat")
		} else {
			w.op(fmt.Sprintf("F32x4ReplaceLane $0, $%d", l))
		}
	}
	w.op("V128Store $0, $0")
}

// No shuffle can be written: the assembler lacks its sixteen lane numbers.
func (w *wasm) transposes() bool { return false }
func (w *wasm) transpose([4]int) { panic("wasm: no transpose") }
