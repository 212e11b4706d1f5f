//go:build !js

package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"petri/assets"
	"petri/internal/browser"
	"petri/kernels/data"
	"petri/kernels/data/scenes"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
	"petri/kernels/papers/sam/masks"
)

// task is what the test does in one scene: a large thing that the shipped model finds by a click in its middle and by its box, and a
// pixel of the mask that it leaves out when told to. The model is asked natively, so whatever weights there are, the browser has to do
// as well, to the bit.
type task struct {
	scene    scenes.Scene
	thing    int // of its nodes
	at, not  [2]float64
	box      [4]float64
	iou, fit float64 // of the click, of the box
}

// large is how many pixels of 64 × 64 a thing has at least.
const large = 200

// chosenTask looks for the task among the first scenes of the stage.
func chosenTask(t *testing.T) (best task) {
	t.Helper()
	native := twins{}
	serial := 0
	ask := func(index int, prompt wire.Prompt) exchange {
		serial++
		e := exchange{Head: wire.Command{Ask: &wire.Ask{Kind: wire.AskPrompt, Serial: serial, Model: wire.ModelShipped, Rule: wire.RulePaper, Prompt: prompt,
			Picture: wire.Source{Key: wire.SceneKey(data.Validation.String(), index, nil), Split: data.Validation.String(), Index: index}}}}
		r, err := native.answer(t, e)
		must(t, err)
		e.Answers = []said{{Head: wire.Event{Answer: r.Answer}, Buffers: [][]byte{nil, bytesOf(r.Buffers[1])}}}
		return e
	}
	best.iou = -1
	for index := range 6 {
		var s scenes.Scene
		s.Draw(scenes.Shapes, data.Validation, index, scenes.Side, nil)
		for n, node := range s.Nodes {
			if node.Level != scenes.Whole || node.Area < large {
				continue
			}
			truth := trueMask(&s, n)
			c := task{scene: s, thing: n, at: [2]float64{float64(node.Centre.X) + 0.5, float64(node.Centre.Y) + 0.5},
				box: [4]float64{float64(node.Box.X0), float64(node.Box.Y0), float64(node.Box.X1), float64(node.Box.Y1)}}
			point := wire.PromptPoint{X: c.at[0], Y: c.at[1], Label: 1}
			first := ask(index, wire.Prompt{Points: []wire.PromptPoint{point}, Feed: true})
			a := first.Answers[0].Head.Answer
			for i := range a.Masks {
				c.iou = max(c.iou, overlap(inside(first, i), truth))
			}
			boxed := ask(index, wire.Prompt{Box: &wire.PromptBox{X0: c.box[0], Y0: c.box[1], X1: c.box[2], Y1: c.box[3]}, Feed: true})
			c.fit = overlap(inside(boxed, boxed.Answers[0].Head.Answer.Chosen), truth)
			if min(c.iou, c.fit) <= min(best.iou, best.fit) {
				continue
			}
			shown := inside(first, a.Chosen)
			for i := 0; i < len(shown); i += 7 {
				x, y := i%scenes.Side, i/scenes.Side
				if !shown[i] || max(abs(x-node.Centre.X), abs(y-node.Centre.Y)) < 4 {
					continue
				}
				no := ask(index, wire.Prompt{Points: []wire.PromptPoint{point, {X: float64(x) + 0.5, Y: float64(y) + 0.5}}, Feed: true, From: first.Head.Ask.Serial})
				if !inside(no, no.Answers[0].Head.Answer.Chosen)[i] {
					c.not = [2]float64{float64(x) + 0.5, float64(y) + 0.5}
					best = c
					break
				}
			}
		}
	}
	if best.iou < 0 {
		t.Fatal("of no large thing the model leaves out what it is told to")
	}
	return best
}

func abs(x int) int { return max(x, -x) }

// trueMask is the mask of a node, by the generator.
func trueMask(s *scenes.Scene, node int) []bool {
	m := make([]float32, s.Size*s.Size)
	s.Mask(m, node)
	out := make([]bool, len(m))
	for i, v := range m {
		out[i] = v > 0
	}
	return out
}

