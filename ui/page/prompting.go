package page

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/stage"
	"petri/ui/state"
)

// gesture takes what the visitor did on the picture.
func (s *Site) gesture(g *stage.Gesture) {
	f := s.S.Frame
	if g == nil || s.S.Prompting == nil || f == nil || f.Frame.Answer == nil {
		return
	}
	side := f.Frame.Answer.Side
	at := &wire.PromptPoint{X: g.X, Y: g.Y, Label: g.Label}
	switch g.Kind {
	case stage.GestureHover:
		s.do(state.HoverAt{Side: side, Point: at})
	case stage.GestureLeave:
		s.do(state.HoverAt{Side: side})
	case stage.GesturePoint:
		s.do(state.PlacePrompt{Side: side, Point: at})
	case stage.GestureBox:
		s.do(state.PlacePrompt{Side: side, Box: &wire.PromptBox{X0: min(g.X, g.X1), Y0: min(g.Y, g.Y1), X1: max(g.X, g.X1), Y1: max(g.Y, g.Y1)}})
	case stage.GestureBrush:
		s.do(state.PlacePrompt{Side: side, Brush: g.Pixels, Wipe: g.Label == 0})
	case stage.GestureMove:
		s.do(state.MoveObject{Side: side, Object: g.Object, DX: g.X1 - g.X, DY: g.Y1 - g.Y})
	}
}

// prompting is what the stage is told of the prompts, nil in a lab that takes none.
func (s *Site) prompting() *stage.Prompting {
	p := s.S.Prompting
	if p == nil || s.S.Frame == nil || s.S.Frame.Frame.Answer == nil {
		return nil
	}
	q := &stage.Prompting{Tool: p.Tool, Hover: p.Hover, Mask: max(0, p.Front()), All: p.All, Ring: p.Ring, Truth: p.Truth, Busy: s.S.Awaiting(), Live: p.Mode == state.ModePrompt}
	q.Prompt, q.Brush = s.S.PlacedOn(s.S.Frame.Frame.Answer.Side)
	if p.Found != nil {
		for i := range p.Found.Frame.Answer.Found {
			if p.Off[i] {
				q.Sort = append(q.Sort, i)
			}
		}
	}
	return q
}

// Icons of the tools, and their words.
var promptTools = []struct{ tool, name, title, icon string }{
	{stage.ToolPoint, "Point", "Click what you mean; with Shift or the right button what you do not mean (P)", `<circle class="gp" cx="8" cy="8" r="5.500"/><path class="gp" d="M8 5.500v5M5.500 8h5"/>`},
	{stage.ToolNot, "Not this", "Click what the mask shall leave out (X)", `<path class="gn" d="M4 4l8 8M12 4l-8 8"/>`},
	{stage.ToolBox, "Box", "Drag a box around what you mean (B)", `<rect x="2.500" y="3.500" width="11" height="9" stroke-dasharray="2.500 2"/>`},
	{stage.ToolBrush, "Brush", "Paint a rough mask; with Shift wipe it away", `<path d="M13.500 2.500l-6 6M5.500 9c1.500 0 2.300 1 2.300 2.200C7.800 13 6 13.800 2.500 13.500c1-.6 1-1.300 1-2.300C3.500 10 4.300 9 5.500 9z"/>`},
	{stage.ToolMove, "Move", "Drag an object of the scene to another place", `<path d="M8 2v12M2 8h12M6 4l2-2 2 2M6 12l2 2 2-2M4 6L2 8l2 2M12 6l2 2-2 2"/>`},
}

const iconUndo = `<path d="M3 6.500h6.500a3.500 3.500 0 0 1 0 7H6M5.500 3.500L2.500 6.500l3 3"/>`

