package moat

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Keys of the metadata of an exported file.
const (
	metaEngine = "petri"
	metaLink   = "link"
	metaArm    = "arm"
	metaSeed   = "seed"
	metaBase   = "base" // SHA-256 of the frozen net that the weights belong to, where there is one
)

// Export implements lab.Trial: the trained weights and the running statistics as a safetensors file. Of a racer with a frozen
// base it holds the updates and the head; the base, which the link and the seed make again, is named by its hash.
func (t *trial) Export() (wire.File, []byte, error) {
	t.Ready()
	meta := map[string]string{
		metaEngine: wire.Engine,
		metaLink:   t.spec.Link(description()),
		metaArm:    t.arm.String(),
		metaSeed:   fmt.Sprint(t.seed),
	}
	if t.net.recipe.frozen() {
		meta[metaBase] = t.baseHash()
	}
	file, err := nn.Save(append(t.opt.Params(), t.statistics()...), meta, nn.F32)
	name := fmt.Sprintf("petri-moat-%s-seed%d.safetensors", strings.ReplaceAll(t.arm.String(), "~", "-"), t.seed)
	return wire.File{Name: name, Type: "application/octet-stream"}, file, err
}

// statistics are the running statistics as tensors: "norm/mean" and "norm/var" beside "norm/gain". They share their memory.
func (t *trial) statistics() []*tape.Param {
	var out []*tape.Param
	for _, r := range t.running {
		for _, s := range [2]struct {
			name string
			data []float32
		}{{"/mean", r.Mean}, {"/var", r.Var}} {
			p := tape.NewParam(r.Name+s.name, tape.Shape{len(s.data)})
			p.Value.Data = s.data
			out = append(out, p)
		}
	}
	return out
}

// baseHash is the SHA-256 of the bits of the frozen net, its statistics included.
func (t *trial) baseHash() string {
	h := sha256.New()
	var word [4]byte
	for _, x := range t.carried.Append(nil) {
		binary.LittleEndian.PutUint32(word[:], math.Float32bits(x))
		h.Write(word[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Import puts the weights of an exported file into this trial. A file of another racer is refused, also where its numbers
// would fit, and one of another base.
func (t *trial) Import(file []byte) error {
	f, err := nn.Open(file)
	if err != nil {
		return err
	}
	if arm := f.Meta[metaArm]; arm != t.arm.String() {
		return fmt.Errorf("the file holds the racer %q, not %q", arm, t.arm.String())
	}
	t.Ready()
	if base := f.Meta[metaBase]; t.net.recipe.frozen() && base != t.baseHash() {
		return fmt.Errorf("the file belongs to another frozen net (its SHA-256 is %.12s…, here it is %.12s…); open it with the link and the seed that it was made with", base, t.baseHash())
	}
	return f.Into(append(t.opt.Params(), t.statistics()...))
}
