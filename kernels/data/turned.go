package data

// turnable are the letters. H, X, phi and others are missing because half a turn brings them back, C and U because each is the
// other one turned, and A because it is close to a Y upside down.
var turnable = []shape{letterE, letterK, letterM, letterT, letterY}

// turning is how they are drawn: two neighbouring angles must not meet, however far both letters lean and slant.
var turning = func() look {
	l := clean
	l.sway = .25
	return l
}()

// drawTurned draws one of the letters, turned by label eighths of a turn.
func drawTurned(dst []float32, r *stream, label int) {
	turning.draw(dst, &turnable[r.Below(len(turnable))], r, turn[label*len(turn)/8])
}
