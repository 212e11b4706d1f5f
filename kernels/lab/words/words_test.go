package words

import "testing"

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		Number(-0.04, 1):              "0.0",
		Number(-2.26, 1):              "−2.3",
		Scientific(8.14e-6):           "8.1 · 10⁻⁶",
		Scientific(0):                 "0",
		Scientific(12.3):              "12",
		Exponent(2.4e-6):              "2.4e-06",
		Exponent(0):                   "0",
		Percent(0):                    "0 %",
		Short(21.5):                   "22",
		Short(2.44):                   "2.4",
		Short(0.0403):                 "0.04",
		Short(0.001):                  "1.0 · 10⁻³",
		Count(7112960):                "7,112,960",
		Count(512):                    "512",
		Bytes(999):                    "999 B",
		Bytes(9_671_040):              "9.7 MB",
		Percent(0.0232):               "2.3 %",
		List([]string{"a", "b", "c"}): "a, b and c",
		Capital("q, v at rank 4"):     "Q, v at rank 4",
		Rate(0.0003):                  "0.0003",
		Rate(1):                       "1",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
