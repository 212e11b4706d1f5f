package page

import (
	"strconv"
	"testing"

	"petri/kernels/lab/wire"
	"petri/kernels/papers"
)

// Every slider of every lab must reach its whole range, and the arrow keys must pass through it without getting stuck.
func TestSlidersReachTheirRange(t *testing.T) {
	for _, p := range papers.All {
		for _, k := range p.Lab.Knobs {
			switch k.Kind {
			case wire.KnobInt, wire.KnobFloat, wire.KnobAuto:
			default:
				continue
			}
			if k.Max-k.Min > 1e6 {
				continue // a number to be typed
			}
			t.Run(p.Lab.ID+"/"+k.Name, func(t *testing.T) {
				low, high := strconv.FormatFloat(k.Min, 'g', -1, 64), strconv.FormatFloat(k.Max, 'g', -1, 64)
				if got := valueAt(k, 0); got != low {
					t.Errorf("it begins at %s, want %s", got, low)
				}
				if got := valueAt(k, positions(k)); got != high {
					t.Errorf("it ends at %s, want %s", got, high)
				}
				for position := range positions(k) + 1 {
					text := valueAt(k, position)
					if canonical, err := k.Canonical(text); err != nil || canonical != text {
						t.Fatalf("position %d gives %q: canonical %q, %v", position, text, canonical, err)
					}
				}
				at, steps := low, 0
				for at != high {
					up := next(k, at, 1)
					if up == at || steps > 2*travel {
						t.Fatalf("the arrow key is stuck at %s", at)
					}
					at, steps = up, steps+1
				}
				for at != low {
					down := next(k, at, -1)
					if down == at || steps > 4*travel {
						t.Fatalf("the arrow key is stuck at %s on the way down", at)
					}
					at, steps = down, steps+1
				}
			})
		}
	}
}

func TestTimesAreReadable(t *testing.T) {
	for seconds, want := range map[float64]string{0.2: "1 s", 59: "59 s", 99: "99 s", 100: "2 min", 3599: "60 min", 3700: "1 h 1 min"} {
		if got := clock(seconds); got != want {
			t.Errorf("%g s is shown as %q, want %q", seconds, got, want)
		}
	}
}

func TestFingerprintsAreShortened(t *testing.T) {
	if got := short("43b4f6322a9294973fc8a15b3643ea5192bc3e1a6189cf1150b8fdaa0cec81bb"); got != "43b4 f632 … 81bb" {
		t.Errorf("got %q", got)
	}
}

func TestComposedRacersAreNamedAsInLinks(t *testing.T) {
	knob, ok := papers.All[0].Lab.Knob("arms")
	if !ok {
		t.Fatal("the first lab has no racers")
	}
	c := composer{Parts: map[string]bool{}, Number: 4}
	if got := c.name(knob.Arms); got != "" {
		t.Errorf("without a matrix: %q", got)
	}
	for _, p := range knob.Arms.Parts {
		c.Parts[p.Value] = true
	}
	if got := c.name(knob.Arms); got != "all:4" {
		t.Errorf("all matrices: %q", got)
	}
}
