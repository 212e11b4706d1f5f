package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// convNet is a small network with everything that MOAT is made of but attention.
type convNet struct {
	stem   *nn.Conv
	norm   [4]*nn.BatchNorm
	expand *nn.Linear
	mix    *nn.Depthwise
	shrink *nn.Linear
	head   *nn.Linear
}

func newConvNet(bias bool) *convNet {
	r := rand.New(rand.NewPCG(3, 4))
	c := &convNet{
		stem:   nn.NewConv(r, "stem", 3, 1, 8, 2, 0.2, bias),
		expand: nn.NewLinear(r, "expand", 8, 20),
		mix:    nn.NewDepthwise(r, "mix", 3, 20, 2, 0.2),
		shrink: nn.NewLinear(r, "shrink", 20, 12),
		head:   nn.NewLinear(r, "head", 12, 5),
	}
	for i, d := range [4]int{8, 8, 20, 12} {
		c.norm[i] = nn.NewBatchNorm("norm"+string(rune('0'+i)), d)
		nn.Normal(r, c.norm[i].Bias.Value.Data, 0.3)
		nn.Normal(r, c.norm[i].Gain.Value.Data, 1)
	}
	nn.Normal(r, c.shrink.B.Value.Data, 0.3)
	return c
}

func (c *convNet) forward(x tape.Var) tape.Var {
	x = c.norm[0].Forward(c.stem.Forward(x)).GELU()
	x = c.expand.Forward(c.norm[1].Forward(x))
	x = c.norm[2].Forward(c.mix.Forward(x)).GELU()
	x = c.norm[3].Forward(c.shrink.Forward(x)).AvgPool(2)
	s := x.Shape()
	return c.head.Forward(x.Reshape(tape.Shape{s[0], s[1] * s[2], s[3]}).MeanRows())
}

// folded does the same in evaluation with three norms less.
func (c *convNet) folded() func(x tape.Var) tape.Var {
	stem := nn.FoldConv(c.stem, c.norm[0])
	expand, shrink := nn.FoldBefore(c.norm[1], c.expand), nn.FoldAfter(c.shrink, c.norm[3])
	return func(x tape.Var) tape.Var {
		x = expand.Forward(stem.Forward(x).GELU())
		x = shrink.Forward(c.norm[2].Forward(c.mix.Forward(x)).GELU()).AvgPool(2)
		s := x.Shape()
		return c.head.Forward(x.Reshape(tape.Shape{s[0], s[1] * s[2], s[3]}).MeanRows())
	}
}

func (c *convNet) Params(visit func(*tape.Param)) {
	for _, m := range []nn.Module{c.stem, c.norm[0], c.norm[1], c.expand, c.mix, c.norm[2], c.shrink, c.norm[3], c.head} {
		m.Params(visit)
	}
}

func (c *convNet) Buffers(visit func(*tape.Running)) {
	for _, n := range c.norm {
		n.Buffers(visit)
	}
}

// pictures are bars at one of five heights, in noise.
func pictures(r *rand.Rand, t *tape.Tape, n int) (tape.Var, []int32) {
	x, labels := t.Blank(tape.Shape{n, 12, 12, 1}), make([]int32, n)
	nn.Normal(r, x.Data(), 0.3)
	for i := range labels {
		labels[i] = int32(i % 5)
		for j := range 12 {
			x.Data()[i*144+(2*i%10+1)*12+j]++
		}
	}
	return x, labels
}

func TestConvNetLearnsAndFolds(t *testing.T) {
	for _, bias := range []bool{false, true} {
		c := newConvNet(bias)
		train, look := tape.New(), tape.New()
		look.Infer = true
		opt := optim.NewAdamW(nn.Trainable(c), optim.Adam())
		r := rand.New(rand.NewPCG(1, 1))
		var first, last float32
		for step := range 60 {
			train.Reset()
			x, labels := pictures(r, train, 20)
			loss := c.forward(x).CrossEntropy(labels)
			if last = loss.Item(); step == 0 {
				first = last
			}
			train.Backward(loss)
			for _, s := range nn.Running(c) {
				s.Update()
			}
			opt.Step(0.02)
		}
		x, labels := pictures(r, look, 40)
		want := c.forward(x)
		eval := want.CrossEntropy(labels).Item()
		if !(last < first/4) || !(eval < first/3) {
			t.Errorf("bias %v: the loss goes from %v to %v, and is %v in evaluation", bias, first, last, eval)
		}
		got := c.folded()(x)
		size := 1.0
		for _, v := range want.Data() {
			size = max(size, math.Abs(float64(v)))
		}
		for i, v := range want.Data() {
			if d := math.Abs(float64(got.Data()[i] - v)); !(d <= 1e-5*size) {
				t.Fatalf("bias %v: folded logit %d is %v, want %v", bias, i, got.Data()[i], v)
			}
		}
	}
}

func TestRunningListsStatisticsOnce(t *testing.T) {
	c := newConvNet(false)
	rs := nn.Running(c, c, c.head, c.norm[2])
	if len(rs) != 4 || rs[0].Name != "norm0" || rs[3].Name != "norm3" {
		t.Errorf("%d statistics", len(rs))
	}
	for _, r := range rs {
		r.Update() // nothing waits
		if r.Updates != 0 {
			t.Errorf("%s has seen a batch", r.Name)
		}
	}
	if got := nn.Collect(c); got[0].Name != "stem/w" || got[1].Name != "norm0/gain" || got[5].Name != "expand/w" {
		t.Errorf("parameters %v %v %v", got[0].Name, got[1].Name, got[5].Name)
	}
}

// With Fixed the statistics are those that were, also while parameters are trained.
func TestFixedBatchNorm(t *testing.T) {
	n := nn.NewBatchNorm("norm", 3)
	n.Fixed = true
	tp := tape.New()
	x := tp.Blank(tape.Shape{4, 3})
	nn.Normal(rand.New(rand.NewPCG(1, 2)), x.Data(), 1)
	y := n.Forward(x)
	n.Running.Update()
	if n.Running.Updates != 0 || !y.Trained() {
		t.Errorf("%d updates, trained %v", n.Running.Updates, y.Trained())
	}
	for i, v := range x.Data() {
		if d := math.Abs(float64(y.Data()[i]) - float64(v)/math.Sqrt(1.001)); !(d <= 1e-6) {
			t.Fatalf("y[%d] = %v of %v", i, y.Data()[i], v)
		}
	}
}
