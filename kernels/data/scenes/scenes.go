// Package scenes draws small worlds with full knowledge of what is in them: colour pictures of objects that are made of parts
// that are made of parts, each with mask, name, attributes and depth, and a sentence about all of it. A scene is a pure
// function of (world, split, index): nothing else decides a pixel, and no two splits share one.
//
// A world is a kind of scene that some paper asks for. Its splits differ in more than the seed: each is a little world of its own,
// and those of validation and test have combinations of parts, colours, numbers and sizes of objects, and backgrounds that train
// has not. The table is in splits.go. What must not give an answer away does not: colours, places, sizes and order say next to
// nothing of what a thing is, nor colours of where it ends; see shortcut_test.go.
//
// Scenes have the same bits on every machine: see package data for the rules, and FrozenHash.
package scenes

import "petri/kernels/data"

// World names a kind of scene.
type World string

// The worlds. Further ones are for further labs.
const Shapes World = "shapes" // objects with parts on textured backgrounds, for masks and words

// Kind is what a whole is: "robot", "flower", "house", "train", "cup", "balloon".
type Kind uint8

// Level is the place of a node in its tree.
type Level uint8

// The levels of a part tree, as they are asked for.
const (
	Whole Level = iota
	Part
	Subpart
	Levels
)

func (l Level) String() string { return [...]string{"whole", "part", "subpart"}[l] }

// Node is one whole, part or subpart of a scene. Its mask holds only what is seen of it: what stands in front is cut out, and what
// belongs to it, such as the wheels of a robot, is part of it. Of a node that is quite hidden, Area is 0; it keeps its place in the
// list, so that a move changes no index. What belongs to a subpart, such as the knob of a door, is a subpart as well.
type Node struct {
	Parent  int // index into Scene.Nodes, -1 for a whole
	Object  int // the whole that it belongs to, counted from 0
	Level   Level
	Name    string  // "robot", "wheel", "hub"
	Kind    Kind    // of its whole
	Colour  string  // name of its colour: "red"; of a two-coloured part that of the larger share. A whole has that of its main part
	Second  string  // the second colour, "" for none
	Texture string  // "plain", "striped", "dotted", "checked"
	Box     Box     // of its mask
	Centre  Point   // the pixel of its mask that lies deepest inside
	Area    int     // pixels of its mask
	Depth   float32 // 0 far .. 1 near
	Hole    bool    // its mask shuts in something else, from all sides: the inside of a handle, the core amid petals
}

// Point is a pixel.
type Point struct{ X, Y int }

// Box is a rectangle of pixels: X1 and Y1 are excluded.
type Box struct{ X0, Y0, X1, Y1 int }

// Keypoint is a named place on an object: "eye", "tip". Something nearer may hide it; outside the picture there are none.
type Keypoint struct {
	Name   string
	Object int
	At     Point
}

// Scene is one picture and what is in it. At full size at least one node covers less than 3 % of the picture, and at least one has
// a hole. In more than a fifth of all scenes things of one colour touch.
type Scene struct {
	World World
	Split data.Split
	Index int
	Size  int // pixels along each side

	RGB        []float32 // [Size, Size, 3], 0..1
	Instance   []uint8   // [Size, Size]: 1 + the object seen there, 0 for the background
	Depth      []float32 // [Size, Size]: 0 far .. 1 near
	Nodes      []Node    // wholes, each before its parts
	Keypoints  []Keypoint
	Background string // its family: "plain", "gradient", "cloth" ...

	// owner holds, for each pixel, 1 + the deepest node seen there: masks are made of it.
	owner   []uint8
	masks   []bitmap // of each node
	coats   []coat
	strokes []stroke
	plan    plan
	things  [maxObjects]thing // those of the plan, moved
}

// Move shifts one object of a scene by some pixels of 64: what a visitor drags.
type Move struct{ Object, DX, DY int }

// Draw makes a scene, of size×size pixels: 32, or 64 for any other size. Objects are moved by moves, which may be nil; everything
// else stays as it is. The middle of a moved object stays inside the picture.
//
//	var s scenes.Scene
//	s.Draw(scenes.Shapes, data.Train, 7, 64, nil)
//
// It reuses the memory of s, so that a step of training allocates nothing once the largest scene has been seen.
func (s *Scene) Draw(world World, split data.Split, index, size int, moves []Move) {
	s.World, s.Split, s.Index = world, split, index
	var r stream
	for try := range tries {
		r.start(world, split, index, try)
		s.plan.draw(&r, split)
		grain := r
		s.make(&grain, nil)
		if s.whole() {
			break
		}
	}
	if len(moves) > 0 { // which try it is must not depend on them, nor on the size
		s.make(&r, moves)
	}
	if size == Side/2 {
		s.halve()
		s.finish(&s.plan)
	}
}

// make draws what was planned.
func (s *Scene) make(r *stream, moves []Move) {
	s.render(&s.plan, moves)
	s.grain(r)
	s.Background = families[s.plan.ground.family]
	s.finish(&s.plan)
}

// Mask writes the mask of a node into dst [Size, Size]: 1 where it is seen, 0 elsewhere.
func (s *Scene) Mask(dst []float32, node int) {
	for y, row := range s.masks[node][:s.Size] {
		for x := range s.Size {
			dst[y*s.Size+x] = float32(row >> x & 1)
		}
	}
}

// At appends the nodes seen at a pixel, the deepest first and the whole last; none for the background.
func (s *Scene) At(nodes []int, x, y int) []int {
	if x < 0 || y < 0 || x >= s.Size || y >= s.Size {
		return nodes
	}
	for n := int(s.owner[y*s.Size+x]) - 1; n >= 0; n = s.Nodes[n].Parent {
		nodes = append(nodes, n)
	}
	return nodes
}
