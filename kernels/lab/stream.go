package lab

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// Stream is a source of random numbers for one purpose of one seed in one lab, named by its ID: neighbouring seeds share
// nothing, and neither do two purposes of one seed, or two labs.
func Stream(lab string, seed uint64, purpose string) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", lab, purpose, seed))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
}
