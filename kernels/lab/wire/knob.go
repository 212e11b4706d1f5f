package wire

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Canonical checks a knob's text and writes it in its one canonical form.
func (k Knob) Canonical(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch k.Kind {
	case KnobChoice:
		values := make([]string, len(k.Options))
		for i, o := range k.Options {
			if values[i] = o.Value; o.Value == text {
				return text, nil
			}
		}
		return "", &SpecError{Knob: k.Name, Text: fmt.Sprintf("%s=%s is not one of %s", k.Name, text, strings.Join(values, ", ")), Nearest: prefixed(k.Name, nearest(text, values)),
			Plain: fmt.Sprintf("%s cannot be “%s”; there are: %s.", k.Label, text, strings.Join(values, ", "))}
	case KnobArms:
		return k.canonicalArms(text)
	case KnobAuto:
		if text == "auto" || slices.ContainsFunc(k.Options, func(o Option) bool { return o.Value == text }) {
			return text, nil
		}
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) {
		what := "a number"
		if k.Kind == KnobAuto {
			what = "auto or a number"
			for _, o := range k.Options {
				what = o.Value + ", " + what
			}
		}
		return "", &SpecError{Knob: k.Name, Text: fmt.Sprintf("%s=%s is not %s", k.Name, text, what), Nearest: k.Name + "=" + k.Default,
			Plain: fmt.Sprintf("%s: “%s” is not %s. Try %s.", k.Label, text, what, k.Default)}
	}
	x += 0 // -0 is 0, and has one text
	switch {
	case x < k.Min:
		return "", k.rangeError(text, k.Min)
	case x > k.Max:
		return "", k.rangeError(text, k.Max)
	}
	if k.Kind == KnobInt {
		if x != math.Trunc(x) {
			near := short(math.Round(x))
			return "", &SpecError{Knob: k.Name, Text: fmt.Sprintf("%s=%s is not a whole number", k.Name, text), Nearest: k.Name + "=" + near,
				Plain: fmt.Sprintf("%s: %s is not a whole number. Try %s.", k.Label, text, near)}
		}
		return strconv.FormatInt(int64(x), 10), nil
	}
	return strconv.FormatFloat(x, 'g', -1, 64), nil
}

func (k Knob) rangeError(text string, limit float64) error {
	return &SpecError{Knob: k.Name,
		Text:    fmt.Sprintf("%s=%s is outside %s to %s", k.Name, text, short(k.Min), short(k.Max)),
		Nearest: k.Name + "=" + short(limit),
		Plain:   fmt.Sprintf("%s: %s is outside %s to %s. Try %s.", k.Label, text, short(k.Min), short(k.Max), short(limit))}
}

// short writes a limit without an exponent.
func short(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func prefixed(name, value string) string {
	if value == "" {
		return ""
	}
	return name + "=" + value
}

// canonicalArms checks "head,qv:4,all:8": each arm once, parts in the knob's order.
func (k Knob) canonicalArms(text string) (string, error) {
	var out []string
	seen := map[string]bool{}
	for _, arm := range strings.Split(text, ",") {
		if arm = strings.TrimSpace(arm); arm == "" {
			continue
		}
		a, err := k.Arms.Parse(arm)
		if err != nil {
			err.Knob = k.Name
			return "", err
		}
		if name := a.String(); !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return "", &SpecError{Knob: k.Name, Text: k.Name + " names no racer", Nearest: k.Name + "=" + k.Default, Plain: "A race needs at least one racer."}
	}
	if least := k.Arms.Least; len(out) < least {
		near := slices.Clone(out)
		for _, arm := range strings.Split(k.Default, ",") {
			if len(near) < least && !seen[arm] {
				near = append(near, arm)
			}
		}
		return "", &SpecError{Knob: k.Name, Text: fmt.Sprintf("a race of this lab has %d racers at least, not %d", least, len(out)), Nearest: prefixed(k.Name, strings.Join(near, ",")),
			Plain: fmt.Sprintf("A race has %d racers at least. Add another one first.", least)}
	}
	if len(out) > k.Arms.Most {
		return "", &SpecError{Knob: k.Name, Text: fmt.Sprintf("%d racers are more than the %d that can race at once", len(out), k.Arms.Most), Nearest: k.Name + "=" + strings.Join(out[:k.Arms.Most], ","),
			Plain: fmt.Sprintf("%d racers are more than the %d that can race at once. Take one out first.", len(out), k.Arms.Most)}
	}
	return strings.Join(out, ","), nil
}
