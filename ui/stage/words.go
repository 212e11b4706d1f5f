package stage

import (
	"fmt"
	"strconv"
	"strings"
)

type line struct {
	text string
	bold bool
}

// readoutLines are the words beside the input: the query, and where the selected map looks.
func (p *Picture) readoutLines(v View) []line {
	kept := ""
	if v.Pinned {
		kept = " (kept)"
	}
	w := p.Weights(nil, v.Layer, v.Head, v.Query)
	head := "mean"
	if v.Head < p.Heads {
		head = "head " + strconv.Itoa(v.Head+1)
	}
	lines := []line{{"From " + p.Name(v.Query) + kept, true}}
	where := fmt.Sprintf("layer %d, %s", v.Layer+1, head)
	if !p.has(v.Layer, v.Query) {
		return append(lines, line{fmt.Sprintf("layer %d has no prompts", v.Layer+1), false})
	}
	if v.Key >= 0 {
		lines = append(lines, line{where, false}, line{"to " + p.Name(v.Key) + ": " + weight(w[v.Key]), false})
	} else {
		to, most := strongest(w)
		lines = append(lines, line{where + " looks most", false}, line{"at " + p.Name(to) + ": " + weight(most), false})
	}
	if p.prompts() > 0 {
		lines = append(lines, line{"at all " + p.promptWord() + "s: " + weight(p.onPrompts(w)), false})
	}
	return lines
}

// updateLines are the words beside the update matrix.
func (p *Picture) updateLines(v View) []string {
	lines := []string{"‖ΔW‖ = " + number(norm(p.buffers[bufUpdate]))}
	all := p.Rows * p.Cols
	if p.Rank > 0 {
		lines = append(lines, fmt.Sprintf("rank %d: %s numbers", p.Rank, thousands(p.Rank*(p.Rows+p.Cols))), "instead of "+thousands(all))
	} else {
		lines = append(lines, "dense: all "+thousands(all), "numbers move")
	}
	if u := p.update().update; v.Row >= 0 && v.Row < u.rows && v.Col >= 0 && v.Col < u.cols {
		lines = append(lines, fmt.Sprintf("entry %d,%d: %s", v.Row+1, v.Col+1, strings.Replace(number(u.at(v.Row, v.Col)), "-", "−", 1)))
	}
	return lines
}

// Sentence says in one or two sentences what the marks show now: the text of a live region.
func Sentence(p *Picture, v View) string {
	if p == nil {
		return ""
	}
	v = p.clampView(v)
	if p.Answer != nil {
		return p.answerSentence(&v)
	}
	if p.Sized() {
		return p.gridSentence(v)
	}
	if p.Sequence != nil && v.Row >= 0 {
		return p.pointLine(v)
	}
	w := p.Weights(nil, v.Layer, v.Head, v.Query)
	where := fmt.Sprintf("Layer %d, %s", v.Layer+1, p.headName(v.Head))
	if !p.has(v.Layer, v.Query) {
		return fmt.Sprintf("Layer %d has no prompts.", v.Layer+1)
	}
	if v.Key >= 0 {
		return fmt.Sprintf("%s, from %s to %s: weight %.2f.", where, p.Name(v.Query), p.Name(v.Key), w[v.Key])
	}
	to, most := strongest(w)
	return fmt.Sprintf("%s: %s looks most at %s, weight %.2f.", where, p.Name(v.Query), p.Name(to), most)
}

// Describe says in words what the whole picture shows: its text alternative.
func Describe(p *Picture, v View) string {
	if p == nil {
		return "The stage is empty until a run has made its first steps."
	}
	v = p.clampView(v)
	if p.Answer != nil {
		return p.describeAnswer(&v)
	}
	if p.Sized() {
		return p.describeGrids(v)
	}
	var b strings.Builder
	it := "The digit"
	if p.Sequence != nil {
		it = "It"
	}
	fmt.Fprintf(&b, "Example %d of %d, arm %s after %d steps. ", p.Example+1, p.Examples, p.Arm, p.Step)
	switch {
	case len(p.Probs) == 0:
	case p.undecided():
		fmt.Fprintf(&b, "%s is %s; the model has no guess yet: all classes are equally likely. ", it, p.class(p.Label))
	default:
		best := p.ranked()[0]
		fmt.Fprintf(&b, "%s is %s; the model says %s with probability %.2f. ", it, p.class(p.Label), p.class(best), p.Probs[best])
	}
	fmt.Fprintf(&b, "Attention of %d layers with %d heads over %d by %d patches and the class token. ", p.Layers, p.Heads, p.gridRows(), p.gridCols())
	b.WriteString(Sentence(p, v))
	if p.Sequence != nil {
		b.WriteString(p.describeTokens(v))
	} else if p.Rows > 0 {
		kind := "dense"
		if p.Rank > 0 {
			kind = "rank " + strconv.Itoa(p.Rank)
		}
		fmt.Fprintf(&b, " Update of %s in layer %d: %d by %d, %s, Frobenius norm %s.", p.Matrix, p.Frame.Layer+1, p.Cols, p.Rows, kind, number(norm(p.buffers[bufUpdate])))
	} else {
		b.WriteString(" This arm changes no weight matrix.")
	}
	return b.String()
}

// Table gives the attention of the query as rows that a page can show or export: one row per token, one column per
// map. A picture with grids or with an answer gives a row for each number, panels included.
func Table(p *Picture, v View) (columns []string, rows [][]string) {
	if p == nil {
		return nil, nil
	}
	v = p.clampView(v)
	if p.Answer != nil {
		return p.answerTable()
	}
	if p.Sized() {
		return p.gridTable(v)
	}
	columns = []string{"token"}
	cells := make([][]string, p.tokens())
	for t := range cells {
		cells[t] = []string{p.Name(t)}
	}
	for layer := range p.Layers {
		for head := range p.Heads + 1 {
			name := "mean"
			if head < p.Heads {
				name = "head " + strconv.Itoa(head+1)
			}
			columns = append(columns, fmt.Sprintf("layer %d %s", layer+1, name))
			for t, w := range p.Weights(nil, layer, head, v.Query) {
				s := ""
				if p.has(layer, t) && p.has(layer, v.Query) {
					s = strconv.FormatFloat(w, 'f', 4, 64)
				}
				cells[t] = append(cells[t], s)
			}
		}
	}
	return columns, cells
}

// thousands writes 4096 as "4,096".
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
