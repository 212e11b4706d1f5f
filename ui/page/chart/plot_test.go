package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// graphics are all pictures of the preview, by name.
func graphics(t *testing.T) map[string]Graphic {
	t.Helper()
	arms := madeArms()
	out := map[string]Graphic{
		"loss": LossPlot(arms, 600, "qv:4"), "accuracy": ScorePlot(arms, accuracy, 600, "qv:4"),
		"running loss": LossPlot(running(arms), 600, "qv:4"), "nothing": LossPlot(nil, 0, ""), "nothing at all": Plot{},
		"ledger": ledgerBars(arms, "qv:4"), "parts": partBars(arms[4]), "no maps": HeatMaps{}, "no bars": Bars{},
	}
	for _, f := range madeFigures() {
		if g, ok := GraphicOf(f, arms, "qv:4"); ok {
			out[f.ID] = g
		} else if f.Kind != wire.FigureTable {
			t.Fatalf("no picture of %s", f.ID)
		}
	}
	hurt := LossPlot(arms, 600, "qv:4")
	for i := range hurt.Lines {
		if len(hurt.Lines[i].Y) < 8 {
			continue
		}
		hurt.Lines[i].Y[3], hurt.Lines[i].Low[5], hurt.Lines[i].High[7] = math.NaN(), math.NaN(), math.Inf(1)
	}
	out["hurt"] = hurt
	return out
}

// wellFormed parses SVG and returns its elements.
func wellFormed(t *testing.T, name, svg string) (elements []xml.StartElement) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			elements = append(elements, e.Copy())
		}
	}
}

func TestPicturesAreWellFormedLegibleAndInsideTheirWidth(t *testing.T) {
	for name, g := range graphics(t) {
		for _, width := range []float64{leastWidth, 302, 640, 1200} {
			d := g.Draw(width)
			if d.Width != width || d.Height < 0 {
				t.Errorf("%s at %v: size %v x %v", name, width, d.Width, d.Height)
			}
			if strings.Contains(d.Body, "NaN") || strings.Contains(d.Body, "Inf") {
				t.Errorf("%s at %v draws numbers that are not finite", name, width)
			}
			for _, e := range wellFormed(t, name, "<svg>"+d.Body+"</svg>") {
				for _, a := range e.Attr {
					v, err := strconv.ParseFloat(a.Value, 64)
					if a.Name.Local == "font-size" && (err != nil || v < 11) {
						t.Errorf("%s: text of size %s", name, a.Value)
					}
					if (a.Name.Local == "x" || a.Name.Local == "cx" || a.Name.Local == "x2") && (v < -1 || v > width+1) {
						t.Errorf("%s at %v: %s at %s = %s", name, width, e.Name.Local, a.Name.Local, a.Value)
					}
				}
			}
		}
		if g.Alt() == "" {
			t.Errorf("%s says nothing to those who do not see it", name)
		}
	}
}

func TestLabelsNeverTouch(t *testing.T) {
	for name, g := range graphics(t) {
		p, ok := g.(Plot)
		if !ok {
			continue
		}
		for _, width := range []float64{280, 332, 640} {
			f := p.frame(width)
			var lines []Line
			var ends []point
			for _, l := range f.lines {
				if !f.mute(l) && f.x.at(l.X[l.last()]) > f.area.X1-1 {
					lines, ends = append(lines, l), append(ends, f.end(l))
				}
			}
			boxes := f.labelColumn(&pen{}, lines, ends, false)
			if len(boxes) != len(lines) && len(lines) < 13 {
				t.Errorf("%s at %v: %d of %d labels", name, width, len(boxes), len(lines))
			}
			for i, a := range boxes {
				if a.X1 > width+1 {
					t.Errorf("%s at %v: a label ends at %v", name, width, a.X1)
				}
				for _, b := range boxes[:i] {
					if math.Abs(a.Y0-b.Y0) < 12.9 {
						t.Errorf("%s at %v: labels at %v and %v", name, width, a.Y0, b.Y0)
					}
				}
			}
		}
	}
}

