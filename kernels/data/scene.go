package data

// Scene is a kind of drawn image that asks for something else than a glyph's name.
type Scene uint8

// The scenes.
const (
	// Patterns ask for a texture: one of six patterns of pen strokes covers the whole image, turned by any of 24 angles, moved and
	// scaled at random, half of the images dark on light. A pattern has as much ink as another one: the shorter the strokes that it
	// repeats, the closer they lie.
	Patterns Scene = iota
	// Count asks how many: one to six blobs, round or longish, light on dark, that keep apart. They share one amount of ink, drawn
	// alike for every number and not in equal parts, so that neither the grey of the image nor a single blob says much; and their
	// edges are more or less soft, so that the greys of all edges together say little. Label n is n+1 blobs.
	Count
	// Turned asks for an angle: a letter of world M turned clockwise by a multiple of 45 degrees. Which of five letters it is says
	// nothing of the angle; turned, none of them looks like itself or like another. Pen, place and size vary as in world M, and
	// each letter leans by some 5 degrees to either side.
	Turned
)

var sceneClasses = [...][]string{
	Patterns: {"lines", "grid", "bricks", "zigzags", "triangles", "squares"},
	Count:    {"one", "two", "three", "four", "five", "six"},
	Turned:   {"0°", "45°", "90°", "135°", "180°", "225°", "270°", "315°"},
}

// Scenes is a Scene with a seed: an endless Set. Labels go round.
type Scenes struct {
	Of   Scene
	Seed uint64
}

// Classes names the patterns, numbers or angles.
func (s Scenes) Classes() []string { return append([]string(nil), sceneClasses[s.Of]...) }

// Len is 0: scenes never end.
func (Scenes) Len(Split) int { return 0 }

// Image writes example i of a split.
func (s Scenes) Image(dst []float32, split Split, i int) int {
	var r stream
	r.start(s.Seed, purposeScenes+uint64(s.Of)<<4+uint64(split), uint64(i))
	label := i % len(sceneClasses[s.Of])
	switch s.Of {
	case Patterns:
		drawPattern(dst, &r, label)
	case Count:
		drawCount(dst, &r, label)
	default:
		drawTurned(dst, &r, label)
	}
	return label
}
