package lora

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// energy is the share of Σσ² that counts as the directions an update uses.
const energy = 0.9

// shape is the spectrum of one arm, averaged over matrices and seeds.
type shape struct {
	arm        *racer
	sigma      []float64
	directions float64 // with energy of the update
	length     float64 // ‖ΔW‖ against ‖W₀‖
	of         int     // directions there could be
}

// spectrum averages the singular values of an arm's updates; false where it has none. Only matrices as wide as the
// backbone enter, so that all arms have the same number of values.
func (r *run) spectrum(arm *racer) (shape, bool) {
	s := shape{arm: arm, sigma: make([]float64, r.width), of: r.width}
	if arm.method() {
		s.of = min(r.width, arm.arm.Number)
	}
	n := 0.0
	for _, updates := range arm.updates {
		for _, u := range updates {
			if rows, cols := u.delta.Dims(); rows != r.width || cols != r.width || !u.decompose() {
				continue
			}
			for i, x := range u.sigma {
				s.sigma[i] += x
			}
			s.directions += float64(directions(u.sigma, energy))
			s.length += norm(u.sigma) / mat.Norm(u.frozen, 2)
			n++
		}
	}
	if n == 0 {
		return s, false
	}
	for i := range s.sigma {
		s.sigma[i] /= n
	}
	s.directions /= n
	s.length /= n
	return s, true
}

func (r *run) spectrumFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "spectrum", Kind: wire.FigureLines, Title: "How thin is each update?",
		Sub: "singular values of ΔW, mean over adapted matrices and seeds",
		X:   wire.Axis{Name: "direction", Log: true, Min: 1, Max: float64(r.width)},
		Y:   wire.Axis{Name: "singular value", Log: true}}
	shapes := map[*racer]shape{}
	for _, arm := range r.racers {
		s, ok := r.spectrum(arm)
		if !ok {
			continue
		}
		line := wire.Series{Name: arm.report.Label, Arm: arm.report.Arm, Role: arm.report.Role}
		for i, x := range s.sigma[:s.of] {
			if x > s.sigma[0]*1e-6 { // what is left below is rounding
				line.X, line.Y = append(line.X, float64(i+1)), append(line.Y, x)
			}
		}
		f.Series = append(f.Series, line)
		shapes[arm] = s
	}
	if len(f.Series) == 0 {
		return f, false
	}
	var use, length []string
	for _, arm := range []*racer{r.thickest(), r.find("full")} {
		if s, ok := shapes[arm]; ok {
			use = append(use, fmt.Sprintf("%s of %d directions for %s", words.Number(s.directions, 1), s.of, arm.name()))
			length = append(length, fmt.Sprintf("%s for %s", words.Number(s.length, 2), arm.name()))
		}
	}
	if len(use) > 0 {
		f.Caption = fmt.Sprintf("%s of the energy of an update lies in %s. Its length against the matrix that it changes is %s.", words.Percent(energy), words.List(use), words.List(length))
	}
	return f, true
}

func norm(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}
