package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Arm is one racer: a named one, or parts with a number.
type Arm struct {
	Racer  string   // "head", or "" for a method arm
	Edits  []string // of a racer, in the order of ArmKnob.Edits: "se", "nodw"
	Name   string   // how the parts are written: "qv", "all"
	Parts  []string
	Number int
	Own    []Setting // knobs that it sets for itself, in the order of ArmKnob.Own
}

// Setting is a knob that an arm sets for itself.
type Setting struct{ Name, Value string }

// String writes the arm as in links: "moat~se", "adaptformer:8~scale=1".
func (a Arm) String() string {
	text := a.Bare()
	for _, o := range a.Own {
		text += "~" + o.Name + "=" + o.Value
	}
	return text
}

// Without is the arm without that knob of its own.
func (a Arm) Without(knob string) Arm {
	a.Own = slices.DeleteFunc(slices.Clone(a.Own), func(o Setting) bool { return o.Name == knob })
	return a
}

// Bare is the arm without knobs of its own.
func (a Arm) Bare() string {
	if a.Racer != "" {
		return strings.Join(append([]string{a.Racer}, a.Edits...), "~")
	}
	return a.Name + ":" + strconv.Itoa(a.Number)
}

// With is the run as one of its arms sees it: with the knobs that the arm sets for itself.
func (s Spec) With(a Arm) Spec {
	if len(a.Own) == 0 {
		return s
	}
	own := s.Clone()
	for _, o := range a.Own {
		own.Values[o.Name] = o.Value
	}
	return own
}

// Label names an arm by the labels of its racer and edits: "MOAT, with SE". An arm of parts has the paper's own label.
func (g *ArmKnob) Label(a Arm) string {
	label := a.Bare()
	for _, r := range g.Racers {
		if r.Value == a.Racer && r.Label != "" {
			label = r.Label
		}
	}
	for _, e := range g.Edits {
		if slices.Contains(a.Edits, e.Value) {
			label += ", " + e.Label
		}
	}
	return label
}

// ArmLabel names an arm of a lab for people, with the knobs of its own: "q, v  r = 4", "VPT-deep  p = 10, 2 layers". A paper
// may have a label of its own.
func (l Lab) ArmLabel(a Arm) string {
	knob, _ := l.Knob("arms")
	g := knob.Arms
	label := g.Label(a)
	if a.Racer == "" {
		label = strings.Join(a.Parts, ", ")
		symbol := g.Symbol
		for _, p := range g.Parts {
			if g.Single != "" && p.Value == a.Name {
				label = p.Label
				if p.Symbol != "" {
					symbol = p.Symbol
				}
			}
		}
		label += "  " + symbol + " = " + strconv.Itoa(a.Number)
	}
	for _, o := range a.Own {
		k, _ := l.Knob(o.Name)
		switch word := k.option(o.Value); {
		case k.Kind == KnobChoice || word != o.Value:
			label += ", " + word
		case k.Symbol != "":
			label += ", " + k.Symbol + " = " + o.Value
		default:
			label += ", " + k.Label + " " + o.Value
		}
	}
	return label
}

// Role is the part that an arm plays in a comparison: that of its last edit that has one, else that of its racer. A
// reference that was edited, or sets a knob for itself, is no reference any more.
func (g *ArmKnob) Role(a Arm) string {
	role := RoleMethod
	for _, r := range g.Racers {
		if r.Value == a.Racer && r.Role != "" && (r.Role != RoleReference || len(a.Edits)+len(a.Own) == 0) {
			role = r.Role
		}
	}
	for _, e := range g.Edits {
		if e.Role != "" && slices.Contains(a.Edits, e.Value) {
			role = e.Role
		}
	}
	return role
}

// Parse reads one arm: "head", "moat~se", "qv:4", "qfc1:2", "all:8", "vpt-deep:10~depth=2". Whether a knob of its own takes
// the value is for Spec.Set to check, which knows the lab.
func (g *ArmKnob) Parse(text string) (Arm, *SpecError) {
	bare, own, err := g.settings(text)
	if err != nil {
		return Arm{}, err
	}
	a, err := g.bare(bare)
	if err != nil {
		if err.Nearest != "" {
			b := Arm{Racer: err.Nearest, Own: own}
			err.Nearest = b.String()
		}
		return Arm{}, err
	}
	a.Own = own
	return a, nil
}