// overlap is the IoU of two masks.
func overlap(a, b []bool) float64 {
	both, either := 0, 0
	for i := range a {
		if a[i] && b[i] {
			both++
		}
		if a[i] || b[i] {
			either++
		}
	}
	if either == 0 {
		return 0
	}
	return float64(both) / float64(either)
}

// TestMasks is a visitor of the lab of masks: hovers, clicks, takes back, drags a box, paints, looks for everything, moves a filter,
// writes the masks to a file and reads it again. Masks are held against the generator's truth, and every answer of the workers
// against the same model asked natively.
func TestMasks(t *testing.T) {
	want := chosenTask(t)
	t.Logf("scene %d, %s: IoU %.3f by a click, %.3f by a box", want.scene.Index, want.scene.Nodes[want.thing].Name, want.iou, want.fit)
	if want.iou < 0.5 || want.fit < 0.5 {
		t.Errorf("of the large things of six scenes the best one has an IoU of %.3f by a click and of %.3f by a box", want.iou, want.fit)
	}
	h := hosting(t, "")
	tab := samTab(t, h, "sam")
	for range want.scene.Index {
		exchanged(t, tab, func() { clickOn(t, tab, "#new-scene") })
	}
	truth := trueMask(&want.scene, want.thing)

	// The pointer alone.
	hover := exchanged(t, tab, func() { pointed(t, tab, want.at[0], want.at[1]) })
	nearBy(t, "the pointer", hover, want.at, 1)
	must(t, tab.Wait(60*time.Second, strip+`.includes("Under the pointer")`))
	other := exchanged(t, tab, func() { pointed(t, tab, want.not[0], want.not[1]) })
	if slices.Equal(floats(hover.last().Buffers[1]), floats(other.last().Buffers[1])) {
		t.Error("the mask does not follow the pointer")
	}

	// A click. What the page shows of its masks is what they have, by the generator.
	click := exchanged(t, tab, func() { gestured(t, tab, false, 0, want.at) })
	nearBy(t, "a click", click, want.at, 1)
	must(t, tab.Wait(60*time.Second, strip+`.includes("1 point")`))
	best := -1.0
	answer := click.last().Head.Answer
	for i, m := range answer.Masks {
		id := "#answer-" + strconv.Itoa(i)
		clickOn(t, tab, id)
		must(t, tab.Wait(10*time.Second, `document.querySelector("`+id+`").getAttribute("aria-pressed") === "true"`))
		mask := exported(t, tab)
		if !slices.Equal(mask, inside(click, i)) {
			t.Errorf("mask %d in the file is not the one that was answered", i)
		}
		iou := -1.0
		for _, n := range want.scene.At(nil, int(want.at[0]), int(want.at[1])) {
			iou = max(iou, overlap(mask, trueMask(&want.scene, n)))
		}
		shown := ask[[]string](t, tab, `[...document.querySelectorAll("`+id+` .ious .row")].map((r) => r.textContent)`)
		if want := fmt.Sprintf("true%.2f", iou); m.True != iou || !slices.Contains(shown, want) {
			t.Errorf("mask %d: the answer says %v, the page %q, the generator %q", i, m.True, shown, want)
		}
		best = max(best, overlap(mask, truth))
	}
	if len(answer.Masks) != 4 || best != want.iou {
		t.Errorf("%d masks, the best with an IoU of %v; natively %v", len(answer.Masks), best, want.iou)
	}

	// What is not meant, by the right button, taken back, and with Shift.
	front := inside(click, answer.Chosen)
	right := exchanged(t, tab, func() { gestured(t, tab, false, 2, want.not) })
	nearBy(t, "a right click", right, want.not, 0)
	after := inside(right, right.last().Head.Answer.Chosen)
	if at := int(want.not[1])*scenes.Side + int(want.not[0]); !front[at] || after[at] || slices.Equal(front, after) {
		t.Errorf("a point that is not meant: before inside %v, then %v", front[at], after[at])
	}
	must(t, tab.Wait(60*time.Second, strip+`.includes("2 points")`))
	clickOn(t, tab, "#prompt-undo")
	must(t, tab.Wait(60*time.Second, strip+`.includes("1 point")`))
	if !slices.Equal(exported(t, tab), inside(click, len(answer.Masks)-1)) { // the last one was brought forward above
		t.Error("taken back, the mask is not as it was")
	}
	shift := exchanged(t, tab, func() { gestured(t, tab, true, 0, want.not) })
	nearBy(t, "a click with Shift", shift, want.not, 0)
	if !slices.Equal(floats(shift.last().Buffers[1]), floats(right.last().Buffers[1])) {
		t.Error("a click with Shift is not what a right click is")
	}
	exchanged(t, tab, func() { clickOn(t, tab, "#prompt-clear") })
	must(t, tab.Wait(60*time.Second, strip+`.includes("Nothing is placed")`))
	clickOn(t, tab, "#prompt-undo")
	must(t, tab.Wait(60*time.Second, strip+`.includes("2 points")`))
	exchanged(t, tab, func() { clickOn(t, tab, "#prompt-clear") })

	// A box, by its tool.
	clickOn(t, tab, "#tool-box")
	boxed := exchanged(t, tab, func() {
		gestured(t, tab, false, 0, [2]float64{want.box[0], want.box[1]}, [2]float64{32, 32}, [2]float64{want.box[2], want.box[3]})
	})
	if b := boxed.Head.Ask.Prompt.Box; b == nil || max(b.X0-want.box[0], want.box[0]-b.X0, b.Y1-want.box[3], want.box[3]-b.Y1) > 0.5 {
		t.Errorf("the box is %+v, want %v", b, want.box)
	} else if iou := overlap(inside(boxed, boxed.last().Head.Answer.Chosen), truth); iou < want.fit-0.1 {
		t.Errorf("by its box the thing is found with an IoU of %.3f, natively of %.3f", iou, want.fit)
	}
	must(t, tab.Wait(60*time.Second, strip+`.includes("1 box")`))
	exchanged(t, tab, func() { clickOn(t, tab, "#prompt-clear") })

	// A rough mask, painted.
	clickOn(t, tab, "#tool-brush")
	stroke := [][2]float64{{want.at[0] - 2, want.at[1]}, want.at, {want.at[0] + 2, want.at[1]}}
	brushed := exchanged(t, tab, func() { gestured(t, tab, false, 0, stroke...) })
	if p := brushed.Head.Ask.Prompt; !p.Brush || len(brushed.Buffers) != 1 {
		t.Errorf("a stroke is asked as %+v with %d buffers", p, len(brushed.Buffers))
	} else if rough := floats(brushed.Buffers[0]); rough[int(want.at[1])*scenes.Side+int(want.at[0])] != 1 || rough[0] != 0 {
		t.Error("the rough mask is not what was painted")
	}
	if m := inside(brushed, brushed.last().Head.Answer.Chosen); !slices.Contains(m, true) {
		t.Error("the answer to a rough mask is empty")
	}
	must(t, tab.Wait(60*time.Second, strip+`.includes("a brushed mask of")`))

	everythingMode(t, tab, &want)

	list := asks(t, tab, 0)
	n := compare(t, list)
	t.Logf("%d answers of the browser are the native ones; the click took %.1f ms there, its picture %.1f ms", n, click.last().Head.Answer.DecoderMs, click.last().Head.Answer.EncoderMs)
	if n < 15 {
		t.Errorf("only %d answers were compared", n)
	}
}

