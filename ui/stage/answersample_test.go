package stage

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/lab/wire/frame"
)

// A small world drawn by formula: an engine with a wheel and its hub, and a balloon. Distances are in pixels of 64, below 0
// inside. Nothing in the samples is measured.
type shape func(x, y float64) float64

func disc(cx, cy, r float64) shape {
	return func(x, y float64) float64 { return math.Hypot(x-cx, y-cy) - r }
}

func slab(x0, y0, x1, y1 float64) shape {
	return func(x, y float64) float64 { return max(x0-x, x-x1, y0-y, y-y1) }
}

func union(of ...shape) shape {
	return func(x, y float64) float64 {
		d := math.Inf(1)
		for _, s := range of {
			d = min(d, s(x, y))
		}
		return d
	}
}

var (
	hub     = disc(16, 48, 2.2)
	wheel   = disc(16, 48, 6)
	engine  = union(wheel, disc(32, 48, 6), slab(9, 34, 39, 46), slab(12, 25, 17, 34), slab(27, 24, 39, 34))
	balloon = union(disc(45, 14, 9), slab(43.5, 20, 46.5, 31))
)

// answerSide is the side of the sample's picture.
const answerSide = 64

// painted is the picture of the world, with some noise.
func painted() []float32 {
	r := rand.New(rand.NewPCG(4, 9))
	x := make([]float32, 0, answerSide*answerSide*3)
	for i := range answerSide * answerSide {
		px, py := float64(i%answerSide)+0.5, float64(i/answerSide)+0.5
		c := [3]float64{.85 - py/400, .88 - py/500, .9 - py/300}
		if py > 50 {
			c = [3]float64{.72, .66, .56}
		}
		for _, o := range []struct {
			of shape
			c  [3]float64
		}{{balloon, [3]float64{.45, .58, .82}}, {engine, [3]float64{.72, .3, .27}}, {union(wheel, disc(32, 48, 6)), [3]float64{.2, .22, .27}}, {hub, [3]float64{.95, .72, .25}}} {
			if o.of(px, py) < 0 {
				c = o.c
			}
		}
		n := 0.03 * r.NormFloat64()
		for _, v := range c {
			x = append(x, float32(min(max(v+n, 0), 1)))
		}
	}
	return x
}

// drawnBy makes a map of shapes: logits, or zeros and ones.
func drawnBy(logits bool, shapes ...shape) []float32 {
	var x []float32
	for _, s := range shapes {
		for i := range answerSide * answerSide {
			d := s(float64(i%answerSide)+0.5, float64(i/answerSide)+0.5)
			switch {
			case logits:
				x = append(x, float32(-1.2*d))
			case d < 0:
				x = append(x, 1)
			default:
				x = append(x, 0)
			}
		}
	}
	return x
}

// answerSample is the answer to a click on the hub: hub, wheel and engine.
func answerSample(t testing.TB) (frame.Frame, [][]float32) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	a := frame.Answer{Kind: frame.AskPrompt, Serial: 3, Model: "shipped", Key: "test/4", Side: answerSide, Caption: "A red engine stands below a blue balloon.", Objects: 2,
		Prompt: frame.Prompt{Points: []frame.PromptPoint{{X: 16.5, Y: 48.5, Label: 1}}},
		Masks: []frame.AnswerMask{{Head: 1, Predicted: .59, Stability: .57, True: .64, Node: 2, Area: 16}, {Head: 2, Predicted: .95, Stability: .77, True: .96, Node: 1, Area: 112},
			{Head: 3, Predicted: .96, Stability: .86, True: .95, Node: 0, Area: 560}},
		Chosen: 2, Truths: []frame.TrueNode{{Name: "engine", Level: "whole", Area: 562}, {Name: "wheel", Level: "part", Area: 113}, {Name: "hub", Level: "subpart", Area: 16}},
		Layers: []string{"layer 1", "layer 2", "final"}, Heads: 4, Grid: 16, EncoderMs: 41, Encoded: true, DecoderMs: 1.7}
	var looks, objects []float32
	for range len(a.Layers) * a.Heads {
		sharp, of := 2+8*r.Float64(), []shape{wheel, engine, disc(16, 48, 10)}[r.IntN(3)]
		row, sum := make([]float64, 256), 0.0
		for k := range row {
			x, y := float64(k%16)*4+2, float64(k/16)*4+2
			row[k] = math.Exp(-max(of(x, y), 0)/sharp) * (.2 + r.Float64())
			sum += row[k]
		}
		for _, x := range row {
			looks = append(looks, float32(x/sum))
		}
	}
	masks := drawnBy(false, engine, balloon)
	for i := range answerSide * answerSide {
		objects = append(objects, masks[i]+2*masks[answerSide*answerSide+i])
	}
	wobbly := func(s shape) shape {
		return func(x, y float64) float64 { return s(x, y) + .5*math.Sin(x*1.1) + .4*math.Cos(y*.9) }
	}
	return frame.Frame{Arm: "sam", Height: answerSide, Width: answerSide, Answer: &a},
		[][]float32{painted(), drawnBy(true, wobbly(hub), wobbly(wheel), wobbly(engine)), drawnBy(false, engine, wheel, hub), looks, objects}
}

// everySample is everything mode after some points of its grid.
func everySample(t testing.TB, asked int) (frame.Frame, [][]float32) {
	t.Helper()
	shapes := []shape{engine, balloon, disc(32, 48, 6), wheel, hub}
	a := frame.Answer{Kind: frame.AskEvery, Model: "shipped", Key: "test/4", Side: answerSide, Asked: asked, More: asked < 256}
	kept := map[int]bool{}
	for i := range 256 {
		d := frame.Dot{X: float64(i%16)*4 + 2, Y: float64(i/16)*4 + 2, Predicted: .4, Stability: .5}
		if i < asked {
			d.Fate = frame.FateLow
			for k, s := range shapes {
				switch in := s(d.X, d.Y); {
				case in < -.3 && !kept[k]:
					kept[k], d.Fate, d.Predicted, d.Stability = true, frame.FateKept, .93, .9
					a.Found = append(a.Found, frame.FoundMask{Dot: i, Predicted: .93, Stability: .9, True: .91})
				case in < -1 && d.Fate == frame.FateLow:
					d.Fate = frame.FateSuppressed
				case in < 1 && d.Fate == frame.FateLow:
					d.Fate = frame.FateUnstable
				}
			}
			if i == 0 {
				d.Fate = frame.FateSize
			}
		}
		a.Dots = append(a.Dots, d)
	}
	var of []shape // large ones first, as found
	for k, s := range shapes {
		if kept[k] {
			of = append(of, s)
		}
	}
	masks := drawnBy(false, of...)
	for i := range a.Found {
		for _, x := range masks[i*answerSide*answerSide:][:answerSide*answerSide] {
			a.Found[i].Area += int(x)
		}
	}
	return frame.Frame{Height: answerSide, Width: answerSide, Answer: &a}, [][]float32{painted(), masks}
}

func answerPicture(t testing.TB, f frame.Frame, b [][]float32) *Picture {
	t.Helper()
	p, err := NewPicture(f, b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
