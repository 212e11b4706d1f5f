package state

import (
	"slices"

	"petri/kernels/lab/wire"
)

// Prompting is what the visitor asks a model for masks of, and what came back. Nothing of it enters a link or a report.
//
// Prompts are kept in pixels of a picture of wire.Prompts.Side; a model that sees fewer gets them scaled.
type Prompting struct {
	Source wire.Source // the picture; Split and Index name the last scene even while Own
	Own    *OwnPicture // the visitor's, where Source.Own
	Placed             // what is placed
	Tool   string      // of the stage: "point", "not", "box", "brush", "move"
	Model  string      // wire.ModelShipped or ModelLive
	Rule   string      // wire.RulePaper or RuleExport
	Feed   bool        // give the last mask back with the next prompt
	Mask   int         // the mask that the visitor chose, -1 for that of the rule
	All    bool        // outlines of the other masks
	Ring   bool        // the band in which the outline moves with the threshold
	Truth  bool        // outline of the true mask
	Mode   string      // what the stage shows: ModePrompt or ModeEvery
	Every  wire.Everyone
	Off    map[int]bool // masks of everything that are switched off, by index
	Found  *Picture     // the last answer of everything mode
	Shown  *Picture     // the last answer to a prompt
	Hover  bool         // Shown is an answer to the pointer

	lab     string
	history []past
	pointer *wire.PromptPoint // under the pointer, nil for none
	shipped bool              // the visitor has chosen the model
	prompt  question          // of AskPrompt
	every   question          // of AskEvery and AskImport
	export  question
	worker  int // that was asked last: it has the encoding
	askedAt float64
	edits   int     // changes of what is placed
	filters int     // changes of Every
	foundAt int     // the worker that has the masks of Found, -1 for none
	earlier *search // before the one that is under way and has found nothing yet
	Stale   bool    // the grid of Every has changed since Found
}

// Placed is what the visitor has placed on a picture, with the answer to it.
type Placed struct {
	Points []wire.PromptPoint
	Box    *wire.PromptBox
	Brush  []int // pixels of the rough mask, in order
	// Given is a prompt that came with the page: the first one of the visitor's takes its place.
	Given  bool
	answer *Picture // nil before it has come
}

// past is what there was before a change of the visitor's.
type past struct {
	Placed
	moves []wire.SceneMove
	mask  int  // Prompting.Mask
	other bool // by another rule, or fed back otherwise, than now: its answer is not shown again
}

// question is what one kind of ask waits for.
type question struct {
	serial int // of the ask that is under way, 0 for none
	worker int
	hover  bool         // it is about the pointer
	edits  int          // Prompting.edits when it was asked
	want   bool         // ask as soon as nothing is under way and somebody can be asked
	kind   wire.AskKind // of what is wanted
	bytes  []byte       // of an import
	sort   bool         // what has been found is sorted again, nothing more is looked for
	lost   int          // workers that were lost over it
}

// drop lets go of a question: its answer will be a stranger.
func (q *question) drop() { *q = question{} }

// What the stage of such a lab shows.
const (
	ModePrompt = "prompt"
	ModeEvery  = "every"
)

// OwnPicture is a picture that the visitor brought: opened, filmed or painted. It stays in this page.
type OwnPicture struct {
	Name   string    // "cat.png", "camera", "painting": what the page calls it
	Pixels []float32 // [side, side, 3], 0..1, of wire.Prompts.Side
	// Full is the same square at its own size, for cut-outs: [FullSide, FullSide] pixels of four bytes, red, green, blue and opacity,
	// not multiplied by it. It may be nil.
	Full     []byte
	FullSide int
}

func (e OwnPicture) apply(s *State) {
	p := s.Prompting
	if p == nil {
		return
	}
	if n := s.Lab.Prompts.Side; len(e.Pixels) != 3*n*n {
		s.fault("prompt", "This picture cannot be shown: it was not brought to the size that the model sees. Try another one.")
		return
	}
	s.ids++
	p.Own = &e
	if p.Tool == "move" { // a picture has no objects to drag
		p.Tool = "point"
	}
	p.Source = wire.Source{Key: "own/" + itoa(s.ids), Own: true, Split: p.Source.Split, Index: p.Source.Index}
	s.newPicture()
}

// NewScene shows a generated scene: By further, and back from a picture of the visitor's where By is 0.
type NewScene struct{ By int }

