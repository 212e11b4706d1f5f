package moat

import (
	"fmt"
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
)

// Export implements lab.Trial: the trained weights and the running statistics as a safetensors file.
func (t *trial) Export() (wire.File, []byte, error) {
	meta := map[string]string{
		metaEngine: wire.Engine,
		metaLink:   t.spec.Link(description()),
		metaArm:    t.arm.String(),
		metaSeed:   fmt.Sprint(t.seed),
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

// Import puts the weights of an exported file into this trial. A file of another racer is refused, also where its numbers
// would fit.
func (t *trial) Import(file []byte) error {
	f, err := nn.Open(file)
	if err != nil {
		return err
	}
	if arm := f.Meta[metaArm]; arm != t.arm.String() {
		return fmt.Errorf("the file holds the racer %q, not %q", arm, t.arm.String())
	}
	return f.Into(append(t.opt.Params(), t.statistics()...))
}
