package moat

import (
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

// An accuracy stays between 0 and 100 % whatever its seeds, a difference is left as it is, and the figures say so.
func TestAccuraciesEndWhereTheyEnd(t *testing.T) {
	r := madeUp(t, "moat?arms=moat~head,moat~loraview", scores{"moat~head": {2, 30, 1}, "moat~loraview": {91.7, 50.5, 99}})
	for i, c := range r.racers {
		c.report.Trainable, c.report.Head = 1000*i, 650
	}
	cost := r.costFigure()
	for i, want := range []string{"11.0 (0.0 to 51.9)", "80.4 (15.4 to 100.0)"} {
		if got := cost.Rows[i][len(cost.Columns)-1]; got != want {
			t.Errorf("the table of costs says %s, want %s", got, want)
		}
	}
	figures := r.convLoRAFigures()
	plot, table := figures[0], figures[1]
	for i, want := range [][2]float64{{0, 100}, {0, 100}} {
		if s := plot.Series[i]; s.Low[0] < want[0] || s.High[0] > want[1] || s.Low[0] > s.Y[0] || s.High[0] < s.Y[0] {
			t.Errorf("%s is drawn from %v to %v", s.Name, s.Low[0], s.High[0])
		}
	}
	if plot.Series[0].Low[0] != 0 || plot.Series[1].High[0] != 100 {
		t.Errorf("the intervals are drawn from %v and to %v", plot.Series[0].Low[0], plot.Series[1].High[0])
	}
	if got := table.Rows[1][3]; got != "80.4 (15.4 to 100.0)" {
		t.Errorf("the table of updates says %s", got)
	}
	if got := table.Rows[1][4]; !strings.HasPrefix(got, "69.4 (−") || !strings.Contains(got, "to 1") {
		t.Errorf("the difference is %s, want it with its whole interval", got)
	}
	for _, f := range []wire.Figure{cost, plot, table} {
		if !strings.Contains(f.Sub, "cut at 0 and 100 %") {
			t.Errorf("%s does not say that intervals are cut: %s", f.ID, f.Sub)
		}
	}
}

// The caption of the rings says what was measured, not what should have been.
func TestRingCaption(t *testing.T) {
	var honest []ring
	for _, arm := range []string{armViTWindow, armMOATWindow} {
		for depth := 1; depth <= len(ringSides); depth++ {
			g := ring{arm: arm, depth: depth}
			g.rows, g.cols = g.predicted(), g.predicted()
			honest = append(honest, g)
		}
	}
	leak := append([]ring(nil), honest...)
	leak[1].outside = 2
	for _, c := range []struct {
		name         string
		rings        []ring
		says, silent string
	}{
		{"as predicted", honest, "its own window and no more. MOAT's 3 × 3 convolutions carry a rim of one cell across, and the next attention spreads it: 6 × 6, 14 × 14 and 22 × 22.", "Not what"},
		{"a leak", leak, "Not what the windows predict: vit-window with 2 blocks reaches 4 × 4 cells, 2 of them outside", "no more"},
		{"nothing", nil, "did not come to its end", "no more"},
		{"half", honest[:3], "did not come to its end", "no more"},
		{"half, with a leak", leak[:3], "Not what the windows predict", "no more"},
	} {
		r := madeUp(t, "moat", nil)
		r.rings = c.rings
		if got := r.ringFigure().Caption; !strings.Contains(got, c.says) || strings.Contains(got, c.silent) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// The caption of the distances takes the size of cells from the nets of the run.
func TestDistanceCaption(t *testing.T) {
	for _, c := range []struct {
		link   string
		layers int
		want   string
	}{
		{"moat?arms=moat,vit", 4, "looks 5.0 pixels far in its first attention layer and 5.0 in its last. Layers on the smaller map have cells of 8 pixels instead of 4, so"},
		{"moat?arms=moat,vit&task=cue", 2, "in its last. All layers have cells of 2 pixels."},
		{"moat?arms=stacked,stacked~few&depth=1", 1, "looks 5.0 pixels far. All layers have cells of 8 pixels."},
		{"moat?arms=stacked,moat~noattn", 2, "All layers have cells of 8 pixels."},
	} {
		r := madeUp(t, c.link, nil)
		for range c.layers {
			r.racers[0].distances = append(r.racers[0].distances, []float64{4, 6})
		}
		if f, ok := r.distanceFigure(); !ok || !strings.Contains(f.Caption, c.want) {
			t.Errorf("%s: %s", c.link, f.Caption)
		}
	}
}
