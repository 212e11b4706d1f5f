package vpt

import (
	"fmt"
	"strings"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// equalText says what the racers of the run share, by the knob equal.
func (r *run) equalText() string {
	switch r.spec.Text("equal") {
	case equalParameters:
		return r.numbersText()
	case equalMemory:
		return "Here every racer has the largest batch that fits into the memory of full fine-tuning (equal=memory); what that leaves is no merit, so memory is not ranked."
	}
	return "Here every racer has the same steps and batches (equal=steps)."
}

// numbersText says how many numbers methods with a size train where these are to be equal: not every count can be reached.
func (r *run) numbersText() string {
	want := r.spec.Int("numbers")
	said := "Here methods with a size take the one that comes closest to " + numbers(want) + " (equal=parameters)"
	least, most := 0, 0
	var far []string
	for _, c := range r.trained() {
		n := c.report.Trainable
		if c.arm.Name == "" {
			continue
		}
		if most == 0 || n < least {
			least = n
		}
		most = max(most, n)
		if 10*max(n-want, want-n) > want {
			far = append(far, c.name()+" with "+words.Count(n))
		}
	}
	if most > 0 {
		said += ", " + words.Count(least)
		if most > least {
			said += " to " + words.Count(most)
		}
	}
	if len(far) > 0 {
		said += "; more than a tenth off: " + words.List(far)
	}
	return said + "."
}

// rankingsFigure ranks the racers by accuracy, by numbers trained and by memory, side by side. Where memory is what racers share
// they are not ranked by it; those that diverged have no place.
func (r *run) rankingsFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "rankings", Kind: wire.FigureTable, Title: "Who wins depends on what counts"}
	by := []string{"by accuracy", "by numbers", "by memory"}
	f.Sub = "places by mean test accuracy, by numbers trained and by the counted memory of a step (weights, gradients, moments and what is kept), 1 is best; a racer is beaten by one that is no worse in all three and better in one"
	if r.spec.Text("equal") == equalMemory {
		by = by[:2]
		f.Sub = "places by mean test accuracy and by numbers trained, 1 is best; a racer is beaten by one that is no worse in both and better in one"
	}
	f.Columns = append(append([]string{"Racer"}, by...), "beaten by")
	type standing struct {
		*racer
		by []float64 // less is better
	}
	var all []standing
	var out []string
	for _, c := range r.racers {
		acc := level(c)
		if c.lost() > 0 {
			out = append(out, c.name())
		} else if len(acc.Values) > 0 {
			all = append(all, standing{c, []float64{-acc.Mean, float64(c.report.Trainable), float64(c.report.Ledger.Total())}[:len(by)]})
		}
	}
	if len(all) < 2 {
		return f, false
	}
	winners := make([]string, len(by))
	var unbeaten []string
	for _, a := range all {
		row := []string{a.report.Label}
		for i := range a.by {
			place := 1
			for _, b := range all {
				if b.by[i] < a.by[i] {
					place++
				}
			}
			row = append(row, fmt.Sprint(place))
			if place == 1 && winners[i] == "" {
				winners[i] = strings.TrimPrefix(by[i], "by ") + " " + a.name()
			}
		}
		beaten := "-"
		for _, b := range all {
			better, worse := false, false
			for i := range a.by {
				better, worse = better || b.by[i] < a.by[i], worse || b.by[i] > a.by[i]
			}
			if better && !worse {
				beaten = b.report.Label
				break
			}
		}
		if beaten == "-" {
			unbeaten = append(unbeaten, a.name())
		}
		f.Rows = append(f.Rows, append(row, beaten))
	}
	winners[0] = strings.Replace(winners[0], "accuracy", "accuracy is", 1)
	f.Caption = fmt.Sprintf("First by %s; not beaten: %s. %s%s", strings.Join(winners, ", by "), words.List(unbeaten), r.equalText(), unranked(out))
	return f, true
}

// frontierFigure shows accuracy against the numbers that are trained, one point for each racer.
func (r *run) frontierFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "frontier", Kind: wire.FigureLines, Title: "What do more trained numbers buy?",
		Sub: "test accuracy against the numbers that are trained, those of the head among them",
		X:   wire.Axis{Name: "numbers trained", Log: true}, Y: wire.Axis{Name: "test accuracy", Unit: "%"}}
	for _, c := range r.racers {
		acc := level(c)
		if len(acc.Values) == 0 {
			continue
		}
		s := wire.Series{Name: c.report.Label + c.survivors(), Arm: c.report.Arm, Role: c.report.Role, X: []float64{float64(c.report.Trainable + c.report.Head)}, Y: []float64{acc.Mean}}
		if len(acc.Values) > 1 {
			s.Low, s.High = []float64{max(0, acc.Low)}, []float64{min(100, acc.High)} // where accuracy ends
		}
		f.Series = append(f.Series, s)
	}
	if len(f.Series) < 2 {
		return f, false
	}
	if r.spec.Seeds() > 1 {
		f.Caption = "Whiskers are 95 % intervals over seeds."
	}
	if full, few := r.find(r.any(), isFull), r.thinnest(); full != nil && few != nil {
		if d := difference(full, few); len(d.Values) > 0 {
			f.Caption = fmt.Sprintf("Full fine-tuning trains %s times as many numbers as %s. It gains %s.", words.Count((full.report.Trainable+full.report.Head)/max(1, few.report.Trainable+few.report.Head)), few.name(), words.Interval(d, 1, "points"))
		}
	}
	return f, true
}

// thinnest is the racer on the first backbone that trains least besides the head; nil where none does.
func (r *run) thinnest() *racer {
	var out *racer
	for _, c := range r.racers {
		if n := c.report.Trainable; n > 0 && c.backbone() == r.any() && (out == nil || n < out.report.Trainable) {
			out = c
		}
	}
	return out
}

// lengthFigure shows accuracy over the size of a method, where several sizes of one raced.
func (r *run) lengthFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "length", Kind: wire.FigureLines, Title: "How large should it be?",
		Sub: "test accuracy against the size of a method: prompts, width, rank", X: wire.Axis{Name: "size", Log: true}, Y: wire.Axis{Name: "test accuracy", Unit: "%"}}
	done := map[string]bool{}
	var out []string
	for _, c := range r.racers {
		key := func(o *racer) string { arm := o.arm; arm.Number = 0; return arm.String() }
		if c.arm.Name == "" || done[key(c)] {
			continue
		}
		done[key(c)] = true
		s := wire.Series{Name: c.sizeless()}
		for _, o := range r.sweep(c.backbone(), func(o *racer) (float64, bool) {
			return float64(o.report.Number), key(o) == key(c) && o.report.Number > 0
		}) {
			if acc := level(o); o.lost() > 0 {
				out = append(out, o.name())
			} else if len(acc.Values) > 0 {
				s.X, s.Y = append(s.X, float64(o.report.Number)), append(s.Y, acc.Mean)
				s.Low, s.High = append(s.Low, max(0, acc.Low)), append(s.High, min(100, acc.High))
			}
		}
		if len(s.X) > 1 {
			f.Series = append(f.Series, s)
		}
	}
	if len(f.Series) == 0 {
		return f, false
	}
	var said []string
	for _, s := range f.Series {
		at := 0
		for i, y := range s.Y {
			if y > s.Y[at] {
				at = i
			}
		}
		said = append(said, fmt.Sprintf("%s is best at %s", s.Name, cell(s.X[at], true, 0)))
	}
	f.Caption = words.Capital(words.List(said)) + ", by the mean over seeds." + unranked(out)
	return f, true
}
