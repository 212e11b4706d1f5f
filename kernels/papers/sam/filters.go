package sam

import (
	"strconv"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam/masks"
)

// Filters are the two bars of everything mode that the page begins with, chosen on validation scenes. The authors' 0.88 and 0.95 are
// for a model that is surer of itself.
type Filters struct {
	Predicted float64 `json:"predicted"`
	Stability float64 `json:"stability"`
	F1        float64 `json:"f1"` // mean over IoUs of 0.5 and 0.75 from which a mask counts as finding a thing
	Scenes    int     `json:"scenes"`
}

// The grid of bars that are tried, five by five, and how they are judged.
var (
	filterPredicted = [5]float64{0.5, 0.6, 0.7, 0.8, 0.88}
	filterStability = [5]float64{0.5, 0.6, 0.7, 0.8, 0.95}
	filterIoU       = []float64{0.5, 0.75}
)

// filterScenes is how many validation scenes are looked at.
const filterScenes = 40

// ChooseFilters tries all pairs of bars on validation scenes, with the other knobs as the page has them, and returns the pair with the best F1, the
// higher bars of equals.
func ChooseFilters(m *Model) Filters {
	p := newPrompter(lab.Env{}).(*prompter)
	page := (&wire.Prompts{Every: wire.EveryoneKnobs()}).Everyone()
	var found, things [len(filterPredicted)][len(filterStability)]int
	var hits [len(filterPredicted)][len(filterStability)][2]float64
	for scene := range filterScenes {
		from := wire.Source{Key: wire.SceneKey(data.Validation.String(), scene, nil), Split: data.Validation.String(), Index: scene}
		if _, err := p.look(m, 0, from, nil); err != nil {
			continue
		}
		e := &p.every
		*e = everything{of: m, shown: p.picture, crop: -1}
		e.dots, e.crops = masks.Grid(m.Image, filterSide, 0)
		for e.asked < len(e.dots) {
			if e.ask(p, m) != nil {
				return Filters{}
			}
		}
		var truths, others []masks.Mask // others are so small or so large that nobody asks for them: to find them is no mistake
		for n := range p.picture.scene.Nodes {
			if askable(p.picture.scene, n) && float64(p.picture.scene.Nodes[n].Area) >= examined*float64(m.Pixels()) {
				truths = append(truths, p.picture.node(n))
			} else {
				others = append(others, p.picture.node(n))
			}
		}
		for i, predicted := range filterPredicted {
			for j, stability := range filterStability {
				set := page
				set.Predicted, set.Stability = predicted, stability
				kept := masks.Decide(e.dots, e.asked, e.found, e.crops, set)
				byScore(kept)
				var list []masks.Mask
				for _, k := range kept {
					_, other := masks.Best(k.Mask, others)
					if _, iou := masks.Best(k.Mask, truths); iou >= filterIoU[0] || other < filterIoU[0] {
						list = append(list, k.Mask)
					}
				}
				found[i][j] += len(list)
				things[i][j] += len(truths)
				for k, h := range masks.Hits(list, truths, filterIoU) {
					hits[i][j][k] += float64(h.Recall * float64(len(truths)))
				}
			}
		}
	}
	best := Filters{Scenes: filterScenes}
	for i := range filterPredicted {
		for j := range filterStability {
			f1 := 0.0
			for _, h := range hits[i][j] {
				f1 += 2 * h / float64(max(1, found[i][j]+things[i][j])) / float64(len(filterIoU))
			}
			if f1 = short(f1); f1 >= best.F1 {
				best.Predicted, best.Stability, best.F1 = filterPredicted[i], filterStability[j], f1
			}
		}
	}
	return best
}

// filterSide is the number of points along each side that the page begins with.
const filterSide = 16

// everyone are the knobs of everything mode: those of the authors' generator, but for the bars, which were chosen for the shipped model.
func everyone() []wire.Knob {
	knobs := wire.EveryoneKnobs()
	e, err := Shown()
	if err != nil || e.Filters.Scenes == 0 {
		return knobs
	}
	for i := range knobs {
		switch knobs[i].Name {
		case "predicted":
			knobs[i].Default = strconv.FormatFloat(e.Filters.Predicted, 'g', -1, 64)
		case "stability":
			knobs[i].Default = strconv.FormatFloat(e.Filters.Stability, 'g', -1, 64)
		}
	}
	return knobs
}
