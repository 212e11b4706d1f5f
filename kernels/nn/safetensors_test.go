package nn

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"petri/kernels/tape"
)

func TestHalfReadsBackEveryNumber(t *testing.T) {
	for h := range 1 << 16 {
		x := ofHalf(uint16(h))
		got := halfOf(x)
		if x != x {
			if got&0x7c00 != 0x7c00 || got&0x3ff == 0 {
				t.Fatalf("NaN %04x became %04x", h, got)
			}
			continue
		}
		if got != uint16(h) {
			t.Fatalf("%04x = %v became %04x", h, x, got)
		}
	}
}

// TestHalfRoundsToNearestEven compares with the definition: the neighbour that is nearer, of two equally near ones the
// even one.
func TestHalfRoundsToNearestEven(t *testing.T) {
	check := func(x float32) {
		got := halfOf(x)
		for _, other := range [2]uint16{got - 1, got + 1} {
			if other&0x7fff > 0x7c00 || other&0x8000 != got&0x8000 {
				continue
			}
			value := func(h uint16) float64 {
				if h&0x7fff == 0x7c00 { // where the next number would be
					return math.Copysign(65536, float64(ofHalf(h)))
				}
				return float64(ofHalf(h))
			}
			mine, its := math.Abs(value(got)-float64(x)), math.Abs(value(other)-float64(x))
			if its < mine || its == mine && got&1 == 1 {
				t.Fatalf("%v became %04x = %v; %04x = %v is nearer or even", x, got, ofHalf(got), other, ofHalf(other))
			}
		}
	}
	for h := uint16(0); h < 0x7c00; h++ { // every number, the middle to the next one, and just beside
		a := ofHalf(h)
		b := float32(65536)
		if h+1 < 0x7c00 {
			b = ofHalf(h + 1)
		}
		middle := (a + b) / 2
		for _, x := range []float32{a, middle, math.Nextafter32(middle, 0), math.Nextafter32(middle, 1e9)} {
			check(x)
			check(-x)
		}
	}
	if got := halfOf(65520); got != 0x7c00 {
		t.Errorf("65520 became %04x, want infinity", got)
	}
	if got := halfOf(65519); got != 0x7bff {
		t.Errorf("65519 became %04x, want the largest number", got)
	}
}

func someParams() []*tape.Param {
	r := rand.New(rand.NewPCG(3, 4))
	ps := []*tape.Param{tape.NewParam("z/w", tape.Shape{3, 5}), tape.NewParam("a", tape.Shape{7})}
	for _, p := range ps {
		Normal(r, p.Value.Data, 1)
	}
	return ps
}

func TestSaveAndLoad(t *testing.T) {
	from := someParams()
	for _, d := range []DType{F32, F16} {
		file, err := Save(from, map[string]string{"recipe": "none", "accuracy": "0.97"}, d)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := Save([]*tape.Param{from[1], from[0]}, map[string]string{"accuracy": "0.97", "recipe": "none"}, d); !bytes.Equal(file, again) {
			t.Errorf("%s: the order of parameters changes the file", d)
		}
		to := someParams()
		for _, p := range to {
			clear(p.Value.Data)
		}
		meta, err := Load(file, to)
		if err != nil {
			t.Fatal(err)
		}
		if meta["accuracy"] != "0.97" || len(meta) != 2 {
			t.Errorf("metadata %v", meta)
		}
		for i, p := range to {
			if p.Version() == 0 {
				t.Errorf("%s was not touched: a packed copy would be stale", p.Name)
			}
			for j, x := range p.Value.Data {
				want := from[i].Value.Data[j]
				if d == F16 {
					want = ofHalf(halfOf(want))
				}
				if x != want {
					t.Fatalf("%s %s[%d] = %v, want %v", d, p.Name, j, x, want)
				}
			}
		}
		if n := binary.LittleEndian.Uint64(file); len(file) != 8+int(n)+22*d.size() {
			t.Errorf("%s: %d bytes", d, len(file))
		}
	}
}

func TestBadFilesAreRefusedWithReasons(t *testing.T) {
	good, err := Save(someParams(), nil, F32)
	if err != nil {
		t.Fatal(err)
	}
	header := int(binary.LittleEndian.Uint64(good))
	edit := func(old, new string) []byte {
		if len(old) != len(new) || !bytes.Contains(good, []byte(old)) {
			t.Fatalf("bad edit %q", old)
		}
		return bytes.Replace(good, []byte(old), []byte(new), 1)
	}
	cases := []struct {
		name   string
		file   []byte
		params []*tape.Param
		want   string
	}{
		{"empty", nil, nil, "too short"},
		{"header cut", good[:8+header/2], nil, "truncated"},
		{"numbers cut", good[:len(good)-1], nil, "truncated"},
		{"numbers added", append(bytes.Clone(good), 0), nil, "damaged"},
		{"no JSON", append(bytes.Clone(good[:8]), bytes.Repeat([]byte("x"), len(good)-8)...), nil, "no JSON"},
		{"length lies", edit(`"shape":[7]`, `"shape":[9]`), nil, "needs 36"},
		{"negative", edit(`"shape":[3,5]`, `"shape":[-3] `), nil, "impossible"},
		{"overlap", edit(`"data_offsets":[28,88]`, `"data_offsets":[24,84]`), nil, "28 was due"},
		{"other type", edit(`"dtype":"F32","shape":[7]`, `"dtype":"I32","shape":[7]`), someParams(), `stored as "I32"`},
		{"missing", good, []*tape.Param{tape.NewParam("b", tape.Shape{7})}, "no b"},
		{"wrong shape", good, []*tape.Param{tape.NewParam("z/w", tape.Shape{5, 3})}, "[3, 5] in the file, the model wants [5, 3]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(c.file, c.params)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestRefusedFileChangesNothing(t *testing.T) {
	good, err := Save(someParams(), nil, F32)
	if err != nil {
		t.Fatal(err)
	}
	first, second := tape.NewParam("a", tape.Shape{7}), tape.NewParam("z/w", tape.Shape{1})
	if _, err := Load(good, []*tape.Param{first, second}); err == nil {
		t.Fatal("a wrong shape was accepted")
	}
	for _, x := range first.Value.Data {
		if x != 0 {
			t.Fatal("the first parameter was written although the second did not fit")
		}
	}
}

func TestHashSeesOneBit(t *testing.T) {
	file, err := Save(someParams(), nil, F16)
	if err != nil {
		t.Fatal(err)
	}
	before := Hash(file)
	file[len(file)-1] ^= 1
	if Hash(file) == before || len(before) != 64 {
		t.Error("the hash does not see a flipped bit")
	}
}
