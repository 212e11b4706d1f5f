package masks

import (
	"math/rand/v2"
	"testing"
)

func TestMasksAgainstPixels(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, side := range []int{1, 5, 8, 32, 64} {
		for range 20 {
			a, b := noise(r, side, r.Float64()), noise(r, side, r.Float64())
			area, both, either := 0, 0, 0
			box := Box{side, side, 0, 0}
			for y := range side {
				for x := range side {
					ina, inb := a.At(x, y), b.At(x, y)
					if ina {
						area++
						box = Box{min(box.X0, x), min(box.Y0, y), max(box.X1, x+1), max(box.Y1, y+1)}
					}
					if ina && inb {
						both++
					}
					if ina || inb {
						either++
					}
				}
			}
			if area == 0 {
				box = Box{}
			}
			if a.Area() != area || a.Box() != box {
				t.Errorf("area %d, box %v; want %d, %v:%s", a.Area(), a.Box(), area, box, show(a))
			}
			if m, n := Overlap(a, b); m != both || n != either {
				t.Errorf("overlap %d of %d, want %d of %d", m, n, both, either)
			}
			values := make([]float32, side*side)
			a.Write(values)
			same(t, "written and read", Above(values, side, 0.5), a)
		}
	}
}

func TestIoU(t *testing.T) {
	a := draw(t, `
		##..
		##..
		....
		....`)
	b := draw(t, `
		.#..
		.#..
		.#..
		....`)
	if v := IoU(a, b); v != 2.0/5 {
		t.Errorf("IoU %v, want 2 of 5", v)
	}
	if v := BoxIoU(a.Box(), b.Box()); v != 2.0/5 {
		t.Errorf("IoU of boxes %v, want 2 of 5", v)
	}
	if v := BoxIoU(Box{0, 0, 2, 2}, Box{2, 0, 4, 2}); v != 0 {
		t.Errorf("boxes side by side have IoU %v", v)
	}
	if v := BoxIoU(Box{0, 0, 2, 2}, Box{3, 3, 4, 4}); v != 0 {
		t.Errorf("boxes apart in both directions have IoU %v", v)
	}
	if v, w := IoU(New(4), New(4)), BoxIoU(Box{}, Box{}); v != 0 || w != 0 {
		t.Errorf("empty masks have IoU %v, and boxes %v: want 0", v, w)
	}
}

func TestBest(t *testing.T) {
	nodes := []Mask{block(8, Box{0, 0, 8, 8}), block(8, Box{0, 0, 4, 4}), block(8, Box{0, 0, 4, 4}), block(8, Box{6, 6, 8, 8})}
	if n, v := Best(block(8, Box{0, 0, 4, 3}), nodes); n != 1 || v != 12.0/16 {
		t.Errorf("node %d, IoU %v: want the first of two equal ones, 1, and 0.75", n, v)
	}
	if n, v := Best(New(8), nodes); n != 0 || v != 0 {
		t.Errorf("an empty mask is node %d with IoU %v", n, v)
	}
	if n, v := Best(nodes[0], nil); n != -1 || v != -1 {
		t.Errorf("without nodes: %d, %v", n, v)
	}
}

func TestPartition(t *testing.T) {
	large, middle, small := block(6, Box{0, 0, 5, 5}), block(6, Box{1, 1, 4, 6}), block(6, Box{2, 2, 3, 3})
	sorted := []Mask{large, middle, small}
	free := Partition(sorted, 6)
	same(t, "large", sorted[0], draw(t, `
		#####.
		#...#.
		#...#.
		#...#.
		#...#.
		......`))
	same(t, "middle", sorted[1], draw(t, `
		......
		.###..
		.#.#..
		.###..
		.###..
		.###..`))
	same(t, "small", sorted[2], block(6, Box{2, 2, 3, 3}))
	same(t, "free", free, draw(t, `
		.....#
		.....#
		.....#
		.....#
		.....#
		#...##`))
}
