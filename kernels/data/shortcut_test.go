package data

import (
	"math"
	"slices"
	"testing"
)

// Classifiers that must fail: what they see was made to hold nothing about the label.

const greyBins = 16

// feature turns an image into numbers.
type feature func(img []float32) []float64

// histogram counts the greys of an image.
func histogram(img []float32) []float64 {
	h := make([]float64, greyBins)
	for _, v := range img {
		h[min(int(v*greyBins), greyBins-1)]++
	}
	return h
}

func pixels(img []float32) []float64 {
	p := make([]float64, Pixels)
	for i, v := range img {
		p[i] = float64(v)
	}
	return p
}

// readOut is the pixels of the window that the answer is read from.
func readOut(img []float32) []float64 {
	var p []float64
	for i, v := range img {
		if inWindow(i, CueReadRow, CueReadCol) {
			p = append(p, float64(v))
		}
	}
	return p
}

// mean is the grey of the image.
func mean(img []float32) []float64 {
	sum := 0.0
	for _, v := range img {
		sum += float64(v) / Pixels
	}
	return []float64{sum}
}

// ink is the share of pixels that stand out from the paper, whichever of the two is rarer.
func ink(img []float32) []float64 {
	middle := (slices.Min(img) + slices.Max(img)) / 2
	n := 0.0
	for _, v := range img {
		if v > middle {
			n += 1. / Pixels
		}
	}
	return []float64{min(n, 1-n)}
}

// found counts the textures that the observer finds.
func found(img []float32) []float64 {
	n := make([]float64, textures)
	a, b := observe(img)
	n[a]++
	n[b]++
	return n
}

// examples are the features and labels of the first n examples of a split.
func examples(set Set, f feature, s Split, n int) (x [][]float64, y []int) {
	img := make([]float32, Pixels)
	for i := range n {
		y = append(y, set.Image(img, s, i))
		x = append(x, f(img))
	}
	return x, y
}

// standardise shifts and scales features so that the training examples have mean 0 and variance 1.
func standardise(train, test [][]float64) {
	for j := range train[0] {
		var sum, square float64
		for _, x := range train {
			sum += x[j]
		}
		mean := sum / float64(len(train))
		for _, x := range train {
			square += (x[j] - mean) * (x[j] - mean)
		}
		scale := 1 / math.Sqrt(square/float64(len(train))+1e-9)
		for _, xs := range [][][]float64{train, test} {
			for _, x := range xs {
				x[j] = (x[j] - mean) * scale
			}
		}
	}
}

// nearest is the share of test examples that lie next to the mean of their own class.
func nearest(train, test [][]float64, y, z []int, classes int) float64 {
	mean, count := make([][]float64, classes), make([]float64, classes)
	for c := range mean {
		mean[c] = make([]float64, len(train[0]))
	}
	for i, x := range train {
		count[y[i]]++
		for j, v := range x {
			mean[y[i]][j] += v
		}
	}
	return accuracy(test, z, func(x []float64) int {
		best, at := math.Inf(1), 0
		for c := range mean {
			d := 0.0
			for j, v := range x {
				e := v - mean[c][j]/count[c]
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
func logistic(train, test [][]float64, y, z []int, classes int) float64 {
	w := make([][]float64, classes)
	for c := range w {
		w[c] = make([]float64, len(train[0])+1)
	}
	p := make([]float64, classes)
	score := func(x []float64) (best int) {
		for c, row := range w {
			p[c] = row[len(x)]
			for j, v := range x {
				p[c] += row[j] * v
			}
			if p[c] > p[best] {
				best = c
			}
		}
		return best
	}
	const epochs = 5
	for epoch := range epochs {
		rate := .3 / float64(len(train[0])+1) * (1 - float64(epoch)/epochs)
		for i, x := range train {
			high, sum := p[score(x)], 0.0
			for c := range p {
				p[c] = math.Exp(p[c] - high)
				sum += p[c]
			}
			for c, row := range w {
				g := p[c] / sum
				if c == y[i] {
					g--
				}
				for j, v := range x {
					row[j] -= rate * g * v
				}
				row[len(x)] -= rate * g
			}
		}
	}
	return accuracy(test, z, score)
}

func accuracy(x [][]float64, y []int, guess func([]float64) int) float64 {
	right := 0
	for i := range x {
		if guess(x[i]) == y[i] {
			right++
		}
	}
	return float64(right) / float64(len(x))
}

func TestShortcutsFail(t *testing.T) {
	for _, c := range []struct {
		name    string
		set     Set
		sees    string
		see     feature
		ceiling float64 // 0: chance, within four standard deviations
	}{
		{"textures", Textures{11}, "greys", histogram, 0},
		{"same", SameDifferent{Seed: 11}, "greys", histogram, 0},
		{"same of 5", SameDifferent{Seed: 11, Kinds: 5}, "greys", histogram, 0},
		{"cue", Cue{Seed: 11}, "greys", histogram, 0},
		{"far cue", Cue{Seed: 11, Far: true}, "greys", histogram, 0},
		{"same", SameDifferent{Seed: 11}, "pixels", pixels, 0},
		{"same of 5", SameDifferent{Seed: 11, Kinds: 5}, "pixels", pixels, 0},
		{"cue", Cue{Seed: 11}, "pixels read out", readOut, 0}, // the far cue has the same ones
		{"patterns", Patterns{11}, "mean grey", mean, 0},
		{"patterns", Patterns{11}, "greys", histogram, 0},
		{"patterns", Patterns{11}, "ink", ink, .23},       // strokes that cross share a little of it
		{"patterns", Patterns{11}, "pixels", pixels, .25}, // as below: a stroke here is a find, not its mean
		{"count", Count{11}, "mean grey", mean, 0},
		{"count", Count{11}, "ink", ink, 0},
		{"count", Count{11}, "greys", histogram, .33}, // the length of all edges, which are soft to hide it
		{"count", Count{11}, "pixels", pixels, .37},   // a single blob is large and cannot lie in a corner
		{"turned", Turned{11}, "mean grey", mean, 0},
		{"turned", Turned{11}, "ink", ink, 0},
		{"turned", Turned{11}, "greys", histogram, 0},
		// A stripe's light and dark phases cancel in every mean, but a high score for either phase is a find.
		{"textures", Textures{11}, "pixels", pixels, .2},
		// A count of textures is what neither greys nor pixels give. A sum over it has its limits all the same.
		{"textures", Textures{11}, "textures found", found, .82},
		{"same", SameDifferent{Seed: 11}, "textures found", found, .75 + .05},
		{"same of 5", SameDifferent{Seed: 11, Kinds: 5}, "textures found", found, .65 + .05},
	} {
		set := c.set
		classes := len(set.Classes())
		n, m := 2500, 2000
		if c.sees == "textures found" { // slow to find, and little to learn
			n, m = 1000, 1000
		}
		train, y := examples(set, c.see, Train, n)
		test, z := examples(set, c.see, Test, m)
		standardise(train, test)
		bound := c.ceiling
		if bound == 0 {
			chance := 1 / float64(classes)
			bound = chance + 4*math.Sqrt(chance*(1-chance)/float64(m))
		}
		near, linear := nearest(train, test, y, z, classes), logistic(train, test, y, z, classes)
		t.Logf("%-9s from %-15s nearest mean %.1f %%, linear %.1f %%, bound %.1f %%", c.name, c.sees, 100*near, 100*linear, 100*bound)
		if near > bound || linear > bound {
			t.Errorf("%s from %s: %.3f and %.3f, above %.3f", c.name, c.sees, near, linear, bound)
		}
	}
}
