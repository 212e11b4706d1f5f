package scenes

import (
	"slices"
	"strings"
	"testing"

	"petri/kernels/data"
)

// equal compares all that a visitor or a model sees.
func equal(a, b *Scene) bool {
	return a.Size == b.Size && slices.Equal(a.RGB, b.RGB) && slices.Equal(a.Instance, b.Instance) && slices.Equal(a.Depth, b.Depth) &&
		slices.Equal(a.owner, b.owner) && slices.Equal(a.Nodes, b.Nodes) && slices.Equal(a.Keypoints, b.Keypoints) &&
		a.Background == b.Background && a.Caption() == b.Caption()
}

func TestSceneIsPure(t *testing.T) {
	var used Scene
	for i := range 40 {
		split := data.Split(i % 3)
		var fresh Scene
		size := Side >> (i & 1)
		fresh.Draw(Shapes, split, i, size, nil)
		used.Draw(Shapes, split, i, size, nil)
		if !equal(&fresh, &used) {
			t.Fatalf("scene %d of %v depends on what was drawn before", i, split)
		}
		for _, other := range []func(){
			func() { used.Draw(Shapes, split, i+1, size, nil) },
			func() { used.Draw(Shapes, (split+1)%3, i, size, nil) },
			func() { used.Draw(Shapes+"!", split, i, size, nil) },
		} {
			if other(); slices.Equal(fresh.RGB, used.RGB) {
				t.Fatalf("scene %d of %v is another one, too", i, split)
			}
		}
	}
}

// TestStreamsDoNotMeet looks for a number that two scenes would share.
func TestStreamsDoNotMeet(t *testing.T) {
	seen := map[[2]uint64]bool{}
	var r stream
	for _, world := range []World{Shapes, "table"} {
		for split := data.Train; split <= data.Test; split++ {
			for index := range 4000 {
				for try := range 2 {
					r.start(world, split, index, try)
					key := [2]uint64{r.Uint64(), r.Uint64()}
					if seen[key] {
						t.Fatalf("%s, %v, %d, %d begins as another stream does", world, split, index, try)
					}
					seen[key] = true
				}
			}
		}
	}
}

// TestNodesTellWhatIsSeen holds nodes, masks, boxes, instances and depths against each other and against slow ways to find them.
func TestNodesTellWhatIsSeen(t *testing.T) {
	var s Scene
	for i := range 120 {
		size := Side >> (i & 1)
		s.Draw(Shapes, data.Split(i%3), i, size, nil)
		pixels := size * size
		if s.Size != size || len(s.RGB) != 3*pixels || len(s.Instance) != pixels || len(s.Depth) != pixels {
			t.Fatalf("scene %d: size %d, %d colours, %d instances, %d depths", i, s.Size, len(s.RGB), len(s.Instance), len(s.Depth))
		}
		for _, v := range s.RGB {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("scene %d: colour %v", i, v)
			}
		}
		masks := make([][]float32, len(s.Nodes))
		for k := range s.Nodes {
			masks[k] = make([]float32, pixels)
			s.Mask(masks[k], k)
			checkNode(t, &s, k, masks)
		}
		for y := range size {
			for x := range size {
				at := y*size + x
				chain := s.At(nil, x, y)
				for k := range masks {
					if (masks[k][at] == 1) != slices.Contains(chain, k) {
						t.Fatalf("scene %d, node %d, pixel %d, %d: mask %v, nodes %v", i, k, x, y, masks[k][at], chain)
					}
				}
				if len(chain) == 0 {
					if s.Instance[at] != 0 || s.Depth[at] >= .4 || s.Depth[at] < 0 {
						t.Fatalf("scene %d: ground is of object %d, depth %v", i, s.Instance[at], s.Depth[at])
					}
					continue
				}
				deep := s.Nodes[chain[0]]
				if int(s.Instance[at]) != deep.Object+1 || s.Depth[at] != deep.Depth || s.Nodes[chain[len(chain)-1]].Parent != -1 {
					t.Fatalf("scene %d: pixel %d, %d of %+v is of object %d, depth %v", i, x, y, deep, s.Instance[at], s.Depth[at])
				}
			}
		}
		for _, p := range s.Keypoints {
			if p.At.X < 0 || p.At.Y < 0 || p.At.X >= size || p.At.Y >= size {
				t.Fatalf("scene %d: %+v", i, p)
			}
		}
	}
	if got := s.At([]int{7}, -1, 0); len(got) != 1 {
		t.Errorf("outside the picture are %v", got)
	}
}

