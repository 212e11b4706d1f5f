//go:build !js

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"petri/assets"
	"petri/internal/browser"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
)

// askWatch keeps what passes between the page and its workers about prompts, from the moment it is run: petriAsks, each with the
// worker, the command, what came with it, and the answers to it. Workers are those that start afterwards.
const askWatch = `(() => {
	window.petriAsks = [];
	const plain = Worker;
	let count = 0;
	const text = (buffer) => {
		let s = "";
		for (let i = 0; i < buffer.byteLength; i += 8192) s += String.fromCharCode(...new Uint8Array(buffer, i, Math.min(8192, buffer.byteLength - i)));
		return btoa(s);
	};
	window.Worker = function (...args) {
		const worker = new plain(...args), number = count++;
		worker.postMessage = (data, move) => {
			const head = typeof data?.h === "string" ? JSON.parse(data.h) : {};
			if (head.op === "ask" && head.ask.kind !== "stop" && head.ask.kind !== "forget") petriAsks.push({ worker: number, head, buffers: data.b.map(text), bytes: data.x ? text(data.x) : "", answers: [] });
			plain.prototype.postMessage.call(worker, data, move ?? []);
		};
		worker.addEventListener("message", ({ data }) => {
			const head = typeof data?.h === "string" ? JSON.parse(data.h) : {};
			const asked = petriAsks.find((a) => a.head.run === head.run);
			if (!asked) return;
			for (const a of asked.answers) a.buffers = []; // of an answer that comes bit by bit, the last one counts
			asked.answers.push({ head, buffers: data.b.map(text), bytes: data.x ? text(data.x) : "" });
		});
		return worker;
	};
})()`

// exchange is one ask and what a worker said to it.
type exchange struct {
	Worker  int
	Head    wire.Command
	Buffers [][]byte
	Bytes   []byte
	Answers []said
}

// said is one answer.
type said struct {
	Head    wire.Event
	Buffers [][]byte
	Bytes   []byte
}

// last is the answer that counts.
func (e exchange) last() said { return e.Answers[len(e.Answers)-1] }

// samTab is a visitor of the lab of masks who came by the home page, so that every ask is watched; the stage is up, and the first
// answer has come.
func samTab(t *testing.T, h *host, link string) *browser.Tab {
	t.Helper()
	tab := visitor(t, h)
	must(t, tab.Size(1300, 1000))
	must(t, tab.Open(h.url("/")))
	must(t, tab.Wait(60*time.Second, started))
	must(t, tab.Do(askWatch))
	must(t, tab.Do(`(() => { const a = document.querySelector('main a[href$="/sam"]'); a.href = "/`+link+`"; a.click(); })()`))
	must(t, tab.Wait(60*time.Second, stageUp))
	must(t, tab.Do(`document.querySelector("#stage").scrollIntoView()`))
	must(t, tab.Wait(60*time.Second, stageLive+` && petriAsks.some((a) => a.answers.length > 0)`))
	must(t, tab.Do(`URL.createObjectURL = (blob) => { window.saved = blob.text(); return "blob:none"; }; HTMLAnchorElement.prototype.click = () => {}`))
	quiet(t, tab)
	return tab
}

// asks are the exchanges so far from a number on.
func asks(t *testing.T, tab *browser.Tab, from int) []exchange {
	t.Helper()
	var list []exchange
	for range ask[int](t, tab, `petriAsks.length`) - from {
		list = append(list, ask[exchange](t, tab, fmt.Sprintf(`petriAsks[%d]`, from+len(list))))
	}
	return list
}

// quiet waits until every ask has its last answer. Of everything mode the last one says that no more follow.
func quiet(t *testing.T, tab *browser.Tab) {
	t.Helper()
	must(t, tab.Wait(160*time.Second, `petriAsks.every((a) => a.answers.length > 0 && !a.answers.at(-1).head.answer?.more) && !document.querySelector("#fates [role=progressbar]")`))
}

// exchanged does something that leads to an ask, waits until it and all others are answered, and returns the last.
func exchanged(t *testing.T, tab *browser.Tab, do func()) exchange {
	t.Helper()
	before := ask[int](t, tab, `petriAsks.length`)
	do()
	must(t, tab.Wait(60*time.Second, `petriAsks.length > `+strconv.Itoa(before)))
	quiet(t, tab)
	return ask[exchange](t, tab, `petriAsks.at(-1)`)
}

// clickOn presses something once it is there: by the element, not by its place on the screen, because an answer that arrives in
// between moves what lies below it.
func clickOn(t *testing.T, tab *browser.Tab, selector string) {
	t.Helper()
	must(t, tab.Wait(60*time.Second, `document.querySelector(`+strconv.Quote(selector)+`)`))
	must(t, tab.Do(`document.querySelector(`+strconv.Quote(selector)+`).click()`))
}

func floats(b []byte) []float32 {
	if len(b) == 0 {
		return nil
	}
	return append([]float32(nil), unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)...)
}

func bytesOf(x []float32) []byte {
	return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))...)
}

func allFloats(list [][]byte) (out [][]float32) {
	for _, b := range list {
		out = append(out, floats(b))
	}
	return out
}

// twins are native prompters, one for each worker of the page, since each remembers what it was asked.
type twins map[int]lab.Prompter

