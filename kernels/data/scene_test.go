package data

import "testing"

// Every scene has a name for each of its labels, and says other things than the next.
func TestScenesNameTheirLabels(t *testing.T) {
	for of, want := range map[Scene]int{Patterns: len(tiles), Count: mostBlobs, Turned: 8} {
		names := Scenes{Of: of}.Classes()
		seen := map[string]bool{}
		for _, n := range names {
			seen[n] = n != ""
		}
		if len(names) != want || len(seen) != want || seen[""] {
			t.Errorf("scene %d has the classes %q, want %d", of, names, want)
		}
		names[0] = ""
		if again := (Scenes{Of: of}).Classes(); again[0] == "" {
			t.Errorf("scene %d: whoever asks for the classes may change them", of)
		}
	}
}
