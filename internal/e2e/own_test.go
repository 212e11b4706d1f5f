//go:build !js

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"petri/internal/browser"
)

// ownLab is the lab that takes pictures of the visitor's own.
const ownLab = "sam"

// ownHelpers are what a visitor does with pictures: drop(file), paste(file), kept() for what the device keeps, and file(base64,
// name, type).
const ownHelpers = `
window.file = (text, name, type) => new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type });
window.drop = (f) => { for (const kind of ["dragover", "drop"]) {
	const data = new DataTransfer();
	data.items.add(f);
	document.querySelector(".panel.stage").dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
} };
window.paste = (f) => {
	const data = new DataTransfer();
	data.items.add(f);
	document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
};
window.kept = () => new Promise((done) => {
	const open = indexedDB.open("petri:");
	open.onsuccess = () => {
		const all = open.result.transaction("values").objectStore("values"), keys = all.getAllKeys();
		keys.onsuccess = () => {
			const own = keys.result.filter((k) => k.startsWith("own/"));
			if (!own.length) return open.result.close(), done("");
			const get = all.get(own[0]);
			get.onsuccess = () => { open.result.close(); done(btoa(Array.from(get.result, (b) => String.fromCharCode(b)).join(""))); };
		};
	};
});`

// What the page says of the picture at hand, and of one that it could not take.
const (
	ownShown = `document.querySelector(".panel.stage .ph .sub").textContent`
	ownWords = `document.querySelector("#own .cap").textContent`
	ownFault = `(document.querySelector("#own .fault span")?.textContent ?? "")`
)

// sceneShown waits for the first answer, which brings the caption of the scene, and returns what the page says of it.
func sceneShown(t *testing.T, tab *browser.Tab) string {
	t.Helper()
	must(t, tab.Wait(60*time.Second, ownShown+`.includes(": ")`))
	return ask[string](t, tab, ownShown)
}

// ownVisitor is a visitor of the lab, ready to bring pictures.
func ownVisitor(t *testing.T, h *host) *browser.Tab {
	t.Helper()
	tab := visitor(t, h)
	must(t, tab.Size(1440, 1000))
	must(t, tab.Open(h.url("/"+ownLab)))
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Wait(60*time.Second, `window.petriOwn && document.querySelector("#own")`))
	must(t, tab.Do(ownHelpers))
	return tab
}

// handed is a file as the helpers take it.
func handed(data []byte, name, kind string) string {
	return `file(` + strconv.Quote(base64.StdEncoding.EncodeToString(data)) + `, ` + strconv.Quote(name) + `, ` + strconv.Quote(kind) + `)`
}

// halves is a picture whose left half is red and whose right one is blue, as seen before it is turned.
func halves(width, height int, opacity uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: 200, A: opacity}
			if 2*x >= width {
				c = color.NRGBA{B: 200, A: opacity}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func pngFile(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	return b.Bytes()
}

// hugePNG says that it has so many pixels, and has none.
func hugePNG(t *testing.T, width, height uint32) []byte {
	file := pngFile(t, halves(4, 4, 255))
	binary.BigEndian.PutUint32(file[16:], width)
	binary.BigEndian.PutUint32(file[20:], height)
	return file
}

// turned is a JPEG with notes of a camera: that it was held on its side, and where.
func turned(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, halves(600, 400, 255), &jpeg.Options{Quality: 95}))
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02" +
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00" + // orientation 6: the left side is up
		"\x01\x0e\x00\x02\x00\x00\x00\x08\x00\x00\x00\x26" + // a description, which lies behind
		"\x00\x00\x00\x00at home\x00"
	head := []byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(exif) + 2)}
	return append(append(head, exif...), b.Bytes()[2:]...)
}

// pictureKept waits until the device keeps a picture and returns it.
func pictureKept(t *testing.T, tab *browser.Tab) ([]byte, image.Image) {
	t.Helper()
	clickOn(t, tab, `#own-keep`)
	must(t, tab.Wait(60*time.Second, `document.querySelector("#own-keep").checked && document.querySelector("#own").textContent.includes("Kept on this device")`))
	file, err := base64.StdEncoding.DecodeString(ask[string](t, tab, `kept()`))
	must(t, err)
	img, err := png.Decode(bytes.NewReader(file))
	must(t, err)
	return file, img
}

