package masks

import (
	"math/rand/v2"
	"testing"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		what      string
		area      int
		from, to  string
		unchanged bool
	}{
		{"a hole is closed and an island goes", 3, `
			#####..#
			#...#..#
			#.#.#...
			#...#...
			#####...
			........
			.###....
			.###....`, `
			#####...
			#...#...
			#...#...
			#...#...
			#####...
			........
			.###....
			.###....`, false},
		{"a hole of the very area stays", 2, `
			####
			#..#
			####
			....`, ``, true},
		{"a hole below it does not", 3, `
			####
			#..#
			####
			....`, `
			####
			####
			####
			....`, false},
		{"corners hold holes together", 4, `
			######
			#..###
			###.##
			####.#
			######
			######`, ``, true},
		{"corners hold islands together", 4, `
			##....
			..#...
			...#..
			......
			......
			......`, ``, true},
		{"if all are small the largest stays", 5, `
			##...
			##..#
			....#
			.....
			#....`, `
			##...
			##...
			.....
			.....
			.....`, false},
		{"the first of equals", 5, `
			...##
			.....
			##...
			.....
			....#`, `
			...##
			.....
			.....
			.....
			.....`, false},
		{"the only island stays, though small", 9, `
			....
			.##.
			....
			....`, `
			....
			.##.
			....
			....`, false},
		{"a closed hole makes an island large", 9, `
			###..
			#.#..
			###..
			.....
			....#`, `
			###..
			###..
			###..
			.....
			.....`, false},
		{"background at the edge may be a hole", 2, `
			.###
			####
			####
			####`, `
			####
			####
			####
			####`, false},
		{"no area, no change", 1, `
			#.#
			.#.
			#.#`, ``, true},
	} {
		m := draw(t, c.from)
		before := show(m)
		have, changed := Clean(m, c.area)
		want := m
		if !c.unchanged {
			want = draw(t, c.to)
		}
		same(t, c.what, have, want)
		if changed == c.unchanged {
			t.Errorf("%s: changed %v", c.what, changed)
		}
		if show(m) != before {
			t.Errorf("%s: the mask itself was changed", c.what)
		}
	}
	if m, changed := Clean(New(8), 4); changed || m.Area() != 0 {
		t.Error("an empty mask does not stay as it is")
	}
}

// flood is the region of a pixel, the slow way.
func flood(m Mask, x, y int) Mask {
	out := New(m.Side)
	var visit func(x, y int)
	visit = func(u, v int) {
		if u < 0 || v < 0 || u >= m.Side || v >= m.Side || m.At(u, v) != m.At(x, y) || out.At(u, v) {
			return
		}
		out.Set(u, v)
		for d := range 9 {
			visit(u+d%3-1, v+d/3-1)
		}
	}
	visit(x, y)
	return out
}

// Each pixel is what the regions of the drawing say, found one pixel after the other.
func TestCleanOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for range 200 {
		side, area := 1+r.IntN(24), 2+r.IntN(12)
		m := noise(r, side, r.Float64())
		filled, clean := New(side), New(side)
		for i := range side * side {
			if x, y := i%side, i/side; m.At(x, y) || flood(m, x, y).Area() < min(area, side*side) {
				filled.Set(x, y)
			}
		}
		large, most := Mask{}, 0
		for i := range side * side {
			if x, y := i%side, i/side; filled.At(x, y) {
				island := flood(filled, x, y)
				if n := island.Area(); n > most {
					large, most = island, n
				}
				if island.Area() >= area {
					clean.Set(x, y)
				}
			}
		}
		if clean.Area() == 0 && most > 0 {
			clean = large
		}
		have, _ := Clean(m, area)
		same(t, "cleaned", have, clean)
	}
}

func BenchmarkClean(b *testing.B) {
	m := noise(rand.New(rand.NewPCG(4, 2)), 64, .5)
	for b.Loop() {
		Clean(m, 4)
	}
}
