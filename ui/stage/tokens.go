package stage

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"petri/kernels/lab/wire/frame"
)

// A frame with a sequence is of a vision transformer that a method may add tokens to. There the tokens of a View are the class
// token, 0, the patches, and behind them the prompts that are drawn; one more stands for all other prompts. Prompts of one
// number are one token of a View in every layer that has them, although each layer may have its own.

// mostPrompts bounds what a header may promise.
const mostPrompts = 64

func (p *Picture) checkSequence() error {
	f, s := &p.Frame, p.Sequence
	if f.Heads <= 0 || f.Heads > mostSide || f.Layers <= 0 || len(s.Layers) != f.Layers {
		return fmt.Errorf("stage: %d layers of %d heads, %d in the sequence", f.Layers, f.Heads, len(s.Layers))
	}
	holds := func(what string, buffer, want int) error {
		if buffer < bufCount || buffer >= len(p.buffers) || len(p.buffers[buffer]) != want {
			return fmt.Errorf("stage: %s in buffer %d of %d, where %d numbers are wanted", what, buffer, len(p.buffers), want)
		}
		return nil
	}
	if n := len(p.buffers[bufImage]); n != f.Height*f.Width {
		return fmt.Errorf("stage: the image holds %d numbers, the frame says %d", n, f.Height*f.Width)
	}
	for i := range s.Layers {
		l := &s.Layers[i]
		if l.Drawn < 0 || l.Drawn > min(l.Prompts, mostPrompts) || (l.From == "") != (l.Prompts == 0) || l.Prompts > 0 && l.Drawn == 0 {
			return fmt.Errorf("stage: layer %d draws %d of %d prompts (%s)", i+1, l.Drawn, l.Prompts, l.From)
		}
		if l.Prompts > 0 && p.with != nil && (l.Prompts != p.with.Prompts || l.Drawn != p.with.Drawn || (l.From == frame.PromptsKeys) != p.keys()) {
			return fmt.Errorf("stage: layer %d has other prompts than those below", i+1)
		}
		if l.Prompts > 0 {
			p.with = l
		}
		asking, looked := l.Size(f.Tokens)
		if err := holds(fmt.Sprintf("layer %d", i+1), l.Buffer, f.Heads*asking*looked); err != nil {
			return err
		}
	}
	if err := holds("the frozen network", s.Frozen, f.Layers*f.Heads*(f.Tokens-1)); err != nil {
		return err
	}
	if s.Points == nil {
		return nil
	}
	if len(s.Points.Shares) != 2 {
		return fmt.Errorf("stage: points along %d directions", len(s.Points.Shares))
	}
	return holds("the points", s.Points.Buffer, 4*len(s.Points.Labels))
}

// prompts is how many prompts the layers have that have some.
func (p *Picture) prompts() int {
	if p.with == nil {
		return 0
	}
	return p.with.Prompts
}

// keys reports whether the prompts are keys and values, which do not ask.
func (p *Picture) keys() bool { return p.with != nil && p.with.From == frame.PromptsKeys }

// askers and tokens are how many tokens there are in any layer: those that ask, and all.
func (p *Picture) askers() int {
	if p.with == nil || p.keys() {
		return p.Tokens
	}
	return p.Tokens + p.with.Drawn
}

func (p *Picture) tokens() int {
	if p.with == nil {
		return p.Tokens
	}
	_, looked := p.with.Size(p.Tokens)
	return looked
}

// has reports whether a layer has a token.
func (p *Picture) has(layer, token int) bool {
	return token < p.Tokens || p.with != nil && p.Sequence.Layers[layer].Prompts > 0
}

// maps is the attention of a layer, [heads, asking, looked].
func (p *Picture) maps(layer int) (maps []float32, asking, looked int) {
	if p.Sequence == nil {
		n := p.Heads * p.Tokens * p.Tokens
		return p.buffers[bufAttention][layer*n:][:n], p.Tokens, p.Tokens
	}
	l := &p.Sequence.Layers[layer]
	asking, looked = l.Size(p.Tokens)
	return p.buffers[l.Buffer], asking, looked
}

