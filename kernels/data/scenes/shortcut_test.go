package scenes

import (
	"math"
	"testing"

	"petri/kernels/data"
	"petri/kernels/data/random"
)

// Classifiers that must fail: what they see was made to hold next to nothing about the answer.

// within is how far above chance a probe may be right.
const within = .05

// sample is what a probe sees of one thing, and the answer.
type sample struct {
	x []float64
	y int
}

// bins counts colours: 4 levels of each channel.
const bins = 64

func bin(p []float32) int {
	q := func(v float32) int { return min(int(v*4), 3) }
	return 16*q(p[0]) + 4*q(p[1]) + q(p[2])
}

// halves splits samples into those to learn from and those to be judged by.
func halves(s []sample) (learn, judge []sample) { return s[:len(s)/2], s[len(s)/2:] }

// scaled shifts and scales features so that those to learn from have mean 0 and variance 1.
func scaled(learn, judge []sample) {
	for j := range learn[0].x {
		var sum, square float64
		for _, s := range learn {
			sum += s.x[j]
		}
		mean := sum / float64(len(learn))
		for _, s := range learn {
			square += (s.x[j] - mean) * (s.x[j] - mean)
		}
		scale := 1 / math.Sqrt(square/float64(len(learn))+1e-6)
		for _, set := range [][]sample{learn, judge} {
			for _, s := range set {
				s.x[j] = (s.x[j] - mean) * scale
			}
		}
	}
}

func right(judge []sample, guess func([]float64) int) float64 {
	n := 0
	for _, s := range judge {
		if guess(s.x) == s.y {
			n++
		}
	}
	return float64(n) / float64(len(judge))
}

// nearest is the accuracy of the nearest mean of a class.
func nearest(learn, judge []sample, classes int) float64 {
	mean, count := make([][]float64, classes), make([]float64, classes)
	for c := range mean {
		mean[c] = make([]float64, len(learn[0].x))
	}
	for _, s := range learn {
		count[s.y]++
		for j, v := range s.x {
			mean[s.y][j] += v
		}
	}
	return right(judge, func(x []float64) int {
		best, at := math.Inf(1), 0
		for c := range mean {
			d := 0.0
			for j, v := range x {
				e := v - mean[c][j]/max(count[c], 1)
				d += e * e
			}
			if d < best {
				best, at = d, c
			}
		}
		return at
	})
}

// logistic is the accuracy of a linear classifier trained with cross-entropy.
func logistic(learn, judge []sample, classes int) float64 {
	width := len(learn[0].x)
	w, p := make([][]float64, classes), make([]float64, classes)
	for c := range w {
		w[c] = make([]float64, width+1)
	}
	score := func(x []float64) (best int) {
		for c, row := range w {
			p[c] = row[width]
			for j, v := range x {
				p[c] += row[j] * v
			}
			if p[c] > p[best] {
				best = c
			}
		}
		return best
	}
	const epochs = 8
	for epoch := range epochs {
		rate := .2 / float64(width+1) * (1 - float64(epoch)/epochs)
		for _, s := range learn {
			high, sum := p[score(s.x)], 0.0
			for c := range p {
				p[c] = math.Exp(p[c] - high)
				sum += p[c]
			}
			for c, row := range w {
				g := p[c] / sum
				if c == s.y {
					g--
				}
				for j, v := range s.x {
					row[j] -= rate * g * v
				}
				row[width] -= rate * g
			}
		}
	}
	return right(judge, score)
}

