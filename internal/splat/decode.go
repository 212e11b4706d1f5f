package splat

// kind is what the pass has to know of an instruction.
type kind int

const (
	other kind = iota
	f32Load
	f32x4Splat
	blockStart
	blockEnd
)

// instruction reads one instruction with its operands (WebAssembly core specification 2.0, section 5.4, and the
// threads, tail call and relaxed SIMD extensions).
func (d *decoder) instruction() (kind, error) {
	if d.at >= d.end {
		return other, errShort
	}
	op := d.code[d.at]
	d.at++
	switch {
	case op == 0x02 || op == 0x03 || op == 0x04: // block, loop, if
		return blockStart, d.valueType()
	case op == 0x0b: // end
		return blockEnd, nil
	case op == 0x0e: // br_table
		if err := d.vector(func() error { return d.skipNumbers(1) }); err != nil {
			return other, err
		}
		return other, d.skipNumbers(1)
	case op == 0x00 || op == 0x01 || op == 0x05 || op == 0x0f || op == 0x1a || op == 0x1b || op == 0xd1:
		return other, nil
	case op == 0x0c || op == 0x0d || op == 0x10 || op == 0x12 || op == 0xd2:
		return other, d.skipNumbers(1)
	case op == 0x11 || op == 0x13: // call_indirect
		return other, d.skipNumbers(2)
	case op == 0x1c: // select with types
		return other, d.vector(d.valueType)
	case op >= 0x20 && op <= 0x26: // locals, globals, tables
		return other, d.skipNumbers(1)
	case op >= 0x28 && op <= 0x3e: // loads and stores
		if op == 0x2a {
			return f32Load, d.memory()
		}
		return other, d.memory()
	case op == 0x3f || op == 0x40 || op == 0x41 || op == 0x42: // memory.size, memory.grow, integer constants
		return other, d.skipNumbers(1)
	case op == 0x43: // f32.const
		return other, d.skip(4)
	case op == 0x44: // f64.const
		return other, d.skip(8)
	case op >= 0x45 && op <= 0xc4: // arithmetic
		return other, nil
	case op == 0xd0: // ref.null
		return other, d.skipNumbers(1)
	case op == 0xfc:
		return d.bulk()
	case op == 0xfd:
		return d.simd()
	case op == 0xfe:
		return d.atomic()
	}
	d.at--
	return other, errUnknown
}

// bulk reads what follows the prefix fc: saturating conversions, bulk memory and tables.
func (d *decoder) bulk() (kind, error) {
	n, err := d.number()
	if err != nil {
		return other, err
	}
	switch n {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		return other, nil
	case 9, 11, 13, 15, 16, 17: // data.drop, memory.fill, elem.drop, table.grow, table.size, table.fill
		return other, d.skipNumbers(1)
	case 8, 10, 12, 14: // memory.init, memory.copy, table.init, table.copy
		return other, d.skipNumbers(2)
	}
	return other, errUnknown
}

// simd reads what follows the prefix fd.
func (d *decoder) simd() (kind, error) {
	n, err := d.number()
	if err != nil {
		return other, err
	}
	switch {
	case n <= 11 || n == 92 || n == 93: // loads, stores
		return other, d.memory()
	case n == 12 || n == 13: // v128.const, i8x16.shuffle
		return other, d.skip(16)
	case n == 19:
		return f32x4Splat, nil
	case n >= 21 && n <= 34: // extract_lane, replace_lane
		return other, d.skip(1)
	case n >= 84 && n <= 91: // loads and stores of a lane
		if err := d.memory(); err != nil {
			return other, err
		}
		return other, d.skip(1)
	case n <= 0x113: // arithmetic, relaxed SIMD
		return other, nil
	}
	return other, errUnknown
}

// atomic reads what follows the prefix fe.
func (d *decoder) atomic() (kind, error) {
	n, err := d.number()
	switch {
	case err != nil:
		return other, err
	case n == 3: // atomic.fence
		return other, d.skip(1)
	case n <= 0x4e:
		return other, d.memory()
	}
	return other, errUnknown
}

// memory reads the operand of a load or store: alignment, with bit 6 set the number of the memory, and offset.
func (d *decoder) memory() error {
	align, err := d.number()
	if err != nil {
		return err
	}
	if align&0x40 != 0 {
		if err := d.skipNumbers(1); err != nil {
			return err
		}
	}
	return d.skipNumbers(1)
}

// valueType reads a value type or the type of a block: one byte, an index, or a reference with its heap type.
func (d *decoder) valueType() error {
	if d.at < d.end && (d.code[d.at] == 0x63 || d.code[d.at] == 0x64) {
		d.at++
	}
	return d.skipNumbers(1)
}

func (d *decoder) skip(n int) error {
	if d.end-d.at < n {
		return errShort
	}
	d.at += n
	return nil
}

func (d *decoder) skipNumbers(n int) error {
	for range n {
		if _, err := d.number(); err != nil {
			return err
		}
	}
	return nil
}

// number reads a LEB128 number of up to 64 bits. Signed ones have the same length; their value is of no use here.
func (d *decoder) number() (uint64, error) {
	var n uint64
	for shift := 0; ; shift += 7 {
		if d.at >= d.end {
			return 0, errShort
		}
		if shift > 63 {
			return 0, errNumber
		}
		b := d.code[d.at]
		d.at++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, nil
		}
	}
}