// onPrompts is what of the weights goes to prompts.
func (p *Picture) onPrompts(weights []float64) float64 {
	sum := 0.0
	for _, w := range weights[p.Tokens:] {
		sum += w
	}
	return sum
}

// promptWord is what a token behind the patches is.
func (p *Picture) promptWord() string {
	if p.keys() {
		return "key"
	}
	return "prompt"
}

// promptName says a token behind the patches.
func (p *Picture) promptName(token int) string {
	if i := token - p.Tokens; i < p.with.Drawn {
		return p.promptWord() + " " + strconv.Itoa(i+1)
	}
	return fmt.Sprintf("the other %d %ss", p.with.Prompts-p.with.Drawn, p.promptWord())
}

// noChange is more than the quotients of two rows differ where the rows differ by a factor alone, in the five digits that a
// recorded run keeps: prompts leave the class token's look in the first layer as it is, but for that factor.
const noChange = 1e-4

// changes appends how much more of its look at the patches the class token gives each patch than in the frozen network: both
// are divided by their sums. What is smaller than the rounding of such a quotient is none. Head equal to Heads is the mean of
// the heads.
func (p *Picture) changes(dst []float64, layer, head int) []float64 {
	m, at := p.Tokens-1, len(dst)
	for range m {
		dst = append(dst, 0)
	}
	maps, asking, looked := p.maps(layer)
	from, to := head, head+1
	if head == p.Heads {
		from, to = 0, p.Heads
	}
	for h := from; h < to; h++ {
		now, before := maps[h*asking*looked+1:][:m], p.buffers[p.Sequence.Frozen][(layer*p.Heads+h)*m:][:m]
		a, b := total(now), total(before)
		for i := range m {
			if d := float64(now[i])/a - float64(before[i])/b; !(math.Abs(d) < noChange) { // NaN is kept
				dst[at+i] += d / float64(to-from)
			}
		}
	}
	return dst
}

func total(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v)
	}
	return positive(sum)
}

// most is the largest magnitude.
func most(x []float64) (m float64) {
	for _, v := range x {
		m = max(m, math.Abs(v)) // NaN stays: a diverged run has no number
	}
	return m
}

// mostChange is the largest change of all heads.
func (p *Picture) mostChange() float64 {
	m := 0.0
	for layer := range p.Layers {
		for head := range p.Heads {
			m = max(m, most(p.changes(nil, layer, head)))
		}
	}
	return m
}

// changed writes the largest change of a map.
func changed(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 0.0005:
		return "<.001"
	}
	return "±" + fine(x)
}

// point is where an example lies, of the frozen network or the trained one; ok is false where it is nowhere.
func (p *Picture) point(trained bool, example int) (x, y float64, ok bool) {
	n := p.Sequence.Points
	i := 2 * example
	if trained {
		i += 2 * len(n.Labels)
	}
	at := p.buffers[n.Buffer][i:]
	x, y = float64(at[0]), float64(at[1])
	return x, y, !math.IsNaN(x+y) && !math.IsInf(x+y, 0)
}

// story says where the prompts of a layer come from, "" where it has none.
func story(l *frame.Layer) string {
	n := strconv.Itoa(l.Prompts)
	switch l.From {
	case frame.PromptsEnter:
		return n + " enter"
	case frame.PromptsReplace:
		return "replaced by " + n + " new"
	case frame.PromptsCarried:
		return n + " carried on"
	case frame.PromptsKeys:
		return n + " keys of its own"
	}
	return ""
}

