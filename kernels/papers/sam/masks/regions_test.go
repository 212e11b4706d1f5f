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

// No small region is left, and a second time changes nothing.
func TestCleanOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for range 50 {
		m := noise(r, 24, 0.2+0.6*r.Float64())
		clean, _ := Clean(m, 4)
		islands, small := 0, 0
		regions(clean, true, func(pixels []int32) {
			islands++
			if len(pixels) < 4 {
				small++
			}
		})
		if islands > 1 && small > 0 || islands == 0 {
			t.Fatalf("%d of %d islands are small:%s", small, islands, show(clean))
		}
		regions(m, false, func(pixels []int32) {
			if len(pixels) < 4 {
				for _, i := range pixels {
					x, y := int(i)%24, int(i)/24
					filled, _ := fill(m, 4)
					if !filled.At(x, y) {
						t.Fatalf("the hole at %d %d is open:%s", x, y, show(filled))
					}
				}
			}
		})
	}
}
