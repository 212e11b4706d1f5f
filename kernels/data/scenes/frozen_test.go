package scenes

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"math"
	"testing"

	"petri/kernels/data"
)

// frozen holds of each frozen scene its index, its owners in runs (owner, length) and the first eight bytes of the SHA-256 of its
// colours.
//
//go:embed testdata/frozen.bin
var frozen []byte

// freeze writes the scenes in that form.
func freeze() []byte {
	var s Scene
	var b []byte
	for i := range FrozenScenes {
		s.Draw(Shapes, data.Test, i, Side, nil)
		b = binary.AppendUvarint(b, uint64(i))
		for at := 0; at < len(s.owner); {
			end := at
			for end < len(s.owner) && s.owner[end] == s.owner[at] {
				end++
			}
			b = binary.AppendUvarint(append(b, s.owner[at]), uint64(end-at))
			at = end
		}
		var colours []byte
		for _, v := range s.RGB {
			colours = binary.LittleEndian.AppendUint32(colours, math.Float32bits(v))
		}
		sum := sha256.Sum256(colours)
		b = append(b, sum[:8]...)
	}
	return b
}

// TestFrozenScenesAreDrawnAgain holds every bit of 32 scenes, wherever it runs.
func TestFrozenScenesAreDrawnAgain(t *testing.T) {
	if *update {
		write(t, freeze(), FrozenHash())
		return
	}
	if got := freeze(); !bytes.Equal(got, frozen) {
		t.Error("the frozen scenes look different now")
	}
	if got := FrozenHash(); got != Frozen {
		t.Errorf("hash %s, want %s", got, Frozen)
	}
}

// TestFrozenRunsCover reads the file without the generator.
func TestFrozenRunsCover(t *testing.T) {
	var s Scene
	b := frozen
	number := func() int {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			t.Fatal("the file ends early")
		}
		b = b[n:]
		return int(v)
	}
	for i := range FrozenScenes {
		if got := number(); got != i {
			t.Fatalf("scene %d is called %d", i, got)
		}
		s.Draw(Shapes, data.Test, i, Side, nil)
		for at := 0; at < Side*Side; {
			owner := b[0]
			b = b[1:]
			run := number()
			if at+run > Side*Side || s.owner[at] != owner || s.owner[at+run-1] != owner {
				t.Fatalf("scene %d, pixel %d: a run of %d of %d", i, at, run, owner)
			}
			at += run
		}
		b = b[8:]
	}
	if len(b) != 0 {
		t.Errorf("%d bytes too many", len(b))
	}
}
