package data

import "testing"

// inWindow tells whether pixel i lies in the window whose first cell is given.
func inWindow(i, row, col int) bool {
	y, x := i/Side/CueCell-row, i%Side/CueCell-col
	return y >= 0 && y < CueWindow && x >= 0 && x < CueWindow
}

// The same stream with another label is the same image to the last bit, but for the window of the cue: what is read out
// knows nothing of the label by itself.
func TestNothingButTheCueKnowsTheLabel(t *testing.T) {
	first, img := make([]float32, Pixels), make([]float32, Pixels)
	for _, c := range []Cue{{}, {Far: true}} {
		row, col := c.Window()
		for i := range 300 {
			for label := range len(cueClasses) {
				var r stream
				r.start(5, 77, uint64(i))
				c.draw(img, &r, label)
				if label == 0 {
					copy(first, img)
				}
				for j, v := range img {
					if v != first[j] && !inWindow(j, row, col) {
						t.Fatalf("far %v, %d: label %d changes pixel %d, outside the window of the cue", c.Far, i, label, j)
					}
					if v != first[j] && inWindow(j, CueReadRow, CueReadCol) {
						t.Fatalf("far %v, %d: label %d changes pixel %d, which is read out", c.Far, i, label, j)
					}
				}
			}
		}
	}
}

// cells is a set of cells of the map.
type cells [CueCells][CueCells]bool

// rim adds the eight neighbours of every cell: a depth-wise convolution of 3x3.
func (s *cells) rim() (grown cells) {
	for y := range s {
		for x := range s[y] {
			for v := max(y-1, 0); v <= min(y+1, CueCells-1); v++ {
				for u := max(x-1, 0); u <= min(x+1, CueCells-1); u++ {
					grown[y][x] = grown[y][x] || s[v][u]
				}
			}
		}
	}
	return grown
}

// fill adds to every cell of the set its whole window: attention within windows.
func (s *cells) fill() (full cells) {
	for y := range s {
		for x := range s[y] {
			for i := range CueWindow * CueWindow {
				full[y][x] = full[y][x] || s[y/CueWindow*CueWindow+i/CueWindow][x/CueWindow*CueWindow+i%CueWindow]
			}
		}
	}
	return full
}

// What the read-out sees, from the last block back to the image. Attention comes last in a block.
func TestCueStandsJustOutOfReach(t *testing.T) {
	img, plain := make([]float32, Pixels), make([]float32, Pixels)
	for _, c := range []Cue{{}, {Far: true}} {
		var place cells // every cell that a cue may cover
		covered := 0
		for i := range 500 {
			for label, dst := range [][]float32{plain, img} {
				var r stream
				r.start(5, 77, uint64(i))
				c.draw(dst, &r, label)
			}
			for j := range img {
				if p := &place[j/Side/CueCell][j%Side/CueCell]; img[j] != plain[j] && !*p {
					*p = true
					covered++
				}
			}
		}
		if want := CueWindow * (CueWindow - 1); covered != want {
			t.Errorf("far %v: cues cover %d cells, want %d", c.Far, covered, want)
		}
		for _, convolution := range []bool{true, false} {
			var seen cells
			for i := range CueWindow * CueWindow {
				seen[CueReadRow+i/CueWindow][CueReadCol+i%CueWindow] = true
			}
			for block := 1; block <= 5; block++ {
				seen = seen.fill()
				if convolution {
					seen = seen.rim()
				}
				common := 0
				for y := range seen {
					for x := range seen[y] {
						if seen[y][x] && place[y][x] {
							common++
						}
					}
				}
				want := 0
				if convolution && block >= c.Blocks() {
					want = covered
				}
				if common != want {
					t.Errorf("far %v, convolution %v: %d blocks see %d of %d cells of the cue, want %d", c.Far, convolution, block, common, covered, want)
				}
			}
		}
	}
}

// The cue can be read: an observer who sees its window adds up, at each place, what the four edges say.
func TestAnObserverReadsTheCue(t *testing.T) {
	img := make([]float32, Pixels)
	const n = 1000
	for _, c := range []Cue{{Seed: 1}, {Seed: 1, Far: true}} {
		row, col := c.Window()
		right := 0
		for i := range n {
			label := c.Image(img, Test, i)
			best, got := float32(-1), -1
			for p := range CueWindow - 1 {
				for q := range CueWindow - 1 {
					var down, across float32
					for k := range 4 {
						at := img[(row+p+k/2)*CueCell*Side+(col+q+k%2)*CueCell:]
						down += at[0] + at[1] - at[Side] - at[Side+1]
						across += at[0] - at[1] + at[Side] - at[Side+1]
					}
					for edge, v := range [...]float32{down, -down, across, -across} {
						if v > best {
							best, got = v, edge
						}
					}
				}
			}
			if got == label {
				right++
			}
		}
		t.Logf("far %v: %.1f %%", c.Far, 100*float64(right)/n)
		if right < n*95/100 {
			t.Errorf("far %v: %d of %d cues are read", c.Far, right, n)
		}
	}
}
