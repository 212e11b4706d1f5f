package bench

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"petri/kernels/bench/reference"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

const (
	ours     = "petri"
	started  = "start/step"
	ownPage  = "petri-page"
	tolerate = 1e-4 // how far an engine's losses and results may be from the reference
)

// timed is what peers/samples.json keeps: every sample of a case on an engine, in each way that the engine can do it.
type timed struct {
	Case    string    `json:"case"`
	Engine  string    `json:"engine"`
	Variant string    `json:"variant"` // the one with the best time counts
	Ms      []float64 `json:"ms"`
}

// TestPeersResult holds the recorded run to its samples and to the reference.
func TestPeersResult(t *testing.T) {
	p, samples := recordedPeers(t)
	for _, wrong := range checkPeers(p, samples) {
		t.Error(wrong)
	}
}

// TestReadmeQuotesTheResult: the ratios in the README's table are those of the recorded run, none typed in or left from
// an earlier one.
func TestReadmeQuotesTheResult(t *testing.T) {
	p, _ := recordedPeers(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"training step, all weights, batch 32": "step/full", "training step, LoRA r = 4": "step/lora",
		"inference, batch 32": "infer/32", "inference, batch 1": "infer/1",
		"product 544×64×64": "product/nn/544x64x64", "product 544×256×64": "product/nn/544x256x64", "product 2080×64×256": "product/nn/2080x64x256",
		"from opening a page to its first training step": started,
	}
	engines := []string{"jax-js", "tfjs-wasm", "ort", "c-simd128"} // the columns
	quoted := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		id, ok := cases[strings.TrimSpace(cells[0])]
		if !ok || len(cells) != 1+len(engines) {
			continue
		}
		for i, engine := range engines {
			want := ""
			for _, r := range p.Rows {
				if r.Case == id && r.Engine == engine {
					want = fmt.Sprintf("%.3g×", r.Ratio)
					quoted++
				}
			}
			if got := strings.TrimSpace(cells[1+i]); got != want {
				t.Errorf("README, %s, %s: %q, the recorded run has %q", id, engine, got, want)
			}
		}
		delete(cases, strings.TrimSpace(cells[0]))
	}
	if len(cases) > 0 || quoted < 20 {
		t.Errorf("the README quotes %d ratios and lacks %v", quoted, cases)
	}
}

// TestPeersResultCanFail edits one number after another, as a hand could.
func TestPeersResultCanFail(t *testing.T) {
	row := func(p *wire.Peers, id, engine string) *wire.PeerRow {
		i := slices.IndexFunc(p.Rows, func(r wire.PeerRow) bool { return r.Case == id && r.Engine == engine })
		if i < 0 {
			t.Fatalf("there is no row %s, %s", id, engine)
		}
		return &p.Rows[i]
	}
	for name, edit := range map[string]func(*wire.Peers){
		"best":     func(p *wire.Peers) { row(p, "step/full", ours).Best *= 0.99 },
		"median":   func(p *wire.Peers) { row(p, "step/lora", ours).Median *= 0.99 },
		"ratio":    func(p *wire.Peers) { row(p, "step/full", "jax-js").Ratio *= 1.01 },
		"samples":  func(p *wire.Peers) { row(p, "infer/1", "ort").Samples++ },
		"loss":     func(p *wire.Peers) { row(p, "step/full", "tfjs-wasm").Values[4] += 2e-4 },
		"no loss":  func(p *wire.Peers) { row(p, "step/full", ours).Values = nil },
		"product":  func(p *wire.Peers) { row(p, "product/nn/64x64x64", "c-simd128").Values[0] += 0.01 },
		"row":      func(p *wire.Peers) { p.Rows = p.Rows[1:] },
		"twice":    func(p *wire.Peers) { p.Rows = append(p.Rows, p.Rows[0]) },
		"engine":   func(p *wire.Peers) { p.Engines = p.Engines[1:] },
		"version":  func(p *wire.Peers) { p.Engines[1].Version = "" },
		"unnamed":  func(p *wire.Peers) { p.Machine = "" },
		"reversed": func(p *wire.Peers) { slices.Reverse(p.Engines) },
	} {
		p, samples := recordedPeers(t)
		edit(&p)
		if len(checkPeers(p, samples)) == 0 {
			t.Errorf("an edited result (%s) was not noticed", name)
		}
	}
}

// TestPeersProgramIsOfItsSource holds c/gemm.wasm to the source beside it.
func TestPeersProgramIsOfItsSource(t *testing.T) {
	var made struct{ Command, Compiler, Source, Program string }
	readStrictly(t, "c/gemm.json", &made)
	for file, want := range map[string]string{"gemm.c": made.Source, "gemm.wasm": made.Program} {
		data, err := os.ReadFile(filepath.Join("peers", "c", file))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("c/%s has changed: make it and gemm.json again with node c/build.mjs", file)
		}
	}
}

func recordedPeers(t *testing.T) (p wire.Peers, samples []timed) {
	t.Helper()
	readStrictly(t, "result.json", &p)
	readStrictly(t, "samples.json", &samples)
	return p, samples
}

