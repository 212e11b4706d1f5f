package lora

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/lab/wire"
)

// figures are the panels below the race. Every caption is put together from the numbers of this run.
func (r *run) figures(merges []merge, rates wire.Figure) []wire.Figure {
	var out []wire.Figure
	add := func(f wire.Figure, ok bool) {
		if ok {
			out = append(out, f)
		}
	}
	add(r.spectrumFigure())
	add(r.overlapFigure())
	add(r.amplifyFigure())
	add(r.memoryFigure())
	add(r.keptFigure())
	add(mergeFigure(merges))
	return append(out, rates)
}

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
		X:   wire.Axis{Name: "direction", Min: 1, Max: float64(r.width)},
		Y:   wire.Axis{Name: "singular value", Log: true}}
	var used []string
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
		used = append(used, fmt.Sprintf("%s of %d for %s", number(s.directions, 1), s.of, arm.name()))
	}
	if len(f.Series) == 0 {
		return f, false
	}
	f.Caption = fmt.Sprintf("So many directions hold %s of the energy of an update: %s.", percent(energy), list(used))
	return f, true
}

// most rows and columns of a map of similarities, as in the paper's Fig. 3.
const (
	phiRows = 8
	phiCols = 32
)

// overlapFigure compares the subspaces of two ranks, and of two seeds of the larger rank, with chance.
func (r *run) overlapFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "overlap", Kind: wire.FigureHeat, Title: "Do different updates find the same directions?",
		Sub: "φ(i, j): how much of the first i input directions of one lies in the first j of the other",
		X:   wire.Axis{Name: "j", Min: 1}, Y: wire.Axis{Name: "i", Min: 1}}
	low, high := r.overlapPair()
	if low == nil {
		return f, false
	}
	var words []string
	rows, cols := min(phiRows, low.arm.Number), min(phiCols, high.arm.Number)
	for _, m := range []struct {
		a, b  *racer
		pairs []pair
		seeds string
	}{
		{low, high, acrossSeeds(low, high), "other seed"},
		{low, high, withinSeeds(low, high), "same seed"},
		{high, high, acrossSeeds(high, high), "other seed"},
	} {
		phi := meanSimilarity(m.pairs)
		if phi == nil {
			continue
		}
		h := crop(phi, m.b.arm.Number, min(phiRows, m.a.arm.Number), cols)
		h.Title = fmt.Sprintf("r = %d against r = %d, %s", m.a.arm.Number, m.b.arm.Number, m.seeds)
		h.Note = "φ(1,1) = " + number(h.Values[0], 2)
		f.Heats = append(f.Heats, h)
		words = append(words, fmt.Sprintf("%s for ranks %d and %d, %s", number(h.Values[0], 2), m.a.arm.Number, m.b.arm.Number, m.seeds))
	}
	if len(f.Heats) == 0 {
		return f, false
	}
	pairs := append(acrossSeeds(low, high), withinSeeds(low, high)...)
	by := func(i, j int) float64 { return meanChance(pairs, i, j, r.width) }
	base := wire.Heat{Title: "chance", Rows: rows, Cols: cols, Scale: "viridis", Max: 1, Note: "φ(1,1) = " + number(by(1, 1), 3)}
	for i := range rows {
		for j := range cols {
			base.Values = append(base.Values, by(i+1, j+1))
		}
	}
	f.Heats = append(f.Heats, base)
	f.X.Max, f.Y.Max = float64(cols), float64(rows)
	f.Caption = fmt.Sprintf("φ(1,1), over %s: %s; chance is %s. At width %d two random subspaces overlap the more the larger they are: φ(%d,%d) is %s by chance, so the corner tells most.",
		matrices(high.arm), strings.Join(words, "; "), number(by(1, 1), 3), r.width, rows, cols, number(by(rows, cols), 2))
	return f, true
}

// meanSimilarity averages φ over pairs and their matrices, row-major; nil where there is none.
func meanSimilarity(pairs []pair) []float64 {
	var phi []float64
	n := 0.0
	for _, p := range pairs {
		p.each(func(d1, d2 *mat.Dense) {
			s := similarity(d1, d2)
			if phi == nil {
				phi = make([]float64, len(s))
			}
			for j, x := range s {
				phi[j] += x
			}
			n++
		})
	}
	for j := range phi {
		phi[j] /= n
	}
	return phi
}

