package chart

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/stage"
)

func TestHeatScales(t *testing.T) {
	s := scaleOfHeat(wire.Heat{Scale: diverging, Values: []float64{-1, 3}})
	if s.lo != -3 || s.hi != 3 || s.color(0).A != 0 || s.color(3) != stage.Diverging(1) || s.color(-3) != stage.Diverging(-1) {
		t.Errorf("diverging scale %+v is not symmetric about zero", s)
	}
	s = scaleOfHeat(wire.Heat{Scale: "viridis", Values: []float64{2, 6}})
	if s.lo != 2 || s.hi != 6 || s.color(4) != stage.Viridis(0.5) {
		t.Errorf("viridis scale %+v", s)
	}
	if s := scaleOfHeat(wire.Heat{Values: []float64{math.NaN()}}); !(s.lo < s.hi) {
		t.Errorf("scale of nothing %+v", s)
	}
}

func TestCellsOfAMapAreItsNumbers(t *testing.T) {
	m := HeatMaps{Heats: []wire.Heat{{Rows: 2, Cols: 3, Values: []float64{0, 0.2, 0.4, 0.6, 0.8, 1}, Scale: "viridis", Max: 1}}}
	_, data, _ := strings.Cut(m.Draw(300).Body, "data:image/png;base64,")
	data, _, _ = strings.Cut(data, `"`)
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 3 || b.Dy() != 2 {
		t.Fatalf("picture is %v", b)
	}
	r, g, b, _ := img.At(1, 1).RGBA()
	if want := stage.Viridis(0.8); uint8(r>>8) != want.R || uint8(g>>8) != want.G || uint8(b>>8) != want.B {
		t.Errorf("cell 1, 1 has %d %d %d, want %v", r>>8, g>>8, b>>8, want)
	}
}

func TestMapsOfOneFigureHaveCellsOfOneSize(t *testing.T) {
	m := HeatMaps{Heats: []wire.Heat{{Title: "r = 1 against r = 4", Rows: 1, Cols: 4}, {Rows: 4, Cols: 4}, {Rows: 40, Cols: 40}}}
	for _, width := range []float64{leastWidth, 400, 700} {
		f := m.frame(width)
		side := f.cells[2].width() / 40
		for i, b := range f.cells {
			h := m.Heats[i]
			if math.Abs(b.width()-side*float64(h.Cols)) > 1e-9 || b.X1 > width+1e-9 || b.height() > heatTall {
				t.Errorf("map %d at %v: %v with cells of %v", i, width, b, side)
			}
			for _, o := range f.cells[:i] {
				if b.overlaps(o) {
					t.Errorf("maps overlap at %v", width)
				}
			}
		}
	}
}

func TestReadingAMap(t *testing.T) {
	h := func(v float64) wire.Heat {
		return wire.Heat{Rows: 2, Cols: 2, Values: []float64{v, v + 1, v + 2, v + 3}}
	}
	m := HeatMaps{Heats: []wire.Heat{h(0), h(10)}, X: wire.Axis{Name: "j", Min: 1}, Y: wire.Axis{Name: "i", Min: 1}}
	b := m.frame(400).cells[1]
	c, ok := m.Hit(400, b.X0+0.75*b.width(), b.Y0+0.25*b.height())
	if !ok || c != (Cursor{1, 0, 1}) {
		t.Fatalf("hit %v %v", c, ok)
	}
	r := m.Read(400, c)
	if r.Head != "i 1, j 2" || len(r.Rows) != 2 || r.Rows[1].Text != "11" || !r.Rows[1].Strong {
		t.Errorf("%+v", r)
	}
	c, _ = m.Move(&c, "ArrowLeft")
	c, _ = m.Move(&c, "ArrowLeft")
	if c != (Cursor{0, 0, 1}) {
		t.Errorf("left of the first column of the second map is %v", c)
	}
	c, _ = m.Move(&c, "ArrowDown")
	c, _ = m.Move(&c, "ArrowDown")
	if c != (Cursor{0, 1, 1}) {
		t.Errorf("down to %v", c)
	}
	if len(m.Table().Rows) != 8 || m.Table().Rows[7][3] != "13" {
		t.Errorf("table %v", m.Table())
	}
}