// settings splits the knobs off that an arm sets for itself, and brings them into the order of Own; of several values of one
// knob the last one counts.
func (g *ArmKnob) settings(text string) (bare string, own []Setting, bad *SpecError) {
	values := map[string]string{}
	pieces := strings.Split(text, "~")
	bare = pieces[0]
	for _, piece := range pieces[1:] {
		name, value, isSetting := strings.Cut(piece, "=")
		if !isSetting {
			bare += "~" + piece
			continue
		}
		if !slices.Contains(g.Own, name) {
			if len(g.Own) == 0 {
				return "", nil, &SpecError{Text: fmt.Sprintf("%s sets a knob of its own, which racers of this lab do not do", text), Nearest: bare}
			}
			bad := &SpecError{Text: fmt.Sprintf("%q in %s is no knob that a racer sets for itself; there are: %s", name, text, strings.Join(g.Own, ", "))}
			if near := nearest(name, g.Own); near != "" {
				bad.Nearest = bare + "~" + near + "=" + value
			}
			return "", nil, bad
		}
		values[name] = value
	}
	for _, name := range g.Own {
		if v, ok := values[name]; ok {
			own = append(own, Setting{name, v})
		}
	}
	return bare, own, nil
}

// bare reads an arm without knobs of its own.
func (g *ArmKnob) bare(text string) (Arm, *SpecError) {
	racer, edits, edited := strings.Cut(text, "~")
	names := make([]string, 0, len(g.Racers))
	for _, r := range g.Racers {
		if r.Value == racer {
			return g.edited(r, text, edits)
		}
		names = append(names, r.Value)
	}
	if g.Number == "" {
		near := nearest(racer, names)
		if near != "" && edited {
			near += "~" + edits
		}
		return Arm{}, &SpecError{Text: fmt.Sprintf("%q is no racer; there are: %s", racer, strings.Join(names, ", ")), Nearest: near}
	}
	parts, number, ok := strings.Cut(text, ":")
	if g.Single != "" {
		return g.single(text, parts, number, names)
	}
	if !ok {
		return Arm{}, &SpecError{Text: fmt.Sprintf("%q is neither a racer (%s) nor matrices with a %s, such as %s:4", text, strings.Join(names, ", "), g.Number, g.Parts[0].Value), Nearest: nearest(text, names)}
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < g.Min || n > g.Max {
		near := min(max(n, g.Min), g.Max)
		return Arm{}, &SpecError{Text: fmt.Sprintf("%s %q of %s is not between %d and %d", g.Number, number, text, g.Min, g.Max), Nearest: parts + ":" + strconv.Itoa(near)}
	}
	a := Arm{Number: n}
	rest := parts
	for _, al := range g.Aliases {
		if parts == al.Value {
			rest = al.Help
		}
	}
	has := map[string]bool{}
	for rest != "" {
		found := ""
		for _, p := range g.Parts {
			if strings.HasPrefix(rest, p.Value) && len(p.Value) > len(found) {
				found = p.Value
			}
		}
		if found == "" {
			all := make([]string, len(g.Parts))
			for i, p := range g.Parts {
				all[i] = p.Value
			}
			return Arm{}, &SpecError{Text: fmt.Sprintf("%q in %s is no matrix; there are: %s", rest, text, strings.Join(all, ", "))}
		}
		has[found] = true
		rest = rest[len(found):]
	}
	for _, p := range g.Parts {
		if has[p.Value] {
			a.Parts = append(a.Parts, p.Value)
			a.Name += p.Value
		}
	}
	for _, al := range g.Aliases {
		if a.Name == al.Help {
			a.Name = al.Value
		}
	}
	if len(a.Parts) == 0 {
		return Arm{}, &SpecError{Text: fmt.Sprintf("%q names no matrix", text)}
	}
	return a, nil
}

// single reads an arm of one part: "lora:4".
func (g *ArmKnob) single(text, name, number string, racers []string) (Arm, *SpecError) {
	all := make([]string, len(g.Parts))
	for i, p := range g.Parts {
		if all[i] = p.Value; p.Value != name {
			continue
		}
		least, most := g.numbers(p)
		n, err := strconv.Atoi(number)
		if err == nil && n >= least && n <= most {
			return Arm{Name: name, Parts: []string{name}, Number: n}, nil
		}
		near := strconv.Itoa(min(max(n, least), most))
		said := fmt.Sprintf("%s %q of %s is not between %d and %d", g.Number, number, name, least, most)
		if number == "" {
			near = strconv.Itoa(g.Stops[len(g.Stops)/2])
			said = fmt.Sprintf("%s lacks its %s", name, g.Number)
		}
		return Arm{}, &SpecError{Text: said, Nearest: name + ":" + near}
	}
	near := nearest(name, append(all, racers...))
	for _, p := range all {
		if p == near {
			if number == "" {
				number = strconv.Itoa(g.Stops[len(g.Stops)/2])
			}
			near += ":" + number
		}
	}
	return Arm{}, &SpecError{Text: fmt.Sprintf("%q is neither a racer (%s) nor a %s with a %s (%s)", text, strings.Join(racers, ", "), g.Single, g.Number, strings.Join(all, ", ")), Nearest: near}
}

// numbers is the range of a part's number.
func (g *ArmKnob) numbers(part Option) (least, most int) {
	if part.Max > 0 {
		return part.Min, part.Max
	}
	return g.Min, g.Max
}

// indivisible says of a run's arms, in their order, the first whose number does not divide what it has to, and the nearest one
// that does.
func (s Spec) indivisible(k Knob) error {
	arms := s.Arms()
	for i, text := range arms {
		a, err := k.Arms.Parse(text)
		if err != nil || len(a.Parts) != 1 {
			continue
		}
		var of []int
		said := ""
		own := s.With(a)
		for _, d := range k.Arms.Divisors {
			if d.Part != a.Parts[0] || !own.stands(d.When) {
				continue
			}
			n := d.Of
			if d.Knob != "" {
				n = own.Int(d.Knob)
			}
			of = append(of, n)
			if said == "" && n%a.Number != 0 {
				said = fmt.Sprintf("%s: %d does not divide the %s %d", text, a.Number, d.Name, n)
			}
		}
		if said == "" {
			continue
		}
		least, most := k.Arms.Min, k.Arms.Max
		for _, p := range k.Arms.Parts {
			if p.Value == a.Parts[0] {
				least, most = k.Arms.numbers(p)
			}
		}
		var fit []string
		near, far := 0, 0
		for n := max(1, least); n <= most; n++ {
			if slices.ContainsFunc(of, func(x int) bool { return x%n != 0 }) {
				continue
			}
			fit = append(fit, strconv.Itoa(n))
			if d := max(n-a.Number, a.Number-n); near == 0 || d < far {
				near, far = n, d
			}
		}
		a.Number = near
		arms[i] = a.String()
		return &SpecError{Knob: k.Name, Text: said + "; there are: " + strings.Join(fit, ", "), Nearest: prefixed(k.Name, strings.Join(arms, ","))}
	}
	return nil
}

// stands says whether knobs have these values.
func (s Spec) stands(values map[string]string) bool {
	for name, v := range values {
		if s.Values[name] != v {
			return false
		}
	}
	return true
}

// edited reads the edits of a racer: each once, in the knob's order.
func (g *ArmKnob) edited(racer Option, text, edits string) (Arm, *SpecError) {
	a := Arm{Racer: racer.Value}
	has := map[string]bool{}
	for _, e := range strings.Split(edits, "~") {
		has[e] = e != ""
	}
	var fit []string
	for _, e := range g.Edits {
		if len(e.Of) > 0 && !slices.Contains(e.Of, racer.Value) {
			continue
		}
		fit = append(fit, e.Value)
		if has[e.Value] {
			a.Edits = append(a.Edits, e.Value)
			delete(has, e.Value)
		}
	}
	for _, e := range strings.Split(edits, "~") { // in the order of the text, so that the first complaint is always the same
		if !has[e] {
			continue
		}
		if len(fit) == 0 {
			return Arm{}, &SpecError{Text: fmt.Sprintf("%s has no edits, so %q is none of its", racer.Value, e), Nearest: a.String()}
		}
		b := a
		if near := nearest(e, fit); near != "" && !slices.Contains(a.Edits, near) {
			b.Edits = nil
			for _, f := range fit {
				if f == near || slices.Contains(a.Edits, f) {
					b.Edits = append(b.Edits, f)
				}
			}
		}
		return Arm{}, &SpecError{Text: fmt.Sprintf("%q in %s is no edit of %s; there are: %s", e, text, racer.Value, strings.Join(fit, ", ")), Nearest: b.String()}
	}
	for _, set := range g.Never {
		if !slices.ContainsFunc(set, func(e string) bool { return !slices.Contains(a.Edits, e) }) {
			last := set[len(set)-1]
			near := Arm{Racer: a.Racer, Edits: slices.DeleteFunc(slices.Clone(a.Edits), func(e string) bool { return e == last })}
			return Arm{}, &SpecError{Text: fmt.Sprintf("%s cannot be in one racer, as in %s: leave one out", strings.Join(set, " and "), text), Nearest: near.String()}
		}
	}
	return a, nil
}
