package main

import "fmt"

// op is an operation on two vectors, lane by lane.
type op int

const (
	mul op = iota
	add
	sub
	div
	least // b < a ? b : a, so a NaN in a stays
	most  // a < b ? b : a
	addInt
)

// machine emits instructions for one processor. Integer registers hold pointers and counters, vector registers hold
// floats. Registers are numbers here; machines name them. Vectors have the full width, or four lanes where narrow.
type machine interface {
	tag() string    // file suffix: wasm
	lanes() int     // floats in a full vector
	registers() int // usable integer registers
	header() string
	text(name string, argBytes int)
	arg(dst int, name string, off int)    // dst = argument
	addArg(dst int, name string, off int) // dst += argument
	ret()
	body() string

	mov(dst, a int)
	addRR(dst, a, b int)
	subRR(dst, a, b int)
	addImm(dst, c int)
	shift(dst, a, bits int) // left, or right (unsigned) where negative
	mask(dst, a, bits int)  // dst = a & bits
	loop(cnt, step int, body func())

	move(p, off, q, qoff int)         // one float from q+qoff to p+off
	collect(q int, p [4]int, off int) // one float from each p+off to q, q+4, q+8, q+12
	load(v, p, off int, narrow bool)
	store(v, p, off int, narrow bool)
	splat(v, p, off int, narrow bool) // one float from memory into all lanes
	konst(v, p, off int, narrow bool) // the same, of a constant that memory holds four times
	quad(v, p, off int)               // four floats from memory, repeated over the full vector
	vmov(dst, a int, narrow bool)
	zero(v int)
	bin(o op, dst, a, b int, narrow bool)
	binMem(o op, dst, a, p, off int, narrow bool) // b in memory, as load reads it
	sqrt(dst, a int, narrow bool)
	shl(dst, a, bits int, narrow bool) // of 32-bit integers
	sumLanes(v int)                    // narrow: (v0+v1)+(v2+v3) in all lanes
	addParts(sum, v, tmp int)          // sum (narrow) += the first four lanes of v, then the next four
	spread(v int)                      // repeats the first four lanes over the full vector
	storeLane(v, p, off int)           // the first lane
	transposes() bool                  // whether transpose exists
	transpose(v [4]int)                // narrow: rows become columns; the last register is overwritten
}

// kernel is one assembly function under construction, with names for registers.
type kernel struct {
	m      machine
	name   string
	args   []string
	ints   map[string]int
	vecs   map[string]int
	narrow bool // vectors of four lanes
}

// newKernel begins a function. Arguments are 8 bytes each; those named in inMemory get no register.
func newKernel(m machine, name string, args []string, inMemory ...string) *kernel {
	f := &kernel{m: m, name: name, args: args, ints: map[string]int{}, vecs: map[string]int{}}
	m.text(name, 8*len(args))
	spilled := map[string]bool{}
	for _, a := range inMemory {
		spilled[a] = true
	}
	for _, a := range args {
		if !spilled[a] {
			f.arg(a, a)
		}
	}
	return f
}

// done ends the function.
func (f *kernel) done() *kernel {
	f.m.ret()
	return f
}

// r is the integer register called name.
func (f *kernel) r(name string) int {
	if _, ok := f.ints[name]; !ok {
		f.ints[name] = len(f.ints)
		if len(f.ints) > f.m.registers() {
			panic(fmt.Sprintf("%s: no integer register for %s", f.name, name))
		}
	}
	return f.ints[name]
}

// v is the vector register called name. The last one belongs to the machine.
func (f *kernel) v(name string) int {
	if _, ok := f.vecs[name]; !ok {
		f.vecs[name] = len(f.vecs)
		if len(f.vecs) > vectors-1 {
			panic(fmt.Sprintf("%s: no vector register for %s", f.name, name))
		}
	}
	return f.vecs[name]
}

// vectors is the number of vector registers of both machines.
const vectors = 16

func (f *kernel) offset(arg string) int {
	for i, a := range f.args {
		if a == arg {
			return 8 * i
		}
	}
	panic(f.name + " has no argument " + arg)
}