// near reports whether a colour is another one, but for what a JPEG loses.
func near(c color.Color, r, g, b int) bool {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	off := func(x uint8, y int) int { return max(int(x)-y, y-int(x)) }
	return off(n.R, r) < 12 && off(n.G, g) < 12 && off(n.B, b) < 12
}

// TestOwnPictures brings pictures in every way. What cannot be taken is told apart and leaves the scene; what can is cut, turned
// and scaled; the device keeps one only when asked to, without what its camera noted, and forgets it; and from when the page has
// loaded until the end nothing is asked of any server.
func TestOwnPictures(t *testing.T) {
	h := hosting(t, "")
	tab := ownVisitor(t, h)
	must(t, tab.Wait(60*time.Second, stageUp))
	waitKept(t, tab)
	must(t, tab.Reload()) // from now on everything comes from what is kept
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Wait(60*time.Second, `window.petriOwn && document.querySelector("#own")`))
	must(t, tab.Do(ownHelpers))
	must(t, tab.Wait(60*time.Second, stageUp))
	scene := sceneShown(t, tab)
	before, address := h.requests(), ask[string](t, tab, `location.href`)

	// Something held over the page shows where it can be dropped, and no longer when it is taken away. A link is not followed.
	must(t, tab.Do(`(() => {
		window.held = (kind, type) => {
			const data = new DataTransfer();
			if (type === "Files") data.items.add(new File(["x"], "x.png")); else data.setData(type, "https://example.com/cat.png");
			document.querySelector(".panel.stage").dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
		};
		held("dragover", "Files");
	})()`))
	if veil := ask[string](t, tab, `getComputedStyle(document.querySelector(".stagebox"), "::after").content`); !strings.Contains(veil, "Drop the picture") {
		t.Errorf("while a picture is held over the stage it shows %s", veil)
	}
	must(t, tab.Wait(10*time.Second, `getComputedStyle(document.querySelector(".stagebox"), "::after").content === "none"`))
	must(t, tab.Do(`held("drop", "text/uri-list")`))
	must(t, tab.Wait(60*time.Second, ownFault+`.includes("Nothing is fetched from elsewhere")`))

	broken := pngFile(t, halves(40, 40, 255))
	broken = append(broken[:40], "these are no pixels of a picture at all"...)
	for _, c := range []struct{ file, says string }{
		{handed(broken, "broken.png", "image/png"), "broken and cannot be decoded"},
		{handed(hugePNG(t, 0, 10), "none.png", "image/png"), "no pixels"},
		{handed(hugePNG(t, 10000, 10000), "huge.png", "image/png"), "100 megapixels"},
		{handed([]byte("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"), "a.svg", "image/svg+xml"), "SVG"},
		{handed([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"), "a.gif", "image/gif"), "another kind"},
		{handed([]byte("a letter to a friend, and no picture"), "letter.png", "image/png"), "no picture"},
		{handed(turned(t)[:40], "part.jpg", "image/jpeg"), "ends before"},
		{handed(nil, "empty.png", "image/png"), "empty"},
		{`new File([new Uint8Array(50_000_001)], "large.png")`, "51 MB"},
	} {
		must(t, tab.Do(`drop(`+c.file+`)`))
		must(t, tab.Wait(60*time.Second, ownFault+`.includes(`+strconv.Quote(c.says)+`)`))
		if now := ask[string](t, tab, ownShown); now != scene {
			t.Errorf("%s: the scene %q has become %q", c.says, scene, now)
		}
	}

	// A photograph of a camera held on its side: what was left is up. The middle square is taken, of what was 400 by 600.
	must(t, tab.Do(`drop(`+handed(turned(t), "holiday.jpg", "image/jpeg")+`)`))
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("holiday.jpg")`))
	must(t, tab.Wait(60*time.Second, ownWords+`.includes("scaled down") && `+ownFault+` === ""`))
	if text := ask[string](t, tab, ownWords); !strings.Contains(text, "middle square") || strings.Contains(text, "white") {
		t.Errorf("of a photograph the page says %q", text)
	}
	if text := ask[string](t, tab, `kept()`); text != "" {
		t.Fatal("the device keeps a picture that nobody asked it to keep")
	}
	file, img := pictureKept(t, tab)
	if size := img.Bounds().Size(); size != image.Pt(400, 400) {
		t.Errorf("%v pixels are kept", size)
	} else if !near(img.At(200, 20), 200, 0, 0) || !near(img.At(200, 380), 0, 0, 200) {
		t.Errorf("the picture lies on its side: above %v, below %v", img.At(200, 20), img.At(200, 380))
	}
	if bytes.Contains(file, []byte("Exif")) || bytes.Contains(file, []byte("at home")) || bytes.Contains(file, []byte("holiday")) {
		t.Error("what the camera noted is kept")
	}

	// Pasted, half seen through, taller than wide: laid over white. It is not the one that is kept.
	must(t, tab.Do(`paste(`+handed(pngFile(t, halves(32, 50, 128)), "image.png", "image/png")+`)`))
	must(t, tab.Wait(60*time.Second, ownWords+`.includes("laid over white")`))
	if text := ask[string](t, tab, ownWords); !strings.Contains(text, "middle square") || !strings.Contains(text, "enlarged") {
		t.Errorf("of a small picture the page says %q", text)
	}
	must(t, tab.Wait(10*time.Second, `!document.querySelector("#own-keep").checked`))
	if _, img := pictureKept(t, tab); img.Bounds().Size() != image.Pt(32, 32) || !near(img.At(4, 4), 228, 127, 127) {
		t.Errorf("%v pixels, the first %v", img.Bounds().Size(), img.At(4, 4))
	}

	// WebP, written by the browser, and large: scaled through halves.
	must(t, tab.Do(`(async () => {
		const canvas = Object.assign(document.createElement("canvas"), { width: 2100, height: 2500 }), pen = canvas.getContext("2d");
		pen.fillStyle = "#1e5a96";
		pen.fillRect(0, 0, 2100, 2500);
		drop(new File([await new Promise((done) => canvas.toBlob(done, "image/webp"))], "sky.webp", { type: "image/webp" }));
	})()`))
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("sky.webp")`))
	if _, img := pictureKept(t, tab); img.Bounds().Size() != image.Pt(512, 512) || !near(img.At(100, 300), 0x1e, 0x5a, 0x96) {
		t.Errorf("%v pixels, one %v", img.Bounds().Size(), img.At(100, 300))
	}

	// Back to the scene, and to the picture again; a photograph of the site's own is not the visitor's.
	clickOn(t, tab, `#own [data-source=scene]`)
	must(t, tab.Wait(60*time.Second, ownShown+` === `+strconv.Quote(scene)))
	clickOn(t, tab, `#own [data-source=yours]`)
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("sky.webp")`))
	clickOn(t, tab, `#own [data-source=cat]`)
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("photograph: cat") && !document.querySelector("#own-keep")`))

	if now := ask[string](t, tab, `location.href`); now != address {
		t.Errorf("the link %s has become %s", address, now)
	}
	// The browser looks by itself whether there is a newer service worker.
	if after := slices.DeleteFunc(h.requests()[len(before):], func(name string) bool { return name == "app-worker.js" }); len(after) > 0 {
		t.Errorf("after the page was there it asked for %v", after)
	}
	for _, name := range ask[[]string](t, tab, `performance.getEntriesByType("resource").map((e) => e.name)`) {
		if !strings.HasPrefix(name, h.origin) && !strings.HasPrefix(name, "data:") && !strings.HasPrefix(name, "blob:") {
			t.Errorf("%s was asked for", name)
		}
	}

	// What was kept comes back after a reload, when it is asked for; what was not does not; what is forgotten is gone.
	must(t, tab.Reload())
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Do(ownHelpers))
	must(t, tab.Wait(30*time.Second, `document.querySelector("#own [data-source=yours]")`))
	if now := sceneShown(t, tab); now != scene {
		t.Errorf("after a reload the page shows %q", now)
	}
	clickOn(t, tab, `#own [data-source=yours]`)
	must(t, tab.Wait(30*time.Second, `!`+ownShown+`.includes("scene") && document.querySelector("#own-keep")?.checked`))
	clickOn(t, tab, `#own [data-forget]`)
	must(t, tab.Wait(60*time.Second, ownShown+` === `+strconv.Quote(scene)+` && !document.querySelector("#own [data-source=yours]")`))
	if text := ask[string](t, tab, `kept()`); text != "" {
		t.Error("the device has not forgotten")
	}
	must(t, tab.Do(`drop(`+handed(turned(t), "holiday.jpg", "image/jpeg")+`)`))
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("holiday.jpg")`))
	must(t, tab.Reload())
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Wait(60*time.Second, `window.petriOwn && document.querySelector("#own")`))
	if ask[bool](t, tab, `!!document.querySelector("#own [data-source=yours]")`) {
		t.Error("a picture that was not kept is there after a reload")
	}
}

// TestOwnCamera takes a picture with a camera that is a canvas: its tracks are stopped by the shot, by Escape and when the visitor
// turns away; a refusal has its words.
func TestOwnCamera(t *testing.T) {
	h := hosting(t, "")
	tab := ownVisitor(t, h)
	scene := sceneShown(t, tab)
	must(t, tab.Do(`(() => {
		const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 }), pen = canvas.getContext("2d");
		setInterval(() => { pen.fillStyle = "#00c800"; pen.fillRect(0, 0, 320, 240); }, 40);
		window.tracks = [];
		navigator.mediaDevices.getUserMedia = async (wish) => {
			if (wish.audio) throw new Error("nobody needs to listen");
			const stream = canvas.captureStream(25);
			tracks.push(...stream.getTracks());
			return stream;
		};
	})()`))
	const ready, stopped = `document.querySelector("dialog.own .primary:not([disabled])")`, `!document.querySelector("dialog.own") && tracks.every((t) => t.readyState === "ended")`
	clickOn(t, tab, `#own [data-source=camera]`)
	must(t, tab.Wait(60*time.Second, ready))
	if live := ask[int](t, tab, `tracks.filter((t) => t.readyState === "live").length`); live != 1 {
		t.Fatalf("%d tracks are live while the camera is looked through", live)
	}
	must(t, tab.Keys("\r")) // the button has the focus
	must(t, tab.Wait(60*time.Second, stopped))
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("camera")`))
	if _, img := pictureKept(t, tab); img.Bounds().Size() != image.Pt(240, 240) || !near(img.At(9, 200), 0, 200, 0) {
		t.Errorf("%v pixels, one %v", img.Bounds().Size(), img.At(9, 200))
	}
	for leave, how := range map[string]string{
		"Escape":            ``,
		"another tab":       `Object.defineProperty(document, "hidden", { value: true, configurable: true }); document.dispatchEvent(new Event("visibilitychange")); delete document.hidden`,
		"back in the pages": `dispatchEvent(new PopStateEvent("popstate"))`,
	} {
		clickOn(t, tab, `#own [data-source=camera]`)
		must(t, tab.Wait(60*time.Second, ready))
		if how == "" {
			must(t, tab.Keys("\x1b"))
		} else {
			must(t, tab.Do(`(() => { `+how+` })()`))
		}
		if err := tab.Wait(60*time.Second, stopped); err != nil {
			t.Errorf("%s leaves the camera on: %v", leave, err)
		}
	}
	clickOn(t, tab, `#own [data-forget]`)
	for name, says := range map[string]string{"NotAllowedError": "does not let the page", "NotFoundError": "No camera", "NotReadableError": "another program"} {
		must(t, tab.Do(`navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "`+name+`"); }`))
		clickOn(t, tab, `#own [data-source=camera]`)
		must(t, tab.Wait(60*time.Second, `!document.querySelector("dialog.own") && `+ownFault+`.includes(`+strconv.Quote(says)+`)`))
	}
	if now := ask[string](t, tab, ownShown); now != scene {
		t.Errorf("the scene %q has become %q", scene, now)
	}
}