func TestBandsOnlyWhereSeedsDifferAndOnlyForThoseWhoStandOut(t *testing.T) {
	arms := madeArms()
	fill := regexp.MustCompile(`fill-opacity="0.1`)
	if n := len(fill.FindAllString(LossPlot(arms, 600, "qv:4").Draw(400).Body, -1)); n != 3 {
		t.Errorf("%d bands, want those of the floor, the reference and the selected arm", n)
	}
	if n := len(fill.FindAllString(LossPlot(running(arms), 600, "qv:4").Draw(400).Body, -1)); n != 0 {
		t.Errorf("%d bands from one seed", n)
	}
}

func TestAltStatesTheFindingInNumbers(t *testing.T) {
	alt := ScorePlot(madeArms(), accuracy, 600, "qv:4").Alt()
	for _, want := range []string{"Accuracy, validation, %", "against step", "full fine-tuning 95", "±", "diverged at step 40"} {
		if !strings.Contains(alt, want) {
			t.Errorf("no %q in %q", want, alt)
		}
	}
}

func TestScoreRangeHoldsEveryLastValueAndJumps(t *testing.T) {
	for _, c := range []struct{ y, lo, hi float64 }{{10, 0, 20}, {55, 40, 60}, {94.3, 85, 95}, {99.9, 90, 100}} {
		lo, hi := scoreRange([]Line{{X: []float64{0, 1}, Y: []float64{10, c.y}, Selected: true}})
		if lo > c.y || hi < c.y || lo < 0 || hi > 100 || math.Mod(lo, 5) != 0 || math.Mod(hi, 5) != 0 {
			t.Errorf("%v: %v to %v", c.y, lo, hi)
		}
	}
	if lo, hi := scoreRange(nil); lo != 0 || hi != 100 {
		t.Errorf("without lines %v to %v", lo, hi)
	}
	arms := madeArms()
	if p := ScorePlot(arms, accuracy, 600, ""); p.Y.Min != 70 || p.Y.Max != 100 {
		t.Errorf("range %v to %v: the diverged arm has widened it", p.Y.Min, p.Y.Max)
	}
}

func TestReadingACurve(t *testing.T) {
	p := LossPlot(madeArms(), 600, "qv:4")
	f := p.frame(400)
	c, ok := p.Hit(400, f.x.at(237), 100)
	if !ok {
		t.Fatal("nothing under the pointer")
	}
	r := p.Read(400, c)
	if r.Head != "step 240" || len(r.Rows) != 10 {
		t.Errorf("%q with %d rows", r.Head, len(r.Rows))
	}
	if r.Rows[0].Name != "head only" || r.Rows[9].Name != "full fine-tuning" || !strings.Contains(r.Rows[0].Text, "±") {
		t.Errorf("rows are not from top to bottom with intervals: %+v", r.Rows)
	}
	if _, ok := p.Hit(400, 5, 500); ok {
		t.Error("something lies below the picture")
	}
	first, ok := p.Move(nil, "ArrowLeft")
	if !ok || p.Read(400, first).Head != "step 600" {
		t.Errorf("the keyboard begins at %q", p.Read(400, first).Head)
	}
	second, _ := p.Move(&first, "ArrowLeft")
	if p.Read(400, second).Head != "step 580" {
		t.Errorf("one step left is %q", p.Read(400, second).Head)
	}
	if _, ok := p.Move(&second, "Tab"); ok {
		t.Error("Tab is caught")
	}
}

func TestTableOfAPlotHasEveryNumber(t *testing.T) {
	p := Plot{X: wire.Axis{Name: "step"}, Lines: []Line{
		{Name: "a", X: []float64{0, 10}, Y: []float64{1, 2}, Low: []float64{0.5, 1}, High: []float64{1.5, 3}},
		{Name: "b", X: []float64{10, 20}, Y: []float64{3, math.NaN()}}}}
	want := "step,a,\"a, low\",\"a, high\",b\r\n0,1,0.5,1.5,\r\n10,2,1,3,3\r\n"
	if got := p.Table().CSV(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if n := len(raceTable(madeArms(), accuracy).Rows); n != 2*(10*31+3) {
		t.Errorf("%d rows of the race", n)
	}
}
