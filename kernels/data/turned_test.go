package data

import "testing"

// No letter, turned, looks like itself or another letter at another angle: the share of ink that two drawings do not have in
// common is large, wherever one of them is moved by a pixel or two.
func TestTurnedLettersTellTheirAngle(t *testing.T) {
	draw := func(s *shape, angle, dx, dy int) (f field) {
		var p placed
		k := 0
		axis := turn[angle*3]
		f.clear()
		for i := range s.lines {
			for _, q := range s.lines[i].at {
				x, y := 8*q.x, 8*q.y
				p.points[k] = point{15.5 + float64(dx) + axis.x*x - axis.y*y, 15.5 + float64(dy) + axis.y*x + axis.x*y}
				k++
			}
			p.end[i] = k
			f.line(p.line(i), 2)
		}
		f.coverage(&[Pixels]bool{}, 1.2, 0)
		return f
	}
	for i := range turnable {
		for j := range turnable {
			for angle := 1; angle < len(angles); angle++ {
				a, least := draw(&turnable[i], 0, 0, 0), 9.
				for dy := -4; dy <= 4; dy++ {
					for dx := -4; dx <= 4; dx++ {
						b := draw(&turnable[j], angle, dx, dy)
						apart, ink := 0.0, 0.0
						for k := range a {
							ink += float64(a[k] + b[k])
							apart += float64(max(a[k]-b[k], b[k]-a[k]))
						}
						least = min(least, apart/ink)
					}
				}
				if least < .25 {
					t.Errorf("%s looks like %s turned by %s: only %.2f of their ink differs", turnable[i].name, turnable[j].name, angles[angle], least)
				}
			}
		}
	}
}

// The letters are those of the world that backbones know.
func TestTurnedLettersAreKnown(t *testing.T) {
	known := map[string]bool{}
	for _, s := range strokes {
		known[s.name] = true
	}
	for _, s := range turnable {
		if !known[s.name] {
			t.Errorf("%s is not in world M", s.name)
		}
	}
}