// TestOwnPainting paints with the keyboard and the pointer, fills, rubs out, undoes, and shows what was painted. A painting that
// was put aside is there when the dialog is opened again.
func TestOwnPainting(t *testing.T) {
	h := hosting(t, "")
	tab := ownVisitor(t, h)
	pixel := func(x, y int) []int {
		t.Helper()
		return ask[[]int](t, tab, `[...document.querySelector("dialog.own canvas").getContext("2d").getImageData(`+strconv.Itoa(x)+`, `+strconv.Itoa(y)+`, 1, 1).data]`)
	}
	is := func(x, y int, want ...int) {
		t.Helper()
		if got := pixel(x, y); !slices.Equal(got[:3], want) {
			t.Errorf("pixel %d, %d is %v, want %v", x, y, got, want)
		}
	}
	press := func(text string) { // a button of the dialog, by its name
		t.Helper()
		must(t, tab.Do(`[...document.querySelectorAll("dialog.own button")].find((b) => (b.getAttribute("aria-label") || b.textContent) === `+strconv.Quote(text)+`).click()`))
	}
	stroke := func(points ...[2]float64) {
		t.Helper()
		list, err := json.Marshal(points)
		must(t, err)
		must(t, tab.Do(`(() => {
			const canvas = document.querySelector("dialog.own canvas"), box = canvas.getBoundingClientRect(), points = `+string(list)+`;
			const at = (kind, [x, y]) => canvas.dispatchEvent(new PointerEvent(kind, { clientX: box.left + ((x + 0.5) * box.width) / 64, clientY: box.top + ((y + 0.5) * box.height) / 64, pointerId: 1, bubbles: true }));
			canvas.setPointerCapture = () => {}; // there is no such pointer
			at("pointerdown", points[0]);
			for (const p of points) at("pointermove", p);
			at("pointerup", points.at(-1));
		})()`))
	}
	blue, red, white := []int{0x2f, 0x6f, 0xb3}, []int{0xc8, 0x37, 0x2d}, []int{255, 255, 255}

	clickOn(t, tab, `#own [data-source=paint]`)
	must(t, tab.Wait(60*time.Second, `document.activeElement === document.querySelector("dialog.own canvas")`))
	is(32, 32, white...)
	must(t, tab.Keys(" "))
	is(32, 32, blue...)
	is(37, 32, white...)
	press("1")
	stroke([2]float64{10, 10}, [2]float64{10, 20}, [2]float64{20, 20}, [2]float64{20, 10}, [2]float64{10, 10})
	is(15, 20, blue...)
	is(15, 15, white...)
	press("red")
	press("Fill")
	stroke([2]float64{15, 15})
	is(15, 15, red...)
	is(19, 11, red...)
	is(15, 20, blue...)
	is(25, 25, white...)
	press("Undo")
	is(15, 15, white...)
	press("Eraser")
	stroke([2]float64{10, 10}, [2]float64{10, 20})
	is(10, 15, white...)
	press("Clear")
	is(32, 32, white...)
	press("Undo")
	is(32, 32, blue...)
	press("This colour") // undone, it is not what is below the painting either
	is(5, 5, red...)
	press("Undo")
	is(5, 5, white...)
	stroke([2]float64{5, 5})
	is(5, 5, white...)
	press("Undo")
	is(32, 32, blue...)

	must(t, tab.Keys("\x1b"))
	must(t, tab.Wait(10*time.Second, `!document.querySelector("dialog.own")`))
	clickOn(t, tab, `#own [data-source=paint]`)
	must(t, tab.Wait(60*time.Second, `document.querySelector("dialog.own canvas")`))
	is(32, 32, blue...)
	press("Use this picture")
	must(t, tab.Wait(60*time.Second, `!document.querySelector("dialog.own") && `+ownShown+`.includes("painting")`))
	must(t, tab.Wait(60*time.Second, `!`+ownWords+`.includes("Drop")`))
	if text := ask[string](t, tab, ownWords); strings.Contains(text, "scaled") || strings.Contains(text, "white") {
		t.Errorf("of a painting the page says %q", text)
	}
	_, img := pictureKept(t, tab)
	if img.Bounds().Size() != image.Pt(64, 64) || !near(img.At(32, 32), 0x2f, 0x6f, 0xb3) || !near(img.At(50, 50), 255, 255, 255) {
		t.Errorf("%v pixels, %v and %v", img.Bounds().Size(), img.At(32, 32), img.At(50, 50))
	}
	// The model answers to it, and knows no truth of it.
	must(t, tab.Wait(60*time.Second, stageUp))
	pointAt(t, tab, 32, 32)
	must(t, tab.Wait(60*time.Second, strip+`.includes("1 point") && document.querySelector("#answer-0")?.textContent.includes("no truth: this picture is yours")`))
	clickOn(t, tab, "#prompt-clear:not([disabled])")
	clickOn(t, tab, `#own [data-source=paint]`) // from the picture that is shown
	must(t, tab.Wait(60*time.Second, `document.querySelector("dialog.own canvas")`))
	is(32, 32, white...)
	press("The picture shown")
	is(32, 32, blue...)
	must(t, tab.Keys("\x1b"))
}

