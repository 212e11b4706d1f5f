package moat

import (
	"fmt"
	"strings"

	"petri/kernels/data"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// figures are the panels below the race: those that are read together stand together, and wide ones between them. Every
// caption is put together from the numbers of this run.
func (r *run) figures() []wire.Figure {
	out := []wire.Figure{r.costFigure(), r.keptFigure()}
	if f, ok := r.distanceFigure(); ok {
		out = append(out, f)
	}
	started := r.convLoRAFigures() // a plot and a table, or none
	out = append(append(out, started[:len(started)/2]...), r.ringFigure())
	return append(append(out, started[len(started)/2:]...), r.ratesFigure())
}

// costFigure is what each racer costs, and what it reaches for that.
func (r *run) costFigure() wire.Figure {
	f := wire.Figure{ID: "cost", Kind: wire.FigureTable, Title: "What does each block cost?",
		Sub:     "weights and operations from the net's own structure; steps and images timed in this run, images in batches of 32 and with batch norms folded where a convolution takes them in; 95 % intervals of accuracy are cut at 0 and 100 %",
		Columns: []string{"Racer", "Weights", "MFLOP an image", "ms a step", "ms an image", "kept", "accuracy, %"}}
	var least, most *racer
	for _, c := range r.racers {
		acc := c.report.Metrics[course.TestAccuracy]
		cell := "none"
		if len(acc.Values) > 0 {
			cell = ranged(percent(acc))
		}
		f.Rows = append(f.Rows, []string{c.report.Label, words.Count(c.structure.Params), words.Number(float64(c.structure.FLOP)/1e6, 1),
			measured(c.report.MsPerStep, 1), measured(c.perImage, 2), words.Bytes(c.report.Ledger.KeptBytes), cell})
		if c.report.Ledger.KeptBytes == 0 { // none of its trials has come
			continue
		}
		if least == nil || c.report.Ledger.KeptBytes < least.report.Ledger.KeptBytes {
			least = c
		}
		if most == nil || c.report.Ledger.KeptBytes > most.report.Ledger.KeptBytes {
			most = c
		}
	}
	f.Caption = "Equal weights and operations do not mean equal time or memory."
	if least != most {
		f.Caption += fmt.Sprintf(" For the backward pass %s keeps %s, %s %s.", most.report.Label, words.Bytes(most.report.Ledger.KeptBytes),
			least.report.Label, words.Bytes(least.report.Ledger.KeptBytes))
	}
	return f
}

// measured writes a time, or that there is none.
func measured(ms float64, decimals int) string {
	if ms == 0 {
		return "not timed"
	}
	return words.Number(ms, decimals)
}

// keptFigure is what one training step keeps, by kind of tensor.
func (r *run) keptFigure() wire.Figure {
	f := wire.Figure{ID: "kept", Kind: wire.FigureBars, Title: "What does a step keep?",
		Sub: "kept for the backward pass of one batch, by kind of tensor", X: wire.Axis{Name: "kept", Unit: "MB"}}
	var bn []string
	for _, c := range r.racers {
		bar := wire.Bar{Name: c.report.Label, Arm: c.report.Arm}
		for _, p := range c.report.Ledger.Parts {
			if p.Bytes == 0 {
				continue
			}
			bar.Parts = append(bar.Parts, wire.BarPart{Name: p.Name, Role: "act", Value: float64(p.Bytes) / 1e6, Text: words.Bytes(p.Bytes)})
			if p.Name == "batch norm" && 200*p.Bytes > c.report.Ledger.KeptBytes { // over frozen weights it keeps next to nothing
				bn = append(bn, fmt.Sprintf("%s of it in %s", words.Percent(float64(p.Bytes)/float64(c.report.Ledger.KeptBytes)), c.report.Label))
			}
		}
		f.Bars = append(f.Bars, bar)
	}
	f.Caption = "Every number is counted by the tape of the step itself."
	if len(bn) > 0 {
		f.Caption += " Batch norm keeps a normalised copy of the wide maps: " + strings.Join(bn, ", ") + "."
	}
	return f
}

// ringFigure shows the receptive fields of the probe.
func (r *run) ringFigure() wire.Figure {
	f := wire.Figure{ID: "rings", Kind: wire.FigureHeat, Title: "Does anything cross a window's edge?",
		Sub: "gradient of one cell through one, two and three untrained blocks with windows of 4 × 4; a map of 28 × 28 cells. Outside: cells beyond the predicted set that the gradient reaches"}
	for _, g := range r.rings {
		values := make([]float64, len(g.gradient))
		top := 0.0
		for i, x := range g.gradient {
			values[i] = float64(x)
			top = max(top, values[i])
		}
		if top > 0 {
			for i := range values {
				values[i] /= top
			}
		}
		name := "ViT"
		if g.arm == armMOATWindow {
			name = "MOAT"
		}
		f.Heats = append(f.Heats, wire.Heat{Title: fmt.Sprintf("%s, %s", name, many(g.depth, "block")), Rows: ringMap, Cols: ringMap, Values: values, Scale: "viridis", Max: 1,
			Note: fmt.Sprintf("%d × %d cells, %s outside", g.rows, g.cols, none(g.outside))})
	}
	f.Caption = r.ringCaption()
	return f
}

// ringCaption is what the rings show. What should have been seen is said only where all of it was.
func (r *run) ringCaption() string {
	var crossed, wrong []string
	for _, g := range r.rings {
		if g.arm == armMOATWindow {
			crossed = append(crossed, fmt.Sprintf("%d × %d", g.rows, g.cols))
		}
		if astray := g.astray(); astray != "" {
			wrong = append(wrong, astray)
		}
	}
	switch {
	case len(wrong) > 0:
		return "Not what the windows predict: " + strings.Join(wrong, "; ") + "."
	case !r.measuredRings():
		return "The measurement of the windows did not come to its end."
	}
	return fmt.Sprintf("In the Transformer with fixed windows the cell sees its own window and no more. MOAT's 3 × 3 convolutions carry a rim of one cell across, and the next attention spreads it: %s.", words.List(crossed))
}

func none(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

// distanceFigure is how far each layer looks after training; ok is false where no racer attends.
func (r *run) distanceFigure() (f wire.Figure, ok bool) {
	f = wire.Figure{ID: "distance", Kind: wire.FigureLines, Title: "How far does attention look?",
		Sub: "mean attention distance, mean of the heads with the nearest and the farthest one, first seed, eight validation images",
		X:   wire.Axis{Name: "attention layer"}, Y: wire.Axis{Name: "distance", Unit: "pixels"}}
	for _, c := range r.racers {
		if len(c.distances) == 0 {
			continue
		}
		s := wire.Series{Name: c.report.Label, Arm: c.report.Arm, Role: c.report.Role}
		for i, heads := range c.distances {
			sum, low, high := 0.0, heads[0], heads[0]
			for _, d := range heads {
				sum, low, high = sum+d, min(low, d), max(high, d)
			}
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, sum/float64(len(heads)))
			s.Low, s.High = append(s.Low, low), append(s.High, high)
		}
		f.Series = append(f.Series, s)
	}
	if len(f.Series) == 0 {
		return f, false
	}
	first := f.Series[0]
	f.Caption = fmt.Sprintf("%s looks %s pixels far", first.Name, words.Number(first.Y[0], 1))
	if n := len(first.Y); n > 1 {
		f.Caption += fmt.Sprintf(" in its first attention layer and %s in its last", words.Number(first.Y[n-1], 1))
	}
	f.Caption += "." + r.cellsCaption()
	return f, true
}

// cellsCaption says how large the cells are between which distances are measured.
func (r *run) cellsCaption() string {
	small, large := data.Side, 0
	for _, c := range r.racers {
		config, err := configOf(r.spec, c.arm)
		if err != nil {
			continue
		}
		for _, a := range newNet(nil, config).attentions() {
			side := data.Side / a.rows
			small, large = min(small, side), max(large, side)
		}
	}
	switch {
	case large == 0:
		return ""
	case small == large:
		return fmt.Sprintf(" All layers have cells of %d pixels.", large)
	}
	return fmt.Sprintf(" Layers on the smaller map have cells of %d pixels instead of %d, so their distances come in larger steps.", large, small)
}
