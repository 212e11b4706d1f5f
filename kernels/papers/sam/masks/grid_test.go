package masks

import (
	"slices"
	"testing"
)

// The geometry of the authors' crops at the size for which the overlap is given in pixels: 512 at layer 1, 256 at layer 2.
func TestCropsOf1500(t *testing.T) {
	crops := Crops(1500, 2)
	// ceil((512 + 1500)/2) = 1006, steps of 1006 - 512 = 494; ceil((3·256 + 1500)/4) = 567, steps of 567 - 256 = 311.
	want := []Box{{0, 0, 1500, 1500}, {0, 0, 1006, 1006}, {0, 494, 1006, 1500}, {494, 0, 1500, 1006}, {494, 494, 1500, 1500}}
	if !slices.Equal(crops[:5], want) {
		t.Errorf("crops of layers 0 and 1 %v, want %v", crops[:5], want)
	}
	starts := []int{0, 311, 622, 933}
	if len(crops) != 1+4+16 {
		t.Fatalf("%d crops, want 21", len(crops))
	}
	for i, b := range crops[5:] {
		x, y := starts[i/4], starts[i%4]
		if want := (Box{x, y, x + 567, y + 567}); b != want {
			t.Errorf("crop %d of layer 2 is %v, want %v", i, b, want)
		}
	}
}

func TestCropsOf64(t *testing.T) {
	// The overlap is 512·64/1500 = 21, the size ceil((21 + 64)/2) = 43, the step 22.
	want := []Box{{0, 0, 64, 64}, {0, 0, 43, 43}, {0, 22, 43, 64}, {22, 0, 64, 43}, {22, 22, 64, 64}}
	if have := Crops(64, 1); !slices.Equal(have, want) {
		t.Errorf("crops %v, want %v", have, want)
	}
	if have := Crops(64, 0); !slices.Equal(have, want[:1]) {
		t.Errorf("without layers %v", have)
	}
}

func TestGrid(t *testing.T) {
	dots, crops := Grid(64, 4, 0)
	if len(dots) != 16 || len(crops) != 1 {
		t.Fatalf("%d points in %d crops", len(dots), len(crops))
	}
	for i, d := range dots {
		if x, y := float64(8+16*(i%4)), float64(8+16*(i/4)); d.X != x || d.Y != y || d.Crop != 0 || d.Fate != "" {
			t.Errorf("point %d is %+v, want the middle of its cell, %v %v", i, d, x, y)
		}
	}
	dots, crops = Grid(64, 4, 2)
	if len(crops) != 21 || len(dots) != 16+4*4+16*1 {
		t.Fatalf("%d points in %d crops, want 48 in 21", len(dots), len(crops))
	}
	for i, d := range dots {
		if i > 0 && d.Crop < dots[i-1].Crop {
			t.Errorf("the points of crop %d do not lie together", d.Crop)
		}
		if b := crops[d.Crop]; d.X < float64(b.X0) || d.X > float64(b.X1) || d.Y < float64(b.Y0) || d.Y > float64(b.Y1) {
			t.Errorf("point %+v lies outside its crop %v", d, b)
		}
	}
	// Crop 3 is {22, 0, 64, 43}, with 2×2 points.
	if d := dots[16+2*4+1]; d.X != 22+42*0.75 || d.Y != 43*0.25 || d.Crop != 3 {
		t.Errorf("the second point of crop 3 is %+v", d)
	}
	// Fewer points than can be halved: the last crops have none.
	if dots, _ := Grid(64, 1, 1); len(dots) != 1 {
		t.Errorf("%d points, want 1", len(dots))
	}
}

func TestCut(t *testing.T) {
	crop := Box{22, 0, 64, 43}
	for _, c := range []struct {
		box  Box
		want bool
	}{
		{Box{30, 10, 40, 20}, false},
		{Box{24, 2, 62, 41}, false}, // two pixels from each edge
		{Box{22, 10, 40, 20}, true},
		{Box{23, 10, 40, 20}, true}, // one pixel from the inner edge
		{Box{30, 10, 40, 43}, true},
		{Box{30, 10, 40, 42}, true},
		{Box{30, 0, 64, 20}, false}, // the edges of the picture are no cut
	} {
		if have := cut(c.box, crop, 64); have != c.want {
			t.Errorf("a mask with box %v in crop %v: cut %v, want %v", c.box, crop, have, c.want)
		}
	}
	whole := Box{0, 0, 64, 64}
	if cut(whole, whole, 64) {
		t.Error("the whole picture cuts nothing")
	}
	// The tolerance of a picture of 1024 pixels is 20.
	if far := (Box{494, 0, 1024, 1024}); !cut(Box{514, 100, 900, 900}, far, 1024) || cut(Box{515, 100, 900, 900}, far, 1024) {
		t.Error("the tolerance at 1024 pixels is not 20")
	}
}