// TestOwnMasks drops in a photograph and asks the model: its masks are numbers, they follow the point, and nothing has left the
// browser.
func TestOwnMasks(t *testing.T) {
	h := hosting(t, "")
	tab := visitor(t, h)
	must(t, tab.Size(1440, 1000))
	must(t, tab.Open(h.url("/")))
	must(t, tab.Wait(60*time.Second, started))
	// What the workers answer passes by here: the workers of a lab start with it.
	must(t, tab.Do(`(() => {
		window.answers = [];
		const plain = Worker;
		window.Worker = function (...args) {
			const worker = new plain(...args);
			worker.addEventListener("message", ({ data }) => {
				const head = typeof data.h === "string" ? JSON.parse(data.h) : {};
				if (head.kind === "answer") answers.push({ ...head.answer, logits: data.b[1] ? new Float32Array(data.b[1].slice(0)) : null });
			});
			return worker;
		};
	})()`))
	must(t, tab.Click(`main a[href^="/`+ownLab+`"]`))
	must(t, tab.Wait(60*time.Second, `window.petriOwn && document.querySelector("#own")`))
	must(t, tab.Wait(60*time.Second, stageUp))
	must(t, tab.Do(ownHelpers))
	waitKept(t, tab)
	before := len(h.requests())
	photo := pngFile(t, discs())
	must(t, tab.Do(`drop(`+handed(photo, "discs.png", "image/png")+`)`))
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("discs.png")`))
	must(t, tab.Wait(60*time.Second, `answers.some((a) => a.key.startsWith("own/"))`)) // it is on the stage
	type answer struct {
		Key                    string
		Finite                 bool
		Masks                  int
		Inside, There, Missing int // pixels of the best mask, and whether the point and the other disc are in it
	}
	point := func(x, y, ox, oy int) answer {
		t.Helper()
		must(t, tab.Wait(60*time.Second, strip+`.includes("Nothing is placed")`))
		pointAt(t, tab, x, y)
		must(t, tab.Do(`window.found = () => answers.findLast((a) => a.kind === "prompt" && a.key.startsWith("own/") && a.masks?.length && a.prompt.points?.length === 1 && a.prompt.points[0].x === `+strconv.Itoa(x)+`.5)`))
		must(t, tab.Wait(60*time.Second, `found()`))
		must(t, tab.Wait(60*time.Second, strip+`.includes("1 point")`))
		clickOn(t, tab, "#prompt-clear:not([disabled])")
		return ask[answer](t, tab, `(() => {
			const a = found(), n = a.side * a.side, mask = a.logits.subarray(a.chosen * n, (a.chosen + 1) * n), at = (x, y) => +(mask[y * a.side + x] > 0);
			return { Key: a.key, Finite: a.logits.every(Number.isFinite), Masks: a.masks.length, Inside: mask.filter((z) => z > 0).length, There: at(`+strconv.Itoa(x)+`, `+strconv.Itoa(y)+`), Missing: at(`+strconv.Itoa(ox)+`, `+strconv.Itoa(oy)+`) };
		})()`)
	}
	for _, a := range []answer{point(16, 32, 48, 32), point(48, 32, 16, 32)} {
		if !strings.HasPrefix(a.Key, "own/") || !a.Finite || a.Masks == 0 || a.There != 1 || a.Missing != 0 || a.Inside == 0 || a.Inside > 64*64/2 {
			t.Errorf("a point on one of two discs: %+v", a)
		}
	}
	// A photograph as a camera makes it: its masks are numbers, have the point in them, and are others for another point. (By far not at
	// every point of it: the model has never seen one.)
	cat, err := os.ReadFile("../../assets/data/photos/cat.jpg")
	must(t, err)
	must(t, tab.Do(`answers.length = 0; drop(`+handed(cat, "holiday.jpg", "image/jpeg")+`)`))
	must(t, tab.Wait(60*time.Second, ownShown+`.includes("holiday.jpg")`))
	must(t, tab.Wait(60*time.Second, `answers.some((a) => a.key.startsWith("own/"))`))
	one, two := point(40, 40, 22, 22), point(22, 22, 40, 40)
	for _, a := range []answer{one, two} {
		if !a.Finite || a.Masks == 0 || a.There != 1 || a.Inside == 0 || a.Inside == 64*64 {
			t.Errorf("a point on a photograph: %+v", a)
		}
	}
	if one.Inside == two.Inside {
		t.Errorf("two points far apart have masks of one size: %+v, %+v", one, two)
	}
	if after := h.requests(); slices.ContainsFunc(after[before:], func(name string) bool { return !strings.HasPrefix(name, "web/") && name != "app-worker.js" }) {
		t.Errorf("after the picture was there the page asked for %v", after[before:])
	}
}

// pointAt places a point on the stage, in pixels of the picture that is shown.
func pointAt(t *testing.T, tab *browser.Tab, x, y int) {
	t.Helper()
	must(t, tab.Do(`document.getElementById("stage-frame").contentWindow.eval("parent.postMessage({ petri: 'prompt', gesture: { kind: 'point', x: `+strconv.Itoa(x)+`.5, y: `+strconv.Itoa(y)+`.5, label: 1 } }, '*')")`))
}

// TestBrokenWeights serves the trained model with one bit flipped: the page says so in a line, and keeps the scene and what is placed.
func TestBrokenWeights(t *testing.T) {
	h := hosting(t, "")
	h.change = flipped
	tab := visitor(t, h)
	must(t, tab.Size(1440, 1000))
	must(t, tab.Open(h.url("/"+ownLab)))
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Wait(60*time.Second, stageUp))
	pointAt(t, tab, 32, 32)
	const said = `[...document.querySelectorAll(".panel.stage .fault, #own .fault")].map((e) => e.textContent).join(" ")`
	must(t, tab.Wait(60*time.Second, said+`.includes("SHA-256")`))
	if text := ask[string](t, tab, said); !strings.Contains(text, "reload the page") {
		t.Errorf("broken weights: %q", text)
	}
	if got := ask[string](t, tab, strip); !strings.Contains(got, "1 point") {
		t.Errorf("what was placed is lost: %q", got)
	}
	if got := ask[string](t, tab, ownShown); !strings.Contains(got, ": ") {
		t.Errorf("the scene is lost: %q", got)
	}
}

// discs are two on a plain ground: a picture that any model of masks can tell apart.
func discs() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 256, 256))
	for y := range 256 {
		for x := range 256 {
			c := color.NRGBA{R: 205, G: 210, B: 214, A: 255}
			for i, mid := range []int{66, 194} {
				if dx, dy := x-mid, y-130; dx*dx+dy*dy < 44*44 {
					c = []color.NRGBA{{R: 190, G: 60, B: 50, A: 255}, {R: 50, G: 90, B: 170, A: 255}}[i]
				}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}
