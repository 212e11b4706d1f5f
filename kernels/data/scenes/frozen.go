package scenes

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"petri/kernels/data"
)

// FrozenScenes is how many scenes of the test split are frozen: those with the indices 0 .. FrozenScenes-1.
const FrozenScenes = 32

// Frozen is what FrozenHash must find, on every machine. Whoever changes a picture makes it again, and everything that was
// trained on the old ones: go test ./kernels/data/scenes -run TestFrozen -update
const Frozen = "44f4c80afbcaef03c46db664236bdc66f5f345638bf11154f3631590d5c505e7"

// FrozenHash draws the frozen scenes at both sizes and returns the SHA-256, in hexadecimal, of what is in them: owners, then the
// bits of colours and of depths, little-endian.
func FrozenHash() string {
	h := sha256.New()
	var s Scene
	var b []byte
	for i := range FrozenScenes {
		for _, size := range [...]int{Side, Side / 2} {
			s.Draw(Shapes, data.Test, i, size, nil)
			b = append(b[:0], s.owner...)
			for _, x := range [...][]float32{s.RGB, s.Depth} {
				for _, v := range x {
					b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
				}
			}
			h.Write(b)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
