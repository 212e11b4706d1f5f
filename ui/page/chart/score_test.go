package chart

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

// accuracy is what the made-up racers of these tests are judged by.
var accuracy = wire.Lab{}.Scored()

// TestAnotherScore: a lab that is not judged by accuracy is drawn, listed and exported by its own score.
func TestAnotherScore(t *testing.T) {
	score := wire.Score{Test: "test_miou", Validation: "validation_miou", Name: "mIoU", Noun: "mIoU", How: "Of the best mask for one click"}
	arms := []wire.ArmReport{{Arm: "a", Label: "a", Role: wire.RoleMethod, Trainable: 3, Total: 3,
		Metrics: map[string]wire.Interval{score.Test: {Mean: 0.625, Low: 0.6, High: 0.65, Values: []float64{0.6, 0.65}}, accuracy.Test: {Mean: 0.1}},
		Curves:  []wire.Curve{{Name: score.Validation, Step: []int{0, 5}, Mean: []float64{0.2, 0.5}, Low: []float64{0.2, 0.5}, High: []float64{0.2, 0.5}}}}}
	if p := ScorePlot(arms, score, 5, "a"); p.Title != "mIoU" || len(p.Lines) != 1 || p.Lines[0].Y[1] != 50 {
		t.Errorf("the plot is %+v", p)
	}
	rows, _ := rankRows(arms, score)
	if rows[0].Score != "62.5" {
		t.Errorf("the table says %s", rows[0].Score)
	}
	if csv := rankTable(arms, score, "x").CSV(); !strings.Contains(csv, "test mIoU") || !strings.Contains(csv, "0.625") || strings.Contains(csv, "accuracy") {
		t.Errorf("the export says\n%s", csv)
	}
	if csv := raceTable(arms, score).CSV(); !strings.Contains(csv, "validation_miou,a,a,5,0.5") {
		t.Errorf("the export of the race says\n%s", csv)
	}
	html := app.HTMLString((&Ranks{Arms: arms, Score: score}).Render())
	for _, want := range []string{"mIoU, %", "Of the best mask for one click; ±", "Test mIoU with its"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in the table", want)
		}
	}
	if strings.Contains(html, "ccuracy") {
		t.Error("the table speaks of accuracy")
	}
}
