package sam

import (
	"reflect"
	"strings"
	"testing"
)

// The record of the twins is of this program's recipe, says what it must of their difference, and the page says no more than it.
func TestTwinsAreRecorded(t *testing.T) {
	w, err := ShownTwins()
	if err != nil {
		t.Fatal(err)
	}
	one, three := TwinRecipes()
	if one.Masks != 1 || three.Masks != 3 {
		t.Errorf("the twins have %d and %d masks", one.Masks, three.Masks)
	}
	one.Name, one.Masks, three.Name, three.Masks = w.Recipe.Name, 0, w.Recipe.Name, 0
	if !reflect.DeepEqual(one, three) || !reflect.DeepEqual(w.Recipe, three) {
		t.Errorf("recorded is %+v, the twins are %+v and %+v", w.Recipe, one, three)
	}
	if w.Scenes != HeldOut || w.Date == "" || w.Machine == "" || !(w.Seconds > 0) {
		t.Errorf("a record without scenes, date, machine or time: %+v", w)
	}
	if w.Low < bestPoints/100.0 || w.Gain < w.Low || w.High < w.Gain || w.Three-w.One < bestPoints/100.0 {
		t.Errorf("three masks have %v, one has %v: a gain of %v, %v to %v; %d points were to be reached", w.Three, w.One, w.Gain, w.Low, w.High, bestPoints)
	}
	text := ""
	for _, f := range facts() {
		if f.Name == "One or three" {
			text = f.Text
		}
	}
	for _, want := range []string{w.Date, w.Machine, "one training each"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q: %q", want, text)
		}
	}
}

// A twin with one mask is a model with one mask, and is scored only when it is finished.
func TestTwinsDiffer(t *testing.T) {
	r := little()
	r.Masks = 1
	if m := r.Start().Model; m.Masks != 1 || m.MaskTokens() != 1 {
		t.Errorf("the twin has %d masks", m.Masks)
	}
	if _, _, err := r.Start().Twin(); err == nil {
		t.Error("a twin was scored before it was trained")
	}
}
