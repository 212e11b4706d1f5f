package vpt

import (
	"strings"

	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// name is how sentences call the racer: "VPT-deep p = 10".
func (c *racer) name() string { return joined(c.report.Label) }

// joined is a label with single spaces.
func joined(label string) string { return strings.Join(strings.Fields(label), " ") }

// ranged writes a mean for a cell of a table, with half its interval: "86.3 ± 1.2"; "none" without a value.
func ranged(iv wire.Interval) string {
	switch len(iv.Values) {
	case 0:
		return "none"
	case 1:
		return words.Number(iv.Mean, 1)
	}
	return words.Number(iv.Mean, 1) + " ± " + words.Number(iv.High-iv.Mean, 1)
}

// sizeless is the racer's label without its size: "VPT-deep", "VPT-deep, 2 layers".
func (c *racer) sizeless() string {
	name, rest, _ := strings.Cut(c.report.Label, "  ")
	if _, own, ok := strings.Cut(rest, ","); ok {
		name += "," + own
	}
	return name
}
