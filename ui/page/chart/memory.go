package chart

import (
	"fmt"
	"slices"
	"sort"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// Memory is the panel of what one training step holds, per arm, and of what the selected arm keeps by kind.
type Memory struct {
	app.Compo
	Arms     []wire.ArmReport
	Selected string
	Batch    int // 0 where it is not known
	Source   string
	Rev      int
}

// ledgerBars stacks what a training step of every arm holds, in one unit.
func ledgerBars(arms []wire.ArmReport, selected string) Bars {
	b := Bars{Value: wire.Axis{Name: "memory"}, Selected: selected}
	most := 0
	for _, a := range arms {
		most = max(most, a.Ledger.Total())
	}
	unit := 1e6
	if b.Value.Unit = "MB"; most < 1e6 {
		unit, b.Value.Unit = 1e3, "kB"
	}
	for _, a := range arms {
		l := a.Ledger
		if l.KeptBytes == 0 && l.TrainedBytes == 0 {
			continue
		}
		bar := wire.Bar{Name: label(a.Label), Arm: a.Arm}
		for _, p := range []struct {
			name, role string
			bytes      int
		}{{"Frozen weights", "frozen", l.FrozenBytes}, {"Trained weights", "train", l.TrainedBytes}, {"Gradients", "grad", l.GradientBytes},
			{"Optimizer", "optimizer", l.OptimizerBytes}, {"Kept for backward", "act", l.KeptBytes}} {
			bar.Parts = append(bar.Parts, wire.BarPart{Name: p.name, Role: p.role, Value: float64(p.bytes) / unit, Text: Bytes(p.bytes)})
		}
		b.Bars = append(b.Bars, bar)
	}
	return b
}

// partBars shows what one arm keeps for the backward pass, the largest kind first.
func partBars(a wire.ArmReport) Bars {
	b := Bars{Title: "What " + label(a.Label) + " keeps", Sub: "by kind of tensor", Value: wire.Axis{Name: "kept", Unit: "kB"}}
	parts := slices.Clone(a.Ledger.Parts)
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].Bytes > parts[j].Bytes })
	for _, p := range parts {
		b.Bars = append(b.Bars, wire.Bar{Name: p.Name, Parts: []wire.BarPart{{Name: "Kept for backward", Role: "act", Value: float64(p.Bytes) / 1e3, Text: Bytes(p.Bytes)}}})
	}
	return b
}

// Render draws the component.
func (c *Memory) Render() app.UI {
	bars := ledgerBars(c.Arms, c.Selected)
	p := &panel{ID: "memory", Sheet: Sheet{Title: "Memory, counted", Sub: "one training step", Source: c.Source}, Graphics: []Graphic{bars}, Rev: c.Rev}
	if c.Batch > 0 {
		p.Sheet.Sub = fmt.Sprintf("one training step, batch of %d", c.Batch)
	}
	for _, a := range c.Arms {
		if a.Arm == c.Selected && len(a.Ledger.Parts) > 0 {
			p.Graphics = append(p.Graphics, partBars(a))
		}
	}
	p.Sheet.Caption = memoryCaption(c.Arms, c.Selected)
	return p
}

// memoryCaption compares the selected arm with the reference.
func memoryCaption(arms []wire.ArmReport, selected string) string {
	var arm, ref *wire.ArmReport
	for i, a := range arms {
		if a.Arm == selected {
			arm = &arms[i]
		}
		if a.Role == wire.RoleReference {
			ref = &arms[i]
		}
	}
	if arm == nil || ref == nil || arm == ref || arm.Ledger.Total() == 0 || ref.Ledger.Total() == 0 || ref.Ledger.KeptBytes == 0 {
		if len(ledgerBars(arms, selected).Bars) == 0 {
			return ""
		}
		return "Bytes counted while training."
	}
	return fmt.Sprintf("%s holds %s, %s %s: %s %% of the whole, and %s %% of what is kept for the backward pass.",
		capitalize(label(arm.Label)), Bytes(arm.Ledger.Total()), label(ref.Label), Bytes(ref.Ledger.Total()),
		fixed(100*float64(arm.Ledger.Total())/float64(ref.Ledger.Total()), 0), fixed(100*float64(arm.Ledger.KeptBytes)/float64(ref.Ledger.KeptBytes), 0))
}
