package state

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// blocks is a lab whose racers can be drawn; nothing of it is of a real paper.
func blocks() wire.Catalog {
	c := toy()
	c.Labs = append(c.Labs, wire.Lab{ID: "block", Short: "Block", Builder: &wire.Builder{Title: "The block", Knobs: []string{"width"}},
		Knobs: []wire.Knob{
			{Name: "arms", Kind: wire.KnobArms, Default: "vit,moat", Arms: &wire.ArmKnob{
				Racers: []wire.Option{{Value: "vit", Label: "ViT"}, {Value: "moat", Label: "MOAT"}, {Value: "stacked", Label: "Stacked"}},
				Edits:  []wire.Option{{Value: "se", Label: "with SE"}, {Value: "nodw", Label: "no depth-wise"}}, Least: 2, Most: 3}},
			{Name: "width", Kind: wire.KnobInt, Default: "8", Min: 1, Max: 64},
			{Name: "steps", Kind: wire.KnobInt, Default: "10", Min: 1, Max: 100},
		}})
	return c
}

// builder opens the lab of the blocks, whose default racers came with the page.
func builder(t *testing.T, query string) *stand {
	t.Helper()
	st := &stand{T: t, s: New(blocks(), nil, 1)}
	st.s.Structures = map[string][]wire.Structure{"block": {{Arm: "vit", Params: 1}, {Arm: "moat", Params: 2}, {Arm: "stacked", Params: 3}}}
	st.do(Open{Path: "/block", Query: query})
	return st
}

// wakes applies what an event wanted done later, and what follows from that.
func (st *stand) wakes(effects []Effect) (all []Effect) {
	for _, e := range effects {
		if w, ok := e.(Wake); ok {
			st.now += w.After
			out := st.do(w.Event)
			all = append(append(all, out...), st.wakes(out)...)
		}
	}
	return all
}

func (st *stand) answers(question Send, params int) {
	h := question.Message.Head
	_, spec, err := wire.ParseLink(st.s.Catalog, h.Link)
	if err != nil {
		st.Fatal(err)
	}
	var list []wire.Structure
	for _, a := range append(spec.Arms(), h.Arms...) {
		list = append(list, wire.Structure{Arm: a, Params: params})
	}
	st.event(question.Worker, wire.Event{Kind: wire.KindStructure, Run: h.Run, Structures: list})
}

func TestBlocksOfThePageNeedNoWorker(t *testing.T) {
	st := builder(t, "steps=20") // on which they do not depend
	if out := sent(st.wakes(st.effects), wire.OpStructure); len(out) != 0 {
		t.Errorf("a worker is asked: %+v", out)
	}
	st.do(SelectArm{"moat"})
	if d, ok := st.s.Drawn(); !ok || d.Params != 2 || st.s.Asking() {
		t.Errorf("drawn is %+v", d)
	}
	if with := st.s.Compared(); with != "" {
		t.Errorf("compared with %q before anybody asked", with)
	}
	if out := sent(st.wakes(st.do(Compare{"stacked"})), wire.OpStructure); len(out) != 0 || st.s.Compared() != "stacked" {
		t.Errorf("compared with %q, worker asked: %v", st.s.Compared(), out)
	}
	other := open(t, 1, "") // a lab without a drawing
	if other.s.Asking() || len(sent(other.wakes(other.effects), wire.OpStructure)) > 0 {
		t.Error("the racers of a lab that has no drawing are asked for")
	}
}

func TestKnobsAskForBlocksOnceTheyRest(t *testing.T) {
	st := builder(t, "")
	var waits []Effect
	for _, text := range []string{"9", "10", "11"} {
		waits = append(waits, st.do(SetKnob{Name: "width", Text: text, Dragging: true})...)
	}
	if d, ok := st.s.Drawn(); !ok || d.Params == 0 || !st.s.Asking() || !st.s.Blocks.Stale {
		t.Errorf("until the answer comes the old block stays: %+v, asking %v", d, st.s.Asking())
	}
	asked := sent(st.wakes(waits), wire.OpStructure)
	if len(asked) != 1 || !strings.Contains(asked[0].Message.Head.Link, "width=11") {
		t.Fatalf("asked %+v, want one question, for the last knobs", asked)
	}
	st.answers(asked[0], 77)
	if d, _ := st.s.Drawn(); d.Params != 77 || st.s.Asking() || st.s.Blocks.Stale {
		t.Errorf("after the answer: %+v, asking %v", d, st.s.Asking())
	}
	old := asked[0]
	asked = sent(st.wakes(st.do(SetKnob{Name: "width", Text: "12"})), wire.OpStructure)
	st.answers(old, 5)
	if !st.s.Blocks.Stale {
		t.Error("a late answer of other knobs was taken")
	}
	st.answers(asked[0], 78)
	st.do(SetKnob{Name: "width", Text: "8"})
	if d, _ := st.s.Drawn(); d.Params > 3 || st.s.Asking() {
		t.Errorf("back at the default: %+v, asking %v", d, st.s.Asking())
	}
}