// answer asks natively what a worker was asked.
func (w twins) answer(t *testing.T, e exchange) (lab.Reply, error) {
	t.Helper()
	p, ok := w[e.Worker]
	if !ok {
		paper, found := papers.Find("sam")
		if !found {
			t.Fatal("there is no lab of masks")
		}
		p = paper.Prompting.New(lab.Env{Asset: assets.Read})
		w[e.Worker] = p
	}
	work, err := p.Begin(*e.Head.Ask, allFloats(e.Buffers), e.Bytes, nil)
	if err != nil {
		return lab.Reply{}, err
	}
	var last lab.Reply
	for {
		r, err := work()
		if err != nil {
			return r, err
		}
		if r.Answer != nil || r.File != nil {
			last = r
		}
		if r.Done {
			return last, nil
		}
	}
}

// compare asks the shipped model natively whatever the page asked its workers, in the same order: picture, logits, true masks,
// attention, scores and fates must be the same to the bit. It returns how many answers were compared.
func compare(t *testing.T, list []exchange) (compared int) {
	t.Helper()
	native := twins{}
	for i, e := range list {
		if len(e.Answers) == 0 || e.Head.Ask.Model != wire.ModelShipped {
			continue
		}
		there, err := native.answer(t, e)
		here := e.last()
		what := fmt.Sprintf("ask %d, %s of %s", i, e.Head.Ask.Kind, e.Head.Ask.Picture.Key)
		if err != nil || here.Head.Kind == wire.KindError {
			if err == nil || err.Error() != here.Head.Error {
				t.Errorf("%s: the browser says %q, natively it is %v", what, here.Head.Error, err)
			}
			continue
		}
		compared++
		if there.File != nil {
			if string(there.Bytes) != string(here.Bytes) {
				t.Errorf("%s: the files differ", what)
			}
			continue
		}
		if len(there.Buffers) != len(here.Buffers) {
			t.Fatalf("%s: %d buffers in the browser, %d natively", what, len(here.Buffers), len(there.Buffers))
		}
		for k, b := range there.Buffers {
			got := floats(here.Buffers[k])
			if len(got) != len(b) {
				t.Errorf("%s: buffer %d has %d numbers in the browser, %d natively", what, k, len(got), len(b))
			} else if at := slices.IndexFunc(b, func(x float32) bool { x -= x; return x != 0 }); at >= 0 {
				t.Errorf("%s: number %d of buffer %d is %v", what, at, k, b[at])
			} else if !slices.Equal(got, b) {
				at := 0
				for got[at] == b[at] {
					at++
				}
				t.Errorf("%s: number %d of buffer %d is %v in the browser, %v natively", what, at, k, got[at], b[at])
			}
		}
		if one, two := shorn(t, *here.Head.Answer), shorn(t, *there.Answer); one != two {
			t.Errorf("%s:\n browser %s\n native  %s", what, one, two)
		}
	}
	return compared
}

// shorn is an answer as JSON, without times and without what only echoes the ask.
func shorn(t *testing.T, a wire.Answer) string {
	t.Helper()
	a.Kind, a.Serial, a.Model, a.Key, a.Prompt, a.Encoded, a.EncoderMs, a.DecoderMs = "", 0, "", "", wire.Prompt{}, false, 0, 0
	text, err := json.Marshal(a)
	must(t, err)
	return string(text)
}

// inside is a mask of an answer to a prompt, by pixel.
func inside(e exchange, mask int) []bool {
	last := e.last()
	n := last.Head.Answer.Side * last.Head.Answer.Side
	z := floats(last.Buffers[1])[mask*n:][:n]
	out := make([]bool, n)
	for i, v := range z {
		out[i] = v > 0
	}
	return out
}

// gestured does with the pointer what a visitor does on the picture of the stage: it goes down, moves and is lifted, at places in
// pixels of the picture. shift is held, the button is the right one where it is 2.
func gestured(t *testing.T, tab *browser.Tab, shift bool, button int, at ...[2]float64) {
	t.Helper()
	must(t, tab.Do(pointer(shift, button, true, at...)))
}

// pointed moves the pointer to a place of the picture.
func pointed(t *testing.T, tab *browser.Tab, x, y float64) {
	t.Helper()
	must(t, tab.Do(pointer(false, 0, false, [2]float64{x, y})))
}

// pointer is the script of a gesture. On a stage of less than 820 pixels the picture is as wide as the stage.
func pointer(shift bool, button int, press bool, at ...[2]float64) string {
	places, _ := json.Marshal(at)
	return fmt.Sprintf(`(async () => {
		const f = document.querySelector("iframe"), words = f.contentDocument.querySelector("#words"), box = words.getBoundingClientRect(), places = %s;
		if (box.width >= 820) throw new Error("the stage is " + box.width + " pixels wide: the picture does not fill it");
		words.setPointerCapture = () => {}; // there is no such pointer
		const send = (kind, [x, y]) => words.dispatchEvent(new f.contentWindow.PointerEvent(kind, { clientX: box.left + (x * box.width) / 64, clientY: box.top + (y * box.width) / 64,
			pointerId: 7, pointerType: "mouse", button: %d, shiftKey: %v, bubbles: true, cancelable: true }));
		const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
		if (%v) send("pointerdown", places[0]);
		for (const p of places) { send("pointermove", p); await frame(); await frame(); }
		if (%v) send("pointerup", places.at(-1));
	})()`, places, button, shift, press, press)
}
