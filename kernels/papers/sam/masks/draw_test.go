package masks

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// draw makes a mask of a square drawing: # is inside, anything else outside.
func draw(t testing.TB, rows string) Mask {
	t.Helper()
	return Above(logits(t, rows), len(strings.Fields(rows)), 0)
}

// logits makes logits of a square drawing: # 3, + 0.5, - -0.5, anything else -3.
func logits(t testing.TB, rows string) []float32 {
	t.Helper()
	lines := strings.Fields(rows)
	var v []float32
	for _, line := range lines {
		if len(line) != len(lines) {
			t.Fatalf("the drawing is not square: row %q of %d rows", line, len(lines))
		}
		for _, c := range line {
			switch c {
			case '#':
				v = append(v, 3)
			case '+':
				v = append(v, 0.5)
			case '-':
				v = append(v, -0.5)
			default:
				v = append(v, -3)
			}
		}
	}
	return v
}

// show draws a mask.
func show(m Mask) string {
	var b strings.Builder
	for y := range m.Side {
		b.WriteByte('\n')
		for x := range m.Side {
			if m.At(x, y) {
				b.WriteByte('#')
			} else {
				b.WriteByte('.')
			}
		}
	}
	return b.String()
}

// same fails where two masks differ in a pixel, or in bits behind the last.
func same(t *testing.T, what string, have, want Mask) {
	t.Helper()
	if have.Side != want.Side || show(have) != show(want) {
		t.Errorf("%s: have%s\nwant%s", what, show(have), show(want))
	} else if have.Area() != want.Area() {
		t.Errorf("%s: bits behind the last pixel are set", what)
	}
}

// noise is a random mask of which a share is inside.
func noise(r *rand.Rand, side int, share float64) Mask {
	m := New(side)
	for y := range side {
		for x := range side {
			if r.Float64() < share {
				m.Set(x, y)
			}
		}
	}
	return m
}

// block is a mask of one box.
func block(side int, b Box) Mask {
	m := New(side)
	for y := b.Y0; y < b.Y1; y++ {
		for x := b.X0; x < b.X1; x++ {
			m.Set(x, y)
		}
	}
	return m
}
