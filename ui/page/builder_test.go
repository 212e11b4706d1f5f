package page

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/state"
)

// bricks is a lab of made-up blocks: nothing of it is of a real paper.
func bricks() Data {
	lab := wire.Lab{ID: "bricks", Short: "Bricks", Question: "Which brick?", Title: "Bricks", Builder: &wire.Builder{Title: "The block", Knobs: []string{"width"}},
		Stage: wire.Stage{Title: "Where it looks"},
		Knobs: []wire.Knob{
			{Name: "arms", Label: "Racers", Kind: wire.KnobArms, Group: "Race", Default: "plain,mixed", Help: "Blocks of one budget.", Arms: &wire.ArmKnob{
				Racers: []wire.Option{{Value: "plain", Label: "Plain", Role: wire.RoleMethod}, {Value: "mixed", Label: "Mixed", Role: wire.RoleMethod}, {Value: "stacked", Label: "Stacked", Role: wire.RoleMethod}},
				Edits:  []wire.Option{{Value: "se", Label: "with squeeze-and-excitation"}, {Value: "nodw", Label: "no depth-wise convolution"}},
				Least:  2, Most: 4}},
			{Name: "width", Label: "Width", Kind: wire.KnobInt, Group: "Race", Default: "32", Min: 8, Max: 64, Step: 8},
			{Name: "steps", Label: "Steps", Kind: wire.KnobInt, Group: "Budget", Default: "100", Min: 1, Max: 1000, Step: 1},
			{Name: "seeds", Label: "Seeds", Kind: wire.KnobInt, Group: "Budget", Default: "3", Min: 1, Max: 5, Step: 1},
			{Name: "seed", Label: "Seed", Kind: wire.KnobInt, Group: "Budget", Default: "0", Min: 0, Max: 4294967295, Step: 1},
		}}
	d := Data{Catalog: wire.Catalog{Engine: "7", Labs: []wire.Lab{lab}}, Structures: map[string][]wire.Structure{}}
	for _, arm := range []string{"plain", "mixed", "mixed~nodw", "mixed~se~nodw", "stacked"} {
		d.Structures["bricks"] = append(d.Structures["bricks"], brick(arm))
	}
	return d
}

