//go:build !js

package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"petri/internal/browser"
	"petri/kernels/bench"
	"petri/kernels/bench/reference"
	"petri/kernels/lab/wire"
)

// TestBench measures this machine with little time for each case, by the script's door, while the page shows it.
func TestBench(t *testing.T) {
	h := hosting(t, "/repo")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url("/bench")))
	must(t, tab.Wait(60*time.Second, started))

	must(t, tab.Do(`window.heard = []; void (window.report = petri.bench({quick: true, budget: 40, onEvent: (e) => heard.push(e)})).catch(() => {})`))
	must(t, tab.Wait(120*time.Second, `document.querySelectorAll(".block li.here b").length > 0 && heard.some((e) => e.row)`))
	if !ask[bool](t, tab, `document.querySelector("#measure").disabled && !document.querySelector("#bench-cancel").disabled`) {
		t.Error("a second measurement can be begun, or the first cannot be cancelled")
	}
	if text := ask[string](t, tab, `petri.run("lora").then(() => "", (e) => e.message)`); text == "" {
		t.Error("a run began while the machine was being measured")
	}
	r := askWithin[wire.BenchReport](t, tab, 500*time.Second, `report`)

	cases := wire.Single(bench.List())
	for _, c := range cases {
		row := r.Row(c.ID)
		if row.Best <= 0 || row.Median < row.Best || row.Samples < 2 || row.FLOP != c.FLOP || row.Title != c.Title {
			t.Errorf("%s: %+v", c.ID, row)
		}
	}
	if len(r.Rows) != len(cases) || r.Path != "simd128" || r.Where != "browser" || r.Engine != wire.Engine || r.Hidden || r.Machine == "" {
		t.Errorf("%d rows, %s in %s, engine %s, hidden %v, on %q", len(r.Rows), r.Path, r.Where, r.Engine, r.Hidden, r.Machine)
	}
	for id, want := range map[string][]float64{"step/full": reference.FullLosses[:], "step/lora": reference.LoRALosses[:], wire.MOATStep: bench.MOATLosses[:], "infer/32": {reference.Logit}, "infer/1": {reference.Logit}} {
		got := r.Row(id).Values
		if len(got) != len(want) {
			t.Errorf("%s computed %v, want %v", id, got, want)
			continue
		}
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-4 {
				t.Errorf("%s computed %v, want %v", id, got, want)
			}
		}
	}
	if r.Row("step/full").Scalar <= 0 || r.Row("step/lora").Scalar <= 0 {
		t.Error("the steps were not measured with the scalar loops")
	}
	if m := r.Memory; len(m) != 2 || m[0].Steps != 200 || m[1].Steps != 400 || m[0].Bytes == 0 || m[1].Bytes != m[0].Bytes {
		t.Errorf("memory of a worker that trains: %+v, want the same after 400 steps as after 200", m)
	}
	if s := r.Start; s == nil || s.Painted <= 0 || s.Page <= s.Painted/10 || s.Kernels <= s.Page || s.Step <= 0 {
		t.Errorf("start: %+v", s)
	}
	if cores := ask[int](t, tab, `navigator.hardwareConcurrency`); cores > 1 && (r.Sweep == nil || r.Sweep.Workers != min(cores, 8) || r.Sweep.Ratio <= 0) {
		t.Errorf("on %d cores the sweep is %+v", cores, r.Sweep)
	}

	// What the page exports is the report, and a reload still shows it.
	must(t, tab.Do(`URL.createObjectURL = (blob) => { window.saved = blob.text(); return "blob:none"; }; HTMLAnchorElement.prototype.click = () => {}`))
	must(t, tab.Click("#bench-json"))
	exported := ask[string](t, tab, `saved`)
	var again wire.BenchReport
	must(t, json.Unmarshal([]byte(exported), &again))
	if a, b := asJSON(t, r), asJSON(t, again); a != b {
		t.Errorf("exported is\n%s\nthe report is\n%s", b, a)
	}
	must(t, tab.Reload())
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Wait(10*time.Second, `/kept on this device/.test(document.querySelector("#bench-words").textContent)`))
	if n := ask[int](t, tab, `[...document.querySelectorAll(".block li.here b")].filter((b) => b.textContent !== "–").length`); n < len(cases) {
		t.Errorf("after a reload %d bars are shown", n)
	}

	benchShots(t, tab, "measured")
}

// benchShots are pictures of the page for people to look at, where they are asked for.
func benchShots(t *testing.T, tab *browser.Tab, state string) {
	folder := os.Getenv("PETRI_SHOTS")
	if folder == "" {
		return
	}
	must(t, os.MkdirAll(folder, 0o755))
	for _, width := range []int{1440, 900, 390} {
		must(t, tab.Size(width, 900))
		for _, theme := range []string{"light", "dark"} {
			must(t, tab.Media("prefers-color-scheme", theme))
			time.Sleep(400 * time.Millisecond)
			picture, err := tab.Screenshot(true)
			must(t, err)
			must(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("bench-%d-%s-%s.png", width, state, theme)), picture, 0o644))
		}
	}
}

// TestBenchCanBeCancelled cancels with a key: at once, and the page can measure again.
func TestBenchCanBeCancelled(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/bench")))
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Do(`document.activeElement.blur()`))
	must(t, tab.Keys(" "))
	must(t, tab.Wait(20*time.Second, `/Measuring/.test(document.querySelector("#bench-words").textContent)`))
	benchShots(t, tab, "measuring")
	must(t, tab.Do(`document.querySelector("#bench-table").click()`))
	must(t, tab.Wait(5*time.Second, `document.querySelector(".benchtable table")`))
	benchShots(t, tab, "table")
	must(t, tab.Do(`document.activeElement.blur()`))
	must(t, tab.Keys("\x1b"))
	must(t, tab.Wait(2*time.Second, `!document.querySelector("#measure").disabled`))
	if text := ask[string](t, tab, `new Promise((done) => {
		const call = petri.bench({budget: 40}); petri.cancel(); call.then(() => done("measured"), (e) => done(e.message)); })`); text != "the measurement was cancelled" {
		t.Errorf("a cancelled script hears %q", text)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	return string(text)
}
