//go:build !js

package sam

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"petri/kernels/data"
)

// The shipped file is the one of the record, made by the recipe of this program, small enough, and scores what was recorded: the test is
// taken again, within half a point.
func TestShippedScoresAsRecorded(t *testing.T) {
	e, err := Shown()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join("..", "..", "..", "assets", filepath.FromSlash(Asset)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(e.Recipe, Recipes[0]) || e.File != Asset {
		t.Errorf("%s was made by %+v, the program has %+v", e.File, e.Recipe, Recipes[0])
	}
	if len(file) != e.Bytes || len(file) > 1<<20 {
		t.Errorf("%d bytes, recorded %d, and no more than a megabyte is allowed", len(file), e.Bytes)
	}
	if last := len(e.Curve) - 1; last < 0 || e.Curve[last].Step != e.Recipe.Steps() {
		t.Errorf("the learning curve does not reach the last of %d steps", e.Recipe.Steps())
	}
	if e.HeldOut.Scenes != HeldOut {
		t.Errorf("scored on %d scenes, want %d", e.HeldOut.Scenes, HeldOut)
	}
	if testing.Short() {
		t.Skip("the test is not taken again: half a minute")
	}
	got, want := Examine(m, data.Test, HeldOut, Clicks), e.HeldOut
	if got.Asked != want.Asked {
		t.Errorf("%d things were asked for, recorded %d", got.Asked, want.Asked)
	}
	for name, x := range map[string][2]float64{"best of three": {got.BestOf, want.BestOf}, "one click": {got.ByClicks[0], want.ByClicks[0]},
		"five clicks": {got.ByClicks[fiveClicks-1], want.ByClicks[fiveClicks-1]}, "nine clicks": {got.ByClicks[Clicks-1], want.ByClicks[Clicks-1]},
		"rank correlation": {got.Spearman, want.Spearman}, "apart": {got.Apart, want.Apart}, "wholes": {got.Levels[0], want.Levels[0]}} {
		if !(math.Abs(x[0]-x[1]) <= 0.005) {
			t.Errorf("%s: %v, recorded %v", name, x[0], x[1])
		}
	}
}
