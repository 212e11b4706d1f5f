package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// Arm is one racer: a named one, or parts with a number.
type Arm struct {
	Racer  string // "head", or "" for a method arm
	Name   string // how the parts are written: "qv", "all"
	Parts  []string
	Number int
}

// String writes the arm as in links.
func (a Arm) String() string {
	if a.Racer != "" {
		return a.Racer
	}
	return a.Name + ":" + strconv.Itoa(a.Number)
}

// Parse reads one arm: "head", "qv:4", "qfc1:2", "all:8".
func (g *ArmKnob) Parse(text string) (Arm, *SpecError) {
	names := make([]string, 0, len(g.Racers))
	for _, r := range g.Racers {
		if r.Value == text {
			return Arm{Racer: text}, nil
		}
		names = append(names, r.Value)
	}
	parts, number, ok := strings.Cut(text, ":")
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