// lanes is the number of floats in a vector as currently used.
func (f *kernel) lanes() int {
	if f.narrow {
		return 4
	}
	return f.m.lanes()
}

// inFours emits with vectors of four lanes.
func (f *kernel) inFours(body func()) {
	was := f.narrow
	f.narrow = true
	body()
	f.narrow = was
}

// arg reads an argument into a register (again).
func (f *kernel) arg(dst, arg string) { f.m.arg(f.r(dst), arg, f.offset(arg)) }

// addTo adds a register, or an argument in memory, to a register.
func (f *kernel) addTo(dst, a string) {
	if _, ok := f.ints[a]; ok {
		f.m.addRR(f.r(dst), f.r(dst), f.r(a))
		return
	}
	f.m.addArg(f.r(dst), a, f.offset(a))
}

func (f *kernel) mov(dst, a string)             { f.m.mov(f.r(dst), f.r(a)) }
func (f *kernel) addi(dst string, c int)        { f.m.addImm(f.r(dst), c) }
func (f *kernel) subr(dst, a, b string)         { f.m.subRR(f.r(dst), f.r(a), f.r(b)) }
func (f *kernel) shift(dst, a string, bits int) { f.m.shift(f.r(dst), f.r(a), bits) }
func (f *kernel) mask(dst, a string, bits int)  { f.m.mask(f.r(dst), f.r(a), bits) }

// each runs body while cnt > 0, taking step away each time; cnt must be a multiple of step.
func (f *kernel) each(cnt string, step int, body func()) { f.m.loop(f.r(cnt), step, body) }

func (f *kernel) load(v, p string, off int)  { f.m.load(f.v(v), f.r(p), off, f.narrow) }
func (f *kernel) store(v, p string, off int) { f.m.store(f.v(v), f.r(p), off, f.narrow) }
func (f *kernel) splat(v, p string, off int) { f.m.splat(f.v(v), f.r(p), off, f.narrow) }
func (f *kernel) quad(v, p string, off int)  { f.m.quad(f.v(v), f.r(p), off) }

// konst reads constant number i of the table at "table".
func (f *kernel) konst(v string, i int) { f.m.konst(f.v(v), f.r("table"), 16*i, f.narrow) }

func (f *kernel) set(dst, a string) { f.m.vmov(f.v(dst), f.v(a), f.narrow) }
func (f *kernel) zero(v string)     { f.m.zero(f.v(v)) }

func (f *kernel) bin(o op, dst, a, b string) { f.m.bin(o, f.v(dst), f.v(a), f.v(b), f.narrow) }
func (f *kernel) binMem(o op, dst, a, p string, off int) {
	f.m.binMem(o, f.v(dst), f.v(a), f.r(p), off, f.narrow)
}

// mac is acc += a·b, msub is acc -= a·b; the product is rounded first.
func (f *kernel) mac(acc, a, b string)  { f.product(add, acc, a, b) }
func (f *kernel) msub(acc, a, b string) { f.product(sub, acc, a, b) }
func (f *kernel) product(o op, acc, a, b string) {
	const spare = vectors - 1
	f.m.bin(mul, spare, f.v(a), f.v(b), f.narrow)
	f.m.bin(o, f.v(acc), f.v(acc), spare, f.narrow)
}

func (f *kernel) sqrt(dst, a string)          { f.m.sqrt(f.v(dst), f.v(a), f.narrow) }
func (f *kernel) shl(dst, a string, bits int) { f.m.shl(f.v(dst), f.v(a), bits, f.narrow) }
func (f *kernel) sumLanes(v string)           { f.m.sumLanes(f.v(v)) }
func (f *kernel) spread(v string)             { f.m.spread(f.v(v)) }
func (f *kernel) addParts(sum, v string)      { f.m.addParts(f.v(sum), f.v(v), vectors-1) }

// names makes a group of registers: x0, x1, ...
func names(x string, n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprint(x, i)
	}
	return s
}