// everythingMode looks for everything, holds what is found against the generator's truth, moves a filter, and writes and reads the masks.
func everythingMode(t *testing.T, tab *browser.Tab, want *task) {
	found := exchanged(t, tab, func() { clickOn(t, tab, "#run-every") })
	a := found.last().Head.Answer
	if len(a.Dots) != 16*16 || a.Asked != len(a.Dots) || len(found.Answers) < 3 {
		t.Errorf("%d of %d points were asked, in %d answers", a.Asked, len(a.Dots), len(found.Answers))
	}
	counted(t, tab, *a)
	trueOnes(t, tab, found, want)

	// A filter sorts what was found, without the model.
	lower := func(name string, position int) exchange {
		return exchanged(t, tab, func() {
			must(t, tab.Do(fmt.Sprintf(`(() => { const e = document.getElementById("range-every-%s"); e.value = %d; for (const kind of ["input", "change"]) e.dispatchEvent(new Event(kind, { bubbles: true })); })()`, name, position)))
		})
	}
	sorted := lower("predicted", 0)
	sorted = lower("stability", 0)
	b := sorted.last().Head.Answer
	if len(sorted.Answers) != 1 || b.Asked != len(b.Dots) || sorted.Worker != found.Worker {
		t.Errorf("a filter gives %d answers, the first with %d of %d points", len(sorted.Answers), sorted.Answers[0].Head.Answer.Asked, len(b.Dots))
	}
	if len(b.Found) <= len(a.Found) {
		t.Errorf("without limits %d masks stay, with them %d", len(b.Found), len(a.Found))
	}
	for i, d := range a.Dots {
		if set := found.Head.Ask.Every; d.Fate == "kept" && (d.Predicted <= set.Predicted || d.Stability < set.Stability) {
			t.Errorf("point %d is kept with a predicted IoU of %v and a stability of %v", i, d.Predicted, d.Stability)
		}
	}
	counted(t, tab, *b)

	// To a file and back.
	file := exchanged(t, tab, func() { clickOn(t, tab, "#every-json") })
	text := file.last().Bytes
	kept, err := masks.Import(text, b.Side)
	if err != nil || len(kept) != len(b.Found) {
		t.Fatalf("%d masks in the file for %d on the page, %v", len(kept), len(b.Found), err)
	}
	read := func(text string) {
		must(t, tab.Do(`(() => {
			const data = new DataTransfer(), input = document.getElementById("every-import");
			data.items.add(new File([`+strconv.Quote(text)+`], "masks.json", { type: "application/json" }));
			input.files = data.files;
			input.dispatchEvent(new Event("change", { bubbles: true }));
		})()`))
	}
	back := exchanged(t, tab, func() { read(string(text)) })
	if one, two := floats(back.last().Buffers[1]), floats(sorted.last().Buffers[1]); !slices.Equal(one, two) {
		t.Errorf("the masks that were read are not those that were written: %d and %d pixels", len(one), len(two))
	}
	must(t, tab.Wait(60*time.Second, `document.getElementById("every-asked").textContent.includes("from a file")`))
	for broken, says := range map[string]string{
		string(text[:len(text)/2]): "not JSON",
		`[]`:                       "no masks",
		`[{"segmentation": {"size": [8, 8], "counts": "64"}}]`:        "8 × 8",
		`[{"segmentation": {"size": [64, 64], "counts": [1, 2, 3]}}]`: "4096",
	} {
		exchanged(t, tab, func() { read(broken) })
		must(t, tab.Wait(60*time.Second, `document.querySelector("#fates .fault span")?.textContent.includes(`+strconv.Quote(says)+`)`))
		if n := ask[int](t, tab, `document.querySelectorAll("#found li").length`); n != len(b.Found) {
			t.Errorf("after a broken file (%s) the page has %d masks of %d", says, n, len(b.Found))
		}
	}
}

