package stage

import (
	"fmt"
	"strconv"
	"strings"
)

// lookName says which map of looks is meant.
//
//go:noinline
func (p *Picture) lookName(layer, head int) string {
	return p.Answer.Layers[layer] + ", head " + strconv.Itoa(head+1)
}

// share writes an IoU or a stability: "–" where there is none.
//
//go:noinline
func share(x float64) string {
	if !(x >= 0) { // NaN as well: the stability of an empty mask
		return "–"
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// scores are the numbers of a mask as words.
func scores(predicted, truth, stability float64, area int) string {
	known := ""
	if truth >= 0 {
		known = ", true IoU " + share(truth)
	}
	return "predicted IoU " + share(predicted) + known + ", stability " + share(stability) + ", " + plural(area, "pixel")
}

// maskName says which mask of a prompt is meant: by what it is nearest to, where a truth is known.
func (p *Picture) maskName(i int) string {
	s := fmt.Sprintf("Mask %d of %d", i+1, len(p.Answer.Masks))
	if node := p.Answer.Masks[i].Node; node >= 0 {
		s += ", nearest to the " + p.Answer.Truths[node].Level + " “" + p.Answer.Truths[node].Name + "”"
	}
	return s
}

//go:noinline
func (p *Picture) maskScores(i int) string {
	if p.every() {
		m := &p.Answer.Found[i]
		return "Mask " + strconv.Itoa(i+1) + ": " + scores(m.Predicted, m.True, m.Stability, m.Area)
	}
	m := &p.Answer.Masks[i]
	return scores(m.Predicted, m.True, m.Stability, m.Area)
}

//go:noinline
func plural(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return strconv.Itoa(n) + " " + of
}

// askedWords say how far everything mode is.
func (p *Picture) askedWords() string {
	a := p.Answer
	return fmt.Sprintf("%d of %s asked, %s", a.Asked, plural(len(a.Dots), "point"), plural(len(a.Found), "mask"))
}

// asking says what a prompt consists of.
func (q *Prompting) asking() string {
	n := [2]int{}
	for i := range q.Prompt.Points {
		n[q.Prompt.Points[i].Label&1]++
	}
	s := fmt.Sprintf("The prompt: %s on it, %s off it", plural(n[1], "point"), plural(n[0], "point"))
	if q.Prompt.Box != nil {
		s += ", a box"
	}
	if q.Prompt.Brush || len(q.Brush) > 0 {
		s += ", a brushed mask"
	}
	return s + ". "
}

// answerLines are the words below the picture: what they are about, and what there is to say.
func (p *Picture) answerLines(v *View) []line {
	a, q := p.Answer, v.Prompting
	name, says := "No prompt yet", ""
	switch {
	case v.Over >= 0:
		name = p.lookName(v.Over, v.Tile)
		says = "image token " + spot{v.Row, v.Col}.String() + ": weight " + fine(float64(p.look(v.Over, v.Tile)[v.Row*a.Grid+v.Col]))
	case p.every():
		name = plural(len(a.Found)-len(q.Sort), "mask") + " shown"
		if v.Panel >= 0 {
			says = p.maskScores(v.Panel)
		} else if len(a.Found) > 0 {
			says = "Point at a mask for its numbers."
		}
	case len(a.Masks) > 0:
		name, says = p.maskName(p.front(q)), p.maskScores(p.front(q))
	case q.Prompt.Box != nil || len(q.Prompt.Points) > 0:
		name = "No answer yet"
	case q.Live:
		says = "Click what you mean. Shift or the right button says “not this”, dragging opens a box."
	}
	return []line{{name, true}, {says, false}}
}

// answerSentence says in one or two sentences what is shown now.
func (p *Picture) answerSentence(v *View) string {
	l := p.answerLines(v)
	s := l[0].text
	if l[1].text != "" {
		s += ": " + strings.TrimSuffix(l[1].text, ".")
	}
	s += "."
	if v.Query > 0 {
		c := p.pixel(v.Query)
		s += fmt.Sprintf(" Cursor at row %d, column %d", c.row+1, c.col+1)
		if len(p.Answer.Masks) > 0 {
			in := ", outside the mask"
			if p.mask(bufMasks, p.front(v.Prompting))[v.Query-1] > 0 {
				in = ", inside the mask"
			}
			s += in
		}
		if h := v.hand; h != nil && h.keys && !h.done {
			s += ", where what was begun would end"
		}
		s += "."
	}
	return s
}

// describedMost is how many masks of everything mode a description tells one by one.
const describedMost = 12

// describeAnswer says in words what the whole picture shows.
func (p *Picture) describeAnswer(v *View) string {
	a, q := p.Answer, v.Prompting
	s := fmt.Sprintf("A picture of %d by %d pixels. %s Model %s", a.Side, a.Side, a.Caption, a.Model)
	if a.Arm != "" {
		s += fmt.Sprintf(", arm %s after %d steps", a.Arm, a.Step)
	}
	s += ". "
	if p.every() {
		s += p.answerSentence(v) + " " + p.askedWords() + "."
		for i, n := range p.counts() {
			if n > 0 {
				s += fmt.Sprintf(" %s: %d.", fates[i].name, n)
			}
		}
		for i := range min(len(a.Found), describedMost) {
			s += " " + p.maskScores(i) + "."
		}
		return s
	}
	s += q.asking()
	if q.Hover {
		s += "The masks are those for a point under the pointer. "
	}
	s += "In front: " + p.answerSentence(v)
	for i := range a.Masks {
		if i != p.front(q) {
			s += " " + p.maskName(i) + ": " + p.maskScores(i) + "."
		}
	}
	if p.looks() {
		best, most := 0, -1.0
		for i := range len(a.Layers) * a.Heads {
			if x := largest(p.look(i/a.Heads, i%a.Heads)); x > most {
				best, most = i, x
			}
		}
		s += fmt.Sprintf(" Where the prompt looks, over %d by %d image tokens: most strongly in %s, with weight %.2f.",
			a.Grid, a.Grid, p.lookName(best/a.Heads, best%a.Heads), most)
	}
	return s
}

// answerTables are the numbers of an answer as tables for reading.
func (p *Picture) answerTables() []Numbers {
	a := p.Answer
	short := func(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
	t := Numbers{Title: "Masks", Columns: []string{"mask", "head", "nearest to", "level", "predicted IoU", "true IoU", "stability", "pixels"}}
	for i, m := range a.Masks {
		name, level := "", ""
		if m.Node >= 0 {
			name, level = a.Truths[m.Node].Name, a.Truths[m.Node].Level
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(i + 1), strconv.Itoa(m.Head), name, level, share(m.Predicted), share(m.True), share(m.Stability), strconv.Itoa(m.Area)})
	}
	var more Numbers
	if p.every() {
		t.Columns = []string{"mask", "point", "predicted IoU", "true IoU", "stability", "pixels"}
		for i, m := range a.Found {
			from := ""
			if m.Dot >= 0 {
				from = strconv.Itoa(m.Dot + 1)
			}
			t.Rows = append(t.Rows, []string{strconv.Itoa(i + 1), from, share(m.Predicted), share(m.True), share(m.Stability), strconv.Itoa(m.Area)})
		}
		more = Numbers{Title: "Points of the grid", Columns: []string{"point", "x", "y", "fate", "predicted IoU", "stability"}}
		for i, d := range a.Dots {
			if i >= a.Asked {
				d.Predicted, d.Stability = -1, -1 // nothing is known yet
			}
			more.Rows = append(more.Rows, []string{strconv.Itoa(i + 1), short(d.X), short(d.Y), strings.ToLower(fates[p.fate(i)].name), share(d.Predicted), share(d.Stability)})
		}
	} else if p.looks() {
		more = Numbers{Title: "Where the prompt looks", Columns: []string{"image token"}}
		for i := range a.Grid * a.Grid {
			more.Rows = append(more.Rows, []string{spot{i / a.Grid, i % a.Grid}.String()})
		}
		for k := range len(a.Layers) * a.Heads {
			more.Columns = append(more.Columns, p.lookName(k/a.Heads, k%a.Heads))
			for i, x := range p.look(k/a.Heads, k%a.Heads) {
				more.Rows[i] = append(more.Rows[i], strconv.FormatFloat(float64(x), 'f', 4, 64))
			}
		}
	}
	if len(more.Rows) == 0 {
		return []Numbers{t}
	}
	return []Numbers{t, more}
}

// answerTable is all tables in one for a file: a row for each number.
func (p *Picture) answerTable() (columns []string, rows [][]string) {
	for _, t := range p.answerTables() {
		for _, r := range t.Rows {
			for i := 1; i < len(r); i++ {
				rows = append(rows, []string{t.Title, t.Columns[0] + " " + r[0], t.Columns[i], r[i]})
			}
		}
	}
	return []string{"table", "row", "column", "value"}, rows
}
