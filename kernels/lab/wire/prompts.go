package wire

import (
	"strconv"
	"strings"
)

// Prompts says that the models of a lab are asked for masks, and what they can be asked about.
type Prompts struct {
	Title   string   `json:"title"`   // of the answers: "Three answers"
	Model   string   `json:"model"`   // names the shipped model where one is chosen: "Trained on 64 px"
	Split   string   `json:"split"`   // of the scenes that are shown: "test"
	Scenes  int      `json:"scenes"`  // how many there are to turn over
	Side    int      `json:"side"`    // pixels along each side of what the shipped model sees
	Live    int      `json:"live"`    // and of what a racer sees
	Shipped []string `json:"shipped"` // names of the assets that the shipped model is made of
	Seen    string   `json:"seen"`    // what the models have seen, honestly: one or two sentences
	// Every are the knobs of everything mode, by the JSON names of Everyone; their defaults are how it begins. Other than a lab's
	// knobs they enter no link.
	Every []Knob `json:"every"`
}

// Everyone is how everything is looked for before anything was changed.
func (p *Prompts) Everyone() (e Everyone) {
	for _, k := range p.Every {
		if x, err := strconv.ParseFloat(k.Default, 64); err == nil {
			e.Set(k.Name, x)
		}
	}
	return e
}

// Set changes a setting by its JSON name; of a switch 0 is off. It says whether there is one of that name.
func (e *Everyone) Set(name string, x float64) bool {
	switch name {
	case "side":
		e.Side = int(x)
	case "predicted":
		e.Predicted = x
	case "stability":
		e.Stability = x
	case "offset":
		e.Offset = x
	case "overlap":
		e.Overlap = x
	case "crops":
		e.Crops = int(x)
	case "min_area":
		e.MinArea = int(x)
	case "smallest":
		e.Smallest = x
	case "largest":
		e.Largest = x
	case "partition":
		e.Partition = x != 0
	default:
		return false
	}
	return true
}

// Get reads a setting by its JSON name.
func (e *Everyone) Get(name string) float64 {
	switch name {
	case "side":
		return float64(e.Side)
	case "predicted":
		return e.Predicted
	case "stability":
		return e.Stability
	case "offset":
		return e.Offset
	case "overlap":
		return e.Overlap
	case "crops":
		return float64(e.Crops)
	case "min_area":
		return float64(e.MinArea)
	case "smallest":
		return e.Smallest
	case "largest":
		return e.Largest
	case "partition":
		if e.Partition {
			return 1
		}
	}
	return 0
}

// EveryoneKnobs are the knobs of everything mode with the defaults of the authors' generator, but for the side of its grid, which
// is for a smaller picture (Kirillov et al. 2023, §5 and appendix B). A lab may change what it likes before it shows them.
func EveryoneKnobs() []Knob {
	return []Knob{
		{Name: "side", Label: "Points along a side", Kind: KnobInt, Group: "Ask", Default: "16", Min: 4, Max: 32, Step: 1,
			Help: "A grid of so many points each way is asked, each for up to three masks. More points find smaller things and cost more time."},
		{Name: "crops", Label: "Ask in crops too", Kind: KnobInt, Group: "Ask", Default: "0", Min: 0, Max: 1, Step: 1,
			Help: "The four quarters of the picture are enlarged and asked as well: small things become large enough to be seen."},
		{Name: "predicted", Label: "Predicted IoU above", Kind: KnobFloat, Group: "Keep", Default: "0.88", Min: 0, Max: 1, Step: 0.01,
			Help: "The model marks its own work. Lower it and doubtful masks come in."},
		{Name: "stability", Label: "Stability above", Kind: KnobFloat, Group: "Keep", Default: "0.95", Min: 0, Max: 1, Step: 0.01,
			Help: "How much of a mask stays when its cut moves up and down. Lower it and soft outlines come in."},
		{Name: "offset", Label: "Stability offset", Unit: "logits", Kind: KnobFloat, Group: "Keep", Default: "1", Min: 0.1, Max: 4, Step: 0.1,
			Help: "How far the cut moves each way when stability is measured. More is stricter."},
		{Name: "overlap", Label: "Overlap allowed", Kind: KnobFloat, Group: "Keep", Default: "0.7", Min: 0.3, Max: 1, Step: 0.05,
			Help: "Of two masks whose boxes overlap by more than this IoU, the one with the better score stays."},
		{Name: "smallest", Label: "Granularity from", Unit: "of the picture", Kind: KnobFloat, Group: "Size", Default: "0", Min: 0, Max: 0.5, Step: 0.005,
			Help: "Masks that cover a smaller share of the picture go: raise it to keep wholes rather than parts."},
		{Name: "largest", Label: "to", Unit: "of the picture", Kind: KnobFloat, Group: "Size", Default: "1", Min: 0.01, Max: 1, Step: 0.01,
			Help: "Masks that cover a larger share go: lower it to keep parts, and to drop the background. Both ends act last: what a better mask has suppressed does not come back."},
		{Name: "min_area", Label: "Holes and islands under", Unit: "px", Kind: KnobInt, Group: "Size", Default: "0", Min: 0, Max: 100, Step: 1,
			Help: "Holes of fewer pixels are closed and islands removed. 0 leaves masks as they came."},
		{Name: "partition", Label: "One mask a pixel", Kind: KnobInt, Group: "Size", Default: "0", Min: 0, Max: 1, Step: 1,
			Help: "On: every pixel belongs to one mask at most, small ones lie on large ones. Off: masks may overlap, as wholes and parts do."},
	}
}

// SceneKey names the picture of a generated scene for Source.Key: "test/3", and with dragged objects "test/3+0:4:-2".
func SceneKey(split string, index int, moves []SceneMove) string {
	key := split + "/" + strconv.Itoa(index)
	for _, m := range moves {
		key += "+" + strconv.Itoa(m.Object) + ":" + strconv.Itoa(m.DX) + ":" + strconv.Itoa(m.DY)
	}
	return key
}

// ParseSceneKey takes a SceneKey apart. ok is false for the key of another picture, and of a scene in which something was dragged.
func ParseSceneKey(key string) (split string, index int, ok bool) {
	split, number, ok := strings.Cut(key, "/")
	index, err := strconv.Atoi(number)
	return split, index, ok && err == nil && index >= 0
}