// trueOnes holds the masks that were found against the scene: what the answer and the page say of the true IoU of each is that of the
// node which it fits best, and the thing of the task is among them.
func trueOnes(t *testing.T, tab *browser.Tab, found exchange, want *task) {
	t.Helper()
	a, all := found.last().Head.Answer, floats(found.last().Buffers[1])
	pixels := a.Side * a.Side
	if len(a.Found) == 0 || len(all) != len(a.Found)*pixels {
		t.Fatalf("%d masks were found, in %d numbers", len(a.Found), len(all))
	}
	var truths [][]bool
	for n := range want.scene.Nodes {
		truths = append(truths, trueMask(&want.scene, n))
	}
	rows := ask[[]string](t, tab, `[...document.querySelectorAll("#found li")].map((li) => li.textContent)`)
	thing := 0.0
	for i, f := range a.Found {
		mask := make([]bool, pixels)
		for at, x := range all[i*pixels:][:pixels] {
			mask[at] = x > 0
		}
		best := 0.0
		for _, truth := range truths {
			best = max(best, overlap(mask, truth))
		}
		if f.True != best || !slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, fmt.Sprintf("true %.2f", best)) }) {
			t.Errorf("mask %d has a true IoU of %v by the answer, of %v by the generator; the page lists %q", i, f.True, best, rows)
		}
		thing = max(thing, overlap(mask, truths[want.thing]))
	}
	if thing < 0.5 {
		t.Errorf("everything mode finds the thing of the task with an IoU of %.3f", thing)
	}
}

