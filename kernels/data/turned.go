package data

// Turned is an endless Set that asks for an angle: a letter of world M turned clockwise by a multiple of 45 degrees. Which of
// five letters it is says nothing of the angle; turned, none of them looks like itself or like another. Pen, place and size
// vary as in world M, and each letter leans by some 5 degrees to either side. Labels go round.
type Turned struct{ Seed uint64 }

// turnable are the letters. H, X, phi and others are missing because half a turn brings them back, C and U because each is the
// other one turned, and A because it is close to a Y upside down.
var turnable = []shape{letterE, letterK, letterM, letterT, letterY}

// turning is how they are drawn: two neighbouring angles must not meet, however far both letters lean and slant.
var turning = func() look {
	l := clean
	l.sway = .25
	return l
}()

var angles = [...]string{"0°", "45°", "90°", "135°", "180°", "225°", "270°", "315°"}

// Classes are the angles.
func (Turned) Classes() []string { return append([]string(nil), angles[:]...) }

// Len is 0: letters never end.
func (Turned) Len(Split) int { return 0 }

// Image writes example i of a split.
func (t Turned) Image(dst []float32, s Split, i int) int {
	var r stream
	r.start(t.Seed, purposeTurned+uint64(s), uint64(i))
	label := i % len(angles)
	t.draw(dst, &r, label)
	return label
}

func (Turned) draw(dst []float32, r *stream, label int) {
	turning.draw(dst, &turnable[r.below(len(turnable))], r, turn[label*len(turn)/len(angles)])
}
