//go:build !js

package cli

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"petri/kernels/lab/wire"
)

// list prints the labs and their knobs.
func list(c *call) error {
	if _, err := c.parse(flag.NewFlagSet("list", flag.ContinueOnError), 0, "list"); err != nil {
		return err
	}
	for i, p := range c.papers {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		l := p.Lab
		fmt.Fprintf(c.stdout, "%s  %s\n", l.ID, l.Title)
		fmt.Fprintf(c.stdout, "%s (%s).\n%s\n", l.Authors, l.Venue, l.Question)
		fmt.Fprintf(c.stdout, "The default run: go run . run %s\n", l.ID)
		group := ""
		for _, k := range l.Knobs {
			if k.Group != group {
				group = k.Group
				fmt.Fprintf(c.stdout, "\n  %s\n", group)
			}
			printKnob(c, k)
		}
	}
	return nil
}

// Layout of the list, in characters.
const (
	knobColumn = 12
	textColumn = 72
)

func printKnob(c *call, k wire.Knob) {
	values := k.Default + " by default"
	if r := knobRange(k); r != "" {
		values = r + "; " + values
	}
	fmt.Fprintf(c.stdout, "    %-*s%s\n", knobColumn, k.Name, values)
	for _, line := range wrap(k.Help, textColumn) {
		fmt.Fprintf(c.stdout, "    %-*s%s\n", knobColumn, "", line)
	}
	for _, o := range k.Options {
		printOption(c, o)
	}
	if k.Arms != nil {
		for _, o := range k.Arms.Racers {
			printOption(c, o)
		}
		for _, o := range k.Arms.Edits {
			if o.Help = o.Help + " An edit of a racer"; len(o.Of) > 0 {
				o.Help += " (" + strings.Join(o.Of, ", ") + ")"
			}
			o.Help, o.Value = strings.TrimSpace(o.Help)+".", "~"+o.Value
			printOption(c, o)
		}
		if len(k.Arms.Parts) == 0 {
			return
		}
		parts := make([]string, len(k.Arms.Parts))
		for i, p := range k.Arms.Parts {
			parts[i] = p.Value
		}
		text := "any of " + strings.Join(parts, ", ") + " with a " + k.Arms.Number + " from " + strconv.Itoa(k.Arms.Min) + " to " + strconv.Itoa(k.Arms.Max)
		for _, a := range k.Arms.Aliases {
			text += "; " + a.Value + " is all of them"
		}
		printOption(c, wire.Option{Value: k.Arms.Parts[0].Value + ":4", Help: text})
	}
}

func printOption(c *call, o wire.Option) {
	help := o.Help
	for _, other := range slices.Sorted(maps.Keys(o.Needs)) {
		help += " Goes with " + other + "=" + o.Needs[other] + "."
	}
	for i, line := range wrap(help, textColumn-knobColumn) {
		name := ""
		if i == 0 {
			name = o.Value
		}
		if len(name) >= knobColumn {
			name += " "
		}
		fmt.Fprintf(c.stdout, "    %-*s%-*s%s\n", knobColumn, "", knobColumn, name, line)
	}
}

// knobRange says what a knob may be set to, "" where its options say it.
func knobRange(k wire.Knob) string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch k.Kind {
	case wire.KnobInt, wire.KnobFloat:
		return number(k.Min) + " to " + number(k.Max)
	case wire.KnobAuto:
		return "auto, or " + number(k.Min) + " to " + number(k.Max)
	case wire.KnobArms:
		if k.Arms.Least > 1 {
			return strconv.Itoa(k.Arms.Least) + " to " + strconv.Itoa(k.Arms.Most) + " racers"
		}
		return "up to " + strconv.Itoa(k.Arms.Most) + " racers"
	}
	return ""
}

// wrap breaks text into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
