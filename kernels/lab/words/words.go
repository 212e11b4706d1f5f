// Package words writes numbers, intervals and lists for people, in verdicts and captions.
package words

import (
	"fmt"
	"math"
	"strings"

	"petri/kernels/lab/wire"
)

// Number writes x with so many decimals, and a proper minus sign.
func Number(x float64, decimals int) string {
	s := fmt.Sprintf("%.*f", decimals, x)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// Interval writes "2.9 points (95 % interval 0.7 to 5.1, 3 seeds)", or that it is unknown without a value; unit may be empty.
func Interval(iv wire.Interval, decimals int, unit string) string {
	if unit != "" {
		unit = " " + unit
	}
	switch len(iv.Values) {
	case 0:
		return "an unknown amount (no seed has both)"
	case 1:
		return Number(iv.Mean, decimals) + unit + " (one seed, no interval)"
	}
	return fmt.Sprintf("%s%s (95 %% interval %s to %s, %d seeds)", Number(iv.Mean, decimals), unit, Number(iv.Low, decimals), Number(iv.High, decimals), len(iv.Values))
}

// Scientific writes a small number as people do: 3.2 · 10⁻⁵.
func Scientific(x float64) string {
	if x == 0 {
		return "0"
	}
	e := int(math.Floor(math.Log10(math.Abs(x))))
	if e >= -2 && e <= 3 {
		return Number(x, max(0, 1-e))
	}
	m := x / math.Pow(10, float64(e))
	return Number(m, 1) + " · 10" + superscript(e)
}

// Exponent writes a small number for a cell of a table, which programs read too: 3.2e-05.
func Exponent(x float64) string {
	if x == 0 {
		return "0"
	}
	return fmt.Sprintf("%.1e", x)
}

func superscript(n int) string {
	digits := map[rune]rune{'-': '⁻', '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹'}
	return strings.Map(func(r rune) rune { return digits[r] }, fmt.Sprint(n))
}

// Short writes a measured number with as many digits as three seeds can carry: 24, 2.4, 0.24, 0.04.
func Short(x float64) string {
	switch a := math.Abs(x); {
	case a != 0 && a < 0.005:
		return Scientific(x)
	case a < 1:
		return Number(x, 2)
	case a < 10:
		return Number(x, 1)
	}
	return Number(x, 0)
}

// Rate writes a learning rate without trailing zeros, to a millionth: 0.0003.
func Rate(x float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.6f", x), "0"), ".")
}

// Count writes 199936 as 199,936.
func Count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Bytes writes a number of bytes as kB or MB of 1,000.
func Bytes(n int) string {
	switch {
	case n >= 10_000_000:
		return Number(float64(n)/1e6, 0) + " MB"
	case n >= 1_000_000:
		return Number(float64(n)/1e6, 1) + " MB"
	case n >= 10_000:
		return Number(float64(n)/1e3, 0) + " kB"
	case n >= 1_000:
		return Number(float64(n)/1e3, 1) + " kB"
	}
	return fmt.Sprint(n) + " B"
}

// List writes "a, b and c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Percent writes a share, with a decimal where it is small.
func Percent(x float64) string {
	if x != 0 && x < 0.1 {
		return Number(100*x, 1) + " %"
	}
	return Number(100*x, 0) + " %"
}

func Capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