// counted holds what the page says of everything against the answer: every point has a fate, and every mask a row.
func counted(t *testing.T, tab *browser.Tab, a wire.Answer) {
	t.Helper()
	fates := map[wire.Fate]int{}
	for _, d := range a.Dots {
		fates[d.Fate]++
	}
	row := func(f wire.Fate) int {
		return ask[int](t, tab, `+document.getElementById("fate-`+string(f)+`").textContent`)
	}
	must(t, tab.Wait(60*time.Second, fmt.Sprintf(`document.querySelectorAll("#found li").length === %d && document.getElementById("every-found").textContent.startsWith("%d ")`, len(a.Found), len(a.Found))))
	sum := 0
	for _, f := range []wire.Fate{"kept", "suppressed", "unstable", "low", "size"} {
		if n := row(f); n != fates[f] {
			t.Errorf("the page counts %d points as %s, the answer %d", n, f, fates[f])
		} else {
			sum += n
		}
	}
	if sum != len(a.Dots) {
		t.Errorf("%d of %d points have a fate", sum, len(a.Dots))
	}
	sources := map[int]bool{}
	for _, f := range a.Found {
		sources[f.Dot] = true
	}
	if len(sources) != fates["kept"] {
		t.Errorf("the masks come from %d points, %d are kept", len(sources), fates["kept"])
	}
}

// strip is what the page says was asked.
const strip = `document.querySelector(".panel.stage .strip").textContent`

// nearBy holds the last point of an ask against where the visitor pointed.
func nearBy(t *testing.T, what string, e exchange, at [2]float64, label int) {
	t.Helper()
	points := e.Head.Ask.Prompt.Points
	if len(points) == 0 {
		t.Fatalf("%s is asked as %+v", what, e.Head.Ask.Prompt)
	}
	p := points[len(points)-1]
	if max(p.X-at[0], at[0]-p.X, p.Y-at[1], at[1]-p.Y) > 1e-3 || p.Label != label {
		t.Errorf("%s at %v is asked as %+v", what, at, p)
	}
}

// exported is the mask in front as its JSON has it.
func exported(t *testing.T, tab *browser.Tab) []bool {
	t.Helper()
	must(t, tab.Do(`window.saved = null; document.getElementById("mask-json").click()`))
	must(t, tab.Wait(10*time.Second, `window.saved`))
	list, err := masks.Import([]byte(ask[string](t, tab, `window.saved`)), scenes.Side)
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d masks in the file", len(list))
	}
	out := make([]bool, scenes.Side*scenes.Side)
	for i := range out {
		out[i] = list[0].Mask.At(i%scenes.Side, i/scenes.Side)
	}
	return out
}