// checkNode checks one node; the masks of those before it are known.
func checkNode(t *testing.T, s *Scene, k int, masks [][]float32) {
	t.Helper()
	n, m := s.Nodes[k], masks[k]
	size, area := s.Size, 0
	box := Box{size, size, 0, 0}
	for i, v := range m {
		if v == 1 {
			area++
			box = Box{min(box.X0, i%size), min(box.Y0, i/size), max(box.X1, i%size+1), max(box.Y1, i/size+1)}
		}
	}
	if area != n.Area || area > 0 && (box != n.Box || m[n.Centre.Y*size+n.Centre.X] != 1) {
		t.Fatalf("%+v: %d pixels in %v", n, area, box)
	}
	if !slices.Contains(colours[:], n.Colour) || !slices.Contains(textures[:], n.Texture) || n.Second == n.Colour {
		t.Fatalf("%+v: painted with what is no paint", n)
	}
	if n.Parent < 0 {
		if n.Level != Whole || n.Name != n.Kind.String() || k > 0 && n.Object != s.Nodes[k-1].Object+1 {
			t.Fatalf("%+v is no whole", n)
		}
		if n.Object > 0 && n.Depth <= s.Nodes[k-1].Depth {
			t.Fatalf("%+v lies behind one that is drawn before", n)
		}
	} else {
		p := s.Nodes[n.Parent]
		if n.Parent >= k || n.Object != p.Object || n.Kind != p.Kind || n.Level != min(p.Level+1, Subpart) || n.Depth <= p.Depth {
			t.Fatalf("%+v is no part of %+v", n, p)
		}
		for i, v := range m {
			if v == 1 && masks[n.Parent][i] != 1 {
				t.Fatalf("%+v sticks out of %+v", n, p)
			}
		}
	}
	if area > 0 {
		if got := shutIn(m, size); got != n.Hole {
			t.Fatalf("%+v: hole %v", n, got)
		}
		if got, most := depthAt(m, size, n.Centre), deepestOf(m, size); got != most {
			t.Fatalf("%+v: its centre lies %d deep of %d", n, got, most)
		}
	}
}

// shutIn floods the outside of a mask, one pixel at a time, and says whether something stays dry.
func shutIn(m []float32, size int) bool {
	wet := make([]bool, size*size)
	for changed := true; changed; {
		changed = false
		for i := range m {
			if m[i] == 1 || wet[i] {
				continue
			}
			x, y := i%size, i/size
			if x == 0 || y == 0 || x == size-1 || y == size-1 || wet[i-1] || wet[i+1] || wet[i-size] || wet[i+size] {
				wet[i], changed = true, true
			}
		}
	}
	for i := range m {
		if m[i] == 0 && !wet[i] {
			return true
		}
	}
	return false
}

// eat removes the edge of a mask: pixels with one of 4 or of 8 neighbours outside.
func eat(m []float32, size int, corners bool) []float32 {
	out := make([]float32, len(m))
	for i := range m {
		x, y := i%size, i/size
		keep := m[i] == 1
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if dx != 0 && dy != 0 && !corners {
					continue
				}
				keep = keep && x+dx >= 0 && y+dy >= 0 && x+dx < size && y+dy < size && m[(y+dy)*size+x+dx] == 1
			}
		}
		if keep {
			out[i] = 1
		}
	}
	return out
}

// depthAt is how many rounds of eating a pixel survives, deepestOf how many the mask does.
func depthAt(m []float32, size int, p Point) (n int) {
	for ; m[p.Y*size+p.X] == 1; n++ {
		m = eat(m, size, n&1 == 1)
	}
	return n
}

func deepestOf(m []float32, size int) (n int) {
	for ; slices.Max(m) == 1; n++ {
		m = eat(m, size, n&1 == 1)
	}
	return n
}

// TestScenesKeepTheirPromise looks for a small node and for one with a hole, and for the kinds of things that make masks hard.
func TestScenesKeepTheirPromise(t *testing.T) {
	var s Scene
	for split := data.Train; split <= data.Test; split++ {
		two, thin, hidden, textured, wholes, small := 0, 0, 0, map[string]int{}, 0, 0
		const n = 600
		for i := range n {
			s.Draw(Shapes, split, i, Side, nil)
			if !s.whole() {
				t.Errorf("scene %d of %v has no small node, or none with a hole", i, split)
			}
			for _, node := range s.Nodes {
				if node.Level != Whole {
					if node.Area > 4 && (node.Box.X1-node.Box.X0)*(node.Box.Y1-node.Box.Y0) > 2*node.Area && node.Area < 60 {
						thin++
					}
					continue
				}
				wholes++
				textured[node.Texture]++
				if node.Second != "" {
					two++
				}
				if node.Area < 60 {
					hidden++
				}
			}
			s.Draw(Shapes, split, i, Side/2, nil)
			if s.whole() {
				small++
			}
		}
		if two < wholes/5 || two > wholes/2 {
			t.Errorf("%v: %d of %d things have two colours", split, two, wholes)
		}
		for _, texture := range textures {
			if textured[texture] < wholes/10 {
				t.Errorf("%v: %d of %d things are %s", split, textured[texture], wholes, texture)
			}
		}
		if thin < n/4 || hidden == 0 || hidden > wholes/6 {
			t.Errorf("%v: %d thin parts in %d scenes, %d of %d things almost hidden", split, thin, n, hidden, wholes)
		}
		if small < n*9/10 {
			t.Errorf("%v: at half the size only %d of %d scenes keep a hole and a small node", split, small, n)
		}
	}
}

