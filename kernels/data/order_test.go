package data

import (
	"slices"
	"testing"
)

func TestEveryEpochVisitsEveryExampleOnce(t *testing.T) {
	const n, batch = 100, 32
	o := NewOrder(n, 5)
	places := make([]int32, batch)
	var all []int32
	for step := range 25 { // 800 places: 8 epochs
		o.Batch(places, step)
		all = append(all, places...)
	}
	for e := range 8 {
		epoch := slices.Clone(all[e*n : (e+1)*n])
		if e > 0 && slices.Equal(epoch, all[(e-1)*n:e*n]) {
			t.Errorf("epochs %d and %d have the same order", e-1, e)
		}
		slices.Sort(epoch)
		for i, p := range epoch {
			if int(p) != i {
				t.Fatalf("epoch %d is no permutation: %v", e, epoch)
			}
		}
	}
}

func TestOrderDependsOnSeedAndStepAlone(t *testing.T) {
	a, b, c := NewOrder(70, 1), NewOrder(70, 1), NewOrder(70, 2)
	x, y, z := make([]int32, 32), make([]int32, 32), make([]int32, 32)
	differ := false
	for step := range 10 {
		a.Batch(x, step)
		b.Batch(y, 9) // asked for something else in between
		b.Batch(y, step)
		c.Batch(z, step)
		if !slices.Equal(x, y) {
			t.Fatalf("step %d: %v and %v", step, x, y)
		}
		differ = differ || !slices.Equal(x, z)
	}
	if !differ {
		t.Error("two seeds have the same order")
	}
	if n := testing.AllocsPerRun(20, func() { a.Batch(x, 7) }); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}

func TestSubsetsAreNested(t *testing.T) {
	small, large := Subset(7000, 64, 3), Subset(7000, 1024, 3)
	if !slices.Equal(small, large[:64]) {
		t.Error("64 examples are not the first of 1024")
	}
	if slices.Equal(small, Subset(7000, 64, 4)) {
		t.Error("two seeds choose the same examples")
	}
	seen := map[int32]bool{}
	for _, p := range Subset(7000, 7000, 3) {
		if p < 0 || p >= 7000 || seen[p] {
			t.Fatalf("place %d is outside or twice", p)
		}
		seen[p] = true
	}
}

func TestMasksAreOrdersOfTheirOwn(t *testing.T) {
	base, other := make([]int32, 16), make([]int32, 16)
	Mask(base, Train, 5, 1)
	sorted := slices.Clone(base)
	slices.Sort(sorted)
	for i, p := range sorted {
		if int(p) != i {
			t.Fatalf("%v is no permutation", base)
		}
	}
	Mask(other, Train, 5, 1)
	if !slices.Equal(base, other) {
		t.Error("asked twice, an example has two masks")
	}
	for what, ask := range map[string]func(){
		"split": func() { Mask(other, Test, 5, 1) },
		"index": func() { Mask(other, Train, 6, 1) },
		"seed":  func() { Mask(other, Train, 5, 2) },
	} {
		if ask(); slices.Equal(base, other) {
			t.Errorf("another %s has the same mask", what)
		}
	}
	var first [16]int // how often each patch comes first
	for i := range 1600 {
		Mask(other, Validation, i, 1)
		first[other[0]]++
	}
	for p, n := range first {
		if n < 60 || n > 140 {
			t.Errorf("patch %d is seen first %d times of 1600, expected 100", p, n)
		}
	}
	if n := testing.AllocsPerRun(20, func() { Mask(other, Train, 7, 1) }); n != 0 {
		t.Errorf("%v allocations per mask", n)
	}
}

func TestShuffleIsABijectionOfEveryPatch(t *testing.T) {
	for _, patch := range []int{4, 8} {
		perm := PatchPermutation(patch, 9)
		sorted := slices.Clone(perm)
		slices.Sort(sorted)
		moved := 0
		for i, p := range sorted {
			if int(p) != i {
				t.Fatalf("patch %d: %v is no permutation", patch, perm)
			}
			if int(perm[i]) != i {
				moved++
			}
		}
		if moved < len(perm)/2 {
			t.Errorf("patch %d: only %d pixels move", patch, moved)
		}

		glyphs := Glyphs{WorldM, 1}
		a, b := make([]float32, Pixels), make([]float32, Pixels)
		label := glyphs.Image(a, Train, 5)
		if got := Shuffle(glyphs, patch, 9).Image(b, Train, 5); got != label {
			t.Errorf("shuffling turned label %d into %d", label, got)
		}
		if same(a, b) {
			t.Error("shuffling changed nothing")
		}
		for i := range b { // undo it by hand
			y, x := i/Side, i%Side
			from := perm[y%patch*patch+x%patch]
			if want := a[(y/patch*patch+int(from)/patch)*Side+x/patch*patch+int(from)%patch]; b[i] != want {
				t.Fatalf("patch %d: pixel %d is %v, want %v", patch, i, b[i], want)
			}
		}
	}
}

func TestFillWritesBatches(t *testing.T) {
	set := Glyphs{WorldH, 2}
	images, labels := make([]float32, 3*Pixels), make([]int32, 3)
	Fill(images, labels, set, Validation, []int32{20, 3, 7})
	one := make([]float32, Pixels)
	for j, at := range []int{20, 3, 7} {
		if l := set.Image(one, Validation, at); int(labels[j]) != l || !same(one, images[j*Pixels:(j+1)*Pixels]) {
			t.Errorf("place %d differs from example %d", j, at)
		}
	}
}
