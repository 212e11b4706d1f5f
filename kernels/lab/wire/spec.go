package wire

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Spec is a run: a lab and the canonical text of each of its knobs. With the engine version it fixes every bit of
// the result. Make one with ParseLink or NewSpec; the zero Spec is of no lab.
type Spec struct {
	Lab    string
	Values map[string]string
}

// SpecError is a link or a knob that cannot be used. Its text says what was wrong and the nearest valid choice.
type SpecError struct {
	Knob    string // "" where the lab is unknown
	Text    string
	Nearest string // a value that would do, "" if none comes close
	Plain   string // the same for a page, which has labels in place of the names of links: sentences, "" for Text
}

func (e *SpecError) Error() string {
	if e.Nearest == "" {
		return e.Text
	}
	return e.Text + "; try " + e.Nearest
}

// NewSpec returns the default run of a lab.
func NewSpec(lab Lab) Spec {
	s := Spec{Lab: lab.ID, Values: make(map[string]string, len(lab.Knobs))}
	for _, k := range lab.Knobs {
		s.Values[k.Name] = k.Default
	}
	return s
}

// ParseLink reads "lora?arms=qv:1,qv:4&seed=7". Knobs that it does not name keep their defaults.
func ParseLink(c Catalog, link string) (Lab, Spec, error) {
	id, query, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(link), "?"), "?")
	id = strings.Trim(id, "/ ")
	lab, ok := c.Lab(id)
	if !ok {
		ids := make([]string, len(c.Labs))
		for i, l := range c.Labs {
			ids[i] = l.ID
		}
		return Lab{}, Spec{}, &SpecError{Text: fmt.Sprintf("there is no lab %q; there are: %s", id, strings.Join(ids, ", ")), Nearest: nearest(id, ids)}
	}
	s, err := ParseQuery(lab, query)
	return lab, s, err
}

// Lab finds a lab by its ID.
func (c Catalog) Lab(id string) (Lab, bool) {
	for _, l := range c.Labs {
		if l.ID == id {
			return l, true
		}
	}
	return Lab{}, false
}

// ParseQuery reads the knobs of one lab from the part of a link after "?".
func ParseQuery(lab Lab, query string) (Spec, error) {
	s := NewSpec(lab)
	for _, pair := range strings.Split(query, "&") {
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		if un, err := url.QueryUnescape(text); err == nil {
			text = un
		}
		if err := s.Set(lab, name, text); err != nil {
			return NewSpec(lab), err
		}
	}
	if err := s.Check(lab); err != nil {
		return NewSpec(lab), err
	}
	return s, nil
}

// Check says whether the knobs of a run fit together: each alone may be in range while a choice needs another knob
// to stand elsewhere (Option.Needs), or an arm's number has to divide another one (ArmKnob.Divisors).
func (s Spec) Check(lab Lab) error {
	for _, k := range lab.Knobs {
		if k.Arms != nil && len(k.Arms.Divisors) > 0 {
			if err := s.indivisible(k); err != nil {
				return err
			}
		}
	}
	if err := s.needs(lab); err != nil {
		return err
	}
	for _, k := range lab.Knobs {
		if k.Arms == nil || len(k.Arms.Own) == 0 {
			continue
		}
		for i, text := range s.Arms() {
			a, bad := k.Arms.Parse(text)
			if bad != nil || len(a.Own) == 0 {
				continue
			}
			if err := s.With(a).needs(lab); err != nil {
				return &SpecError{Knob: k.Name, Text: text + ": " + err.Text, Nearest: prefixed(k.Name, s.without(lab, k, i, a))}
			}
		}
	}
	return nil
}

// without is the arms of a run of which the one at i sets one knob less for itself, so that what is left fits, or none.
func (s Spec) without(lab Lab, k Knob, i int, a Arm) string {
	arms := s.Arms()
	arms[i] = a.Bare()
	for _, o := range a.Own {
		less := a.Without(o.Name)
		if s.With(less).needs(lab) == nil {
			arms[i] = less.String()
			break
		}
	}
	return strings.Join(arms, ",")
}

// needs says of a choice that goes with another knob's value (Option.Needs) where that is not so.
func (s Spec) needs(lab Lab) *SpecError {
	for _, k := range lab.Knobs {
		for _, o := range k.Options {
			if o.Value != s.Values[k.Name] {
				continue
			}
			for _, other := range lab.Knobs { // the lab's order, so that the first complaint is always the same
				if want, ok := o.Met(other.Name, s.Values[other.Name]); !ok {
					return &SpecError{Knob: k.Name,
						Text:    fmt.Sprintf("%s=%s goes with %s=%s, not with %s=%s", k.Name, o.Value, other.Name, want, other.Name, s.Values[other.Name]),
						Nearest: prefixed(other.Name, want),
						Plain:   fmt.Sprintf("%s: %s goes with %s: %s, not with %s.", k.Label, o.Label, other.Label, other.option(want), other.option(s.Values[other.Name]))}
				}
			}
		}
	}
	return nil
}

// Met says whether another knob stands as a choice needs it to, and else where it would have to stand.
func (o Option) Met(knob, value string) (want string, ok bool) {
	needs := o.Needs[knob]
	want, _, _ = strings.Cut(needs, "|")
	return want, needs == "" || slices.Contains(strings.Split(needs, "|"), value)
}

