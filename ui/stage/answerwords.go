package stage

import (
	"fmt"
	"strconv"
	"strings"

	"petri/kernels/lab/wire/frame"
)

// lookName says which map of looks is meant.
func (p *Picture) lookName(layer, head int) string {
	return p.Answer.Layers[layer] + ", head " + strconv.Itoa(head+1)
}

// share writes an IoU or a stability: "–" where there is none.
func share(x float64) string {
	if !(x >= 0) {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// scores are the numbers of a mask as words.
func scores(predicted, truth, stability float64, area int) string {
	s := "predicted IoU " + share(predicted)
	if truth >= 0 {
		s += ", true IoU " + share(truth)
	}
	if stability >= 0 { // not NaN, which an empty mask gives
		s += ", stability " + share(stability)
	}
	return s + ", " + strconv.Itoa(area) + " pixels"
}

// maskName says which mask of a prompt is meant: by what it is nearest to, where a truth is known.
func (p *Picture) maskName(i int) string {
	s := "mask"
	if len(p.Answer.Masks) > 1 {
		s = fmt.Sprintf("mask %d of %d", i+1, len(p.Answer.Masks))
	}
	if node := p.Answer.Masks[i].Node; node >= 0 {
		t := p.Answer.Truths[node]
		s += ", nearest to the " + t.Level + " “" + t.Name + "”"
	}
	return s
}

func (p *Picture) maskScores(i int) string {
	m := p.Answer.Masks[i]
	return scores(m.Predicted, m.True, m.Stability, m.Area)
}

func (p *Picture) foundScores(i int) string {
	m := p.Answer.Found[i]
	return fmt.Sprintf("mask %d: %s", i+1, scores(m.Predicted, m.True, m.Stability, m.Area))
}

// asking says what a prompt consists of, "" for nothing.
func asking(q frame.Prompt, brush bool) string {
	n := [2]int{}
	for _, at := range q.Points {
		n[min(max(at.Label, 0), 1)]++
	}
	var parts []string
	if n[1] > 0 {
		parts = append(parts, plural(n[1], "point")+" on it")
	}
	if n[0] > 0 {
		parts = append(parts, plural(n[0], "point")+" off it")
	}
	if q.Box != nil {
		parts = append(parts, "a box")
	}
	if brush {
		parts = append(parts, "a brushed mask")
	}
	return strings.Join(parts, ", ")
}

func plural(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return strconv.Itoa(n) + " " + of + "s"
}

// answerLines are the words below the picture.
func (p *Picture) answerLines(v View) []line {
	a, q := p.Answer, p.prompting(v)
	if v.Over >= 0 {
		return []line{{p.lookName(v.Over, v.Tile), true}, {fmt.Sprintf("image token %v: weight %s", spot{v.Row, v.Col}, fine(float64(p.look(v.Over, v.Tile)[v.Row*a.Grid+v.Col]))), false}}
	}
	if p.every() {
		first := line{plural(len(a.Found)-len(q.Sort), "mask") + " shown", true}
		switch {
		case v.Panel >= 0:
			return []line{first, {p.foundScores(v.Panel), false}}
		case len(a.Found) > 0:
			return []line{first, {"Point at a mask for its numbers.", false}}
		}
		return []line{first}
	}
	if len(a.Masks) == 0 {
		if q.Live {
			return []line{{"No prompt yet", true}, {"Click what you mean. Shift or the right button says “not this”, dragging opens a box.", false}}
		}
		return []line{{"No prompt", true}}
	}
	name := p.maskName(q.Mask)
	return []line{{strings.ToUpper(name[:1]) + name[1:], true}, {p.maskScores(q.Mask), false}}
}

// answerSentence says in one or two sentences what is shown now.
func (p *Picture) answerSentence(v View) string {
	var b strings.Builder
	for _, l := range p.answerLines(v) {
		b.WriteString(strings.TrimSuffix(l.text, ".") + ". ")
	}
	if v.Query > 0 {
		fmt.Fprintf(&b, "Cursor at row %d, column %d", p.pixel(v.Query).row+1, p.pixel(v.Query).col+1)
		if q := p.prompting(v); len(p.Answer.Masks) > 0 {
			if p.mask(bufMasks, q.Mask)[v.Query-1] > 0 {
				b.WriteString(", inside the mask")
			} else {
				b.WriteString(", outside the mask")
			}
		}
		if h := v.hand; h != nil && h.keys && !h.done {
			b.WriteString(": arrows and Enter end what was begun here")
		}
		b.WriteString(". ")
	}
	return strings.TrimSpace(b.String())
}

// describeAnswer says in words what the whole picture shows.
func (p *Picture) describeAnswer(v View) string {
	var b strings.Builder
	a, q := p.Answer, p.prompting(v)
	fmt.Fprintf(&b, "A picture of %d by %d pixels", a.Side, a.Side)
	if a.Caption != "" {
		b.WriteString(": " + strings.TrimSuffix(a.Caption, "."))
	}
	fmt.Fprintf(&b, ". Model %s", a.Model)
	if a.Arm != "" {
		fmt.Fprintf(&b, ", arm %s after %d steps", a.Arm, a.Step)
	}
	b.WriteString(". ")
	if p.every() {
		b.WriteString(p.answerSentence(v))
		if len(a.Dots) > 0 {
			fmt.Fprintf(&b, " %d of %d points of the grid have been asked.", a.Asked, len(a.Dots))
			for i, n := range p.counts() {
				if n > 0 {
					fmt.Fprintf(&b, " %s: %d.", fates[i].name, n)
				}
			}
		}
		for i := range min(len(a.Found), 12) {
			m := p.foundScores(i)
			b.WriteString(" M" + m[1:] + ".")
		}
		if n := len(a.Found) - 12; n > 0 {
			fmt.Fprintf(&b, " The table has %s more.", plural(n, "mask"))
		}
		return b.String()
	}
	if s := asking(q.Prompt, q.Prompt.Brush || len(q.Brush) > 0); s != "" {
		b.WriteString("The prompt: " + s + ". ")
	}
	if q.Hover {
		b.WriteString("The masks are those for a point under the pointer. ")
	}
	b.WriteString("In front: " + p.answerSentence(v))
	for i := range a.Masks {
		if i != q.Mask {
			name := p.maskName(i)
			b.WriteString(" M" + name[1:] + ": " + p.maskScores(i) + ".")
		}
	}
	if p.looks() {
		layer, head, most := 0, 0, -1.0
		for l := range a.Layers {
			for h := range a.Heads {
				if x := largest(p.look(l, h)); x > most {
					layer, head, most = l, h, x
				}
			}
		}
		fmt.Fprintf(&b, " Where the prompt looks, over %d by %d image tokens: most strongly in %s, with weight %.2f.", a.Grid, a.Grid, p.lookName(layer, head), most)
	}
	return b.String()
}

// answerTables are the numbers of an answer as tables for reading.
func (p *Picture) answerTables() []Numbers {
	a := p.Answer
	if p.every() {
		t := Numbers{Title: "Masks", Columns: []string{"mask", "point x", "y", "predicted IoU", "true IoU", "stability", "pixels"}}
		for i, m := range a.Found {
			x, y := "", ""
			if m.Dot >= 0 {
				x, y = number4(a.Dots[m.Dot].X), number4(a.Dots[m.Dot].Y)
			}
			t.Rows = append(t.Rows, []string{strconv.Itoa(i + 1), x, y, share(m.Predicted), share(m.True), share(m.Stability), strconv.Itoa(m.Area)})
		}
		list := []Numbers{t}
		if len(a.Dots) > 0 {
			t := Numbers{Title: "Points of the grid", Columns: []string{"point", "x", "y", "fate", "predicted IoU", "stability"}}
			for i, d := range a.Dots {
				row := []string{strconv.Itoa(i + 1), number4(d.X), number4(d.Y), strings.ToLower(fates[p.fate(i)].name), "", ""}
				if i < a.Asked {
					row[4], row[5] = share(d.Predicted), share(d.Stability)
				}
				t.Rows = append(t.Rows, row)
			}
			list = append(list, t)
		}
		return list
	}
	t := Numbers{Title: "Masks", Columns: []string{"mask", "head", "nearest to", "level", "predicted IoU", "true IoU", "stability", "pixels"}}
	for i, m := range a.Masks {
		name, level := "", ""
		if m.Node >= 0 {
			name, level = a.Truths[m.Node].Name, a.Truths[m.Node].Level
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(i + 1), strconv.Itoa(m.Head), name, level, share(m.Predicted), share(m.True), share(m.Stability), strconv.Itoa(m.Area)})
	}
	list := []Numbers{t}
	if p.looks() {
		t := Numbers{Title: "Where the prompt looks", Columns: []string{"image token"}}
		for i := range a.Grid * a.Grid {
			t.Rows = append(t.Rows, []string{spot{i / a.Grid, i % a.Grid}.String()})
		}
		for layer := range a.Layers {
			for head := range a.Heads {
				t.Columns = append(t.Columns, p.lookName(layer, head))
				for i, x := range p.look(layer, head) {
					t.Rows[i] = append(t.Rows[i], strconv.FormatFloat(float64(x), 'f', 4, 64))
				}
			}
		}
		list = append(list, t)
	}
	return list
}

func number4(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

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
