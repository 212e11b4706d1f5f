package lora

import (
	"fmt"
	"math"
	"strings"

	"petri/kernels/lab/wire"
)

// Words for numbers and racers, in verdicts and captions.

// number writes x with so many decimals, and a proper minus sign.
func number(x float64, decimals int) string {
	s := fmt.Sprintf("%.*f", decimals, x)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// interval writes "2.9 points (95 % interval 0.7 to 5.1, 3 seeds)", or that it is unknown without a value; unit may be empty.
func interval(iv wire.Interval, decimals int, unit string) string {
	if unit != "" {
		unit = " " + unit
	}
	switch len(iv.Values) {
	case 0:
		return "an unknown amount (no seed has both)"
	case 1:
		return number(iv.Mean, decimals) + unit + " (one seed, no interval)"
	}
	return fmt.Sprintf("%s%s (95 %% interval %s to %s, %d seeds)", number(iv.Mean, decimals), unit, number(iv.Low, decimals), number(iv.High, decimals), len(iv.Values))
}

// scientific writes a small number as people do: 3.2 · 10⁻⁵.
func scientific(x float64) string {
	if x == 0 {
		return "0"
	}
	e := int(math.Floor(math.Log10(math.Abs(x))))
	if e >= -2 && e <= 3 {
		return number(x, max(0, 1-e))
	}
	m := x / math.Pow(10, float64(e))
	return number(m, 1) + " · 10" + superscript(e)
}

// exponent writes a small number for a cell of a table, which programs read too: 3.2e-05.
func exponent(x float64) string {
	if x == 0 {
		return "0"
	}
	return fmt.Sprintf("%.1e", x)
}

func superscript(n int) string {
	digits := map[rune]rune{'-': '⁻', '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹'}
	return strings.Map(func(r rune) rune { return digits[r] }, fmt.Sprint(n))
}

// short writes a measured number with as many digits as three seeds can carry: 24, 2.4, 0.24, 0.04.
func short(x float64) string {
	switch a := math.Abs(x); {
	case a != 0 && a < 0.005:
		return scientific(x)
	case a < 1:
		return number(x, 2)
	case a < 10:
		return number(x, 1)
	}
	return number(x, 0)
}

// count writes 199936 as 199,936.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bytes writes a number of bytes as kB or MB of 1,000.
func bytes(n int) string {
	switch {
	case n >= 10_000_000:
		return number(float64(n)/1e6, 0) + " MB"
	case n >= 1_000_000:
		return number(float64(n)/1e6, 1) + " MB"
	case n >= 10_000:
		return number(float64(n)/1e3, 0) + " kB"
	case n >= 1_000:
		return number(float64(n)/1e3, 1) + " kB"
	}
	return fmt.Sprint(n) + " B"
}

// list writes "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// percent writes a share, with a decimal where it is small.
func percent(x float64) string {
	if x != 0 && x < 0.1 {
		return number(100*x, 1) + " %"
	}
	return number(100*x, 0) + " %"
}

func capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

// name is how sentences call the racer: "q, v at rank 4".
func (r *racer) name() string {
	if !r.method() {
		return r.report.Label
	}
	return fmt.Sprintf("%s at rank %d", matrices(r.arm), r.arm.Number)
}

// matrices writes the matrices of an arm for people.
func matrices(arm wire.Arm) string {
	if arm.Name == "all" {
		return "all six"
	}
	return letters(arm)
}

// letters writes the matrices of an arm: "qv" is "q, v".
func letters(arm wire.Arm) string { return strings.Join(arm.Parts, ", ") }
