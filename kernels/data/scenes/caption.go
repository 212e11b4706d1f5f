package scenes

import "petri/kernels/data/random"

import "strings"

// Caption is a sentence about the scene: "striped red robot left of blue cup , house , on cloth". The objects come in an order drawn
// with the scene, each with or without its attributes, and two that follow each other may be told together, either way round:
// no place in the sentence is that of one kind, or of the nearest. It is made when asked for, so that a step of training makes
// none; after a move it tells what is where now.
func (s *Scene) Caption() string {
	var b strings.Builder
	bits := s.plan.said
	take := func(n int) int {
		i := int(bits % uint64(n))
		bits = random.Mix(bits)
		return i
	}
	var order [maxObjects]int
	for i := range s.plan.n {
		j := take(i + 1)
		order[i] = order[j]
		order[j] = i
	}
	ground := take(2) == 0
	if ground {
		b.WriteString("on " + s.Background + " , ")
	}
	for i := 0; i < s.plan.n; i++ {
		if i > 0 {
			b.WriteString(" , ")
		}
		s.say(&b, order[i], take(4))
		if i+1 < s.plan.n && take(2) == 0 {
			b.WriteString(s.relation(order[i], order[i+1]))
			i++
			s.say(&b, order[i], take(4))
		}
	}
	if !ground {
		b.WriteString(" , on " + s.Background)
	}
	return b.String()
}

// say names an object, with its colour unless how is 3, its texture before or behind it.
func (s *Scene) say(b *strings.Builder, object, how int) {
	t := &s.plan.things[object]
	colour, texture := colours[t.colours[0]], textures[t.main.texture]
	switch {
	case how == 3:
	case how == 0 || t.main.texture == 0:
		b.WriteString(colour + " ")
	case how == 1:
		b.WriteString(texture + " " + colour + " ")
	default:
		b.WriteString(colour + " " + texture + " ")
	}
	b.WriteString(t.kind.String())
}

// relation is how one object stands to another, by the larger of their distances along x, y and into the picture.
func (s *Scene) relation(a, b int) string {
	p, q := &s.things[a], &s.things[b]
	dx, dy := p.x-q.x, p.y-q.y
	switch {
	case max(dx, -dx) < max(dy, -dy):
		if dy > 0 {
			return " in front of "
		}
		return " behind "
	case dx < 0:
		return " left of "
	}
	return " right of "
}
