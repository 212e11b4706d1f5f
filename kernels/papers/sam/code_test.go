package sam

import (
	"math"
	"testing"
)

// The Fourier code at known places: in the middle of the picture all angles are zero turns; in its corners they are the sums and
// differences of the two frequencies.
func TestFourierCode(t *testing.T) {
	m := New(stream(0, "code"), Live(3))
	p, n := m.prompt, m.Width/2
	code := make([]float32, m.Width)
	p.code(code, 0.5, 0.5)
	for i := range n {
		if code[i] != 0 || code[n+i] != 1 {
			t.Fatalf("in the middle frequency %d has sine %v and cosine %v, want 0 and 1", i, code[i], code[n+i])
		}
	}
	for _, at := range [][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0.25, 0.8}} {
		p.code(code, at[0], at[1])
		for i := range n {
			angle := 2 * math.Pi * ((2*at[0]-1)*float64(p.gauss.Value.Data[i]) + (2*at[1]-1)*float64(p.gauss.Value.Data[n+i]))
			if d := math.Abs(float64(code[i]) - math.Sin(angle)); d > 1e-6 {
				t.Errorf("at %v the sine of frequency %d is off by %v", at, i, d)
			}
			if d := math.Abs(float64(code[n+i]) - math.Cos(angle)); d > 1e-6 {
				t.Errorf("at %v the cosine of frequency %d is off by %v", at, i, d)
			}
		}
	}
}

// A point is coded at the middle of its pixel, as the picture's own places are at the middles of their tokens: a click in the middle of
// a token has the token's code.
func TestPointsAndPlacesShareACode(t *testing.T) {
	m := New(stream(0, "code"), Shipped())
	var q prompts
	q.reset(1, 2, m.Width)
	token := 5*m.Grid() + 9
	m.prompt.set(&q, 0, 0, kindForeground, float64(9*m.Patch)+float64(m.Patch)/2, float64(5*m.Patch)+float64(m.Patch)/2)
	m.prompt.set(&q, 0, 1, kindPadding, 3, 3)
	for i, v := range m.prompt.grid.Value.Data[token*m.Width:][:m.Width] {
		if q.codes[i] != v {
			t.Fatalf("number %d of a click in the middle of a token is %v, of the token %v", i, q.codes[i], v)
		}
	}
	for i, v := range q.codes[m.Width:] {
		if v != 0 {
			t.Fatalf("the padding point has a code: number %d is %v", i, v)
		}
	}
}

// The simulated visitor clicks in the deepest place of what is wrong, whichever kind that is, and rests where nothing is.
func TestVisitorClicksTheDeepestMistake(t *testing.T) {
	const side = 12
	truth, logits := make([]float32, side*side), make([]float32, side*side)
	fill := func(x []float32, v float32, x0, y0, x1, y1 int) {
		for y := y0; y < y1; y++ {
			for at := x0; at < x1; at++ {
				x[y*side+at] = v
			}
		}
	}
	for i := range logits {
		logits[i] = -1
	}
	v := visitor{side: side}
	if _, done := v.next(truth, logits); !done {
		t.Error("an empty answer to nothing is wrong")
	}
	fill(truth, 1, 1, 1, 6, 6)    // five by five are missing
	fill(logits, 1, 8, 8, 11, 11) // three by three are too much
	at, done := v.next(truth, logits)
	if done || at.pixel != 3*side+3 || at.kind != kindForeground {
		t.Errorf("clicked %+v, want the middle of what is missing", at)
	}
	fill(logits, 1, 1, 1, 6, 6)
	at, done = v.next(truth, logits)
	if done || at.pixel != 9*side+9 || at.kind != kindBackground {
		t.Errorf("clicked %+v, want the middle of what is too much", at)
	}
	fill(logits, -1, 8, 8, 11, 11)
	if _, done = v.next(truth, logits); !done {
		t.Error("a right answer is wrong")
	}
}