// brick makes a structure of a racer's text alone.
func brick(arm string) wire.Structure {
	has := func(s string) bool { return strings.Contains(arm, s) }
	part := func(kind, label string, n, c, params int, edits ...wire.Edit) wire.Part {
		return wire.Part{Kind: kind, Label: label, Help: "What " + label + " does, in one sentence that is long enough to need a second line.", Out: [3]int{n, n, c}, Params: params, FLOP: int64(params*n*n + 100), Edits: edits}
	}
	conv := func(n, in, out int) []wire.Part {
		parts := []wire.Part{part("norm", "layer norm", n, in, 2*in), part("expand", "1×1 expand, four times", n, 4*in, 4*in*in, wire.Edit{Label: "remove", Arm: arm + "~se"})}
		if !has("nodw") {
			parts = append(parts, part("depthwise", "3×3 depth-wise, stride 2", n, 4*in, 36*in, wire.Edit{Label: "remove", Arm: "mixed~nodw"}, wire.Edit{Label: "swap for a pooling over three by three cells", Arm: "mixed~se"}))
		}
		if has("~se") {
			parts = append(parts, part("se", "squeeze and excite", n, 4*in, 8*in*in))
			parts[len(parts)-1].Why = "The gate belongs to this brick."
		}
		return append(parts, part("shrink", "1×1 shrink", n, out, 4*in*out))
	}
	attention := func(n, c int) []wire.Part {
		return []wire.Part{part("norm", "layer norm", n, c, 2*c), part("attention", "attention, 4 heads", n, c, 4*c*c, wire.Edit{Label: "window of 4×4", Arm: arm + "~se"})}
	}
	s := wire.Structure{Arm: arm, Label: "the structure's own label"}
	add := func(b wire.StructureBlock) {
		for _, parts := range append(append([][]wire.Part{}, b.Branches...), b.Skips...) {
			for _, p := range parts {
				b.Params += p.Params
				b.FLOP += p.FLOP
			}
		}
		s.Params += b.Params
		s.FLOP += b.FLOP
		s.Blocks = append(s.Blocks, b)
	}
	add(wire.StructureBlock{Name: "stem", Kind: "stem", In: [3]int{32, 32, 1}, Out: [3]int{16, 16, 16}, Branches: [][]wire.Part{{part("conv", "3×3 convolution, stride 2", 16, 16, 144), part("act", "GELU", 16, 16, 0)}}, Plain: []bool{true}})
	down := []wire.Part{part("pool", "2×2 average pooling", 8, 16, 0), part("conv", "1×1 convolution", 8, 32, 512)}
	for i := range 3 {
		b := wire.StructureBlock{Name: fmt.Sprintf("stage%d.block1", i+1), In: [3]int{8, 8, 32}, Out: [3]int{8, 8, 32}}
		switch {
		case i == 0:
			b.Kind, b.In, b.Branches, b.Skips = "MBConv", [3]int{16, 16, 16}, [][]wire.Part{conv(8, 16, 32)}, [][]wire.Part{down}
		case has("mixed") || has("stacked"):
			b.Kind, b.Branches, b.Skips = "Mixed", [][]wire.Part{conv(8, 32, 32), attention(8, 32)}, [][]wire.Part{{}, {}}
		default:
			b.Kind, b.Branches, b.Skips = "Transformer", [][]wire.Part{attention(8, 32), {part("norm", "layer norm", 8, 32, 64), part("mlp", "MLP, four times", 8, 32, 8192)}}, [][]wire.Part{{}, nil}
		}
		b.Plain = make([]bool, len(b.Branches))
		add(b)
	}
	add(wire.StructureBlock{Name: "head", Kind: "head", In: [3]int{8, 8, 32}, Out: [3]int{1, 1, 10}, Branches: [][]wire.Part{{part("pool", "average over all cells", 1, 32, 0), part("linear", "linear", 1, 10, 330)}}, Plain: []bool{true}})
	if has("nodw") {
		s.Note = "Without the depth-wise convolution this block has 12 % fewer parameters than its twins: it is made wider no more than the grid allows."
	}
	return s
}

// at opens a page of the made-up lab, without a browser.
func at(t *testing.T, query string, events ...state.Event) *Site {
	t.Helper()
	s := newSite(bricks(), nil)
	s.open(&url.URL{Path: "/bricks", RawQuery: query})
	for _, e := range events {
		s.do(e)
	}
	s.takeAll()
	return s
}

var buttons = regexp.MustCompile(`<button[^>]*>`)

var tag = regexp.MustCompile(`<[^>]*>`)

// markup is the markup of a component with its attributes as the generator mends them.
func markup(u app.UI) string {
	return strings.NewReplacer(` hidden="false"`, "", ` disabled="false"`, "", ` selected="false"`, "").Replace(app.HTMLString(u))
}

// words is what a component says, without its markup.
func words(u app.UI) string {
	return strings.Join(strings.Fields(tag.ReplaceAllString(strings.ReplaceAll(app.HTMLString(u), "<", " <"), "")), " ")
}

