//go:build !js

package e2e

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"petri/internal/browser"
	"petri/kernels/lab/wire"
)

// adapted is a race of deep prompts, LoRA and full fine-tuning on digits, with what claims compare them with.
const adapted = "/vpt?arms=head,vpt-deep:5,bitfit,lora:4,full&train=64&steps=6&seeds=2"

// TestPromptsRace races methods on a frozen backbone, and reads what the page says of them: the table, the claims and the memory
// inspector agree with the same run made natively, every closed form is equal to what was counted, and the stage shows prompts.
func TestPromptsRace(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 1000))
	must(t, tab.Open(h.url(adapted)))
	must(t, tab.Wait(60*time.Second, started))
	fingerprint := play(t, tab)
	r := native(t, strings.TrimPrefix(adapted, "/"))
	if fingerprint != r.Fingerprint {
		t.Errorf("the page shows the fingerprint %s, natively it is %s", fingerprint, r.Fingerprint)
	}

	table := cells(t, tab, "#measured tbody tr")
	if len(table) != len(r.Arms) {
		t.Fatalf("the table has %d rows for %d racers", len(table), len(r.Arms))
	}
	trained := 1 + slices.Index(cells(t, tab, "#measured thead tr")[0][1:], "trained")
	for i, a := range r.Arms {
		if name, n := strings.ReplaceAll(table[i][0], "\u2002", "  "), digits(table[i][trained]); name != a.Label || n != a.Trainable {
			t.Errorf("row %d is of %q with %d trained numbers, want %q with %d", i, name, n, a.Label, a.Trainable)
		}
	}
	// Every cell is that of the native run but for times, which are the browser's own; the page writes long numbers shorter.
	figure := r.Figures[slices.IndexFunc(r.Figures, func(f wire.Figure) bool { return f.ID == "measured" })]
	for i, row := range figure.Rows {
		for k, want := range row {
			shown := strings.ReplaceAll(table[i][k], "\u2002", "  ")
			if shown == want || strings.HasPrefix(figure.Columns[k], "ms ") {
				continue
			}
			x, err := strconv.ParseFloat(want, 64)
			y, err2 := strconv.ParseFloat(strings.ReplaceAll(shown, ",", ""), 64)
			if err != nil || err2 != nil || math.Abs(x-y) > 6e-4*x {
				t.Errorf("%s, %s: the page says %q, the native run %q", row[0], figure.Columns[k], shown, want)
			}
		}
	}
	if want := []int{0, 4 * 5 * 64, 2944, 4 * 2 * 4 * 128, 205376}; !slices.EqualFunc(r.Arms, want, func(a wire.ArmReport, n int) bool { return a.Trainable == n }) {
		t.Errorf("the racers train %v numbers", want)
	}

	// Sorted by trained numbers, twice: the most first.
	must(t, tab.Click(`#measured th:nth-child(`+strconv.Itoa(trained+1)+`) button`))
	must(t, tab.Click(`#measured th:nth-child(`+strconv.Itoa(trained+1)+`) button`))
	must(t, tab.Wait(10*time.Second, `document.querySelector("#measured tbody td").textContent.includes("full fine-tuning")`))

	for _, c := range r.Claims {
		if shown := ask[string](t, tab, `document.getElementById("claim-`+c.ID+`")?.querySelector(".verdict").textContent.trim().toLowerCase() ?? "absent"`); shown != string(c.Verdict) {
			t.Errorf("%s: the page says %s, natively it is %s", c.ID, shown, c.Verdict)
		}
	}
	memory := slices.IndexFunc(r.Claims, func(c wire.ClaimReport) bool { return c.ID == "peft.memory" })
	if memory < 0 || r.Claims[memory].Verdict == wire.NotRun {
		t.Error("the claim about memory was not judged")
	}

	for _, a := range r.Arms {
		must(t, tab.Do(`(() => { const e = document.querySelector("#inspector select"); e.value = [...e.options].find((o) => o.textContent.trim().replaceAll("  ", "\u2002") === `+strconv.Quote(strings.ReplaceAll(a.Label, "  ", "\u2002"))+`).value; e.dispatchEvent(new Event("change", {bubbles: true})); })()`))
		label := strconv.Quote(strings.ReplaceAll(a.Label, "  ", "\u2002"))
		must(t, tab.Wait(10*time.Second, `document.querySelector("#inspector .tablebox").getAttribute("aria-label").replaceAll("  ", "\u2002").includes(`+label+`)`))
		// A head alone keeps nothing within the blocks.
		if says := ask[string](t, tab, `document.querySelector("#inspector .sum")?.textContent ?? ""`); a.Arm != "head" && !strings.Contains(says, "equal to the byte") {
			t.Errorf("%s: the inspector says %q", a.Label, says)
		}
		kept := 0
		for _, row := range cells(t, tab, "#inspector .terms tbody tr:not(.part):not(.total)") {
			if len(row) < 5 || digits(row[2]) != digits(row[3]) {
				t.Errorf("%s: a term is %v", a.Label, row)
				continue
			}
			kept += digits(row[3])
		}
		if kept != a.Ledger.KeptBytes {
			t.Errorf("%s: the terms of the inspector come to %d bytes, the ledger has %d", a.Label, kept, a.Ledger.KeptBytes)
		}
	}

	must(t, tab.Do(`document.querySelector("#knob-arms [data-arm='vpt-deep:5'] .pickarm").click()`))
	must(t, tab.Wait(30*time.Second, says+`.includes("vpt-deep:5")`))
	if text := ask[string](t, tab, says); !strings.Contains(text, "layer 1, 5 enter") || !strings.Contains(text, "layer 4, replaced by 5 new") {
		t.Errorf("the stage does not speak of its prompts: %q", text)
	}
}

// cells are the texts of the rows that a selector finds.
func cells(t *testing.T, tab *browser.Tab, rows string) [][]string {
	t.Helper()
	return ask[[][]string](t, tab, `[...document.querySelectorAll(`+strconv.Quote(rows)+`)].map((r) => [...r.children].map((c) => c.textContent.trim()))`)
}

// digits reads a number without what groups it, -1 for none.
func digits(text string) int {
	n, err := strconv.Atoi(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text))
	if err != nil {
		return -1
	}
	return n
}