// readStrictly refuses fields that nobody knows and anything after the value.
func readStrictly(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("peers", name))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("%s: something follows the result", name)
	}
}

// checkPeers names what is wrong with a recorded run.
func checkPeers(p wire.Peers, samples []timed) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	if p.Date == "" || p.Machine == "" || p.Browser == "" || p.Cores < 1 {
		complain("date, machine, cores or browser is missing")
	}
	engines := map[string]bool{}
	for i, e := range p.Engines {
		if i == 0 && e.ID != ours {
			complain("the first engine is %s, want ours", e.ID)
		}
		if e.Name == "" || e.Version == "" {
			complain("%s has no name or version", e.ID)
		}
		engines[e.ID] = true
	}

	rows := map[string]wire.PeerRow{}
	for _, r := range p.Rows {
		if !engines[r.Engine] {
			complain("%s: %s is not among the engines", r.Case, r.Engine)
		}
		if _, twice := rows[r.Case+" "+r.Engine]; twice {
			complain("%s: %s stands there twice", r.Case, r.Engine)
		}
		rows[r.Case+" "+r.Engine] = r
	}
	for _, id := range peerCases() {
		best := rows[id+" "+ours].Best
		for _, engine := range peersOf(id) {
			r, ok := rows[id+" "+engine]
			if !ok {
				complain("%s: no row of %s", id, engine)
				continue
			}
			for _, w := range checkRow(r, best, samples) {
				complain("%s: %s: %s", id, engine, w)
			}
			delete(rows, id+" "+engine)
		}
	}
	for name := range rows {
		complain("nobody asked for the row %s", name)
	}
	return wrong
}

func checkRow(r wire.PeerRow, best float64, samples []timed) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	var ms []float64
	for _, s := range samples {
		if s.Case == r.Case && s.Engine == r.Engine && (ms == nil || Best(s.Ms) < Best(ms)) {
			ms = s.Ms
		}
	}
	least := 50
	if r.Case == started {
		least = 5
	}
	if len(ms) < least {
		complain("%d samples, want %d at least", len(ms), least)
	}
	if r.Samples != len(ms) || r.Best != Best(ms) || !sixDigits(r.Median, lab.Median(ms)) {
		complain("%d samples, best %v, median %v; samples.json has %d, %v, %v", r.Samples, r.Best, r.Median, len(ms), Best(ms), lab.Median(ms))
	}
	if !sixDigits(r.Ratio, r.Best/best) {
		complain("ratio %v, want %v", r.Ratio, r.Best/best)
	}
	want := wantValues(r)
	if len(r.Values) != len(want) {
		complain("%d values to check the work by, want %d", len(r.Values), len(want))
		return wrong
	}
	for i, w := range want {
		if d := math.Abs(r.Values[i] - w); !(d <= tolerate*max(1, math.Abs(w))) {
			complain("it did other work: value %d is %v, want %v", i, r.Values[i], w)
		}
	}
	return wrong
}

// wantValues is what an engine that does the work of a case computes.
func wantValues(r wire.PeerRow) []float64 {
	switch {
	case r.Engine == ownPage:
		return nil // a run of the product on its own data
	case r.Case == started:
		return reference.FullLosses[:1]
	case r.Case == "step/full":
		return reference.FullLosses[:]
	case r.Case == "step/lora":
		return reference.LoRALosses[:]
	case strings.HasPrefix(r.Case, "infer/"):
		return []float64{reference.Logit}
	}
	if _, done := products[r.Case]; !done {
		c, err := Find(r.Case)
		if err != nil {
			return nil // a row too many, which is complained about
		}
		products[r.Case] = c.prepare()[0]()
	}
	return []float64{products[r.Case]}
}

// products are results of product cases, computed natively.
var products = map[string]float64{}

// peerCases are the cases that are measured beside peers.
func peerCases() []string {
	var ids []string
	for _, c := range Cases() {
		if c.ID != SweepRun && c.ID != wire.MOATStep && c.ID != wire.MethodSteps && !strings.HasPrefix(c.ID, wire.MaskCases) {
			ids = append(ids, c.ID)
		}
	}
	return append(ids, started)
}

// peersOf are the engines that a case is measured on.
func peersOf(id string) []string {
	switch {
	case id == started:
		return []string{ours, "tfjs-wasm", "jax-js", ownPage}
	case strings.HasPrefix(id, "product/nn/"):
		return []string{ours, "c-simd128", "tfjs-wasm", "jax-js", "ort"}
	case strings.HasPrefix(id, "infer/"):
		return []string{ours, "ort", "tfjs-wasm", "jax-js"}
	}
	return []string{ours, "tfjs-wasm", "jax-js"} // steps, and products with a transposed operand
}

// sixDigits reports whether got is want rounded to six digits, either way where it lies in the middle.
func sixDigits(got, want float64) bool {
	for _, nudge := range []float64{1 - 1e-12, 1, 1 + 1e-12} {
		if r, _ := strconv.ParseFloat(strconv.FormatFloat(want*nudge, 'g', 6, 64), 64); r == got {
			return true
		}
	}
	return false
}