func TestBarsAreAsLongAsTheirNumbers(t *testing.T) {
	b := ledgerBars(madeArms(), "qv:4")
	f := b.frame(500)
	for i, bar := range b.Bars {
		end := 0.0
		for k := range bar.Parts {
			x0, x1 := f.span(bar, k)
			if k > 0 && math.Abs(x0-end) > 1e-9 {
				t.Fatalf("%s: part %d begins at %v, not at %v", bar.Name, k, x0, end)
			}
			end = x1
		}
		l := madeArms()[i].Ledger
		if want := f.x.at(float64(l.FrozenBytes+l.TrainedBytes+l.GradientBytes+l.OptimizerBytes+l.KeptBytes) / 1e6); math.Abs(end-want) > 1e-6 {
			t.Errorf("%s ends at %v, want %v", bar.Name, end, want)
		}
	}
	c, ok := b.Hit(500, f.area.X1-60, f.bar(9).Y0+5)
	if r := b.Read(500, c); !ok || r.Head != "full fine-tuning" || len(r.Rows) != 6 {
		t.Errorf("%v: %+v", ok, r)
	}
	twice := Bars{Bars: []wire.Bar{{Name: "x", Parts: []wire.BarPart{{Name: "a", Role: "act", Value: 1}, {Name: "b", Role: "act", Value: 1}}}}}
	if s := twice.shades(); s[0].opacity == s[1].opacity {
		t.Error("two parts of one role look the same")
	}
}

func TestRanks(t *testing.T) {
	rows, axis := rankRows(madeArms(), accuracy)
	by := map[string]rankRow{}
	for _, r := range rows {
		by[r.Arm.Arm] = r
	}
	if r := by["head"]; r.Off != -1 || r.Score != "78.4" || r.PlusMinus != "±0.5" {
		t.Errorf("floor %+v", r)
	}
	if r := by["full"]; r.Off != 0 || !r.Interval || r.Low >= r.Mean || r.High <= r.Mean || r.High > 1 {
		t.Errorf("reference %+v on %+v", r, axis)
	}
	if r := by["all:64"]; r.Drawn || r.DivergedWhy == "" {
		t.Errorf("diverged %+v", r)
	}
	if r := by["qv:4"]; math.Abs(r.Share-4096./199936) > 1e-12 {
		t.Errorf("share %v", r.Share)
	}
	one, _ := rankRows(running(madeArms()), accuracy)
	for _, r := range one {
		if r.Interval || r.PlusMinus != "" {
			t.Errorf("%s has an interval from one seed", r.Arm.Arm)
		}
	}
	page := app.HTMLString(&Ranks{Arms: madeArms(), Selected: "qv:4", OnSelect: func(app.Context, string) {}})
	if strings.Count(page, `class="sel pick"`) != 1 || strings.Count(page, "aria-pressed")-strings.Count(page, `aria-pressed="false"`) != 1 || !strings.Contains(page, "✕ diverged") {
		t.Error("the selected arm is not marked once, or the diverged one not at all")
	}
	// Where every racer trains the whole net, as far as is known, no column says so.
	whole := []wire.ArmReport{{Arm: "a", Trainable: 7, Total: 7, Ledger: wire.Ledger{StepFLOP: 983e6}}, {Arm: "b", Trainable: 9, Total: 9}, {Arm: "c"}}
	if page := app.HTMLString(&Ranks{Arms: whole}); strings.Contains(page, "of the net") || strings.Contains(page, "netshare") {
		t.Errorf("a column of 100 %%: %s", page)
	} else if !strings.Contains(page, "FLOP/step") || !strings.Contains(page, "983 M") {
		t.Errorf("no operations: %s", page)
	}
	whole[1].Total = 10
	if page := app.HTMLString(&Ranks{Arms: whole}); strings.Count(page, "netshare") != 3 {
		t.Errorf("no column of shares: %s", page)
	}
	if page := app.HTMLString(&Ranks{}); !strings.Contains(page, "No racer yet") {
		t.Error("an empty table says nothing")
	}
	table := rankTable(madeArms(), accuracy, "lora?seeds=5")
	for _, r := range table.Rows {
		if len(r) != len(table.Columns) {
			t.Errorf("%d cells for %d columns", len(r), len(table.Columns))
		}
	}
}