// crop takes the corner of a map with so many columns.
func crop(phi []float64, cols, keepRows, keepCols int) wire.Heat {
	h := wire.Heat{Rows: keepRows, Cols: min(keepCols, cols), Scale: "viridis", Max: 1}
	for i := range keepRows {
		h.Values = append(h.Values, phi[i*cols:][:h.Cols]...)
	}
	return h
}

func (r *run) amplifyFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "amplify", Kind: wire.FigureBars, Title: "Does the update stress what W already has?",
		Sub: fmt.Sprintf("‖UᵀWV‖ along the first %d directions of each update, mean over matrices and seeds", tableSeven),
		X:   wire.Axis{Name: "‖UᵀWV‖"}}
	var words []string
	for _, arm := range r.racers {
		var delta, own, random, best, n float64
		k := 0
		for _, updates := range arm.updates {
			for _, u := range updates {
				if a, ok := u.amplify(); ok {
					delta, own, random, best, k = delta+a.delta, own+a.own, random+a.random, best+a.best, a.k
					n++
				}
			}
		}
		if n == 0 {
			continue
		}
		delta, own, random, best = delta/n, own/n, random/n, best/n
		name := arm.report.Label
		f.Bars = append(f.Bars,
			wire.Bar{Name: name, Arm: arm.report.Arm, Parts: []wire.BarPart{{Name: fmt.Sprintf("first %d of the update", k), Role: "train", Value: own, Text: number(own, 2)}}},
			wire.Bar{Name: name + ", random", Arm: arm.report.Arm, Parts: []wire.BarPart{{Name: fmt.Sprintf("%d random directions", k), Role: "chance", Value: random, Text: number(random, 2)}}},
			wire.Bar{Name: name + ", W itself", Arm: arm.report.Arm, Parts: []wire.BarPart{{Name: fmt.Sprintf("first %d of W", k), Role: "frozen", Value: best, Text: number(best, 2)}}})
		words = append(words, fmt.Sprintf("%s: %s times random, ‖ΔW‖ = %s, %s times ‖UᵀWV‖", arm.name(), number(own/random, 1), number(delta, 1), number(delta/own, 1)))
	}
	if len(f.Bars) == 0 {
		return f, false
	}
	f.Caption = strings.Join(words, "; ") + fmt.Sprintf(". The paper has %s times random, and 21.5 times ‖UᵀWV‖, at rank 4.", number(paperAmplifyOwn/paperAmplifyRandom, 0))
	return f, true
}

func (r *run) memoryFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "memory", Kind: wire.FigureBars, Title: "What does one training step hold?",
		Sub: fmt.Sprintf("bytes counted by the tape and the optimizer, batch of %d", r.spec.Int("batch")),
		X:   wire.Axis{Name: "memory", Unit: "MB"}}
	part := func(name, role string, n int) wire.BarPart {
		return wire.BarPart{Name: name, Role: role, Value: float64(n) / 1e6, Text: bytes(n)}
	}
	var words []string
	full := r.find("full")
	for _, arm := range r.racers {
		if len(arm.results) == 0 {
			continue
		}
		l := arm.report.Ledger
		f.Bars = append(f.Bars, wire.Bar{Name: arm.report.Label, Arm: arm.report.Arm, Parts: []wire.BarPart{
			part("frozen weights", "frozen", l.FrozenBytes), part("trained weights", "train", l.TrainedBytes),
			part("gradients", "grad", l.GradientBytes), part("optimizer", "optimizer", l.OptimizerBytes), part("kept for backward", "act", l.KeptBytes)}})
		if full != nil && arm != full && arm.method() && len(full.results) > 0 {
			whole := full.report.Ledger
			words = append(words, fmt.Sprintf("%s keeps %s of the activations and %s of the optimizer's state", arm.name(),
				percent(float64(l.KeptBytes)/float64(whole.KeptBytes)), percent(float64(l.OptimizerBytes)/float64(whole.OptimizerBytes))))
		}
	}
	if len(words) > 0 {
		f.Caption = "Against full fine-tuning, " + strings.Join(words, "; ") + "."
	} else if len(f.Bars) > 0 {
		f.Caption = fmt.Sprintf("%s holds %s.", f.Bars[0].Name, bytes(total(r.held().report.Ledger)))
	}
	return f, len(f.Bars) > 0
}

