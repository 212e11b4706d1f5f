package sam

import (
	"cmp"
	"slices"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam/masks"
)

// How everything mode is measured.
const (
	sureScenes  = 12
	sureSide    = 8   // points along each side
	sureIoU     = 0.5 // from which a mask counts as finding a thing
	sureOverlap = 0.7 // of boxes, from which one mask gives way
)

// sureThresholds are the least estimated IoUs at which it is measured.
var sureThresholds = [...]float64{0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95}

// survey is everything mode on one scene after the other, in slices.
type survey struct {
	p     *prompter
	m     *Model
	step  int
	first int // scene
	scene int // of those asked
	found, hit,
	truths [len(sureThresholds)]int
}

func (s *survey) begin(m *Model, step, first int) {
	*s = survey{p: newPrompter(lab.Env{}).(*prompter), m: m, step: step, first: first}
}

// slice asks some more points. It reports whether all scenes are done.
func (s *survey) slice() (done bool) {
	asked, err := s.p.grid(s.m, s.step, data.Test, s.first+s.scene)
	if err != nil { // of a model that diverged: it finds nothing
		return true
	}
	if !asked {
		return false
	}
	s.score()
	s.scene++
	return s.scene == sureScenes
}

// grid asks some more points of a scene for their masks, and reports whether all have been asked.
func (p *prompter) grid(m *Model, step int, split data.Split, i int) (done bool, err error) {
	from := wire.Source{Key: wire.SceneKey(split.String(), i, nil), Split: split.String(), Index: i}
	fresh, err := p.look(m, step, from, nil)
	if err != nil {
		return false, err
	}
	e := &p.every
	if fresh || e.of == nil {
		*e = everything{of: m, shown: p.picture, crop: -1}
		e.dots, e.crops = masks.Grid(m.Image, sureSide, 0)
		return false, nil
	}
	if e.asked < len(e.dots) {
		err = e.ask(p, m)
	}
	return e.asked == len(e.dots), err
}

// score counts what is found on a scene at each threshold.
func (s *survey) score() {
	var things []masks.Mask
	for n := range s.p.picture.scene.Nodes {
		if askable(s.p.picture.scene, n) {
			things = append(things, s.p.picture.node(n))
		}
	}
	e := &s.p.every
	for k, least := range sureThresholds {
		kept := masks.Decide(e.dots, e.asked, e.found, e.crops, wire.Everyone{Predicted: least, Overlap: sureOverlap, Largest: largest})
		byScore(kept)
		var found []masks.Mask
		for _, f := range kept {
			found = append(found, f.Mask)
		}
		hit := masks.Hits(found, things, []float64{sureIoU})[0]
		s.found[k] += len(found)
		s.hit[k] += round(float64(hit.Recall * float64(len(things))))
		s.truths[k] += len(things)
	}
}

// shares are precision and recall at each threshold; precision is -1 where no mask is left.
func (s *survey) shares() (precision, recall []float64) {
	for k := range sureThresholds {
		p, r := -1.0, 0.0
		if s.found[k] > 0 {
			p = float64(s.hit[k]) / float64(s.found[k])
		}
		if s.truths[k] > 0 {
			r = float64(s.hit[k]) / float64(s.truths[k])
		}
		precision, recall = append(precision, p), append(recall, r)
	}
	return precision, recall
}

// byScore sorts masks by estimated IoU, best first; equals keep their order.
func byScore(kept []masks.Kept) {
	slices.SortStableFunc(kept, func(a, b masks.Kept) int { return cmp.Compare(b.Predicted, a.Predicted) })
}