func TestAClaimNeverHoldsByDefault(t *testing.T) {
	for v, want := range map[wire.Verdict]string{"": "Not run", "odd": "Not run", wire.Unclear: "Unclear", wire.Holds: "Holds", wire.Fails: "Fails"} {
		if got := lookOf(v, false).word; got != want {
			t.Errorf("%q is shown as %q, want %q", v, got, want)
		}
		if got := lookOf(v, true).word; got != "Waiting" {
			t.Errorf("%q of a run under way is shown as %q", v, got)
		}
	}
}

func TestNoMeasuredNumberStandsWithoutItsInterval(t *testing.T) {
	for _, c := range []struct {
		m    wire.ClaimMark
		want string
	}{
		{wire.ClaimMark{Mean: 3.4, Low: 2.2, High: 4.6, Text: "3.4"}, "3.4 ±1.2"},
		{wire.ClaimMark{Mean: 3.46, Low: 1.02, High: 5.9, Text: "3.5"}, "3.5 ±2.4"},
		{wire.ClaimMark{Mean: .13, Low: .0897, High: .1703, Text: "0.13"}, "0.13 ±0.04"},
		{wire.ClaimMark{Mean: 3.4, Low: 3.4, High: 3.4, Text: "3.4"}, "3.4"},
		{wire.ClaimMark{Mean: 0.5, Low: 0.5, High: 1, Text: "> 0.5"}, "> 0.5"},
		{wire.ClaimMark{Mean: 3.4, Low: 2.2, High: 4.6, Text: "3.4 ±1.2"}, "3.4 ±1.2"},
		{wire.ClaimMark{Mean: 3.4, Low: 2.2, High: 4.6}, "3.4 ±1.2"},
	} {
		if got := markText(c.m); got != c.want {
			t.Errorf("%+v reads %q, want %q", c.m, got, c.want)
		}
	}
}

func TestClaimMarks(t *testing.T) {
	c := madeClaims()
	page := app.HTMLString(&Claim{Claim: c[1], Yours: true})
	for _, want := range []string{"yours", "▸", "dashed: 1", "−0.7 ±1.1", "Why", "Tables 5 and 6"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the card", want)
		}
	}
	page = app.HTMLString(&Claim{Claim: c[5], Waiting: true})
	if strings.Contains(page, "0.60") || strings.Contains(page, "Fails") || !strings.Contains(page, "0.29") {
		t.Error("a claim that waits shows an old number, or not the paper's")
	}
	c[0].Axis.Max = c[0].Axis.Min
	if page := app.HTMLString(&Claim{Claim: c[0]}); strings.Contains(page, "NaN") || !strings.Contains(page, "0.4 points") {
		t.Error("an axis without length is drawn, or the words are lost with it")
	}
}

func TestExportedSheetsStandAlone(t *testing.T) {
	for name, g := range graphics(t) {
		svg, w, h := (Sheet{"A title & more", "under it", strings.Repeat("A long caption. ", 20), "lora?seed=7"}).SVG([]Graphic{g, g})
		if strings.Contains(svg, "var(") || strings.Contains(svg, "NaN") || w < 600 || h < 100 {
			t.Errorf("%s: %d x %d", name, w, h)
		}
		elements := wellFormed(t, name, svg)
		if elements[0].Name.Space != "http://www.w3.org/2000/svg" {
			t.Errorf("%s: no namespace", name)
		}
		for _, e := range elements {
			for _, a := range e.Attr {
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "data:") {
					t.Errorf("%s loads %s", name, a.Value)
				}
			}
		}
	}
	if fileName("Wq, r = 4: φ(1,1)", "svg") != "petri-wq-r-4-1-1.svg" || fileName("φ", "csv") != "petri-figure.csv" {
		t.Error("file names")
	}
}

