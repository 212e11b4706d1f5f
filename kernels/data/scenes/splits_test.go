package scenes

import (
	"fmt"
	"testing"

	"petri/kernels/data"
)

// axes tells, in words, all of a scene that splits may hold back.
func axes(s *Scene) (told []string) {
	told = append(told, fmt.Sprint("objects: ", s.plan.n), "background: "+s.Background)
	count := map[string]int{}
	for _, n := range s.Nodes {
		if n.Parent < 0 {
			told = append(told, n.Name+" is "+n.Colour)
			t := &s.things[n.Object]
			told = append(told, fmt.Sprintf("scale: %.1f", float64(int(2*t.unit/body[t.kind].unit))/2))
		} else {
			count[fmt.Sprint(n.Kind, " ", n.Object, " ", n.Name)]++
		}
	}
	for _, n := range s.Nodes {
		if n.Parent >= 0 {
			told = append(told, fmt.Sprintf("%v: %s x%d", n.Kind, n.Name, count[fmt.Sprint(n.Kind, " ", n.Object, " ", n.Name)]))
		}
	}
	for i := range s.plan.n {
		told = append(told, fmt.Sprintf("%v: form %d", s.things[i].kind, max(s.things[i].form, 1)))
	}
	return told
}

// heldOut is what only the named splits show: the table of splits.go.
var heldOut = map[string][]data.Split{
	"objects: 2": {data.Validation, data.Test}, "objects: 5": {data.Test},
	"background: planks": {data.Validation}, "background: waves": {data.Test}, "background: tiles": {data.Test},
	"flower is green": {data.Validation}, "train is orange": {data.Validation}, "cup is brown": {data.Validation},
	"robot is violet": {data.Test}, "house is pink": {data.Test}, "balloon is yellow": {data.Test},
	"robot: wheel x1": {data.Validation}, "robot: wheel x3": {data.Test},
	"flower: form 2": {data.Validation}, "flower: leaf x2": {data.Test},
	"house: chimney x1": {data.Validation}, "house: window x2": {data.Test},
	"train: chimney x2": {data.Validation}, "train: wagon x2": {data.Test},
	"cup: straw x1": {data.Validation}, "cup: handle x2": {data.Test},
	"balloon: band x2": {data.Validation}, "balloon: flag x1": {data.Test},
	"scale: 12.5": {data.Test}, "scale: 14.5": {data.Test}, "scale: 23.0": {data.Validation}, "scale: 24.0": {data.Validation}, "scale: 24.5": {data.Validation},
	"scale: 25.5": {data.Test}, "scale: 27.0": {data.Test},
}

// TestSplitsAreWorldsOfTheirOwn holds the table of splits.go, and that nothing which train lacks is missing from it.
func TestSplitsAreWorldsOfTheirOwn(t *testing.T) {
	var seen [3]map[string]int
	var s Scene
	for split := data.Train; split <= data.Test; split++ {
		seen[split] = map[string]int{}
		for i := range 2500 {
			s.Draw(Shapes, split, i, Side, nil)
			for _, a := range axes(&s) {
				seen[split][a]++
			}
		}
	}
	for a, in := range heldOut {
		for split := data.Train; split <= data.Test; split++ {
			want := false
			for _, w := range in {
				want = want || w == split
			}
			if n := seen[split][a]; n > 0 != want || want && n < 20 {
				t.Errorf("%s: %d times in %v", a, n, split)
			}
		}
	}
	for _, split := range []data.Split{data.Validation, data.Test} {
		only := map[string]bool{}
		for a := range seen[split] {
			if seen[data.Train][a] == 0 {
				only[a] = true
			}
		}
		for a := range only {
			if _, told := heldOut[a]; !told && a[:5] != "scale" && a[len(a)-6:] != "form 2" && a[len(a)-6:] != "form 3" &&
				a != "robot: hub x1" && a != "robot: hub x3" && a != "train: hub x3" {
				t.Errorf("%v has %s, which train lacks and no table tells", split, a)
			}
		}
	}
}