// TestLiveMasks prompts a model while it is trained: it answers between two slices of its training, again and again, and the answer
// of the finished one is that of the model trained natively, to the bit.
func TestLiveMasks(t *testing.T) {
	const link = "sam?arms=heads:3&scenes=64&rounds=2&steps=80&batch=4&seeds=1"
	h := hosting(t, "")
	tab := samTab(t, h, link)
	clickOn(t, tab, "#play")
	must(t, tab.Wait(60*time.Second, `document.getElementById("model-live").getAttribute("aria-pressed") === "true"`))
	// Whatever is on the stage by then, 64 pixels or 32: the middle is the middle.
	gestured(t, tab, false, 0, [2]float64{32, 32})
	must(t, tab.Wait(180*time.Second, finished))
	const done = `petriAsks.findLast((a) => a.head.ask.model === "live" && a.answers.at(-1)?.head.answer?.step === 80)`
	must(t, tab.Wait(60*time.Second, done))
	quiet(t, tab)

	steps := ask[[]int](t, tab, `petriAsks.filter((a) => a.head.ask.model === "live").map((a) => a.answers.at(-1)?.head.answer?.step ?? -1)`)
	early := slices.Compact(slices.DeleteFunc(slices.Clone(steps), func(step int) bool { return step >= 80 }))
	if slices.Contains(steps, -1) || !slices.IsSorted(steps) || len(early) < 2 {
		t.Errorf("the racer answered after the steps %v", steps)
	}
	here := ask[exchange](t, tab, done)
	paper, _ := papers.Find("sam")
	_, spec, err := wire.ParseLink(papers.Catalog(), link)
	must(t, err)
	trial, err := paper.NewTrial(lab.Env{Asset: assets.Read}, spec, spec.TrialIDs()[0])
	must(t, err)
	for !trial.Advance() {
	}
	if p := here.Head.Ask.Prompt; len(p.Points) != 1 || p.From != 0 {
		t.Errorf("a first click is asked as %+v", p)
	}
	work, err := paper.Prompting.New(lab.Env{}).Begin(*here.Head.Ask, nil, nil, trial)
	must(t, err)
	there, err := work()
	must(t, err)
	for k, b := range there.Buffers {
		if !slices.Equal(floats(here.last().Buffers[k]), b) {
			t.Errorf("buffer %d of the answer is another one natively", k)
		}
	}
	if one, two := shorn(t, *here.last().Head.Answer), shorn(t, *there.Answer); one != two {
		t.Errorf("\n browser %s\n native  %s", one, two)
	}

	// It is asked about a photograph as well, which it gets at its own size.
	clickOn(t, tab, `#own [data-source=cat]`)
	must(t, tab.Wait(60*time.Second, `petriAsks.at(-1).head.ask.picture.own && `+strip+`.includes("Nothing is placed")`))
	quiet(t, tab)
	var photo exchange
	for i, at := range [][2]float64{{9, 9}, {22, 20}} { // on a picture of 32 pixels by now
		if i > 0 {
			exchanged(t, tab, func() { clickOn(t, tab, "#prompt-clear") })
		}
		e := exchanged(t, tab, func() { gestured(t, tab, false, 0, at) })
		photo = e
		a := e.last().Head.Answer
		if a == nil || e.Head.Ask.Model != wire.ModelLive || a.Side != 32 || len(a.Masks) != 4 || len(e.last().Buffers[1]) != 4*4*32*32 {
			t.Fatalf("a prompt on a photograph is answered by %+v", e.last().Head)
		}
		for _, z := range floats(e.last().Buffers[1]) {
			if z-z != 0 {
				t.Fatal("its masks are not numbers")
			}
		}
	}
	own := allFloats(photo.Buffers)[:1] // behind it are the racer's weights
	work, err = paper.Prompting.New(lab.Env{}).Begin(*photo.Head.Ask, own, nil, trial)
	must(t, err)
	there, err = work()
	must(t, err)
	if p := photo.Head.Ask.Prompt; p.From != 0 || len(p.Points) != 1 {
		t.Errorf("a first click on a photograph is asked as %+v", p)
	}
	for k, b := range there.Buffers {
		if !slices.Equal(floats(photo.last().Buffers[k]), b) {
			t.Errorf("buffer %d of the answer to a photograph is another one natively", k)
		}
	}
}
