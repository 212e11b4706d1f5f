package lora

import (
	"fmt"
	"strings"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// strength is how much of W lies along directions of a few kinds, ‖UᵀWV‖, averaged over matrices and seeds.
type strength struct{ own, random, best, n float64 }

func (s *strength) add(own, random, best, n float64) {
	s.own, s.random, s.best, s.n = s.own+own, s.random+random, s.best+best, s.n+n
}

// amplifySet are the racers that change the same matrices: their random directions and those of W are the same.
type amplifySet struct {
	name   string // "q, v"
	arms   []*racer
	each   []strength
	shared strength
}

// amplifySets gathers the racers with as many directions as Table 7 has. Thinner ones have fewer to compare, and what
// was trained from scratch has no past in W.
func (r *run) amplifySets() []*amplifySet {
	var sets []*amplifySet
	find := func(name string) *amplifySet {
		for _, s := range sets {
			if s.name == name {
				return s
			}
		}
		sets = append(sets, &amplifySet{name: name})
		return sets[len(sets)-1]
	}
	for _, arm := range r.racers {
		if arm.method() && arm.arm.Number < tableSeven || arm.arm.Racer == "scratch" {
			continue
		}
		var of strength
		name := ""
		for _, updates := range arm.updates {
			for _, u := range updates {
				if a, ok := u.amplify(); ok {
					of.add(a.own, a.random, a.best, 1)
					if !strings.Contains(", "+name+",", ", "+u.matrix+",") {
						name = strings.TrimPrefix(name+", "+u.matrix, ", ")
					}
				}
			}
		}
		if of.n == 0 {
			continue
		}
		s := find(name)
		s.arms, s.each = append(s.arms, arm), append(s.each, of)
		s.shared.add(of.own, of.random, of.best, of.n)
	}
	return sets
}

func (r *run) amplifyFigure() (wire.Figure, bool) {
	f := wire.Figure{ID: "amplify", Kind: wire.FigureBars, Title: "Does the update stress what W already has?",
		Sub: fmt.Sprintf("‖UᵀWV‖: the size of what W does from %d input directions U to %d output directions V, here those of the update, random ones, or W's own; mean over matrices and seeds; ranks of %d and more", tableSeven, tableSeven, tableSeven),
		X:   wire.Axis{Name: "‖UᵀWV‖"}}
	bar := func(name, arm, along, role string, value float64) {
		f.Bars = append(f.Bars, wire.Bar{Name: name, Arm: arm, Parts: []wire.BarPart{{Name: along, Role: role, Value: value, Text: words.Short(value)}}})
	}
	sets := r.amplifySets()
	for _, s := range sets {
		for i, arm := range s.arms {
			bar(arm.report.Label, arm.report.Arm, "along the update", "train", s.each[i].own/s.each[i].n)
		}
		of := "W"
		if len(sets) > 1 {
			of = "W of " + s.name
		}
		bar(of+", random", "", "along random directions", wire.RoleChance, s.shared.random/s.shared.n)
		bar(of+", its own", "", "along W's strongest directions", "frozen", s.shared.best/s.shared.n)
	}
	if len(f.Bars) == 0 {
		return f, false
	}
	for _, arm := range []*racer{r.amplifyArm(), r.find("full"), r.thickest()} {
		if arm == nil {
			continue
		}
		rows := amplifications(arm)
		if len(rows.best) == 0 {
			continue
		}
		mean := func(x []float64) float64 { return lab.Interval(x).Mean }
		f.Caption = fmt.Sprintf("Along the update of %s, W is %s times as strong as along random directions and %s as strong as along its own (means of the ratios of single matrices), where the paper has %s times and %s.",
			arm.name(), words.Number(mean(rows.random), 1), words.Percent(mean(rows.best)), words.Number(paperAmplifyOwn/paperAmplifyRandom, 0), words.Percent(paperAmplifyOwn/paperAmplifyBest))
		f.Caption += fmt.Sprintf(" There the update is %s times as strong as W, the paper's %s times; that alone shows little: a random update of its size would be %s times as strong.",
			words.Short(mean(rows.factor)), words.Number(paperAmplifyFactor, 1), words.Short(mean(rows.blind)))
		break
	}
	return f, true
}
