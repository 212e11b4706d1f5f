package chart

import "strings"

// light are the colours of the light theme that drawings use (tokens.css): exported files carry them as they are.
var light = map[string]string{
	"paper": "#FBFAF7", "surface": "#FFFFFF", "sunk": "#F2F0EA", "ink": "#1B2126", "ink-2": "#4C5660", "ink-3": "#656E77",
	"line": "#E4E0D7", "line-2": "#7E848A",
	"frozen": "#7D858C", "frozen-soft": "#DFE0DF", "train": "#D26C00", "act": "#1B6FA8", "grad": "#B5247F", "pos": "#1E7F3C", "neg": "#C4302B",
	"k1": "#C87212", "k2": "#B56006", "k3": "#9C4F00", "k4": "#824000", "k5": "#6B3400", "k6": "#4C2500",
}

// resolve replaces custom properties by the colours of the light theme.
func resolve(markup string) string {
	const open = "var(--"
	var b strings.Builder
	for {
		before, after, found := strings.Cut(markup, open)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		token, rest, _ := strings.Cut(after, ")")
		c, known := light[token]
		if !known {
			panic("chart: no light colour for " + token)
		}
		b.WriteString(c)
		markup = rest
	}
}
