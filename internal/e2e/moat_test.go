//go:build !js

package e2e

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"petri/internal/browser"
)

// probe is a small run of the probe with windows of 4×4 cells on a map of 16×16, a cell being 2×2 pixels.
const probe = "/moat?arms=vit-window,moat-window&task=cue&train=200&batch=8&steps=6&seeds=1&lr=0.002"

// TestWhatACellSees runs the probe in the browser and asks the stage what an output sees: a click, or a key, moves the
// output, and the set that is outlined in the new frame is the one that windows and convolutions let through.
func TestWhatACellSees(t *testing.T) {
	h := hosting(t, "/repo")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url(probe)))
	must(t, tab.Wait(60*time.Second, started))
	if fingerprint := play(t, tab); fingerprint != native(t, strings.TrimPrefix(probe, "/")).Fingerprint {
		t.Errorf("the page shows the fingerprint %s, natively it is another", fingerprint)
	}
	must(t, tab.Wait(60*time.Second, stageLive))
	must(t, tab.Do(`document.querySelector("#stage").scrollIntoView()`))
	must(t, tab.Do(`URL.createObjectURL = (blob) => { window.saved = blob.text(); return "blob:none"; }; HTMLAnchorElement.prototype.click = () => {}`))

	shown := func(arm string) {
		t.Helper()
		must(t, tab.Do(`document.querySelector("#block [data-drawn='`+arm+`']").click()`))
		must(t, tab.Wait(30*time.Second, says+`.includes("arm `+arm+` after")`))
	}
	for _, c := range []struct {
		arm   string
		cells func(at int) (from, to int) // those seen by a cell, the same for rows and columns
	}{
		{"vit-window", func(at int) (from, to int) { return at / 4 * 4, at/4*4 + 4 }},
		// Two blocks: a rim of one cell, the windows that it touches, and a rim again.
		{"moat-window", func(at int) (from, to int) { return at/4*4 - 5, at/4*4 + 9 }},
	} {
		shown(c.arm)
		for i, point := range [][2]int{{60, 45}, {150, 110}, {90, 160}} {
			before := output(t, tab)
			must(t, tab.Do(touch("pointermove", point[0], point[1])))
			must(t, tab.Do(touch("pointerdown", point[0], point[1])))
			must(t, tab.Do(touch("pointerleave", 0, 0)))
			must(t, tab.Wait(30*time.Second, says+`.match(/Of output [^.]*/)[0] !== `+strconv.Quote(before)))
			row, col := place(t, output(t, tab))
			top, bottom := c.cells(row)
			left, right := c.cells(col)
			set := outlined(t, tab)
			if len(set) != 32*32 {
				t.Fatalf("%s: the table has %d pixels of the predicted set", c.arm, len(set))
			}
			wrong := 0
			for at, on := range set {
				y, x := at[0]/2, at[1]/2
				if on != (y >= top && y < bottom && x >= left && x < right) {
					wrong++
				}
			}
			if wrong > 0 {
				t.Errorf("%s, click %d: of output %d, %d the outline is wrong in %d pixels", c.arm, i, row+1, col+1, wrong)
			}
			if text := ask[string](t, tab, says); !strings.Contains(text, "Inside the outline: 100 %") {
				t.Errorf("%s, click %d: something moves the output from outside the outline: %s", c.arm, i, text)
			}
		}
	}
	// By keys: the mark moves a cell to the right, and Enter asks for the output there.
	row, col := place(t, output(t, tab))
	before := output(t, tab)
	for _, key := range []string{"ArrowLeft", "Enter"} {
		must(t, tab.Do(`document.querySelector("iframe").contentWindow.dispatchEvent(new KeyboardEvent("keydown", {key: "`+key+`"}))`))
	}
	must(t, tab.Wait(30*time.Second, says+`.match(/Of output [^.]*/)[0] !== `+strconv.Quote(before)))
	if r, c := place(t, output(t, tab)); r != row || c != col-1 {
		t.Errorf("from output %d, %d one to the left is %d, %d", row+1, col+1, r+1, c+1)
	}
}

// output is what the stage says about which output it shows the field of.
func output(t *testing.T, tab *browser.Tab) string {
	t.Helper()
	must(t, tab.Wait(30*time.Second, says+`.includes("Of output ")`))
	return ask[string](t, tab, says+`.match(/Of output [^.]*/)[0]`)
}

var ofOutput = regexp.MustCompile(`^Of output (\d+),(\d+) of 16 by 16$`)

// place is the row and column of an output, from 0.
func place(t *testing.T, words string) (row, col int) {
	t.Helper()
	m := ofOutput.FindStringSubmatch(words)
	if m == nil {
		t.Fatalf("the stage says %q", words)
	}
	row, _ = strconv.Atoi(m[1])
	col, _ = strconv.Atoi(m[2])
	return row - 1, col - 1
}

// outlined is the predicted set as the page exports it: pixels by row and column.
func outlined(t *testing.T, tab *browser.Tab) map[[2]int]bool {
	t.Helper()
	must(t, tab.Do(`[...document.querySelectorAll(".stage .tool")].find((b) => b.textContent === "CSV").click()`))
	lines, err := csv.NewReader(strings.NewReader(ask[string](t, tab, `saved`))).ReadAll()
	must(t, err)
	set := map[[2]int]bool{}
	for _, l := range lines {
		if l[0] != "field, predicted set" {
			continue
		}
		row, err := strconv.Atoi(l[3])
		must(t, err)
		col, err := strconv.Atoi(l[4])
		must(t, err)
		set[[2]int{row - 1, col - 1}] = l[5] == "1"
	}
	return set
}