// views are what probes see of a whole.
var views = map[string]func(s *Scene, node int) []float64{
	"colours": func(s *Scene, node int) []float64 {
		x := make([]float64, bins)
		for i, o := range s.Instance {
			if int(o) == s.Nodes[node].Object+1 {
				x[bin(s.RGB[3*i:])] += 1 / float64(s.Nodes[node].Area)
			}
		}
		return x
	},
	"centre": func(s *Scene, node int) []float64 {
		return []float64{float64(s.Nodes[node].Centre.X), float64(s.Nodes[node].Centre.Y)}
	},
	"box": func(s *Scene, node int) []float64 {
		b := s.Nodes[node].Box
		return []float64{float64(b.X0+b.X1) / 2, float64(b.Y0+b.Y1) / 2}
	},
	"area": func(s *Scene, node int) []float64 { return []float64{float64(s.Nodes[node].Area)} },
	"order": func(s *Scene, node int) []float64 {
		x := make([]float64, maxObjects+1)
		x[s.Nodes[node].Object] = 1
		x[maxObjects] = float64(s.Nodes[node].Depth)
		return x
	},
}

// TestKindCannotBeGuessed keeps probes of one cue each near one in six, in every split.
func TestKindCannotBeGuessed(t *testing.T) {
	n := 1600
	if testing.Short() {
		n = 800
	}
	var s Scene
	for split := data.Train; split <= data.Test; split++ {
		seen := map[string][]sample{}
		for i := range n {
			s.Draw(Shapes, split, i, Side, nil)
			for k := range s.Nodes {
				if node := &s.Nodes[k]; node.Level == Whole && node.Area > 20 {
					for name, see := range views {
						seen[name] = append(seen[name], sample{see(&s, k), int(node.Kind)})
					}
				}
			}
		}
		for name, samples := range seen {
			learn, judge := halves(samples)
			scaled(learn, judge)
			for probe, fit := range map[string]func(l, j []sample, n int) float64{"nearest": nearest, "logistic": logistic} {
				got := fit(learn, judge, int(kinds))
				t.Logf("%v, %s, %s: %.3f of %d", split, name, probe, got, len(judge))
				if got > 1./float64(kinds)+within {
					t.Errorf("%v: %s tells the kind in %.3f of cases (%s)", split, name, got, probe)
				}
			}
		}
	}
}

// TestGroundHasTheColoursOfThings asks of single pixels whether they belong to an object: their colour must not say.
func TestGroundHasTheColoursOfThings(t *testing.T) {
	var s Scene
	for split := data.Train; split <= data.Test; split++ {
		var samples []sample
		for i := range 1500 {
			s.Draw(Shapes, split, i, Side, nil)
			for y := range 2 { // one pixel of each
				for try := range 200 {
					at := int(random.Mix(uint64(i*1000+try)) % (Side * Side))
					if (s.owner[at] != 0) == (y == 1) {
						x := make([]float64, bins)
						x[bin(s.RGB[3*at:])] = 1
						samples = append(samples, sample{x, y})
						break
					}
				}
			}
		}
		learn, judge := halves(samples)
		for probe, fit := range map[string]func(l, j []sample, n int) float64{"nearest": nearest, "logistic": logistic} {
			got := fit(learn, judge, 2)
			t.Logf("%v, %s: %.3f of %d", split, probe, got, len(judge))
			if got > .5+within {
				t.Errorf("%v: the colour of a pixel tells object from ground in %.3f of cases (%s)", split, got, probe)
			}
		}
	}
}

// TestKindsAreEquallyCommon allows four standard deviations.
func TestKindsAreEquallyCommon(t *testing.T) {
	var s Scene
	for split := data.Train; split <= data.Test; split++ {
		var n [kinds]float64
		all := 0.
		for i := range 1000 {
			s.Draw(Shapes, split, i, Side, nil)
			for _, node := range s.Nodes {
				if node.Level == Whole {
					n[node.Kind]++
					all++
				}
			}
		}
		for k, got := range n {
			p := 1 / float64(kinds)
			if math.Abs(got-all*p) > 4*math.Sqrt(all*p*(1-p)) {
				t.Errorf("%v: %v of %v objects are a %v", split, got, all, Kind(k))
			}
		}
	}
}

// What the place of a click alone tells of a mask is much, in scenes as in photographs: the racer no-picture of the lab of masks
// measures it beside every claim about how well masks are found.