// option is the label of a choice, or the text itself where it is none.
func (k Knob) option(text string) string {
	for _, o := range k.Options {
		if o.Value == text {
			return o.Label
		}
	}
	return text
}

// Set changes one knob. The text is checked against the knob's range and stored in canonical form; on error the
// Spec is unchanged.
func (s Spec) Set(lab Lab, name, text string) error {
	k, ok := lab.Knob(name)
	if !ok {
		names := make([]string, len(lab.Knobs))
		for i, k := range lab.Knobs {
			names[i] = k.Name
		}
		return &SpecError{Knob: name, Text: fmt.Sprintf("%s has no knob %q; it has: %s", lab.ID, name, strings.Join(names, ", ")), Nearest: nearest(name, names)}
	}
	if k.Arms != nil && len(k.Arms.Own) > 0 {
		var err error
		if text, err = lab.ownValues(k, text); err != nil {
			return err
		}
	}
	v, err := k.Canonical(text)
	if err != nil {
		return err
	}
	s.Values[name] = v
	return nil
}

// ownValues writes the values that arms set for themselves in the canonical form of their knobs. What is no arm is left for
// the knob of the arms to tell.
func (l Lab) ownValues(k Knob, text string) (string, error) {
	arms := strings.Split(text, ",")
	for i, arm := range arms {
		a, bad := k.Arms.Parse(strings.TrimSpace(arm))
		if bad != nil {
			continue
		}
		for j, o := range a.Own {
			own, ok := l.Knob(o.Name)
			if !ok {
				return "", &SpecError{Knob: k.Name, Text: fmt.Sprintf("%s has no knob %q", l.ID, o.Name)}
			}
			if !own.Reads(a) {
				arms[i] = a.Without(o.Name).String()
				return "", &SpecError{Knob: k.Name, Text: fmt.Sprintf("%s: %s does not read the knob %s; those that do: %s", strings.TrimSpace(arm), a.Bare(), o.Name, strings.Join(own.Of, ", ")),
					Nearest: prefixed(k.Name, strings.Join(arms, ","))}
			}
			v, err := own.Canonical(o.Value)
			if err != nil {
				said := err.(*SpecError)
				near := ""
				if _, value, ok := strings.Cut(said.Nearest, "="); ok {
					a.Own[j].Value = value
					arms[i] = a.String()
					near = prefixed(k.Name, strings.Join(arms, ","))
				}
				return "", &SpecError{Knob: k.Name, Text: strings.TrimSpace(arm) + ": " + said.Text, Nearest: near, Plain: said.Plain}
			}
			a.Own[j].Value = v
		}
		arms[i] = a.String()
	}
	return strings.Join(arms, ","), nil
}

// Clone returns a copy that can be changed apart.
func (s Spec) Clone() Spec {
	c := Spec{Lab: s.Lab, Values: make(map[string]string, len(s.Values))}
	for k, v := range s.Values {
		c.Values[k] = v
	}
	return c
}

// Knob finds a knob by name.
func (l Lab) Knob(name string) (Knob, bool) {
	for _, k := range l.Knobs {
		if k.Name == name {
			return k, true
		}
	}
	return Knob{}, false
}

// Link writes the run as a link: the lab and the knobs that differ from their defaults, in the lab's order.
func (s Spec) Link(lab Lab) string {
	return s.join(lab, func(k Knob) bool { return s.Values[k.Name] != k.Default })
}

// Canonical writes the run with all its knobs: what the fingerprint covers.
func (s Spec) Canonical(lab Lab) string { return s.join(lab, func(Knob) bool { return true }) }

func (s Spec) join(lab Lab, keep func(Knob) bool) string {
	var b strings.Builder
	b.WriteString(lab.ID)
	sep := byte('?')
	for _, k := range lab.Knobs {
		if keep(k) {
			b.WriteByte(sep)
			b.WriteString(k.Name + "=" + s.Values[k.Name])
			sep = '&'
		}
	}
	return b.String()
}

// Text returns a knob's canonical text.
func (s Spec) Text(name string) string { return s.Values[name] }

// Int returns an integer knob. Values were checked when they were set.
func (s Spec) Int(name string) int {
	n, _ := strconv.Atoi(s.Values[name])
	return n
}

// Uint64 returns an integer knob as a seed.
func (s Spec) Uint64(name string) uint64 {
	n, _ := strconv.ParseUint(s.Values[name], 10, 64)
	return n
}

// Float returns a number knob; auto is false for "auto".
func (s Spec) Float(name string) (x float64, set bool) {
	x, err := strconv.ParseFloat(s.Values[name], 64)
	return x, err == nil
}

// Arms returns the arms of a run in their order.
func (s Spec) Arms() []string { return strings.Split(s.Values["arms"], ",") }

// Seeds returns how often each arm of a run is trained: the knob "seeds", which every lab has, or 1.
func (s Spec) Seeds() int { return max(1, s.Int("seeds")) }

// TrialIDs lists the trials of a run in the order in which they are handed out, reported and fingerprinted: the first
// seed of every arm first, so that the whole race is soon on the screen.
func (s Spec) TrialIDs() []TrialID {
	arms := len(s.Arms())
	ids := make([]TrialID, 0, arms*s.Seeds())
	for seed := range s.Seeds() {
		for arm := range arms {
			ids = append(ids, TrialID{Arm: arm, Seed: seed})
		}
	}
	return ids
}