// held is the first racer that was trained.
func (r *run) held() *racer {
	for _, arm := range r.racers {
		if len(arm.results) > 0 {
			return arm
		}
	}
	return nil
}

func (r *run) keptFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "kept", Kind: wire.FigureBars, Title: "What is kept for the backward pass?",
		Sub: "bytes by kind of tensor, one batch", X: wire.Axis{Name: "kept", Unit: "kB"}}
	most, least := "", ""
	var high, low int
	for _, arm := range r.racers {
		if len(arm.results) == 0 {
			continue
		}
		bar := wire.Bar{Name: arm.report.Label, Arm: arm.report.Arm}
		for _, p := range arm.report.Ledger.Parts {
			bar.Parts = append(bar.Parts, wire.BarPart{Name: p.Name, Role: "act", Value: float64(p.Bytes) / 1e3, Text: bytes(p.Bytes)})
		}
		f.Bars = append(f.Bars, bar)
		kept := arm.report.Ledger.KeptBytes
		if most == "" || kept > high {
			most, high = arm.name(), kept
		}
		if least == "" || kept < low {
			least, low = arm.name(), kept
		}
	}
	if len(f.Bars) == 0 {
		return f, false
	}
	f.Caption = fmt.Sprintf("%s keeps %s.", capital(most), bytes(high))
	if least != most {
		f.Caption = fmt.Sprintf("%s keeps most, %s; %s least, %s.", capital(most), bytes(high), least, bytes(low))
	}
	return f, true
}

// merge is what merging one trained arm changes and costs.
type merge struct {
	arm    *racer
	seed   int
	logits float64 // largest difference of a logit, merged against unmerged
	drift  float64 // largest difference of a weight after ten merges and unmerges
	base   int64   // operations of one forward pass: the base model,
	merged int64   // with the update merged,
	branch int64   // with the update as a branch
	// Medians of one forward pass of one digit, interleaved; 0 without a clock.
	baseMs, mergedMs, branchMs float64
}

func (m merge) timed() bool { return m.baseMs > 0 }

func mergeFigure(merges []merge) (wire.Figure, bool) {
	f := wire.Figure{ID: "merge", Kind: wire.FigureTable, Title: "Does a merged update cost anything?",
		Sub:     "first seed of every racer with matrices",
		Columns: []string{"Racer", "Largest change of a logit", "Drift after ten merges", "Operations, base", "merged", "unmerged", "ms, base", "merged", "unmerged"}}
	worst := 0.0
	var slow *merge
	for i, m := range merges {
		if m.seed != merges[0].seed {
			continue
		}
		ms := func(x float64) string {
			if !m.timed() {
				return "not timed"
			}
			return number(x, 3)
		}
		f.Rows = append(f.Rows, []string{m.arm.report.Label, scientific(m.logits), scientific(m.drift),
			count(int(m.base)), count(int(m.merged)), count(int(m.branch)), ms(m.baseMs), ms(m.mergedMs), ms(m.branchMs)})
		worst = max(worst, m.logits)
		if m.timed() && (slow == nil || m.branchMs/m.baseMs > slow.branchMs/slow.baseMs) {
			slow = &merges[i]
		}
	}
	if len(f.Rows) == 0 {
		return f, false
	}
	f.Caption = fmt.Sprintf("Merging changes no logit by more than %s and leaves the number of operations at the base model's.", scientific(worst))
	if slow != nil {
		f.Caption += fmt.Sprintf(" Unmerged, %s takes %s times the base model's time for one digit; merged, %s times.", slow.arm.name(),
			number(slow.branchMs/slow.baseMs, 2), number(slow.mergedMs/slow.baseMs, 2))
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
