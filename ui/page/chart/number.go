package chart

import (
	"math"
	"strconv"
	"strings"
)

// finite tells a number from NaN and the infinities.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// minus replaces the hyphens of a number, exponent included, by minus signs.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// fixed writes x with the given number of decimals; "−0.0" becomes "0.0".
func fixed(x float64, decimals int) string {
	if !finite(x) {
		return "not a number"
	}
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return minus(s)
}

// Number writes a value for reading: three significant digits, no exponent between 0.001 and a million.
func Number(x float64) string {
	a := math.Abs(x)
	switch {
	case !finite(x):
		return "not a number"
	case a == 0:
		return "0"
	case a >= 1e6 || a < 1e-3:
		s := strconv.FormatFloat(x, 'e', 1, 64)
		mant, exp, _ := strings.Cut(s, "e")
		n, _ := strconv.Atoi(exp)
		return minus(strings.TrimSuffix(mant, ".0") + "e" + strconv.Itoa(n))
	case a >= 1000:
		return Count(int(math.Round(x)))
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(a))))
	return trimZeros(fixed(x, decimals))
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Count writes a whole number with commas: 199,936.
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Bytes writes a size: "812 B", "4.7 kB", "13.4 MB".
func Bytes(n int) string {
	switch x := float64(n); {
	case n < 1000:
		return strconv.Itoa(n) + " B"
	case x < 999.5e3:
		return sized(x/1e3) + " kB"
	case x < 999.5e6:
		return sized(x/1e6) + " MB"
	default:
		return sized(x/1e9) + " GB"
	}
}

// sized writes 1..1000 with one decimal below 100.
func sized(x float64) string {
	if x < 99.95 {
		return fixed(x, 1)
	}
	return fixed(x, 0)
}

// percent writes a share of the net: two decimals below ten percent, one above, none at the whole.
func percent(share float64) string {
	switch p := 100 * share; {
	case p == 0:
		return "0 %"
	case p < 0.01:
		return "< 0.01 %"
	case p < 10:
		return fixed(p, 2) + " %"
	case p < 99.95:
		return fixed(p, 1) + " %"
	default:
		return fixed(p, 0) + " %"
	}
}

// plain writes a number for a machine, with ten digits: more is the noise of float64.
func plain(x float64) string {
	if !finite(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', 10, 64)
}