func TestBlocksAreAskedForWhileTraining(t *testing.T) {
	st := builder(t, "")
	st.do(Play{})
	asked := sent(st.wakes(st.do(EditArm{"moat~se"})), wire.OpStructure)
	if st.s.Arm != "vit" && st.s.Arm != "moat~se" || len(asked) != 1 {
		t.Fatalf("asked %+v", asked)
	}
	st.event(asked[0].Worker, wire.Event{Kind: wire.KindError, Run: asked[0].Message.Head.Run, Error: "no such block; choose another"})
	if st.s.Faults["blocks"] == "" || st.s.Run.Phase != Running {
		t.Errorf("faults %v, phase %v: an answer that is an error is told in place and stops nothing", st.s.Faults, st.s.Run.Phase)
	}
}

func TestEditsLiveInTheLink(t *testing.T) {
	st := builder(t, "")
	st.do(SelectArm{"moat"})
	st.do(ChooseBlock{"stage1.block1"})
	st.do(ChoosePart{"0.2"})
	out := st.do(EditArm{"moat~nodw"})
	if st.s.Link() != "block?arms=vit,moat~nodw" || st.s.Arm != "moat~nodw" || st.s.Blocks.Part != "" || st.s.Blocks.Block != "stage1.block1" {
		t.Fatalf("link %q, racer %q, %+v", st.s.Link(), st.s.Arm, st.s.Blocks)
	}
	if !slices.ContainsFunc(out, func(e Effect) bool { a, ok := e.(Address); return ok && a.Push }) {
		t.Error("the visitor cannot go back to where the block was plain")
	}
	if with := st.s.Compared(); with != "moat" {
		t.Errorf("compared with %q, want the plain block", with)
	}
	if d, ok := st.s.Drawn(); !ok || d.Arm != "moat" || !st.s.Asking() {
		t.Errorf("until a worker answers %q is drawn", d.Arm)
	}
	if info := st.s.ArmInfo("moat~nodw"); info.Label != "MOAT, no depth-wise" {
		t.Errorf("it is called %q", info.Label)
	}
	st.do(EditArm{"moat~nodw~se"})
	if st.s.Arm != "moat~se~nodw" {
		t.Errorf("racer %q: edits have one order", st.s.Arm)
	}
	st.do(Open{Path: "/block", Query: "arms=vit,moat~nodw"}) // the back button
	if st.s.Arm != "moat~nodw" {
		t.Errorf("after going back %q is drawn", st.s.Arm)
	}
	st.do(Compare{NoRacer})
	if with := st.s.Compared(); with != "" {
		t.Errorf("compared with %q though nothing was wanted", with)
	}
	st.do(EditArm{"moat"})
	if st.s.Link() != "block" || st.s.Arm != "moat" {
		t.Errorf("back to the plain block: %q, %q", st.s.Link(), st.s.Arm)
	}
}

func TestEditOfARacerThatIsThereAlready(t *testing.T) {
	st := builder(t, "arms=vit,moat,moat~se")
	st.do(SelectArm{"moat"})
	st.do(EditArm{"moat~se"})
	if st.s.Link() != "block?arms=vit,moat,moat~se" || st.s.Arm != "moat~se" {
		t.Errorf("link %q, racer %q: no racer is lost", st.s.Link(), st.s.Arm)
	}
	st.do(EditArm{"moat"})
	if st.s.Link() != "block" || st.s.Arm != "moat" {
		t.Errorf("back to the plain block: %q, %q", st.s.Link(), st.s.Arm)
	}
	if less, more := st.s.Room(); less || !more {
		t.Errorf("with two racers of two to three: one less %v, one more %v", less, more)
	}
	st.do(ToggleRacer{"vit"})
	if st.s.Link() != "block" || !strings.Contains(st.s.Faults["arms"], "2 racers at least") {
		t.Errorf("link %q, fault %q", st.s.Link(), st.s.Faults["arms"])
	}
}

func TestBlocksAreAskedForAgainOnce(t *testing.T) {
	st := builder(t, "")
	for i, want := range []int{1, 1, 0} {
		var out []Effect
		if i == 0 {
			out = st.do(SetKnob{Name: "width", Text: "16"})
		} else {
			out = st.do(Lost{Worker: 0, Reason: "a worker stopped"})
		}
		if asked := sent(st.wakes(out), wire.OpStructure); len(asked) != want {
			t.Errorf("question %d: asked %d times, want %d", i, len(asked), want)
		}
	}
	if !strings.Contains(st.s.Faults["blocks"], "A worker stopped") {
		t.Errorf("faults %v", st.s.Faults)
	}
}