// saved is a Browser that keeps what it is given.
type saved struct{ names []string }

func (s *saved) Save(name, _ string, _ []byte)             { s.names = append(s.names, name) }
func (s *saved) SavePNG(name, _ string, width, height int) { s.names = append(s.names, name) }

func TestPanelsSaveThroughTheBrowser(t *testing.T) {
	var s saved
	Use(&s)
	defer Use(nil)
	p := &panel{ID: "spectrum", Graphics: []Graphic{LossPlot(madeArms(), 600, "")}}
	p.saveSVG()
	p.savePNG()
	p.saveCSV()
	if got := strings.Join(s.names, " "); got != "petri-spectrum.svg petri-spectrum.png petri-spectrum.csv" {
		t.Errorf("saved %s", got)
	}
}

// TestWideIntervals: an interval beyond what accuracy can be is told in words, and does not squeeze the axis.
func TestWideIntervals(t *testing.T) {
	rows, axis := rankRows([]wire.ArmReport{{Arm: "q:1", Role: wire.RoleMethod, Metrics: map[string]wire.Interval{
		accuracy.Test: {Mean: 0.504, Low: -0.582, High: 1.59, Values: []float64{0.42, 0.59}}}}}, accuracy)
	if !rows[0].Wide || strings.ContainsAny(rows[0].PlusMinus, "0123456789") {
		t.Errorf("wide %v, written %q", rows[0].Wide, rows[0].PlusMinus)
	}
	if axis.Lo > 50.4 || axis.Hi < 50.4 || axis.Hi-axis.Lo < leastSpan {
		t.Errorf("axis %v to %v", axis.Lo, axis.Hi)
	}
	l := Line{X: []float64{1}, Y: []float64{50.4}, Low: []float64{-58.2}, High: []float64{159}}
	if s := l.valueText(0, "%"); s != "50.4 %, interval too wide to tell" {
		t.Errorf("the chart reads %q", s)
	}
}

// TestWideBandsAreNotDrawn: the accuracy plot leaves out a band that would cover everything.
func TestWideBandsAreNotDrawn(t *testing.T) {
	curve := func(half float64) []wire.Curve {
		return []wire.Curve{{Name: accuracy.Validation, Step: []int{1, 2}, Mean: []float64{0.4, 0.5}, Low: []float64{0.4 - half, 0.5 - half}, High: []float64{0.4 + half, 0.5 + half}}}
	}
	p := ScorePlot([]wire.ArmReport{{Arm: "full", Role: wire.RoleReference, Curves: curve(0.6)}, {Arm: "head", Role: wire.RoleFloor, Curves: curve(0.02)}}, accuracy, 2, "full")
	if p.Lines[0].banded() || !p.Lines[1].banded() {
		t.Errorf("bands: wide %v, narrow %v", p.Lines[0].banded(), p.Lines[1].banded())
	}
}

// TestBandEndsAtALogAxis: where an interval of losses reaches below zero, its band ends at the axis.
func TestBandEndsAtALogAxis(t *testing.T) {
	l := Line{Name: "a", X: []float64{1, 2, 3}, Y: []float64{1, 0.5, 0.2}, Low: []float64{0.8, -0.1, 0.1}, High: []float64{1.2, 1.1, 0.3}, Band: true}
	f := Plot{X: wire.Axis{Max: 3}, Y: wire.Axis{Log: true}, Lines: []Line{l}}.frame(400)
	for _, p := range f.band(l) {
		if p.Y > f.area.Y1+200 {
			t.Errorf("a corner of the band lies at %v, the axis at %v", p.Y, f.area.Y1)
		}
	}
}