// TestSmallScenesAreTheSame compares both sizes.
func TestSmallScenesAreTheSame(t *testing.T) {
	var big, half Scene
	const h = Side / 2
	for i := range 60 {
		split := data.Split(i % 3)
		big.Draw(Shapes, split, i, Side, nil)
		half.Draw(Shapes, split, i, h, nil)
		if len(big.Nodes) != len(half.Nodes) || big.Caption() != half.Caption() || len(big.Keypoints) != len(half.Keypoints) {
			t.Fatalf("scene %d: other nodes at half the size", i)
		}
		for y := range h {
			for x := range h {
				var four []uint8
				mean := float32(0)
				for _, at := range [4]int{2*y*Side + 2*x, 2*y*Side + 2*x + 1, (2*y+1)*Side + 2*x, (2*y+1)*Side + 2*x + 1} {
					four = append(four, big.owner[at])
					mean += big.RGB[3*at+1] / 4
				}
				if !slices.Contains(four, half.owner[y*h+x]) || abs(mean-half.RGB[3*(y*h+x)+1]) > 1e-6 {
					t.Fatalf("scene %d, pixel %d, %d: owner %d of %v, green %v of %v", i, x, y, half.owner[y*h+x], four, half.RGB[3*(y*h+x)+1], mean)
				}
			}
		}
		for k, n := range big.Nodes {
			m := half.Nodes[k]
			if n.Area >= 8 && m.Area == 0 {
				t.Errorf("scene %d: a %s of %d pixels vanishes at half the size", i, n.Name, n.Area)
			}
			if n.Area > 200 && (m.Area < n.Area/5 || m.Area > n.Area/3) {
				t.Errorf("scene %d: a %s of %d pixels has %d at half the size", i, n.Name, n.Area, m.Area)
			}
		}
	}
	other := Scene{}
	other.Draw(Shapes, data.Train, 0, 48, nil)
	if other.Size != Side {
		t.Errorf("a size that is none gives %d", other.Size)
	}
}

// TestMoves drags the object in front, which nothing hides: its mask goes along, and nothing else changes but what it hides.
func TestMoves(t *testing.T) {
	var s, moved Scene
	for i := range 60 {
		split := data.Split(i % 3)
		s.Draw(Shapes, split, i, Side, nil)
		object := s.Nodes[len(s.Nodes)-1].Object
		moved.Draw(Shapes, split, i, Side, []Move{{object, 0, 0}, {-1, 5, 5}, {99, 5, 5}})
		if !equal(&s, &moved) {
			t.Fatalf("scene %d changes without a move", i)
		}
		dx, dy := 4, -3
		moved.Draw(Shapes, split, i, Side, []Move{{object, dx, dy}})
		if len(s.Nodes) != len(moved.Nodes) || s.Background != moved.Background {
			t.Fatalf("scene %d: another scene", i)
		}
		for k, n := range s.Nodes {
			m := moved.Nodes[k]
			if n.Name != m.Name || n.Colour != m.Colour || n.Second != m.Second || n.Texture != m.Texture || n.Depth != m.Depth || n.Parent != m.Parent {
				t.Fatalf("scene %d: %+v became %+v", i, n, m)
			}
		}
		clamped := moved.things[object].x != s.things[object].x+float64(dx) || moved.things[object].y != s.things[object].y+float64(dy)
		if clamped {
			continue
		}
		for y := range Side {
			for x := range Side {
				fx, fy := x-dx, y-dy
				if fx < 0 || fy < 0 || fx >= Side || fy >= Side {
					continue
				}
				was, is := s.Instance[fy*Side+fx] == uint8(object+1), moved.Instance[y*Side+x] == uint8(object+1)
				if was != is || was && s.owner[fy*Side+fx] != moved.owner[y*Side+x] {
					t.Fatalf("scene %d, pixel %d, %d: the mask does not go along", i, x, y)
				}
				at := y*Side + x
				if s.Instance[at] == moved.Instance[at] && s.Instance[at] != 0 && s.Instance[at] != uint8(object+1) && s.owner[at] != moved.owner[at] {
					t.Fatalf("scene %d, pixel %d, %d: another object changed", i, x, y)
				}
			}
		}
		far := func(x, y int) bool { // from the object, its shadow and where they go
			t := &s.things[object]
			return max(float64(x)-t.x, t.x-float64(x)) > 1.3*t.unit+8 || max(float64(y)-t.y, t.y-float64(y)) > 1.3*t.unit+8
		}
		for y := range Side {
			for x := range Side {
				at := y*Side + x
				if far(x, y) && (s.owner[at] != moved.owner[at] || s.RGB[3*at] != moved.RGB[3*at] || s.Depth[at] != moved.Depth[at]) {
					t.Fatalf("scene %d, pixel %d, %d: changed from afar", i, x, y)
				}
			}
		}
		for _, m := range []Move{{object, 1 << 40, 0}, {object, 0, -(1 << 40)}, {object, -1 << 40, 1 << 40}} {
			moved.Draw(Shapes, split, i, Side, []Move{m})
			for _, n := range moved.Nodes {
				if n.Parent < 0 && n.Object == object && n.Area == 0 {
					t.Fatalf("scene %d: %+v drives a %s out of the picture", i, m, n.Name)
				}
			}
		}
	}
}

