package sam

import (
	"math"
	"slices"
	"testing"

	"petri/kernels/lab/course"
	"petri/kernels/tape"
)

// patch is a mask with one rectangle.
func patch(side, x0, y0, x1, y1 int) []float32 {
	m := make([]float32, side*side)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			m[y*side+x] = 1
		}
	}
	return m
}

// logitsOf says every pixel of a mask, and no other.
func logitsOf(mask []float32) []float32 {
	z := make([]float32, len(mask))
	for i, v := range mask {
		z[i] = 2*v - 1
	}
	return z
}

// First prompts are clicks on what is meant or boxes around it, each in about half of all cases; a box is off by a tenth of a side in the
// mean square, and by 20 pixels of 1,024 at most.
func TestFirstPrompts(t *testing.T) {
	m := New(nil, Live(3))
	e := newEpisode(m, Rules{Rounds: 1})
	const n, x0, y0, x1, y1 = 400, 4, 20, 8, 23
	truth := make([]float32, 0, n*m.Pixels())
	for range n {
		truth = append(truth, patch(m.Image, x0, y0, x1, y1)...)
	}
	on := tape.New()
	on.Infer = true
	e.begin(on, make([]float32, 3*m.Pixels()), truth, n, 1, stream(1, "a test"))
	boxes, sum := 0, 0.0
	seen := map[int]bool{}
	for i := range n {
		if e.first[i] == 0 {
			c := e.clicks[i][0]
			if truth[c.pixel] != 1 || c.kind != kindForeground || len(e.clicks[i]) != 1 {
				t.Fatalf("the first click is %+v", e.clicks[i])
			}
			seen[c.pixel] = true
			continue
		}
		boxes++
		b, limit := e.boxes[i], float64(m.Image)*20/1024
		for _, d := range [4]float64{b.x0 - x0, b.y0 - y0, b.x1 - x1, b.y1 - y1} {
			if math.Abs(d) > limit || len(e.clicks[i]) != 0 {
				t.Fatalf("the box is %+v", b)
			}
		}
		sum += (b.x0 - x0) * (b.x0 - x0) / ((x1 - x0) * (x1 - x0))
	}
	if boxes < n*4/10 || boxes > n*6/10 || len(seen) != (x1-x0)*(y1-y0) {
		t.Errorf("%d of %d first prompts are boxes, clicks lie on %d pixels of %d", boxes, n, len(seen), (x1-x0)*(y1-y0))
	}
	if s := math.Sqrt(sum / float64(boxes)); s < .07 || s > .12 {
		t.Errorf("a coordinate is off by %.3f of a side", s)
	}
}

// Corrections lie where the answer is wrong, and say what is there; where nothing is wrong they say so once more. With four rounds or more
// the last brings no new point, with five or more another one in between does not either.
func TestCorrections(t *testing.T) {
	m := New(stream(2, "a test"), Live(3))
	e := newEpisode(m, Rules{Feedback: true})
	truth := append(patch(m.Image, 4, 4, 12, 12), patch(m.Image, 20, 4, 28, 9)...)
	pixels := m.Pixels()
	on := tape.New()
	on.Infer = true
	for _, c := range []struct{ rounds, points int }{{1, 0}, {2, 1}, {3, 2}, {4, 2}, {5, 2}, {7, 4}, {8, 5}} {
		for seed := range uint64(5) {
			e.begin(on, make([]float32, 3*pixels), truth, 2, c.rounds, stream(seed, "a test"))
			before := [2]int{len(e.clicks[0]), len(e.clicks[1])}
			for r := range c.rounds {
				had, answer := len(e.clicks[0]), slices.Clone(e.feed[:2*pixels])
				e.round(r, 0)
				if r == c.rounds-1 && c.rounds >= 4 && len(e.clicks[0]) != had {
					t.Errorf("%d rounds: the last one brings a point", c.rounds)
				}
				if r == 0 || len(e.clicks[0]) == had {
					continue
				}
				for i := range 2 {
					k := e.clicks[i][len(e.clicks[i])-1]
					at := i*pixels + k.pixel
					inside, said := truth[at] > 0, answer[at] > 0
					if inside != (k.kind == kindForeground) || inside == said {
						t.Errorf("%d rounds: a click on a pixel that is meant (%v) and was said to be (%v) has kind %d", c.rounds, inside, said, k.kind)
					}
				}
			}
			if got := [2]int{len(e.clicks[0]) - before[0], len(e.clicks[1]) - before[1]}; got != [2]int{c.points, c.points} {
				t.Errorf("%d rounds bring %v points, want %d", c.rounds, got, c.points)
			}
		}
	}
	copy(e.feed, logitsOf(truth))
	e.correct(0)
	if k := e.clicks[0][len(e.clicks[0])-1]; truth[k.pixel] != 1 || k.kind != kindForeground {
		t.Errorf("where nothing is wrong the click is %+v", k)
	}
}