func TestBuilderDrawsWhatTheStructureSays(t *testing.T) {
	s := at(t, "", state.SelectArm{Arm: "mixed"})
	page, said := markup(s.block()), words(s.block())
	for _, want := range []string{"The block", "Mixed", "stage2.block1", "16×16×16", "8×8×128", "3×3 depth-wise, stride 2", "1,152 parameters 73.8 kFLOP", "identity", "layer norm", "attention, 4 heads"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	for _, want := range []string{`data-block="stage1.block1"`, `data-part="0.2"`, `data-part="1.1"`, `aria-label="Mixed, stage2.block1, Mixed: 8×8×32 in`} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %q", want)
		}
	}
	if strings.Contains(said, "only here") || strings.Contains(said, "differs") || strings.Contains(said, "Remove") {
		t.Errorf("marks or edits that nobody asked for: %s", said)
	}
	s = at(t, "", state.SelectArm{Arm: "mixed"}, state.ChooseBlock{Name: "stage1.block1"})
	if said := words(s.block()); !strings.Contains(said, "2×2 average pooling") || !strings.Contains(said, "1×1 convolution") {
		t.Errorf("the shortcut has no parts: %s", said)
	}
	s = at(t, "", state.SelectArm{Arm: "mixed"}, state.ChoosePart{Part: "0.2"})
	if page := markup(s.block()); !strings.Contains(page, "What 3×3 depth-wise, stride 2 does") || !strings.Contains(page, `data-edit="mixed~nodw"`) || !strings.Contains(page, "partmenu") {
		t.Errorf("the part is not open: %s", page)
	}
	if said := words(at(t, "", state.ChoosePart{Part: "0.0"}).block()); !strings.Contains(said, "Nothing can be changed here.") {
		t.Errorf("a part without edits: %s", said)
	}
}

// Where the structure says why something cannot be done, the page says that and nothing else; with edits, both.
func TestBuilderSaysWhy(t *testing.T) {
	const none, reason = "Nothing can be changed here", "The gate belongs to this brick."
	open := func(part string) *Site {
		return at(t, "arms=plain,mixed~se~nodw", state.SelectArm{Arm: "mixed~se~nodw"}, state.ChoosePart{Part: part})
	}
	if said := words(open("0.2").block()); !strings.Contains(said, reason) || strings.Contains(said, none) || strings.Contains(said, "fit together") {
		t.Errorf("a part with a reason and no edits: %s", said)
	}
	if said := words(open("other 0.0").block()); strings.Contains(said, "forward to change it") {
		t.Errorf("a part without edits of the other racer promises some: %s", said)
	}
	s := open("0.2")
	known := s.S.Blocks.Known["mixed~se~nodw"]
	for _, b := range known.Blocks {
		for _, parts := range b.Branches {
			for i := range parts {
				if parts[i].Why != "" {
					parts[i].Edits = []wire.Edit{{Label: "take it out", Arm: "mixed~nodw"}}
				}
			}
		}
	}
	if page, said := markup(s.block()), words(s.block()); !strings.Contains(said, reason) || !strings.Contains(said, "Take it out") || !strings.Contains(page, `data-edit="mixed~nodw"`) {
		t.Errorf("a part with a reason and an edit: %s", said)
	}
}

// What FLOPs leave out stands below the drawing, below the table and in the file.
func TestBuilderSaysWhatIsCounted(t *testing.T) {
	s := at(t, "", state.SelectArm{Arm: "mixed"})
	for _, b := range []*builder{{Site: s}, {Site: s, table: true}} {
		if said := words(b); !strings.Contains(said, "norms, activations such as GELU, softmax, pooling, sums and the product with a gate count none") {
			t.Errorf("with a table, %v: it does not say what FLOPs leave out: %s", b.table, said)
		}
	}
	if sheet, _, ok := (&builder{Site: s}).sheet(); !ok || !strings.Contains(sheet.Caption, "with a gate count none") {
		t.Errorf("the file says %q", sheet.Caption)
	}
}