func (e NewScene) apply(s *State) {
	p := s.Prompting
	if p == nil {
		return
	}
	n := max(1, s.Lab.Prompts.Scenes)
	s.scene(((p.Source.Index+e.By)%n+n)%n, nil)
	s.newPicture()
}

// ForgetOwn lets go of the visitor's picture, here and in every worker, and goes back to the scene before it where it is the one Shown.
type ForgetOwn struct{ Shown bool }

func (e ForgetOwn) apply(s *State) {
	p := s.Prompting
	if p == nil {
		return
	}
	for w := range s.Workers {
		s.send(w, wire.Command{Op: wire.OpAsk, Ask: &wire.Ask{Kind: wire.AskForget}})
	}
	// What was under way goes with it.
	p.every.drop()
	p.export.drop()
	if p.prompt.serial > 0 {
		p.prompt = question{want: true}
	}
	p.foundAt, p.earlier = -1, nil
	s.settleEvery()
	if e.Shown && p.Source.Own {
		NewScene{}.apply(s)
		return
	}
	s.V.Prompt++
	s.V.Every++
	s.askPrompt()
}

// scene makes a generated scene the picture at hand.
func (s *State) scene(index int, moves []wire.SceneMove) {
	p := s.Prompting
	split := s.Lab.Prompts.Split
	p.Source = wire.Source{Key: wire.SceneKey(split, index, moves), Split: split, Index: index, Moves: moves}
	p.Own = nil
}

// newPicture forgets what was placed on the picture before.
func (s *State) newPicture() {
	p := s.Prompting
	p.Placed, p.history, p.pointer, p.Mask = Placed{}, nil, nil, -1
	p.edits++
	s.dropFound()
	s.fault("prompt", "")
	s.V.Prompt++
	s.wantPrompt()
}

// dropFound forgets the masks of everything: they are of another picture, or of another model.
func (s *State) dropFound() {
	p := s.Prompting
	p.Found, p.Off, p.foundAt, p.earlier, p.Stale = nil, nil, -1, nil, false
	s.stopEvery()
	s.mode(ModePrompt)
	s.fault("every", "")
	s.V.Every++
}

// PlacePrompt places something on the picture at hand: a point, a box, or the pixels of a brush stroke, in pixels of the picture
// that is shown, whose side Side is.
type PlacePrompt struct {
	Side  int
	Point *wire.PromptPoint
	Box   *wire.PromptBox
	Brush []int
	Wipe  bool // the stroke takes away
}

func (e PlacePrompt) apply(s *State) {
	p := s.Prompting
	if p == nil || p.Mode != ModePrompt {
		return
	}
	if p.Given { // the visitor begins
		p.Placed = Placed{}
	}
	p.remember()
	next := Placed{Points: p.Points, Box: p.Box, Brush: p.Brush}
	k := float64(s.Lab.Prompts.Side) / float64(max(1, e.Side))
	switch {
	case e.Point != nil:
		next.Points = append(slices.Clone(p.Points), scalePoint(*e.Point, k))
	case e.Box != nil:
		box := scaleBox(*e.Box, k)
		next.Box = &box
	case len(e.Brush) > 0:
		next.Brush = stroke(p.Brush, scalePixels(e.Brush, e.Side, s.Lab.Prompts.Side), e.Wipe)
	}
	s.place(next)
}

// Of what was placed before, so much is kept; answers are a sixth of a megabyte each.
const (
	keptPlaced  = 200
	keptAnswers = 16
)

// remember keeps what is placed, and where the objects are, for UndoPrompt.
func (p *Prompting) remember() {
	p.history = append(p.history, past{Placed: p.Placed, moves: p.Source.Moves, mask: p.Mask})
	if n := len(p.history); n > keptPlaced {
		p.history = slices.Delete(p.history, 0, n-keptPlaced)
	}
	if n := len(p.history); n > keptAnswers {
		p.history[n-1-keptAnswers].answer = nil
	}
}

// place makes something else what is placed, and asks for masks.
func (s *State) place(next Placed) {
	p := s.Prompting
	p.Placed, p.pointer, p.Mask = next, nil, -1
	p.edits++
	s.V.Prompt++
	s.wantPrompt()
}

// HoverAt is the pointer over the picture that is shown, whose side Side is, nil when it has left.
type HoverAt struct {
	Side  int
	Point *wire.PromptPoint
}

