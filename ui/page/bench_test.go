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
	if rows := p.numbers(&wire.BenchReport{}).Rows; len(rows) != len(wire.Single(p.Site.Data.Bench)) || len(rows[0]) != 12 {
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

// The methods stand in a table of their own, each with its ratio to full fine-tuning, and in the one of everything.
func TestBenchShowsMethods(t *testing.T) {
	r := &wire.BenchReport{Rows: []wire.BenchRow{{Case: "infer/1", Title: "inference, batch 1", Best: 7, Median: 7, Samples: 9},
		{Case: wire.MethodFull, Title: "training step, full fine-tuning", Best: 19, Median: 20, Samples: 5},
		{Case: wire.MethodSteps + "/lora:4", Title: "training step, LoRA r = 4", Best: 12, Median: 13, Samples: 5}}}
	p := benchSite(t, r)
	text := p.pictures(r)
	_, table, _ := strings.Cut(text, `<div class="methods">`)
	table, _, _ = strings.Cut(table, "</section>")
	for _, want := range []string{"LoRA r = 4", "VPT-deep p = 10", "(IA)³", "features cached", "0.65× full", "1× full", "<b>13</b>", "<b>–</b>"} {
		if !strings.Contains(table, want) {
			t.Errorf("the methods lack %q:\n%s", want, table)
		}
	}
	if n := strings.Count(table, "<li"); n != 15 || strings.Count(table, "<b>–</b>") != 13 {
		t.Errorf("%d methods are shown", n)
	}
	var lora []string
	for _, row := range p.numbers(r).Rows {
		if row[0] == "training step, LoRA r = 4" {
			lora = row
		}
	}
	if len(lora) < 7 || lora[1] != "12" || lora[2] != "13" || lora[5] != "5" || lora[6] != "0.65" {
		t.Errorf("in the table of everything LoRA has %q", lora)
	}
	main, methods, _ := strings.Cut(r.Text(p.Site.Data.Peers), "measured in turn:")
	if strings.Contains(main, "LoRA r") || strings.Contains(main, "× full") || !strings.Contains(main, "inference") {
		t.Errorf("of one thing each:\n%s", main)
	}
	if strings.Contains(methods, "inference") || !strings.Contains(methods, "× full") || !strings.Contains(methods, "0.65") {
		t.Errorf("the methods:\n%s", methods)
	}
	if text := (wire.BenchReport{Rows: r.Rows[:1]}).Text(nil); strings.Contains(text, "in turn") {
		t.Errorf("nothing was measured in turn:\n%s", text)
	}
}

func TestRatiosAreTold(t *testing.T) {
	for ratio, want := range map[float64]string{0: "", 1: "about the same", 1.04: "about the same", 5.94: "5.9× slower", 0.5: "2.0× faster", 32.4: "32× slower"} {
		if got := ratioWords(ratio); got != want {
			t.Errorf("%v is told as %q, want %q", ratio, got, want)
		}
	}
}