func TestBuilderComparesInWords(t *testing.T) {
	s := at(t, "arms=plain,mixed~nodw", state.SelectArm{Arm: "mixed~nodw"})
	said := words(s.block())
	for _, want := range []string{"Mixed, no depth-wise convolution", "Against Mixed (", "parameters −", ", FLOPs −", "only here", "Back to the plain Mixed", "Race it against Mixed", "12 % fewer parameters"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	if strings.Count(said, "only here") != 1 {
		t.Errorf("of the parts one is missing, and none is new: %s", said)
	}
	s = at(t, "", state.SelectArm{Arm: "mixed"}, state.Compare{With: "plain"})
	if said := words(s.block()); !strings.Contains(said, "MLP, four times 8,192 parameters 524 kFLOP only here") || strings.Count(said, "only here") != 6 {
		t.Errorf("against another kind of block: %s", said)
	}
}

func TestBuilderWithoutStructures(t *testing.T) {
	d := bricks()
	d.Structures = nil
	s := newSite(d, nil)
	s.open(&url.URL{Path: "/bricks"})
	s.takeAll()
	if said := words(s.block()); !strings.Contains(said, "A worker is looking up") {
		t.Errorf("before an answer: %s", said)
	}
	// Of the racer that is drawn nothing is looked up.
	d.Structures = map[string][]wire.Structure{"bricks": {brick("mixed")}}
	s = newSite(d, nil)
	s.open(&url.URL{Path: "/bricks"})
	s.takeAll()
	s.S.Apply(0, state.SelectArm{Arm: "mixed"})
	if said := words(s.block()); !strings.Contains(said, "what the other racers are built of") || strings.Contains(said, "Until then") {
		t.Errorf("while another racer is looked up: %s", said)
	}
	d.Catalog.Labs[0].Builder = nil
	s = newSite(d, nil)
	s.open(&url.URL{Path: "/bricks"})
	s.takeAll()
	if page := markup(s.block()); strings.Contains(page, "section") {
		t.Errorf("a lab without a builder has %s", page)
	}
}

func TestRacersWithoutMatrices(t *testing.T) {
	for query, want := range map[string]string{
		"":                                     "2 racers at least",
		"arms=plain,mixed,mixed~se~nodw":       "Click a part of a block",
		"arms=plain,mixed,stacked,mixed~nodw":  "4 racers at most",
		"arms=stacked,mixed~nodw~se,mixed~se&": "with squeeze-and-excitation, no depth-wise convolution",
	} {
		s := at(t, query)
		k := &knobs{Site: s}
		page, said := markup(k), words(k)
		if !strings.Contains(said, want) {
			t.Errorf("%s: it does not say %q: %s", query, want, said)
		}
		for _, no := range []string{"matri", "Add a racer", "learning rate"} {
			if strings.Contains(strings.ToLower(said), no) {
				t.Errorf("%s: it speaks of %q: %s", query, no, said)
			}
		}
		off := 0
		for _, button := range buttons.FindAllString(page, -1) {
			if strings.Contains(button, "aria-disabled") && !strings.Contains(button, `aria-disabled="false"`) && (strings.Contains(button, "data-racer") || strings.Contains(button, "Remove ")) {
				off++
			}
		}
		if query == "" && off != 4 {
			t.Errorf("with the fewest racers %d controls are off, want two chips and two crosses", off)
		}
	}
}

// TestBuilderPreview writes the page of the made-up lab with the site's style sheets into PETRI_SHOTS, to be looked at.
func TestBuilderPreview(t *testing.T) {
	dir := os.Getenv("PETRI_SHOTS")
	if dir == "" {
		t.Skip("PETRI_SHOTS names no folder")
	}
	css := ""
	for _, name := range []string{"tokens", "blocks", "chart", "components", "home", "lab"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "assets", "css", name+".css"))
		if err != nil {
			t.Fatal(err)
		}
		css += string(text)
	}
	for name, s := range map[string]*Site{
		"plain": at(t, "", state.SelectArm{Arm: "mixed"}, state.ChoosePart{Part: "0.2"}),
		"diff":  at(t, "arms=plain,mixed~nodw,stacked", state.SelectArm{Arm: "mixed~nodw"}),
		"other": at(t, "arms=plain,mixed,mixed~se~nodw", state.SelectArm{Arm: "mixed"}, state.Compare{With: "plain"}),
		"skip":  at(t, "arms=plain,mixed,mixed~se~nodw", state.SelectArm{Arm: "mixed~se~nodw"}, state.ChooseBlock{Name: "stage1.block1"}),
	} {
		page := `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><style>` + css + `</style><body>` + markup(s.lab(false)) + `</body></html>`
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		b := &builder{Site: s}
		sheet, graphics, _ := b.sheet()
		svg, _, _ := sheet.SVG(graphics)
		if err := os.WriteFile(filepath.Join(dir, name+".svg"), []byte(svg), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