// TestCentresLieEverywhere: the middle of a mask, from which prompts start, is at no fixed place of the picture, nor of its box.
func TestCentresLieEverywhere(t *testing.T) {
	var s Scene
	var at [Side / 8][Side / 8]int
	n, middle := 0, 0
	for i := range 1000 {
		s.Draw(Shapes, data.Train, i, Side, nil)
		for _, node := range s.Nodes {
			if node.Level == Whole && node.Area > 0 {
				n++
				at[node.Centre.Y/8][node.Centre.X/8]++
				dx, dy := 2*node.Centre.X-node.Box.X0-node.Box.X1, 2*node.Centre.Y-node.Box.Y0-node.Box.Y1
				if dx*dx+dy*dy <= 8 {
					middle++
				}
			}
		}
	}
	for y, row := range at {
		for x, got := range row {
			if float64(got) > .06*float64(n) {
				t.Errorf("%d of %d wholes have their centre in one square of 8 by 8 pixels, at %d, %d", got, n, 8*x, 8*y)
			}
		}
	}
	if float64(middle) > .35*float64(n) {
		t.Errorf("%d of %d centres are those of their boxes", middle, n)
	}
}

// TestColourDoesNotTellWhereThingsEnd floods wholes from their centres over pixels of like colour: with none of some tolerances is that
// more than a poor mask in the mean. It also counts the scenes in which things of one colour touch.
func TestColourDoesNotTellWhereThingsEnd(t *testing.T) {
	var s Scene
	var mask [Side * Side]float32
	touching, scenes := 0, 0
	sum, n := map[float32]float64{}, 0.
	tolerances := []float32{.06, .1, .15, .22, .3}
	for i := range 400 {
		s.Draw(Shapes, data.Test, i, Side, nil)
		scenes++
		if touches(&s) {
			touching++
		}
		for k, node := range s.Nodes {
			if node.Level != Whole || node.Area < 40 {
				continue
			}
			s.Mask(mask[:], k)
			n++
			for _, tol := range tolerances {
				sum[tol] += flood(&s, mask[:], node.Centre, tol)
			}
		}
	}
	for _, tol := range tolerances {
		if got := sum[tol] / n; got > .5 {
			t.Errorf("flooding with tolerance %v finds wholes with a mean IoU of %.2f", tol, got)
		}
	}
	if 100*touching < 20*scenes || 100*touching > 50*scenes {
		t.Errorf("things of one colour touch in %d of %d scenes", touching, scenes)
	}
}

// flood is the IoU of a mask and the pixels that can be reached from a point over colours like its own.
func flood(s *Scene, mask []float32, from Point, tolerance float32) float64 {
	var in [Side * Side]bool
	start := from.Y*Side + from.X
	todo := []int{start}
	in[start] = true
	both, either := 0., 0.
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, d := range [4]int{-1, 1, -Side, Side} {
			j := i + d
			if j < 0 || j >= Side*Side || in[j] || d*d == 1 && i/Side != j/Side {
				continue
			}
			like := true
			for c := range 3 {
				like = like && abs(s.RGB[3*j+c]-s.RGB[3*start+c]) <= tolerance
			}
			if like {
				in[j] = true
				todo = append(todo, j)
			}
		}
	}
	for i := range in {
		if in[i] || mask[i] == 1 {
			either++
		}
		if in[i] && mask[i] == 1 {
			both++
		}
	}
	return both / either
}

// touches says whether pixels of two wholes of one colour, and with hardly a difference between them, lie side by side.
func touches(s *Scene) bool {
	n := 0
	for y := range s.Size {
		for x := range s.Size - 1 {
			for _, d := range []int{1, s.Size} {
				if d == s.Size && y == s.Size-1 {
					continue
				}
				a, b := y*s.Size+x, y*s.Size+x+d
				if s.Instance[a] == 0 || s.Instance[b] == 0 || s.Instance[a] == s.Instance[b] {
					continue
				}
				p, q := s.Nodes[s.owner[a]-1], s.Nodes[s.owner[b]-1]
				if p.Colour == q.Colour && p.Second == q.Second && p.Texture == q.Texture {
					n++
				}
			}
		}
	}
	return n >= 3
}