// TestKeypointsLieOnTheirThings looks for the object, or one in front of it, at each keypoint.
func TestKeypointsLieOnTheirThings(t *testing.T) {
	var s Scene
	for _, size := range []int{Side, Side / 2} {
		names, off, all := map[string]bool{}, 0, 0
		for i := range 300 {
			s.Draw(Shapes, data.Test, i, size, nil)
			for _, p := range s.Keypoints {
				names[p.Name] = true
				all++
				if int(s.Instance[p.At.Y*size+p.At.X]) < p.Object+1 {
					off++
				}
			}
		}
		if 50*off > all || all < 1000 || len(names) < 8 {
			t.Errorf("size %d: %d of %d keypoints lie beside their objects; names %v", size, off, all, names)
		}
	}
}

func TestCaptions(t *testing.T) {
	words := strings.Fields("on , left right of in front behind")
	words = append(words, colours[:]...)
	words = append(words, textures[1:]...)
	words = append(words, kindNames[:]...)
	words = append(words, families[:]...)
	var s Scene
	first := map[string]int{}
	const n = 600
	nearest := 0
	for i := range n {
		s.Draw(Shapes, data.Train, i, Side, nil)
		said := strings.Fields(s.Caption())
		objects, ground := 0, 0
		for j, w := range said {
			if !slices.Contains(words, w) {
				t.Fatalf("%q is no word of captions: %s", w, s.Caption())
			}
			if slices.Contains(kindNames[:], w) {
				if objects == 0 && w == s.things[s.plan.n-1].kind.String() {
					nearest++
				}
				objects++
			}
			if j > 0 && w == s.Background && said[j-1] == "on" {
				ground++
			}
		}
		if objects != s.plan.n || ground != 1 {
			t.Fatalf("%d objects on %s: %s", s.plan.n, s.Background, s.Caption())
		}
		if said[0] == "on" {
			first["ground"]++
		}
		if slices.Contains(kindNames[:], said[0]) {
			first["noun"]++
		}
	}
	if first["ground"] < n/3 || first["ground"] > 2*n/3 || first["noun"] < n/20 || nearest > n/2 {
		t.Errorf("of %d captions %v begin so, and %d with the nearest kind", n, first, nearest)
	}
}

func TestDrawAllocatesNothing(t *testing.T) {
	var s Scene
	var mask [Side * Side]float32
	nodes := make([]int, 0, 8)
	moves := []Move{{0, 3, 3}}
	draw := func() {
		for i := range 40 {
			s.Draw(Shapes, data.Split(i%3), i, Side>>(i&1), moves[:i&1])
			s.Mask(mask[:], 0)
			nodes = s.At(nodes[:0], 32, 32)
		}
	}
	draw()
	if n := testing.AllocsPerRun(3, draw); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDraw64(b *testing.B) { benchmark(b, Side) }
func BenchmarkDraw32(b *testing.B) { benchmark(b, Side/2) }

func benchmark(b *testing.B, size int) {
	var s Scene
	b.ReportAllocs()
	for i := range b.N {
		s.Draw(Shapes, data.Train, i&1023, size, nil)
	}
}