// TestBuilder takes a part out of a block with the keyboard alone: the link and the drawing follow, and back undoes it.
func TestBuilder(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url("/moat?arms=vit,moat&width=8")))
	must(t, tab.Wait(60*time.Second, started))
	const drawn = `document.querySelector("#block .draw.own h3").textContent`
	must(t, tab.Wait(60*time.Second, `document.querySelector("#block [data-drawn='moat']")`))
	must(t, tab.Do(`document.querySelector("#block [data-drawn='moat']").click()`))
	must(t, tab.Wait(60*time.Second, drawn+`.startsWith("MOAT ")`))
	must(t, tab.Do(`document.querySelector("#block [data-block='stage2.block1']").click()`))
	must(t, tab.Wait(60*time.Second, drawn+`.startsWith("MOAT stage2.block1")`))
	start := ask[string](t, tab, `location.search`)
	parts := ask[[]string](t, tab, ownParts)

	must(t, tab.Do(`document.querySelector("#block .draw.own [data-part]").focus()`))
	const right, tabKey, enter, escape = "\u0303", "\t", "\r", "\x1b"
	const focused = `document.activeElement.textContent`
	for steps := 0; !strings.Contains(ask[string](t, tab, focused), "depth-wise"); steps++ {
		if steps > 20 {
			t.Fatalf("the arrows do not lead to the depth-wise convolution but to %q", ask[string](t, tab, focused))
		}
		must(t, tab.Keys(right))
	}
	const expanded = `document.activeElement.getAttribute("aria-expanded")`
	must(t, tab.Keys(enter))
	must(t, tab.Wait(10*time.Second, expanded+` === "true"`))
	must(t, tab.Keys(escape))
	must(t, tab.Wait(10*time.Second, expanded+` === "false"`))
	must(t, tab.Keys(enter))
	must(t, tab.Wait(10*time.Second, expanded+` === "true"`))
	must(t, tab.Keys(tabKey))
	if text := ask[string](t, tab, focused); text != "Remove the depth-wise convolution" {
		t.Fatalf("behind the part stands %q", text)
	}
	must(t, tab.Keys(enter))
	must(t, tab.Wait(60*time.Second, `location.search.includes("moat~nodw") && `+drawn+`.includes("depth-wise") && !`+asking))
	after := ask[[]string](t, tab, ownParts)
	if fmt.Sprint(after) == fmt.Sprint(parts) || strings.Contains(strings.Join(after, "|"), "depth-wise") || len(after) != len(parts)-1 {
		t.Errorf("after the edit the parts are %v, before it they were %v", after, parts)
	}
	if text := ask[string](t, tab, `document.querySelector("#block .sums").textContent`); !strings.Contains(text, "parameters") {
		t.Errorf("what the edit costs is said with %q", text)
	}
	must(t, tab.Wait(2*time.Second, `document.activeElement.tagName !== "BODY"`)) // the keyboard keeps its place
	must(t, tab.Back())
	must(t, tab.Wait(60*time.Second, `location.search === `+strconv.Quote(start)+` && !`+asking))
	must(t, tab.Wait(30*time.Second, ownParts+`.join("|") === `+strconv.Quote(strings.Join(parts, "|"))))

	// What was built runs, with its edit: natively the same bits.
	const edited = "moat?arms=moat~nodw,vit&train=200&batch=4&steps=3&seeds=1&lr=0.002&width=8"
	must(t, tab.Open(h.url("/"+edited)))
	must(t, tab.Wait(60*time.Second, started))
	if here, there := play(t, tab), native(t, edited).Fingerprint; here != there {
		t.Errorf("the edited racer: %s in the browser, %s natively", here, there)
	}
}

// ownParts are the labels of the parts of the drawn block; asking is true while a worker is asked for it.
const (
	ownParts = `[...document.querySelectorAll("#block .draw.own [data-part] b")].map((b) => b.textContent)`
	asking   = `document.querySelector("#block [role=status]")`
)

// TestLongNames races racers whose names are made of many edits. Their names break into lines: the accuracies stay in
// sight, and a phone does not shrink the page to fit a table that is wider than it. (innerWidth grows with such a page.)
func TestLongNames(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	must(t, tab.Open(h.url("/moat?arms=moat~nodw~noexpand~se~nopos~nonorm,moat~loraconv,vit&task=digits&width=8&train=200&batch=8&steps=2&seeds=2")))
	must(t, tab.Wait(60*time.Second, started))
	play(t, tab)
	for _, width := range []int{1440, 900, 390} {
		must(t, tab.Size(width, 900))
		must(t, tab.Wait(10*time.Second, `document.documentElement.clientWidth === `+strconv.Itoa(width)))
		if over := ask[int](t, tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			t.Errorf("the page is %d px wider than its window of %d px", over, width)
		}
		if over := ask[int](t, tab, `(() => {
			const box = document.querySelector("table.ranks").closest(".tw"), cells = [...box.querySelectorAll(".acc")];
			return Math.ceil(Math.max(...cells.map((c) => c.getBoundingClientRect().right)) - box.getBoundingClientRect().right);
		})()`); over > 0 {
			t.Errorf("at %d px the accuracies lie %d px beyond the edge of their table", width, over)
		}
	}
}
