package chart

import (
	"encoding/xml"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

func part(kind, label string, params int) wire.Part {
	return wire.Part{Kind: kind, Label: label, Out: [3]int{8, 8, 32}, Params: params, FLOP: int64(64 * params)}
}

// madeBlock is a block with two branches, the first with a shortcut of its own.
func madeBlock(parts ...wire.Part) wire.StructureBlock {
	return wire.StructureBlock{Name: "stage1.block1", Kind: "Mixed", In: [3]int{16, 16, 16}, Out: [3]int{8, 8, 32}, Params: 5000, FLOP: 320000,
		Branches: [][]wire.Part{parts, {part("norm", "layer norm", 64), part("attention", "attention, 4 heads", 4096)}},
		Skips:    [][]wire.Part{{part("pool", "2×2 average pooling", 0), part("conv", "1×1 convolution with a label that needs more than one line", 512)}, nil},
		Plain:    []bool{false, false}}
}

func TestCompareMarksWhatDiffers(t *testing.T) {
	norm, expand, dw, shrink := part("norm", "layer norm", 32), part("expand", "1×1 expand", 900), part("depthwise", "3×3 depth-wise", 500), part("shrink", "1×1 shrink", 800)
	wide := expand
	wide.Params = 1000
	five := part("depthwise", "5×5 depth-wise", 1500)
	for name, c := range map[string]struct {
		a, b   []wire.Part
		wantA  string
		wantB  string
		change func(b *wire.StructureBlock)
	}{
		"the same":        {a: []wire.Part{norm, expand}, b: []wire.Part{norm, expand}},
		"one removed":     {a: []wire.Part{norm, expand, shrink}, b: []wire.Part{norm, expand, dw, shrink}, wantB: "0.2 only here"},
		"one added":       {a: []wire.Part{norm, dw, shrink}, b: []wire.Part{norm, shrink}, wantA: "0.1 only here"},
		"one swapped":     {a: []wire.Part{norm, five, shrink}, b: []wire.Part{norm, dw, shrink}, wantA: "0.1 differs", wantB: "0.1 differs"},
		"another kind":    {a: []wire.Part{norm, dw}, b: []wire.Part{norm, shrink}, wantA: "0.1 only here", wantB: "0.1 only here"},
		"of another size": {a: []wire.Part{norm, wide}, b: []wire.Part{norm, expand}, wantA: "0.1 differs", wantB: "0.1 differs"},
		"other shortcuts": {a: []wire.Part{norm}, b: []wire.Part{norm}, wantA: "0s differs, 0s0 only here, 0s1 only here, 1s differs", wantB: "0s differs, 1s differs",
			change: func(b *wire.StructureBlock) {
				b.Skips, b.Plain = [][]wire.Part{{}, {}}, []bool{false, true}
			}},
		"a branch less": {a: []wire.Part{norm}, b: []wire.Part{norm}, wantA: "1.0 only here, 1.1 only here, 1s only here",
			change: func(b *wire.StructureBlock) {
				b.Branches, b.Skips, b.Plain = b.Branches[:1], b.Skips[:1], b.Plain[:1]
			}},
	} {
		a, b := madeBlock(c.a...), madeBlock(c.b...)
		if c.change != nil {
			c.change(&b)
		}
		say := func(m Marks) string {
			var list []string
			for _, id := range slices.Sorted(maps.Keys(m)) {
				list = append(list, id+" "+m[id].Words())
			}
			return strings.Join(list, ", ")
		}
		ofA, ofB := Compare(a, b)
		if say(ofA) != c.wantA || say(ofB) != c.wantB {
			t.Errorf("%s: %q and %q, want %q and %q", name, say(ofA), say(ofB), c.wantA, c.wantB)
		}
	}
}

func TestBlockIsDrawnWithinItsWidth(t *testing.T) {
	a := madeBlock(part("norm", "layer norm", 32), part("depthwise", "3×3 depth-wise convolution with stride 2 and a label too long for one line of a narrow box", 500))
	b := madeBlock(part("norm", "layer norm", 32))
	b.Plain = []bool{true, true}
	ofA, ofB := Compare(a, b)
	graphics := []Graphic{Block{Racer: "A racer with several edits, each with a label of its own", Block: a, Marks: ofA}, Block{Racer: "B", Block: b, Marks: ofB, Other: true}}
	svg, _, _ := (Sheet{Title: "The block", Source: "x?arms=a,b"}).SVG(graphics)
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the file is no XML: %v", err)
		}
	}
	for _, want := range []string{"only here", "identity", "16×16×16", "2×2 average", "attention, 4 heads"} {
		if !strings.Contains(svg, want) {
			t.Errorf("there is no %q in it", want)
		}
	}
	alt := graphics[0].Alt()
	for _, want := range []string{"Branch 1: layer norm, then 3×3 depth-wise", "(only here)", "In its shortcut: 2×2 average pooling (only here)", "Branch 2: ", "Its shortcut is the identity."} {
		if !strings.Contains(alt, want) {
			t.Errorf("it is not said that %q: %s", want, alt)
		}
	}
	if alt := graphics[1].Alt(); !strings.Contains(alt, "It has no shortcut.") {
		t.Errorf("nothing about a missing shortcut: %s", alt)
	}
	if d := graphics[0].Draw(300); d.Width != 300 || d.Height < 200 {
		t.Errorf("it is %g by %g", d.Width, d.Height)
	}
}

func TestStructureTable(t *testing.T) {
	table := StructureTable(wire.Structure{Label: "A", Blocks: []wire.StructureBlock{madeBlock(part("norm", "layer norm", 32))}})
	var rows []string
	for _, r := range table.Rows {
		rows = append(rows, strings.Join(r, " | "))
	}
	want := []string{
		"A | stage1.block1 | Mixed | branch 1 | layer norm | 16×16×16 | 8×8×32 | 32 | 2048",
		"A | stage1.block1 | Mixed | shortcut 1 | 2×2 average pooling | 16×16×16 | 8×8×32 | 0 | 0",
		"A | stage1.block1 | Mixed | shortcut 1 | 1×1 convolution with a label that needs more than one line | 8×8×32 | 8×8×32 | 512 | 32768",
		"A | stage1.block1 | Mixed | branch 2 | layer norm | 8×8×32 | 8×8×32 | 64 | 4096",
		"A | stage1.block1 | Mixed | branch 2 | attention, 4 heads | 8×8×32 | 8×8×32 | 4096 | 262144",
		"A | stage1.block1 | Mixed | shortcut 2 | identity | 8×8×32 | 8×8×32 | 0 | 0",
		"A | stage1.block1 | Mixed | whole | block | 16×16×16 | 8×8×32 | 5000 | 320000",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("rows:\n%s\nwant:\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

func TestCosts(t *testing.T) {
	for n, want := range map[int64]string{0: "0 FLOP", 812: "812 FLOP", 18432: "18.4 kFLOP", 999_900: "1.0 MFLOP", 2_150_000: "2.1 MFLOP", 3_000_000_000: "3.0 GFLOP"} {
		if got := FLOP(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
	for _, c := range []struct {
		x, from float64
		want    string
	}{{100, 100, "the same"}, {112, 100, "+12.0 %"}, {90.9, 100, "−9.1 %"}, {100.02, 100, "+0.02 %"}, {5, 0, "the same"}} {
		if got := Change(c.x, c.from); got != c.want {
			t.Errorf("%g against %g is %q, want %q", c.x, c.from, got, c.want)
		}
	}
}