func (e HoverAt) apply(s *State) {
	p := s.Prompting
	if p == nil || p.Mode != ModePrompt {
		return
	}
	before := p.pointer
	p.pointer = nil
	if e.Point != nil && p.Tool == "point" && p.free() { // what is not meant says nothing by itself
		at := scalePoint(*e.Point, float64(s.Lab.Prompts.Side)/float64(max(1, e.Side)))
		at.Label = 1
		p.pointer = &at
	}
	if before == nil && p.pointer == nil {
		return
	}
	if p.pointer == nil && p.answer != nil && p.Hover { // what is placed has its answer already
		p.prompt.drop()
		s.show(p.answer, false)
		return
	}
	s.wantPrompt()
}

// free reports whether nothing of the visitor's is placed: then the pointer is asked about.
func (p *Prompting) free() bool {
	return p.Given || len(p.Points) == 0 && p.Box == nil && len(p.Brush) == 0
}

// Empty reports whether nothing is placed at all.
func (p *Prompting) Empty() bool {
	return len(p.Points) == 0 && p.Box == nil && len(p.Brush) == 0
}

// CanUndo reports whether something can be taken back.
func (p *Prompting) CanUndo() bool { return len(p.history) > 0 }

// UndoPrompt takes back what was placed or moved last, or a Clear.
type UndoPrompt struct{}

func (UndoPrompt) apply(s *State) {
	p := s.Prompting
	if p == nil || len(p.history) == 0 {
		return
	}
	last := len(p.history) - 1
	before := p.history[last]
	p.Placed, p.history = before.Placed, p.history[:last]
	p.pointer, p.Mask = nil, before.mask
	if before.other {
		p.Mask = -1
	}
	if !slices.Equal(before.moves, p.Source.Moves) {
		s.scene(p.Source.Index, before.moves)
		s.dropFound()
	}
	p.edits++
	s.V.Prompt++
	if a := p.answer; a != nil && s.same(a) && !before.other {
		p.prompt.drop()
		s.show(a, false)
		return
	}
	s.wantPrompt()
}

// same reports whether an answer is of the picture and the model at hand, as far as that has been trained.
func (s *State) same(pic *Picture) bool {
	p, a := s.Prompting, pic.Frame.Answer
	if a.Key != p.Source.Key || a.Model != s.Asked() {
		return false
	}
	t := s.racer()
	return a.Model == wire.ModelShipped || t != nil && a.Arm == t.Arm && a.Step == t.Step
}

// ClearPrompt takes everything away that is placed.
type ClearPrompt struct{}

func (ClearPrompt) apply(s *State) {
	p := s.Prompting
	if p == nil || p.Empty() {
		return
	}
	p.remember()
	s.place(Placed{})
}

// MoveObject drags an object of a generated scene, in pixels of the picture that is shown.
type MoveObject struct {
	Side, Object int
	DX, DY       float64
}

func (e MoveObject) apply(s *State) {
	p := s.Prompting
	if p == nil || p.Source.Own || e.Object < 0 {
		return
	}
	dx, dy := scenePixels(e.DX, e.Side), scenePixels(e.DY, e.Side)
	if dx == 0 && dy == 0 {
		return
	}
	moves := slices.Clone(p.Source.Moves)
	if i := slices.IndexFunc(moves, func(m wire.SceneMove) bool { return m.Object == e.Object }); i >= 0 {
		moves[i].DX += dx
		moves[i].DY += dy
		if moves[i].DX == 0 && moves[i].DY == 0 {
			moves = slices.Delete(moves, i, i+1)
		}
	} else {
		moves = append(moves, wire.SceneMove{Object: e.Object, DX: dx, DY: dy})
	}
	s.moved(moves)
}

// PutBack takes back whatever was dragged.
type PutBack struct{}

func (PutBack) apply(s *State) {
	if p := s.Prompting; p != nil && len(p.Source.Moves) > 0 {
		s.moved(nil)
	}
}

// moved shows the scene at hand with other moves. What is placed stays where it is: the picture below it has changed.
func (s *State) moved(moves []wire.SceneMove) {
	p := s.Prompting
	p.remember()
	s.scene(p.Source.Index, moves)
	p.answer, p.Mask = nil, -1
	p.edits++
	s.dropFound()
	s.V.Prompt++
	s.wantPrompt()
}

// ChooseTool takes another tool.
type ChooseTool struct{ Tool string }

