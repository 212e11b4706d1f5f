//go:build !js

package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"petri/internal/browser"
)

// stageLive is true once the stage shows the run in place of the still picture.
const stageLive = `document.querySelector(".still.live iframe")?.offsetHeight > 200`

// touch makes a pointer event at a point of the stage, as a browser does for a mouse.
func touch(kind string, x, y int) string {
	return fmt.Sprintf(`(() => {
		const f = document.querySelector("iframe");
		f.contentDocument.querySelector("#words").dispatchEvent(new f.contentWindow.PointerEvent(%q, {clientX: %d, clientY: %d, pointerType: "mouse", button: 0, bubbles: true}));
	})()`, kind, x, y)
}

// says is the stage's text alternative, as it stands in its iframe.
const says = `document.querySelector("iframe").contentDocument.querySelector("#words").getAttribute("aria-label")`

// TestStage looks at the stage of a finished run as a visitor does: points, clicks, types, reads the lesson. Browsers of
// tests have no graphics hardware and choose the plain canvas; the other way, by WebGL and Ebiten, is asked for.
func TestStage(t *testing.T) {
	for _, way := range []string{"plain", "webgl"} {
		t.Run(way, func(t *testing.T) { lookAtStage(t, way) })
	}
}

func lookAtStage(t *testing.T, way string) {
	h := hosting(t, "/repo")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 900))
	if way == "webgl" {
		must(t, tab.Open(h.url("/how?wasm=false")))
		must(t, tab.Do(`localStorage.setItem("petri:stage", "webgl")`))
	}
	must(t, tab.Open(h.url("/lora?arms=head,qv:4&train=64&steps=5&seeds=1")))
	must(t, tab.Wait(60*time.Second, started))
	play(t, tab)
	must(t, tab.Wait(60*time.Second, stageLive))
	drawn := ask[bool](t, tab, `document.querySelector("iframe").contentWindow.eval("still > 0")`) // Ebiten says when it draws
	if plainly := ask[bool](t, tab, `document.querySelector("iframe").contentWindow.petriPlain`); plainly != (way == "plain") || drawn == plainly {
		t.Errorf("asked for %s, the stage draws on a plain canvas: %v, with Ebiten: %v", way, plainly, drawn)
	}
	if focused := ask[string](t, tab, `document.activeElement.tagName`); focused == "IFRAME" {
		t.Error("the stage took the focus")
	}
	must(t, tab.Do(`document.querySelector("#stage").scrollIntoView()`))

	must(t, tab.Do(touch("pointermove", 70, 60)))
	must(t, tab.Wait(10*time.Second, says+`.includes("patch 2,2 looks most at")`))
	must(t, tab.Do(touch("pointerdown", 70, 60)))
	must(t, tab.Do(touch("pointerleave", 0, 0)))
	must(t, tab.Do(`document.querySelector("iframe").contentWindow.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}))`))
	must(t, tab.Wait(10*time.Second, says+`.includes("patch 2,3 looks most at")`)) // it was kept, and moved
	must(t, tab.Wait(10*time.Second, `[...document.querySelectorAll("[aria-live]")].some((e) => e.textContent.includes("patch 2,3"))`))
	must(t, tab.Do(`document.querySelector("iframe").contentWindow.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape"}))`))
	must(t, tab.Wait(10*time.Second, says+`.includes("the class token looks most at")`))

	// Pointing at "B" in the lesson changes the picture, and leaving it brings the picture back.
	before := settled(t, tab)
	for _, word := range []string{`.prose span[data-stage=B]`, `.prose math [data-stage=A]`, `.prose [data-stage=attention]`} {
		must(t, tab.Do(`document.querySelector("`+word+`").dispatchEvent(new MouseEvent("mouseover", {bubbles: true}))`))
		if lit := settled(t, tab); bytes.Equal(lit, before) {
			t.Errorf("pointing at %s lights nothing", word)
		}
		must(t, tab.Do(`document.querySelector("`+word+`").dispatchEvent(new MouseEvent("mouseout", {bubbles: true}))`))
		if after := settled(t, tab); !bytes.Equal(after, before) {
			t.Errorf("after %s the stage is not as it was", word)
		}
	}

	// The picture as a table: a row for every token, a column for every map.
	must(t, tab.Do(`[...document.querySelectorAll(".stage .tool")].find((b) => b.textContent === "Table").click()`))
	must(t, tab.Wait(10*time.Second, `document.querySelectorAll(".stagetable tbody tr").length === 17 && document.querySelectorAll(".stagetable thead th").length === 21`))

	// Its ground follows the theme, also before the next frame.
	must(t, tab.Media("prefers-color-scheme", "dark"))
	must(t, tab.Wait(10*time.Second, `document.querySelector("iframe").contentDocument.documentElement.style.colorScheme === "dark"`))
}

// settled is a picture of the window once two in a row are the same.
func settled(t *testing.T, tab *browser.Tab) []byte {
	t.Helper()
	var last []byte
	for range 40 {
		time.Sleep(150 * time.Millisecond)
		picture, err := tab.Screenshot(false)
		must(t, err)
		if bytes.Equal(picture, last) {
			return picture
		}
		last = picture
	}
	t.Fatal("the page does not come to rest")
	return nil
}

// TestQuestions predicts, runs, and reads the answer from the visitor's own run.
func TestQuestions(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Open(h.url("/lora?arms=head,q:1,qv:1,full&train=64&steps=5&seeds=2")))
	must(t, tab.Wait(60*time.Second, started))
	const answer = `document.querySelector("[data-answer='lora.placement']").textContent`
	must(t, tab.Wait(10*time.Second, answer+`.startsWith("Choose first")`))
	must(t, tab.Do(`document.querySelector("section[data-claim='lora.placement'] input[value=holds]").click()`))
	must(t, tab.Wait(10*time.Second, answer+`.startsWith("Noted")`))
	play(t, tab)
	must(t, tab.Wait(10*time.Second, `/As you predicted|Not as you predicted/.test(`+answer+`)`))
	if text := ask[string](t, tab, answer); !strings.Contains(text, "point") {
		t.Errorf("the answer has no number of this run: %q", text)
	}
	// A question about another task is not answered by this run.
	must(t, tab.Do(`document.querySelector("section[data-claim='lora.rank'] input").click()`))
	must(t, tab.Wait(10*time.Second, `document.querySelector("[data-answer='lora.rank']").textContent.startsWith("Noted")`))
	// The link of a question sets the knobs.
	must(t, tab.Do(`document.querySelector("section[data-claim='lora.rank'] a").click()`))
	must(t, tab.Wait(10*time.Second, `location.search.includes("task=shuffled")`))
}
