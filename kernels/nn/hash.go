package nn

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"petri/kernels/tape"
)

// FrozenHash is the SHA-256 of the names and bits of all frozen weights of a module: what a file of its trained ones belongs to.
func FrozenHash(m Module) string {
	h := sha256.New()
	var word [4]byte
	m.Params(func(p *tape.Param) {
		if !p.Frozen {
			return
		}
		h.Write([]byte(p.Name))
		for _, x := range p.Value.Data {
			binary.LittleEndian.PutUint32(word[:], math.Float32bits(x))
			h.Write(word[:])
		}
	})
	return hex.EncodeToString(h.Sum(nil))
}