func (e ChooseTool) apply(s *State) {
	if p := s.Prompting; p != nil {
		HoverAt{}.apply(s)
		p.Tool = e.Tool
		s.mode(ModePrompt)
		s.refresh()
		s.V.Prompt++
	}
}

// ChooseModel asks the shipped model from now on, or the racer on the stage.
type ChooseModel struct{ Model string }

func (e ChooseModel) apply(s *State) {
	if p := s.Prompting; p != nil {
		p.shipped = true
		s.model(e.Model)
	}
}

func (s *State) model(model string) {
	p := s.Prompting
	if p.Model == model {
		return
	}
	p.Model, p.Mask = model, -1
	p.others()
	s.dropFound()
	s.fault("prompt", "")
	s.V.Prompt++
	s.wantPrompt()
}

// ChooseMask brings one of the masks forward; below 0 the rule chooses again.
type ChooseMask struct{ Mask int }

func (e ChooseMask) apply(s *State) {
	p := s.Prompting
	if p == nil || p.Shown == nil || e.Mask >= len(p.Shown.Frame.Answer.Masks) {
		return
	}
	p.Mask = e.Mask
	s.mode(ModePrompt)
	s.V.Prompt++
}

// ChooseRule decides by which rule a mask is chosen.
type ChooseRule struct{ Rule string }

func (e ChooseRule) apply(s *State) {
	if p := s.Prompting; p != nil && p.Rule != e.Rule {
		p.Rule, p.Mask = e.Rule, -1
		p.others()
		s.V.Prompt++
		s.wantPrompt()
	}
}

// others marks the answers to what was placed before as made otherwise than the next ones.
func (p *Prompting) others() {
	for i := range p.history {
		p.history[i].other = true
	}
	p.answer, p.prompt.edits = nil, -1 // nor is the one that is under way that of what is placed
}

// refresh asks again where what is shown is of another picture, model or step than those at hand, or was under a pointer that is gone.
func (s *State) refresh() {
	if p := s.Prompting; p.Mode == ModePrompt && p.Shown != nil && (!s.same(p.Shown) || p.Hover && p.pointer == nil) {
		s.wantPrompt()
	}
}

// Current reports whether the last answer is about the picture at hand.
func (p *Prompting) Current() bool {
	return p.Shown != nil && p.Shown.Frame.Answer.Key == p.Source.Key
}

// Switch turns one of the switches of what is shown, or whether masks are fed back: "all", "ring", "truth", "feed".
type Switch struct{ Name string }

func (e Switch) apply(s *State) {
	p := s.Prompting
	if p == nil {
		return
	}
	switch e.Name {
	case "all":
		p.All = !p.All
	case "ring":
		p.Ring = !p.Ring
	case "truth":
		p.Truth = !p.Truth
	case "feed":
		p.Feed = !p.Feed
		p.others()
		s.wantPrompt()
	}
	s.V.Prompt++
}

// Front is the mask in front, -1 where there is none.
func (p *Prompting) Front() int {
	if p.Shown == nil || len(p.Shown.Frame.Answer.Masks) == 0 {
		return -1
	}
	a := p.Shown.Frame.Answer
	if p.Mask >= 0 && p.Mask < len(a.Masks) && !p.Hover {
		return p.Mask
	}
	return min(max(0, a.Chosen), len(a.Masks)-1)
}

// Awaiting reports whether an answer is awaited, of a prompt or of everything. What nobody can be asked before a run is not.
func (s *State) Awaiting() bool {
	p := s.Prompting
	return p.prompt.serial > 0 || p.prompt.want && (p.Model != wire.ModelLive || s.racer() != nil) || p.Running()
}

// Running reports whether everything mode is under way.
func (p *Prompting) Running() bool { return p.every.serial > 0 || p.every.want }

// PlacedOn is what is placed, in pixels of a picture of a side.
func (s *State) PlacedOn(side int) (q wire.Prompt, brush []int) {
	p := s.Prompting
	k := float64(side) / float64(max(1, s.Lab.Prompts.Side))
	for _, at := range p.Points {
		q.Points = append(q.Points, scalePoint(at, k))
	}
	if p.Box != nil {
		box := scaleBox(*p.Box, k)
		q.Box = &box
	}
	brush = scalePixels(p.Brush, s.Lab.Prompts.Side, side)
	q.Brush, q.Feed = len(brush) > 0, p.Feed
	return q, brush
}
