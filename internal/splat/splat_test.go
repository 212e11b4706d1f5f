package splat

import (
	"bytes"
	"testing"
)

// module wraps function bodies (locals and instructions) into a module, with a custom section before the code.
func module(bodies ...[]byte) []byte {
	m := []byte("\x00asm\x01\x00\x00\x00")
	m = append(m, 0, 7, 4, 'n', 'o', 't', 'e', 0x2a, 0x02) // ends like the start of a load
	code := leb(len(bodies))
	for _, b := range bodies {
		code = append(append(code, leb(len(b))...), b...)
	}
	m = append(append(append(m, codeSection), leb(len(code))...), code...)
	return append(m, 11, 1, 0) // an empty data section
}

func leb(n int) (b []byte) {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

func body(instructions ...[]byte) []byte {
	return append(append([]byte{1, 2, 0x7b}, bytes.Join(instructions, nil)...), 0x0b) // two v128 locals
}

var (
	load   = []byte{0x2a, 0x02, 0x48}             // f32.load align 4 offset 72
	far    = []byte{0x2a, 0x00, 0x80, 0x80, 0x01} // offset 16384
	splat  = []byte{0xfd, 0x13}
	get    = []byte{0x20, 0x00}
	set    = []byte{0x21, 0x01}
	joined = []byte{0xfd, 0x09, 0x02, 0x48, 0x01}
)

func TestPatch(t *testing.T) {
	pair := append(bytes.Clone(load), splat...)
	cases := []struct {
		name     string
		in, want []byte
		n        int
	}{
		{"a pair", body(get, load, splat, set), body(get, joined, set), 1},
		{"two pairs in a loop", body([]byte{0x03, 0x40}, get, load, splat, set, get, far, splat, set, []byte{0x0b}),
			body([]byte{0x03, 0x40}, get, joined, set, get, []byte{0xfd, 0x09, 0x00, 0x80, 0x80, 0x01, 0x01}, set, []byte{0x0b}), 2},
		{"a splat written long", body(get, load, []byte{0xfd, 0x93, 0x00}, set), body(get, joined, []byte{0x01}, set), 1},
		{"another memory", body(get, []byte{0x2a, 0x42, 0x01, 0x08}, splat), body(get, []byte{0xfd, 0x09, 0x42, 0x01, 0x08, 0x01}), 1},
		{"a load alone", body(get, load, set), nil, 0},
		{"something between", body(get, load, []byte{0x01}, splat), nil, 0},
		{"an i32.load", body(get, []byte{0x28, 0x02, 0x48}, splat), nil, 0},
		{"a splat of integers", body(get, load, []byte{0xfd, 0x11}), nil, 0},
		{"inside of a v128.const", body([]byte{0xfd, 0x0c}, pair, make([]byte, 11), set), nil, 0},
		{"inside of an f64.const", body([]byte{0x44}, pair, []byte{0, 0, 0}, set), nil, 0},
		{"inside of an integer", body([]byte{0x42, 0xaa, 0x82, 0xc8, 0xfd, 0x13}), nil, 0},
		{"all shapes of operands", body(
			[]byte{0x02, 0x7f, 0x0c, 0, 0x0b}, []byte{0x0e, 2, 0, 0, 0}, []byte{0x04, 0x40, 0x05, 0x0b}, []byte{0x10, 0x81, 0x01},
			[]byte{0x11, 0, 0}, []byte{0x1c, 1, 0x7f}, []byte{0x3f, 0}, []byte{0x41, 0x7f}, []byte{0x43, 1, 2, 3, 4}, []byte{0x6a},
			[]byte{0xd0, 0x70}, []byte{0xd2, 0}, []byte{0xfc, 0}, []byte{0xfc, 10, 0, 0}, []byte{0xfc, 11, 0},
			[]byte{0xfd, 13, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, []byte{0xfd, 31, 2}, []byte{0xfd, 84, 0, 0, 1},
			[]byte{0xfd, 0xe4, 0x01}, []byte{0xfe, 3, 0}, []byte{0xfe, 0x10, 2, 0}, []byte{0x02, 0x63, 0x70, 0x0b},
			load, splat), nil, 1},
	}
	for _, c := range cases {
		in, other := module(c.in, body(get)), bytes.Clone(module(c.in, body(get)))
		got, n, err := Patch(in)
		if err != nil || n != c.n {
			t.Errorf("%s: %d pairs, error %v; want %d", c.name, n, err, c.n)
			continue
		}
		if !bytes.Equal(in, other) {
			t.Errorf("%s: the argument was changed", c.name)
		}
		want := c.want
		if want == nil && c.n == 0 {
			want = c.in
		}
		if want != nil && !bytes.Equal(got, module(want, body(get))) {
			t.Errorf("%s:\n got %x\nwant %x", c.name, got, module(want, body(get)))
		}
		if again, n, err := Patch(got); err != nil || n != 0 || !bytes.Equal(again, got) {
			t.Errorf("%s: a second pass finds %d pairs, error %v", c.name, n, err)
		}
	}
}

func TestPatchRefuses(t *testing.T) {
	good := module(body(get, load, splat, set))
	for i := range good { // cut anywhere: an error, except between sections, where a shorter module is whole
		if _, n, err := Patch(good[:i]); err == nil && n == 0 && i > 8 && i != 17 || err == nil && i < 8 {
			t.Errorf("%d of %d bytes: accepted", i, len(good))
		}
	}
	for name, m := range map[string][]byte{
		"nothing":             nil,
		"another format":      []byte("\x7fELF\x01\x00\x00\x00\x00"),
		"an unknown opcode":   module(body([]byte{0xf8})),
		"an unknown fc":       module(body([]byte{0xfc, 99})),
		"an unknown fd":       module(body([]byte{0xfd, 0xff, 0x7f})),
		"an unknown fe":       module(body([]byte{0xfe, 0x7f})),
		"no end":              module([]byte{0, 0x20, 0}),
		"bytes after the end": module([]byte{0, 0x0b, 0x01}),
		"an endless number":   module(body([]byte{0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})),
		"a section too large": []byte("\x00asm\x01\x00\x00\x00\x0a\x7f\x00"),
	} {
		if out, _, err := Patch(m); err == nil {
			t.Errorf("%s: accepted as %x", name, out)
		}
	}
}

func FuzzPatch(f *testing.F) {
	f.Add(module(body(get, load, splat, set)))
	f.Fuzz(func(t *testing.T, m []byte) {
		out, _, err := Patch(m)
		if err == nil && len(out) != len(m) {
			t.Errorf("%d bytes became %d", len(m), len(out))
		}
	})
}