// pointLine says what the example is that is ringed in the scatter; "" without points.
func (p *Picture) pointLine(v View) string {
	i := p.ringed(v)
	if i < 0 {
		return ""
	}
	s := "Ringed: example " + strconv.Itoa(i+1) + ", it is " + p.class(p.Sequence.Points.Labels[i])
	if i == p.Example {
		s += ", the one shown"
	}
	return s + "."
}

// ringed is the example of the scatter that is marked, -1 for none.
func (p *Picture) ringed(v View) int {
	if p.Sequence.Points == nil {
		return -1
	}
	i := p.Example
	if v.Row >= 0 {
		i = v.Row
	}
	if i >= len(p.Sequence.Points.Labels) {
		return -1
	}
	return i
}

// describeTokens says in words what only a picture with a sequence shows.
func (p *Picture) describeTokens(v View) string {
	var b strings.Builder
	if p.prompts() == 0 {
		b.WriteString(" The method adds no tokens.")
	} else {
		b.WriteString(" Prompts:")
		for i := range p.Sequence.Layers {
			s := story(&p.Sequence.Layers[i])
			if s == "" {
				s = "none"
			} else {
				s += fmt.Sprintf(", which get %.2f of the class token's attention", p.onPrompts(p.Weights(nil, i, p.Heads, 0)))
			}
			fmt.Fprintf(&b, " layer %d, %s;", i+1, s)
		}
		b.WriteString(" the rest goes to the class token and the patches.")
	}
	b.WriteString(" Largest change of the class token's look at a patch against the frozen network:")
	sign := " "
	for i := range p.Layers {
		fmt.Fprintf(&b, "%slayer %d, %.3f", sign, i+1, most(p.changes(nil, i, p.Heads)))
		sign = "; "
	}
	b.WriteString(".")
	if n := p.Sequence.Points; n != nil {
		fmt.Fprintf(&b, " Features of %d examples, frozen and after %d steps, along two directions with %s and %s of the variance. %s",
			len(n.Labels), n.Step, percent(float64(n.Shares[0])), percent(float64(n.Shares[1])), p.pointLine(v))
	}
	return strings.TrimRight(b.String(), " ")
}

// tokenTables are the tables of a picture with a sequence, behind that of the attention.
func (p *Picture) tokenTables() []Numbers {
	four := func(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }
	rows := Numbers{Title: "Tokens of each layer", Columns: []string{"layer", "class token", "prompts", "where from", "patches", "attention of the class token on prompts"}}
	change := Numbers{Title: "Change of the class token's look at the patches against the frozen network, both divided by their sums", Columns: []string{"token"}}
	for t := 1; t < p.Tokens; t++ {
		change.Rows = append(change.Rows, []string{p.Name(t)})
	}
	for i := range p.Layers {
		l := &p.Sequence.Layers[i]
		rows.Rows = append(rows.Rows, []string{strconv.Itoa(i + 1), "1", strconv.Itoa(l.Prompts), l.From, strconv.Itoa(p.Tokens - 1), four(p.onPrompts(p.Weights(nil, i, p.Heads, 0)))})
		for head := range p.Heads + 1 {
			change.Columns = append(change.Columns, fmt.Sprintf("layer %d %s", i+1, p.headName(head)))
			for t, x := range p.changes(nil, i, head) {
				change.Rows[t] = append(change.Rows[t], four(x))
			}
		}
	}
	list := []Numbers{rows, change}
	if n := p.Sequence.Points; n != nil {
		t := Numbers{Title: "Features of examples along the two directions", Columns: []string{"example", "class", "frozen, first", "frozen, second", "trained, first", "trained, second"}}
		for i, label := range n.Labels {
			r := []string{strconv.Itoa(i + 1), p.class(label)}
			for _, trained := range []bool{false, true} {
				x, y, _ := p.point(trained, i)
				r = append(r, strconv.FormatFloat(x, 'g', 4, 64), strconv.FormatFloat(y, 'g', 4, 64))
			}
			t.Rows = append(t.Rows, r)
		}
		list = append(list, t)
	}
	return list
}