// The simulated visitor of the tests clicks into the middle of the largest mistake, and stops where there is none.
func TestVisitor(t *testing.T) {
	const side = 32
	v := visitor{side: side}
	truth := patch(side, 10, 10, 21, 21)
	for name, c := range map[string]struct {
		said []float32
		want click
	}{
		"nothing was found":     {make([]float32, side*side), click{15*side + 15, kindForeground}},
		"a quarter is missing":  {patch(side, 10, 10, 21, 16), click{18*side + 12, kindForeground}},
		"too much":              {patch(side, 10, 10, 21, 30), click{25*side + 14, kindBackground}},
		"more missing than odd": {patch(side, 2, 2, 5, 5), click{15*side + 15, kindForeground}},
	} {
		got, done := v.next(truth, logitsOf(c.said))
		if done || got.kind != c.want.kind {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		x, y, wx, wy := got.pixel%side, got.pixel/side, c.want.pixel%side, c.want.pixel/side
		if y != wy || (x-wx)*(x-wx) > 4 {
			t.Errorf("%s: the click lies at %d, %d, want about %d, %d", name, x, y, wx, wy)
		}
	}
	if _, done := v.next(truth, logitsOf(truth)); !done {
		t.Error("a perfect mask is corrected")
	}
}

// deepen counts to the nearest pixel outside, as a search over all of them does, and the edge of the picture is outside.
func TestDeepen(t *testing.T) {
	const side = 12
	r := stream(3, "a test")
	set, depth := make([]bool, side*side), make([]int32, side*side)
	for i := range set {
		set[i] = r.Float64() < .9
	}
	deepen(depth, set, side)
	for at := range set {
		want := int32(1 << 20)
		if !set[at] {
			want = 0
		}
		for y := -1; y <= side && set[at]; y++ {
			for x := -1; x <= side; x++ {
				if x >= 0 && y >= 0 && x < side && y < side && set[y*side+x] {
					continue
				}
				dx, dy := max(x-at%side, at%side-x), max(y-at/side, at/side-y)
				want = min(want, int32(3*max(dx, dy)+min(dx, dy)))
			}
		}
		if depth[at] != want {
			t.Fatalf("pixel %d, %d lies %d deep, want %d", at%side, at/side, depth[at], want)
		}
	}
}

// Fifty steps of every racer that learns from true masks lower its loss by a fifth, with each of three seeds.
func TestFiftyStepsLowerTheLoss(t *testing.T) {
	for _, arm := range tuned() {
		for _, seed := range []string{"0", "1", "2"} {
			s := specimen(t, "arms="+arm+"&batch=4&steps=50&seeds=1&seed="+seed, course.Options{})
			for s.step < 50 {
				s.TrainStep()
			}
			last := 0.0
			for _, l := range s.loss[45:] {
				last += float64(l) / 5
			}
			if first := float64(s.loss[0]); !(last < 0.8*first) {
				t.Errorf("%s, seed %s: the loss goes from %.3f to %.3f", arm, seed, first, last)
			}
		}
	}
}

// The first steps ask once for each mask, the others in every round; the ledger is that of one with all its rounds, which costs more.
func TestFirstStepsAskOnce(t *testing.T) {
	trial := specimen(t, "arms=heads:3&batch=2&steps=6&rounds=3&single=50&seeds=1", course.Options{})
	var rounds []int
	made := 0
	for trial.step < trial.steps {
		before := trial.step
		if trial.Advance(); trial.round > 0 {
			made++
		}
		if trial.step > before {
			rounds, made = append(rounds, made), 0
		}
	}
	if want := []int{1, 1, 1, 3, 3, 3}; !slices.Equal(rounds, want) {
		t.Errorf("the steps have %v rounds, want %v", rounds, want)
	}
	all := specimen(t, "arms=heads:3&batch=2&steps=1&rounds=3&single=0&seeds=1", course.Options{})
	all.TrainStep()
	if got, want := trial.ledger.StepFLOP, all.ledger.StepFLOP; got != want {
		t.Errorf("the ledger has %d operations, a step with all rounds %d", got, want)
	}
	if len(trial.times) != 3 {
		t.Errorf("%d steps were timed, want the 3 with all their rounds", len(trial.times))
	}
}
