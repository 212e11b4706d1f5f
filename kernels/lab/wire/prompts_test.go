package wire

import (
	"encoding/json"
	"strconv"
	"testing"
)

// TestEveryoneHasAKnobForEachSetting: names of knobs are the JSON names of settings, and what is set is read back.
func TestEveryoneHasAKnobForEachSetting(t *testing.T) {
	knobs := EveryoneKnobs()
	p := &Prompts{Every: knobs}
	began := p.Everyone()
	text, err := json.Marshal(began)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	if len(fields) != len(knobs) {
		t.Errorf("%d settings have %d knobs", len(fields), len(knobs))
	}
	for _, k := range knobs {
		if _, ok := fields[k.Name]; !ok {
			t.Errorf("there is no setting %s", k.Name)
		}
		if canonical, err := k.Canonical(k.Default); err != nil || canonical != k.Default {
			t.Errorf("%s begins with %q: %q, %v", k.Name, k.Default, canonical, err)
		}
		if got := strconv.FormatFloat(began.Get(k.Name), 'g', -1, 64); got != k.Default {
			t.Errorf("%s is %s, not %s", k.Name, got, k.Default)
		}
		e := began
		for _, x := range []float64{k.Min, k.Max} {
			if !e.Set(k.Name, x) || e.Get(k.Name) != x {
				t.Errorf("%s was set to %v and is %v", k.Name, x, e.Get(k.Name))
			}
			for _, other := range knobs {
				if other.Name != k.Name && e.Get(other.Name) != began.Get(other.Name) {
					t.Errorf("%s changes %s", k.Name, other.Name)
				}
			}
		}
		if k.Help == "" || k.Group == "" {
			t.Errorf("%s is not explained", k.Name)
		}
	}
	if began.Set("nothing", 1) {
		t.Error("a setting of no name was set")
	}
}

func TestSceneKeysAreReadBack(t *testing.T) {
	if split, index, ok := ParseSceneKey(SceneKey("test", 12, nil)); split != "test" || index != 12 || !ok {
		t.Errorf("%s, %d, %v", split, index, ok)
	}
	moved := SceneKey("test", 12, []SceneMove{{Object: 1, DX: 5, DY: -2}})
	if moved == SceneKey("test", 12, []SceneMove{{Object: 1, DX: 5, DY: 2}}) || moved == SceneKey("test", 12, nil) {
		t.Error("two pictures have one key")
	}
	for _, key := range []string{"", "test", "own/x", "test/-1", moved} {
		if _, _, ok := ParseSceneKey(key); ok {
			t.Errorf("%q is the key of a scene as it was made", key)
		}
	}
}
