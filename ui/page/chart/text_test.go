package chart

import (
	"math"
	"testing"
)

func TestNumbers(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 94.3128: "94.3", 0.21449: "0.214", -1.05: "−1.05", 12.6e6: "1.3e7", 199936: "199,936", 0.00021: "2.1e−4", 3: "3", 1e-3: "0.001", -0.0004: "−4e−4"} {
		if got := Number(x); got != want {
			t.Errorf("Number(%v) = %q, want %q", x, got, want)
		}
	}
	if Number(math.NaN()) != "not a number" || fixed(-0.04, 1) != "0.0" {
		t.Error("NaN or a rounded minus zero")
	}
	for n, want := range map[int]string{0: "0 B", 999: "999 B", 5200: "5.2 kB", 153_000: "153 kB", 12_500_000: "12.5 MB", 999_600: "1.0 MB", 2_000_000_000: "2.0 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
	for x, want := range map[float64]string{0: "0 %", 0.00001: "< 0.01 %", 0.02049: "2.05 %", 0.164: "16.4 %", 1: "100 %", 1.475: "148 %"} {
		if got := percent(x); got != want {
			t.Errorf("percent(%v) = %q, want %q", x, got, want)
		}
	}
	for n, want := range map[int]string{7: "7", 1234: "1,234", 1234567: "1,234,567", -1234: "−1,234"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTextFits(t *testing.T) {
	if w := textWidth("full fine-tuning", 12, false); w < 70 || w > 90 {
		t.Errorf("width %v", w)
	}
	s := fitText("q, v r = 4, diverged", 12, 60, false)
	if textWidth(s, 12, false) > 60 || s == "" {
		t.Errorf("%q does not fit", s)
	}
	for _, l := range wrapText("one two three four five six seven eight nine ten", 12, 90) {
		if textWidth(l, 12, false) > 90 {
			t.Errorf("line %q is too long", l)
		}
	}
	if capitalize("φ of q") != "Φ of q" || capitalize("") != "" || sentences([]string{"a", "b", "c"}) != "a, b and c" {
		t.Error("words")
	}
}

func TestCSV(t *testing.T) {
	table := Table{[]string{"a", "b,c"}, [][]string{{`say "x"`, "1"}, {" pad", "line\nbreak"}}}
	want := "a,\"b,c\"\r\n\"say \"\"x\"\"\",1\r\n\" pad\",\"line\nbreak\"\r\n"
	if got := table.CSV(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	long := Table{Rows: make([][]string, 1000)}
	for i := range long.Rows {
		long.Rows[i] = []string{Count(i)}
	}
	thin := long.Thin(60)
	if len(thin.Rows) != 60 || thin.Rows[0][0] != "0" || thin.Rows[59][0] != "999" {
		t.Errorf("thinned to %d rows, from %v to %v", len(thin.Rows), thin.Rows[0], thin.Rows[len(thin.Rows)-1])
	}
	if readable("0.214490001") != "0.214" || readable("12") != "12" || readable("85.0") != "85.0" || readable("1e-05") != "1e−5" || readable("205376") != "205,376" || readable("q, v") != "q, v" {
		t.Error("cells")
	}
}