// promptHead is the head of the stage of a lab whose models are asked for masks: its title, the scene, the tools and the model.
func (p *stagePanel) promptHead() app.UI {
	site := p.Site
	s, q := site.S, site.S.Prompting
	none := s.Frame == nil
	tools := make([]app.UI, 0, 8)
	for _, t := range promptTools {
		tools = append(tools, press("ptool", "tool", t.tool, p.pick, icon(t.icon), app.Span().Class("w").Text(t.name)).ID("tool-"+t.tool).
			Attr("aria-label", t.name).Attr("aria-pressed", yes(q.Tool == t.tool && q.Mode == state.ModePrompt)).Title(t.title).
			Disabled(t.tool == stage.ToolMove && (q.Source.Own || none || s.Frame.Frame.Answer.Objects == 0)))
	}
	step, ok := s.LiveStep()
	yours, why := "Yours, not trained yet", "The racer on the stage, as far as you have trained it. Press play first."
	if ok {
		yours, why = "Yours, step "+itoa(step), s.ArmInfo(s.Arm).Label+", as far as you have trained it"
		if s.Asked() == wire.ModelShipped && q.Model == wire.ModelLive {
			yours, why = "The shipped racer", "The racer on the stage is the model that came with the page"
		} else if step == 0 {
			yours, why = "Yours, its helper", s.ArmInfo(s.Arm).Label+" makes its masks first: this is the model that helps, as far as it has been trained"
		}
	}
	if q.Model == wire.ModelLive {
		ok = true // it has been chosen, and answers once it has made a step
	}
	return div("phead",
		div("ph",
			app.H2().Text(s.Lab.Stage.Title), app.Span().Class("sub").Text(site.sceneWords()),
			div("tools",
				tool("‹", "The scene before", p.sceneBefore).Class("turn"),
				tool("›", "The next scene", p.sceneNext).Class("turn"),
				tool("Table", "", p.showTable).Attr("aria-pressed", yes(p.table)).Disabled(none),
				tool("SVG", "The picture as SVG", p.svg).Disabled(none),
				tool("PNG", "The picture as PNG", p.png).Disabled(none),
				tool("CSV", "Its numbers as CSV", p.csv).Disabled(none),
			)),
		div("tools2",
			group("ptools", "Prompt", tools...),
			app.Span().Class("sep"),
			group("seg", "Model",
				press("", "model", wire.ModelShipped, p.chooseModel, app.Text(s.Lab.Prompts.Model)).ID("model-shipped").Attr("aria-pressed", yes(q.Model == wire.ModelShipped)).Title("The model that came with the page. It has seen only generated scenes."),
				press("", "model", wire.ModelLive, p.chooseModel, app.Text(yours)).ID("model-live").Attr("aria-pressed", yes(q.Model == wire.ModelLive)).Disabled(!ok).Title(why)),
			div("end2",
				app.Button().ID("prompt-undo").Class("btn icon ghost").Type("button").Aria("label", "Undo").Title("Take back the last prompt (U)").Disabled(!q.CanUndo()).OnClick(p.undo).Body(icon(iconUndo)),
				app.Button().ID("prompt-clear").Class("btn ghost").Type("button").Title("Take all prompts away (C)").Disabled(q.Empty()).OnClick(p.clear).Text("Clear"))),
	)
}

// promptFoot is the strip below the picture: what was asked and what it cost, and what can be done with the mask.
func (p *stagePanel) promptFoot() app.UI {
	site := p.Site
	q := site.S.Prompting
	none := q.Front() < 0 || q.Mode == state.ModeEvery || !q.Current()
	words := []app.UI{app.Span().Body(bold(site.askedWords()))}
	if q.Shown != nil && q.Mode == state.ModePrompt {
		a := q.Shown.Frame.Answer
		if a.EncoderMs > 0 {
			words = append(words, app.Raw(`<span id="encoder-ms">encoder <b>`+ms(a.EncoderMs)+`</b>, once</span>`))
		}
		if a.DecoderMs > 0 {
			words = append(words, app.Raw(`<span id="decoder-ms">decoder <b>`+ms(a.DecoderMs)+`</b> per prompt</span>`))
		}
	}
	end := []app.UI{app.Button().ID("new-scene").Class("btn").Type("button").Title("Another scene that no model was trained on (N)").OnClick(p.sceneNext).Text("New scene")}
	if q.Source.Own {
		end[0] = app.Button().ID("new-scene").Class("btn").Type("button").OnClick(p.sceneBack).Text("Back to the scenes")
	} else if len(q.Source.Moves) > 0 {
		end = append(end, app.Button().ID("put-back").Class("btn").Type("button").Title("Put back what was dragged").OnClick(p.putBack).Text("Put back"))
	}
	end = append(end,
		app.Button().ID("cut-out").Class("btn").Type("button").Title("What lies below the mask, as PNG with transparency").Disabled(none).OnClick(p.cutOut).Text("Cut out"),
		app.Button().ID("mask-png").Class("btn").Type("button").Title("The mask, white on black, as PNG").Disabled(none).OnClick(p.maskPNG).Text("PNG"),
		app.Button().ID("mask-json").Class("btn").Type("button").Title("The mask as run lengths in JSON, as COCO has them").Disabled(none).OnClick(p.maskJSON).Text("JSON"))
	return div("strip", append(words, div("end", end...))...)
}

// promptPanel is the stage of such a lab.
func (p *stagePanel) promptPanel() app.UI {
	return app.Section().Class("panel stage asked").Aria("label", "Stage").Body(
		p.promptHead(),
		p.picture(),
		div("", p.promptFoot(), p.tabled()),
		app.P().ID("prompt-said").Class("sr").Attr("aria-live", "polite").Text(p.Site.answerWords()),
		div("", p.Site.faultNear("stage"), p.Site.faultNear("prompt")),
	)
}

// ms writes a short time with two digits that mean something.
func ms(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.1f ms", x)
	}
	return fmt.Sprintf("%.0f ms", x)
}

