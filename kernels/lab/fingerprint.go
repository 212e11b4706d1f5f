package lab

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"

	"petri/kernels/lab/wire"
)

// Digest is the SHA-256 of the bits of one trial: the loss of each step, then the trained weights. It is the part of
// the fingerprint that can be made where the trial ran. A loss that is not finite counts as NaN, as wire.Losses has one
// word for all of them: the digest is the same before and after a journey.
func Digest(loss, trained []float32) string {
	h := sha256.New()
	writeBits(h, loss, func(x float32) bool { return x-x != 0 })
	writeBits(h, trained, func(x float32) bool { return x != x })
	return hex.EncodeToString(h.Sum(nil))
}

// quietNaN stands for every NaN: processors differ in the sign and payload that they give it.
const quietNaN = 0x7fc00000

// writeBits writes a length and the little-endian bits of each value, those of one NaN where quiet says so.
func writeBits(h hash.Hash, x []float32, quiet func(float32) bool) {
	var buf [4096]byte
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(x))))
	for len(x) > 0 {
		n := min(len(x), len(buf)/4)
		for i, v := range x[:n] {
			bits := math.Float32bits(v)
			if quiet(v) {
				bits = quietNaN
			}
			binary.LittleEndian.PutUint32(buf[4*i:], bits)
		}
		h.Write(buf[:4*n])
		x = x[n:]
	}
}

// Fingerprint proves a run: SHA-256 over the engine's version, the canonical text of every knob, and the digest of
// each trial in the order of Spec.TrialIDs. The order in which trials were finished, time, and everything that the
// analysis computes stay outside. It is empty while a trial is missing.
func Fingerprint(lab wire.Lab, spec wire.Spec, trials []wire.TrialResult) string {
	digests := map[wire.TrialID]string{}
	for _, t := range trials {
		digests[t.Trial] = t.Digest
	}
	arms := spec.Arms()
	h := sha256.New()
	fmt.Fprintf(h, "petri %s\n%s\n", wire.Engine, spec.Canonical(lab))
	for _, id := range spec.TrialIDs() {
		d := digests[id]
		if d == "" {
			return ""
		}
		fmt.Fprintf(h, "%s %d %s\n", arms[id.Arm], id.Seed, d)
	}
	return hex.EncodeToString(h.Sum(nil))
}
