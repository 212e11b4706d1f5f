package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"testing"
)

// task is a world that is no alphabet, seen from inside: draw takes any label for a stream. It is missing where labels do more
// than to put greys into another order.
type task struct {
	name string
	set  func(seed uint64) Set
	draw func(dst []float32, r *stream, label int)
	want string // hash of the first 32 test examples of seed 7
}

// Source of the hashes: this package on linux/amd64, go 1.26, 2026-11-24, from the patterns on 2026-11-26; js/wasm under node
// gives the same.
var tasks = []task{
	{"textures", func(seed uint64) Set { return Textures{seed} }, Textures{}.draw, "a14424e3cb486d7f"},
	{"same", func(seed uint64) Set { return SameDifferent{Seed: seed} }, SameDifferent{}.draw, "5457fff07dc51689"},
	{"same of 5", func(seed uint64) Set { return SameDifferent{Seed: seed, Kinds: 5} }, SameDifferent{Kinds: 5}.draw, "64d41735e43a97ef"},
	{"cue", func(seed uint64) Set { return Cue{Seed: seed} }, Cue{}.draw, "4a1badc46cc610f8"},
	{"far cue", func(seed uint64) Set { return Cue{Seed: seed, Far: true} }, Cue{Far: true}.draw, "78151e73d507f2fc"},
	{"patterns", func(seed uint64) Set { return Patterns{seed} }, nil, "a0a481099d1e6b34"},
	{"count", func(seed uint64) Set { return Count{seed} }, nil, "734db1b38081af43"},
	{"turned", func(seed uint64) Set { return Turned{seed} }, nil, "2562c2bed3d53249"},
	{"inverted", func(seed uint64) Set { return Inverted{Glyphs{WorldM, seed}} }, nil, "df2fd86baea1a294"},
	{"noisy", func(seed uint64) Set { return Noisy{Glyphs{WorldM, seed}} }, nil, "f57701fee8d7f6e9"},
}