// sceneWords say which picture it is.
func (s *Site) sceneWords() string {
	p := s.S.Prompting
	if p.Source.Own {
		if s.own.from != "yours" {
			return "photograph: " + p.Own.Name
		}
		return p.Own.Name + ", yours: it is never sent"
	}
	text := fmt.Sprintf("scene %d of %d", p.Source.Index+1, max(1, s.S.Lab.Prompts.Scenes))
	if len(p.Source.Moves) > 0 {
		text += ", changed by you"
	}
	if f := s.S.Frame; f != nil && f.Frame.Answer != nil && f.Frame.Answer.Caption != "" && f.Frame.Answer.Key == p.Source.Key {
		text += ": " + f.Frame.Answer.Caption
	}
	return text
}

// askedWords are what was asked: "2 points, 1 box".
func (s *Site) askedWords() string {
	p := s.S.Prompting
	switch {
	case p.Mode == state.ModeEvery:
		return "Everything, from a grid of points"
	case p.Hover && p.Shown != nil:
		return "Under the pointer"
	case p.Empty():
		return "Nothing is placed"
	}
	var list []string
	if n := len(p.Points); n > 0 {
		list = append(list, number(n, "point", "points"))
	}
	if p.Box != nil {
		list = append(list, "1 box")
	}
	if n := len(p.Brush); n > 0 {
		list = append(list, "a brushed mask of "+number(n, "pixel", "pixels"))
	}
	return strings.Join(list, ", ")
}

// answerWords are the answer as it is read aloud: to what was placed, not to a pointer that moves, and without numbers that change
// with every step.
func (s *Site) answerWords() string {
	p := s.S.Prompting
	i := p.Front()
	if p.Mode == state.ModeEvery {
		if p.Found == nil || p.Running() {
			return ""
		}
		return "Everything: " + number(len(p.Found.Frame.Answer.Found), "mask is", "masks are") + " kept."
	}
	if i < 0 || p.Hover || p.Empty() {
		return ""
	}
	a := p.Shown.Frame.Answer
	name, what := maskName(a, i)
	text := fmt.Sprintf("%s to %s. In front: %s", number(len(a.Masks), "answer", "answers"), s.askedWords(), name)
	if what != "" {
		text += ", " + what
	}
	if s.S.Run != nil && s.S.Run.Phase == state.Running && a.Model == wire.ModelLive {
		return text + "."
	}
	m := a.Masks[i]
	text += fmt.Sprintf(". Predicted IoU %.2f", m.Predicted)
	if m.True >= 0 {
		text += fmt.Sprintf(", true %.2f", m.True)
	}
	return text + fmt.Sprintf(", stability %.2f.", m.Stability)
}

func (p *stagePanel) pick(ctx app.Context, _ app.Event) {
	p.Site.do(state.ChooseTool{Tool: chosen(ctx, "tool")})
}
func (p *stagePanel) chooseModel(ctx app.Context, _ app.Event) {
	p.Site.do(state.ChooseModel{Model: chosen(ctx, "model")})
}
func (p *stagePanel) undo(app.Context, app.Event)        { p.Site.do(state.UndoPrompt{}) }
func (p *stagePanel) clear(app.Context, app.Event)       { p.Site.do(state.ClearPrompt{}) }
func (p *stagePanel) sceneNext(app.Context, app.Event)   { p.Site.do(state.NewScene{By: 1}) }
func (p *stagePanel) sceneBefore(app.Context, app.Event) { p.Site.do(state.NewScene{By: -1}) }
func (p *stagePanel) sceneBack(app.Context, app.Event)   { p.Site.do(state.NewScene{}) }
func (p *stagePanel) putBack(app.Context, app.Event)     { p.Site.do(state.PutBack{}) }

// chosen is a data attribute of the element that was pressed.
func chosen(ctx app.Context, name string) string {
	return ctx.JSSrc().Get("dataset").Get(name).String()
}

// promptKey acts on a key of a lab whose models are asked; false where it is none of its keys.
func (s *Site) promptKey(key string) bool {
	p := s.S.Prompting
	if p == nil {
		return false
	}
	switch strings.ToLower(key) {
	case "u":
		s.do(state.UndoPrompt{})
	case "c":
		s.do(state.ClearPrompt{})
	case "1", "2", "3", "4", "5":
		s.do(state.ChooseMask{Mask: int(key[0] - '1')})
	case "n":
		s.do(state.NewScene{By: 1})
	case "p":
		s.do(state.ChooseTool{Tool: stage.ToolPoint})
	case "x":
		s.do(state.ChooseTool{Tool: stage.ToolNot})
	case "b":
		s.do(state.ChooseTool{Tool: stage.ToolBox})
	case "e":
		mode := state.ModeEvery
		if p.Mode == mode {
			mode = state.ModePrompt
		}
		s.do(state.ChooseMode{Mode: mode})
	default:
		return false
	}
	return true
}

// promptKeys are those keys for the list of keys.
var promptKeys = [][2]string{{"U", "take back the last prompt"}, {"C", "clear the prompts"}, {"1 2 3", "bring an answer forward"}, {"N", "a new scene"},
	{"P X B", "point, not this, box"}, {"E", "everything, and back"}}
