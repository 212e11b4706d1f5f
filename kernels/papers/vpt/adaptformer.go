package vpt

import (
	"math/rand/v2"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// AdaptFormer is a bottleneck beside the MLP of every block (Chen et al. 2022),
//
//	x′ = x + attn(norm₁(x)),  y = x′ + mlp(norm₂(x′)) + s·(drop(relu(x′·D + b))·U + c):
//
// it reads the residual stream before the second norm, not behind it, and s is a number that is not trained. D is uniform by
// Kaiming's rule with a = √5, U and the biases are zero, so training starts at the frozen model, to the bit. Only the
// bottlenecks and the head are trained. As in the authors' code s takes in the bias c.
//
// Departure: the authors put a batch norm without gain before the head, also for the linear head they compare with; here no
// method has one.
type AdaptFormer struct {
	Bottleneck int
	Scale      float64 // s, 0.1 in the paper
	Drop       float64 // probability of dropout, 0.1 in the paper
	Sequential bool    // behind the MLP instead: m = mlp(norm₂(x′)), y = x′ + m + s·(..m..), as the authors' option
}

// Name implements Method.
func (AdaptFormer) Name() string { return "adaptformer" }

// Check implements Method.
func (a AdaptFormer) Check(c nn.Config) error {
	if !(a.Scale > 0) {
		return SizeError{a.Name(), "scale", number(a.Scale), "stops the branch", "0.1, as the paper does"}
	}
	if !(a.Drop >= 0 && a.Drop < 1) {
		return SizeError{a.Name(), "dropout", number(a.Drop), "is no probability below 1", "0 to 0.9"}
	}
	return checkBottleneck(a.Name(), a.Bottleneck, c)
}

// Fit implements Method.
func (a AdaptFormer) Fit(model *nn.ViT, init, drop *rand.Rand) (*Fitted, error) {
	if err := a.Check(model.Config); err != nil {
		return nil, err
	}
	nn.Freeze(model.Backbone())
	for _, b := range model.Blocks {
		branch := newBottleneck(init, b.Name+"/adaptformer", model.Width, a.Bottleneck, ZeroUp)
		branch.Act, branch.Scale = ReLU, float32(a.Scale)
		branch.Drop, branch.Rand = float32(a.Drop), drop
		if a.Sequential {
			b.MLP.FC2 = &Serial{b.MLP.FC2, branch}
		} else {
			b.Beside = branch
		}
	}
	return fitted(a, model, nil, bent), nil
}

// Count implements Method.
func (a AdaptFormer) Count(c nn.Config) (blocks, outside int) {
	return c.Depth * countBottleneck(c.Width, a.Bottleneck), 0
}

// Kept implements Method.
func (a AdaptFormer) Kept(c nn.Config, examples int) []tape.Row {
	own := keptBottleneck(c.Width, a.Bottleneck, ReLU, a.Drop > 0)
	var b blockForm
	if a.Sequential {
		b.layers[atFC2].extra = own
	} else {
		b.beside = own
	}
	return form{Config: c, block: b}.rows(examples)
}
