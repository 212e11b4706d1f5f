package nn_test

import (
	"slices"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// echo adds what it reads.
type echo struct{ *nn.LayerNorm }

func (echo) ForwardAdd(x, residual tape.Var) tape.Var { return residual.Add(x.Named("read")) }

// TestBesideTheMLP: a branch reads the residual stream as the second norm does, adds to the block's result, and its parameters
// are the block's. Without one the block is what it was.
func TestBesideTheMLP(t *testing.T) {
	c := nn.VTiny()
	c.Depth = 1
	v := fresh(c)
	images := make([]float32, 2*c.Pixels())
	for i := range images {
		images[i] = float32(i%7) / 7
	}
	run := func() (out, read []float32) {
		on := tape.New()
		y := v.Blocks[0].Forward(v.Embed(v.Input(on, images)))
		x, _ := on.Lookup("read")
		if named, ok := on.Lookup("block0"); !ok || &named.Data[0] != &y.Data()[0] {
			t.Error("the block's result has lost its name")
		}
		return append([]float32(nil), y.Data()...), append([]float32(nil), x.Data...)
	}
	plain, _ := run()
	before := len(nn.Collect(v))
	v.Blocks[0].Beside = echo{nn.NewLayerNorm("beside", c.Width)}
	with, read := run()
	for i := range plain {
		plain[i] += read[i]
	}
	if len(read) == 0 || !slices.Equal(with, plain) {
		t.Error("the branch is not added to the block's result")
	}
	// With an MLP that gives nothing the block is the stream that the branch reads, twice.
	for _, p := range nn.Collect(v.Blocks[0].MLP.FC2) {
		clear(p.Value.Data)
		p.Touch()
	}
	with, read = run()
	for i := range read {
		read[i] *= 2
	}
	if !slices.Equal(with, read) {
		t.Error("the branch does not read the residual stream before the second norm")
	}
	if got := len(nn.Collect(v)); got != before+2 {
		t.Errorf("%d parameters, want those of the branch besides %d", got, before)
	}
}
