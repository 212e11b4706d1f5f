package moat

import (
	"fmt"
	"strings"

	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// whatItIs says of each way to start what is trained, in the words of the figures.
var whatItIs = map[string]string{
	startHead:  "a new head on a frozen net",
	loraView:   "loralib, the LoRA paper's library: B·A read row by row as a kernel",
	loraConv:   "PEFT library: k×k down to r channels, 1×1 up",
	startTuned: "all weights, from the same start",
}

// started are the racers that start from a base, in the order of starts, and the ways in which they do.
func (r *run) started() (racers []*racer, ways []string) {
	for _, way := range starts {
		for _, c := range r.racers {
			if recipeOf(r.spec, c.arm).start == way {
				racers, ways = append(racers, c), append(ways, way)
			}
		}
	}
	return racers, ways
}

// trained is how many numbers a racer learns, its head included.
func (c *racer) trained() int { return c.report.Trainable + c.report.Head }

// convLoRAFigures compare what racers reach that start from a base with how much of it they train; none where no racer does.
func (r *run) convLoRAFigures() []wire.Figure {
	racers, ways := r.started()
	plot := wire.Figure{ID: "convlora", Kind: wire.FigureLines, Title: "How much accuracy for how many weights?",
		Sub: "test accuracy of racers that start from a net trained on drawn glyphs, over the numbers that they train, head included; mean over seeds with its 95 % interval, cut at 0 and 100 %",
		X:   wire.Axis{Name: "trained numbers", Log: true}, Y: wire.Axis{Name: "test accuracy", Unit: "%"}}
	table := wire.Figure{ID: "convlora-table", Kind: wire.FigureTable, Title: "Which LoRA is which?",
		Sub:     fmt.Sprintf("updates of rank r = %d with α = r beside every dense convolution; 95 %% intervals of an accuracy are cut at 0 and 100 %%", r.spec.Int("rank")),
		Columns: []string{"Racer", "What is trained", "Trained, head included", "Test accuracy, %", "Points above the head alone", "per 1,000 further numbers"}}
	for i, c := range racers {
		acc := percent(c.report.Metrics[course.TestAccuracy])
		if len(acc.Values) == 0 {
			continue
		}
		plot.Series = append(plot.Series, wire.Series{Name: c.report.Label, Arm: c.report.Arm, Role: c.report.Role,
			X: []float64{float64(c.trained())}, Y: []float64{acc.Mean}, Low: []float64{acc.Low}, High: []float64{acc.High}})
		row := []string{c.report.Label, whatItIs[ways[i]], words.Count(c.trained()), ranged(acc), "", ""}
		if floor := r.headOf(c); floor != nil && floor != c {
			if d := difference(c, floor); len(d.Values) > 0 {
				row[4] = ranged(d)
				row[5] = words.Number(1000*d.Mean/float64(c.trained()-floor.trained()), 2)
			}
		}
		table.Rows = append(table.Rows, row)
	}
	if len(plot.Series) == 0 {
		return nil
	}
	plot.Caption, table.Caption = r.convLoRACaption(racers, ways)
	return []wire.Figure{plot, table}
}

// headOf is the racer that trains the head alone on the same base, nil where the run lacks it.
func (r *run) headOf(c *racer) *racer {
	want := recipeOf(r.spec, c.arm)
	want.start = startHead
	for _, f := range r.racers {
		if recipeOf(r.spec, f.arm) == want {
			return f
		}
	}
	return nil
}

// percent is an accuracy in percent.
func percent(accuracy wire.Interval) wire.Interval {
	accuracy.Mean, accuracy.Low, accuracy.High = 100*accuracy.Mean, 100*accuracy.Low, 100*accuracy.High
	return cut(accuracy)
}

// cut ends the interval of an accuracy in percent where accuracies end. That of Student's t knows no bounds.
func cut(iv wire.Interval) wire.Interval {
	iv.Low, iv.High = max(iv.Low, 0), min(iv.High, 100)
	return iv
}

// ranged writes a mean and, of several seeds, its interval.
func ranged(iv wire.Interval) string {
	s := words.Number(iv.Mean, 1)
	if len(iv.Values) > 1 {
		s += fmt.Sprintf(" (%s to %s)", words.Number(iv.Low, 1), words.Number(iv.High, 1))
	}
	return s
}

// convLoRACaption is what the figure and the table find.
func (r *run) convLoRACaption(racers []*racer, ways []string) (plot, table string) {
	var said []string
	var last *racer
	for i, view := range racers {
		for j, conv := range racers {
			same := recipeOf(r.spec, view.arm)
			same.start = loraConv
			if ways[i] != loraView || ways[j] != loraConv || same != recipeOf(r.spec, conv.arm) {
				continue
			}
			d := difference(view, conv)
			if len(d.Values) == 0 {
				continue
			}
			said = append(said, fmt.Sprintf("the view of loralib trains %s numbers and the pair of PEFT %s; the accuracy of the view minus that of the pair is %s, %s",
				words.Count(view.trained()), words.Count(conv.trained()), words.Interval(d, 1, "points"), sidedZero(d)))
		}
	}
	for _, c := range racers {
		if last == nil || c.trained() > last.trained() {
			last = c
		}
	}
	plot = "Farther left is cheaper, farther up is better. "
	if len(said) > 0 {
		plot += words.Capital(strings.Join(said, "; ")) + "."
	} else {
		plot += fmt.Sprintf("The most is trained by %s: %s numbers.", last.report.Label, words.Count(last.trained()))
	}
	table = "Both parameterisations are called LoRA. They differ on windows of more than one pixel only, here those of the " + r.windows() +
		"; on 1 × 1 convolutions they are the same. Depth-wise convolutions, whose groups are single channels, stay frozen."
	return plot, table
}

// windows names the dense convolutions with larger windows.
func (r *run) windows() string {
	if r.spec.Text("task") == taskCue {
		return "2 × 2 patches"
	}
	for _, c := range r.racers {
		if way := recipeOf(r.spec, c.arm); way.adapts() && way.stacked {
			return "3 × 3 stem and the 2 × 2 patches"
		}
	}
	return "3 × 3 stem"
}

// sidedZero words how an interval of a difference stands to zero.
func sidedZero(iv wire.Interval) string {
	switch {
	case len(iv.Values) < 2:
		return "which decides nothing"
	case iv.Low > 0 || iv.High < 0:
		return "and the interval leaves zero out"
	}
	return "which the seeds do not tell from zero"
}
