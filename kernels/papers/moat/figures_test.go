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
