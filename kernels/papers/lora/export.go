package lora

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
	metaBase   = "base"  // SHA-256 of the frozen weights that the trained ones belong to
	metaScale  = "scale" // α/r, where there are adapters
)

// Export implements lab.Trial: the trained weights, the head among them, as a safetensors file. Frozen weights are not
// in it; their hash is.
func (t *trial) Export() (wire.File, []byte, error) {
	meta := map[string]string{
		metaEngine: wire.Engine,
		metaLink:   t.spec.Link(description()),
		metaArm:    t.arm.String(),
		metaSeed:   fmt.Sprint(t.seed),
		metaBase:   t.baseHash(),
	}
	if scale := t.scale(); scale != "" {
		meta[metaScale] = scale
	}
	file, err := nn.Save(t.opt.Params(), meta, nn.F32)
	name := fmt.Sprintf("petri-lora-%s-seed%d.safetensors", strings.ReplaceAll(t.arm.String(), ":", "-r"), t.seed)
	return wire.File{Name: name, Type: "application/octet-stream"}, file, err
}

// Import puts the weights of an exported file into this trial. A file that was trained on other frozen weights, or for
// another arm or scale, is refused: its numbers would fit and mean nothing.
func (t *trial) Import(file []byte) error {
	f, err := nn.Open(file)
	if err != nil {
		return err
	}
	if arm := f.Meta[metaArm]; arm != t.arm.String() {
		return fmt.Errorf("the file holds the racer %q, not %q", arm, t.arm.String())
	}
	if base := f.Meta[metaBase]; base != t.baseHash() {
		return fmt.Errorf("the file was trained on other frozen weights (their SHA-256 is %.12s…, here it is %.12s…); open it with the backbone, task and seed that it was made with", base, t.baseHash())
	}
	if scale := f.Meta[metaScale]; scale != t.scale() {
		return fmt.Errorf("the file's updates are scaled by α/r = %s, here by %s; open it with the alpha that it was made with", scale, t.scale())
	}
	return f.Into(t.opt.Params())
}

// scale is α/r as text, empty where there are no adapters.
func (t *trial) scale() string {
	if len(t.adapters) == 0 {
		return ""
	}
	return fmt.Sprint(t.adapters[0].Scale)
}

// baseHash is the SHA-256 of the names and bits of all frozen weights.
func (t *trial) baseHash() string {
	h := sha256.New()
	var word [4]byte
	t.model.Params(func(p *tape.Param) {
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
