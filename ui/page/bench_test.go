package page

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"petri/kernels/bench"
	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// benchSite is a site with figures of other engines (made up, see testdata) and, on request, a report.
func benchSite(t *testing.T, report *wire.BenchReport) *benchPage {
	t.Helper()
	text, err := os.ReadFile("testdata/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	var peers wire.Peers
	if err := json.Unmarshal(text, &peers); err != nil {
		t.Fatal(err)
	}
	s := newSite(Data{Bench: bench.List(), Peers: &peers}, nil)
	if report != nil {
		s.S.Apply(0, state.RestoreBench{Report: *report})
	}
	return &benchPage{Site: s}
}

// Before anything is measured the page shows the recorded figures, and of which machine they are.
func TestBenchShowsWhatIsRecorded(t *testing.T) {
	p := benchSite(t, nil)
	text := p.pictures(&wire.BenchReport{})
	for _, want := range []string{"a·b, 544×256×64", "Training step, all weights, batch 32", "Petri, recorded", "onnxruntime-web", "× slower", "<b>–</b>", "From opening a page"} {
		if !strings.Contains(text, want) {
			t.Errorf("the pictures lack %q", want)
		}
	}
	whose := p.whose(&wire.BenchReport{})
	for _, want := range []string{"another machine", "2026-11-24", "Chromium 156", "jax-js 0.1.2", "Nothing has been measured"} {
		if !strings.Contains(whose, want) {
			t.Errorf("%q lacks %q", whose, want)
		}
	}
	if rows := p.numbers(&wire.BenchReport{}).Rows; len(rows) != len(p.Site.Data.Bench) || len(rows[0]) != 11 {
		t.Errorf("the table has %d rows of %d cells", len(rows), len(rows[0]))
	}
}

func TestBenchWithoutPeersSaysSo(t *testing.T) {
	p := &benchPage{Site: newSite(Data{Bench: bench.List()}, nil)}
	if text := p.whose(&wire.BenchReport{}); !strings.Contains(text, "No figures of other engines") {
		t.Error(text)
	}
	if text := p.pictures(&wire.BenchReport{}); strings.Contains(text, "recorded") {
		t.Error("recorded bars of nothing")
	}
}

func TestBenchShowsAReport(t *testing.T) {
	r := &wire.BenchReport{Date: "2026-11-25", Machine: "Test <1>", Cores: 2, Path: "simd128", Engine: "9", Hidden: true,
		Rows: []wire.BenchRow{{Case: "step/full", Title: "training step, all weights, batch 32", Best: 20, Median: 21, Scalar: 240, Samples: 50},
			{Case: "product/nn/64x64x64", Title: "p", FLOP: 524288, Best: 0.01, Median: 0.011, Samples: 20}},
		Sweep: &wire.BenchSweep{Runs: 8, Steps: 40, Workers: 2, Rounds: 2, One: 6400, All: 3300, Ratio: 6400.0 / 3300}, Start: &wire.BenchStart{Painted: 120, Step: 240},
		Memory: []wire.BenchHeld{{Steps: 200, Bytes: 30 << 20}, {Steps: 2000, Bytes: 30 << 20}}}
	p := benchSite(t, r)
	text := p.pictures(r)
	for _, want := range []string{"12× scalar", "<b>20</b>", "<b>52.4</b>", "1.9× as fast", "no growth", "after 2,000 steps", "120 ms"} {
		if !strings.Contains(text, want) {
			t.Errorf("the pictures lack %q", want)
		}
	}
	if whose := p.whose(r); !strings.Contains(whose, "do not trust") || !strings.Contains(whose, "Test &lt;1&gt;, 2 cores") {
		t.Error(whose)
	}
	if text := p.progress(); !strings.Contains(text, "Measured 2026-11-25") {
		t.Error(text)
	}
	out := r.Text(p.Site.Data.Peers)
	for _, want := range []string{"training step, all weights, batch 32", "52.43", "12", "another machine", "1.94 times as fast", "not to be trusted", "after 2000 steps"} {
		if !strings.Contains(out, want) {
			t.Errorf("the text lacks %q:\n%s", want, out)
		}
	}
}

func TestRatiosAreTold(t *testing.T) {
	for ratio, want := range map[float64]string{0: "", 1: "about the same", 1.04: "about the same", 5.94: "5.9× slower", 0.5: "2.0× faster", 32.4: "32× slower"} {
		if got := ratioWords(ratio); got != want {
			t.Errorf("%v is told as %q, want %q", ratio, got, want)
		}
	}
}