func TestTasksAreTheSameBitsEverywhere(t *testing.T) {
	img := make([]float32, Pixels)
	var word [4]byte
	for _, c := range tasks {
		h := sha256.New()
		for i := range 32 {
			c.set(7).Image(img, Test, i)
			for _, v := range img {
				binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
				h.Write(word[:])
			}
		}
		if got := hex.EncodeToString(h.Sum(nil))[:16]; got != c.want {
			t.Errorf("%s: 32 examples hash to %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTasksArePureFunctions(t *testing.T) {
	a, b := make([]float32, Pixels), make([]float32, Pixels)
	for _, c := range tasks {
		c.set(3).Image(a, Train, 40)
		for i := range b {
			b[i] = float32(math.NaN()) // nothing of what was in the buffer may survive
		}
		c.set(3).Image(b, Train, 40)
		if !same(a, b) {
			t.Errorf("%s: the same example twice differs", c.name)
		}
		for _, other := range []struct {
			s    Split
			i    int
			seed uint64
		}{{Validation, 40, 3}, {Test, 40, 3}, {Train, 60, 3}, {Train, 40, 4}} {
			c.set(other.seed).Image(b, other.s, other.i)
			if equal := equals(a, b); equal == Pixels || c.draw != nil && equal > Pixels/8 { // paper may be of one grey
				t.Errorf("%s: %v shares %d pixels with train 40 of seed 3", c.name, other, equal)
			}
		}
	}
	Textures{3}.Image(a, Train, 40)
	SameDifferent{Seed: 3}.Image(b, Train, 40)
	if equal := equals(a, b); equal > Pixels/8 {
		t.Errorf("textures and same share %d pixels", equal)
	}
}

func equals(a, b []float32) (n int) {
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

func TestTasksAreBalancedAndInRange(t *testing.T) {
	img := make([]float32, Pixels)
	for _, c := range tasks {
		set := c.set(1)
		count := make([]int, len(set.Classes()))
		for i := range 200 * len(count) {
			count[set.Image(img, Train, i)]++
			if low, high := slices.Min(img), slices.Max(img); !(low >= 0 && high <= 1) {
				t.Fatalf("%s %d: values %v to %v, want 0 to 1", c.name, i, low, high)
			}
		}
		for label, n := range count {
			if n != 200 {
				t.Errorf("%s: class %d has %d of 200 examples", c.name, label, n)
			}
		}
	}
}

func TestTasksDoNotAllocate(t *testing.T) {
	img := make([]float32, Pixels)
	for _, c := range tasks {
		set, i := c.set(1), 0
		if n := testing.AllocsPerRun(50, func() { set.Image(img, Train, i); i++ }); n != 0 {
			t.Errorf("%s: %v allocations per example", c.name, n)
		}
	}
}

// One stream drawn with every label: the greys of the image are the same to the last bit, in another order, and only
// where something stands that has a class. So neither greys nor places can tell labels apart, whoever looks at them.
func TestLabelsOnlyPermuteGreys(t *testing.T) {
	first, img := make([]float32, Pixels), make([]float32, Pixels)
	for _, c := range tasks {
		for i := range 300 {
			if c.draw == nil {
				break
			}
			var sorted []float32
			for label := range len(c.set(0).Classes()) {
				var r stream
				r.start(5, 77, uint64(i))
				c.draw(img, &r, label)
				if label == 0 {
					copy(first, img)
					sorted = slices.Clone(img)
					slices.Sort(sorted)
					continue
				}
				if moved := Pixels - equals(first, img); moved == 0 || moved > 2*swatchPixels {
					t.Fatalf("%s %d: label %d changes %d pixels", c.name, i, label, moved)
				}
				greys := slices.Clone(img)
				slices.Sort(greys)
				if !same(greys, sorted) {
					t.Fatalf("%s %d: label %d has other greys than label 0", c.name, i, label)
				}
			}
		}
	}
}

func TestTexturesAreHalfLight(t *testing.T) {
	for texture := range textures {
		for phase := range 16 {
			light := 0
			for i := range swatchPixels {
				if lit(texture, i%swatchSide+phase%4, i/swatchSide+phase/4) {
					light++
				}
			}
			if light != swatchPixels/2 {
				t.Errorf("%s at phase %d: %d of %d pixels are light", textureNames[texture], phase, light, swatchPixels)
			}
		}
	}
}

func TestBetweenIsHalfway(t *testing.T) {
	steps := func(a, b int) int { // along the ring
		d := (a - b + textures) % textures
		return min(d, textures-d)
	}
	for a := range textures {
		for b := range textures {
			var halfway []int
			for c := range textures {
				if steps(a, c) == steps(b, c) {
					halfway = append(halfway, c)
				}
			}
			if a == b {
				halfway = []int{a}
			}
			if got := Between(a, b); len(halfway) != 1 || got != halfway[0] {
				t.Errorf("between %d and %d lies %d, want one of %v", a, b, got, halfway)
			}
		}
	}
}

// In the mean over labels of a kind, each swatch shows each texture equally often: all that one swatch can say.
func TestOneSwatchKnowsLittle(t *testing.T) {
	const n = 20000 // labels of one kind
	for _, c := range []struct {
		name  string
		kinds int
		pair  func(r *stream, i int) (a, b int)
	}{
		{"textures, equal", textures, func(r *stream, i int) (a, b int) { return Textures{}.pair(r, i%textures) }},
		{"textures, between", textures, func(r *stream, i int) (a, b int) { return Textures{}.pair(r, textures+i%textures) }},
		{"same", 2, func(r *stream, i int) (a, b int) { return SameDifferent{}.pair(r, 0) }},
		{"different", 2, func(r *stream, i int) (a, b int) { return SameDifferent{}.pair(r, 1) }},
		{"same of 5", 5, func(r *stream, i int) (a, b int) { return SameDifferent{Kinds: 5}.pair(r, 0) }},
		{"different of 5", 5, func(r *stream, i int) (a, b int) { return SameDifferent{Kinds: 5}.pair(r, 1) }},
	} {
		var count [2][textures]int
		for i := range n {
			var r stream
			r.start(5, 77, uint64(i))
			a, b := c.pair(&r, i)
			count[0][a]++
			count[1][b]++
		}
		p := 1 / float64(c.kinds)
		for swatch, of := range count {
			for texture, k := range of[:c.kinds] {
				if math.Abs(float64(k)-p*n) > 4*math.Sqrt(p*(1-p)*n) {
					t.Errorf("%s: swatch %d shows %s %d times in %d", c.name, swatch, textureNames[texture], k, n)
				}
			}
		}
	}
}

// bank holds the 3x3 filters of an observer who knows the textures: every texture at every phase, +1 light and -1 dark.
var bank = func() (f [textures][][9]float32) {
	for texture := range f {
		for phase := range 16 {
			var filter [9]float32
			for i := range filter {
				filter[i] = -1
				if lit(texture, i%3+phase%4, i/3+phase/4) {
					filter[i] = 1
				}
			}
			if !slices.Contains(f[texture], filter) {
				f[texture] = append(f[texture], filter)
			}
		}
	}
	return f
}()

// observe finds two swatches and names their textures: at each place the best phase of each texture's 3x3 filters, summed
// over squares of the size of a swatch; the highest sum, then the highest one well away from it.
func observe(img []float32) (a, b int) {
	var mean float32
	for _, v := range img {
		mean += v / Pixels
	}
	const inner = swatchSide - 2 // 3x3 filters that fit along a side of a swatch
	var sums [textures][Side - swatchSide + 1][Side - swatchSide + 1]float32
	for texture := range textures {
		var best [Side - 2][Side - 2]float32
		for y := range best {
			for x := range best[y] {
				for _, f := range bank[texture] {
					var v float32
					for i, w := range f {
						v += w * (img[(y+i/3)*Side+x+i%3] - mean)
					}
					best[y][x] = max(best[y][x], v)
				}
			}
		}
		for y := range sums[texture] {
			for x := range sums[texture][y] {
				for i := range inner * inner {
					sums[texture][y][x] += best[y+i/inner][x+i%inner]
				}
			}
		}
	}
	highest := func(allowed func(x, y int) bool) (texture, x, y int) {
		high := float32(-1)
		for k := range sums {
			for v := range sums[k] {
				for u, s := range sums[k][v] {
					if s > high && allowed(u, v) {
						high, texture, x, y = s, k, u, v
					}
				}
			}
		}
		return texture, x, y
	}
	a, ax, ay := highest(func(int, int) bool { return true })
	b, _, _ = highest(func(x, y int) bool { return max(x-ax, ax-x, y-ay, ay-y) >= swatchApart-1 })
	return a, b
}

// The tasks can be solved: by 3x3 filters and a comparison.
func TestAnObserverWithFiltersSolvesTextures(t *testing.T) {
	img := make([]float32, Pixels)
	const n = 1000
	right := [2]int{}
	for i := range n {
		label := Textures{1}.Image(img, Test, i)
		a, b := observe(img)
		got := Between(a, b)
		if a != b {
			got += textures
		}
		if got == label {
			right[0]++
		}
		label = SameDifferent{Seed: 1, Kinds: 5}.Image(img, Test, i)
		if a, b = observe(img); (a != b) == (label == 1) {
			right[1]++
		}
	}
	for i, name := range [...]string{"textures", "same of 5"} {
		t.Logf("%s: %.1f %%", name, 100*float64(right[i])/n)
		if right[i] < n*95/100 {
			t.Errorf("%s: filters answer %d of %d", name, right[i], n)
		}
	}
}

func BenchmarkTasks(b *testing.B) {
	for _, c := range tasks {
		b.Run(c.name, func(b *testing.B) {
			img, set, i := make([]float32, Pixels), c.set(1), 0
			for b.Loop() {
				set.Image(img, Train, i)
				i++
			}
		})
	}
}
