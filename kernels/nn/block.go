package nn

import (
	"math/rand/v2"

	"petri/kernels/tape"
)

// Attention is multi-head self-attention (Vaswani et al. 2017, §3.2). q, k, v and o are four layers, so that a paper
// may replace each on its own. K and V may return more tokens than they are given, as many the one as the other: what is
// looked at then exceeds the tokens that ask, as under a prefix.
type Attention struct {
	Q, K, V, O Layer // [.., d] → [.., d]
	Heads      int
	Map        string // under which tape.Attention finds the probabilities: "block0/attn"
}

// NewAttention returns attention of width d whose layers are called name/q and so on.
func NewAttention(r *rand.Rand, name string, d, heads int) *Attention {
	return &Attention{
		Q:     NewLinear(r, name+"/q", d, d),
		K:     NewLinear(r, name+"/k", d, d),
		V:     NewLinear(r, name+"/v", d, d),
		O:     NewLinear(r, name+"/o", d, d),
		Heads: heads,
		Map:   name + "/attn",
	}
}

// ForwardAdd is residual + attention over x: [n, t, d] → [n, t, d].
func (a *Attention) ForwardAdd(x, residual tape.Var) tape.Var {
	o := a.Q.Forward(x).Attend(a.K.Forward(x), a.V.Forward(x), a.Heads, a.Map)
	return a.O.ForwardAdd(o, residual)
}

// Params implements Module.
func (a *Attention) Params(visit func(*tape.Param)) {
	for _, l := range [4]Layer{a.Q, a.K, a.V, a.O} {
		l.Params(visit)
	}
}

// MLP is two dense layers with GELU between.
type MLP struct {
	FC1, FC2 Layer // [.., d] → [.., hidden], [.., hidden] → [.., d]
}

// NewMLP returns an MLP whose layers are called name/fc1 and name/fc2.
func NewMLP(r *rand.Rand, name string, d, hidden int) *MLP {
	return &MLP{NewLinear(r, name+"/fc1", d, hidden), NewLinear(r, name+"/fc2", hidden, d)}
}

// ForwardAdd is residual + MLP(x): [.., d] → [.., d].
func (m *MLP) ForwardAdd(x, residual tape.Var) tape.Var {
	return m.FC2.ForwardAdd(m.FC1.Forward(x).GELU(), residual)
}

// Params implements Module.
func (m *MLP) Params(visit func(*tape.Param)) { m.FC1.Params(visit); m.FC2.Params(visit) }

// Block is the pre-norm encoder block (Dosovitskiy et al. 2021, eqs. 2 and 3).
type Block struct {
	Name         string // "block0": its scope in the ledger and the name of its result
	Norm1, Norm2 *LayerNorm
	Attn         *Attention
	MLP          *MLP
	Beside       Branch // may be nil: what stands beside the MLP and reads the residual stream before Norm2
}

// Branch adds what it makes of rows to a residual stream. A Layer is one.
type Branch interface {
	Module
	// ForwardAdd is residual + the branch over x: [.., d] → [.., d].
	ForwardAdd(x, residual tape.Var) tape.Var
}

// NewBlock returns a block of width d.
func NewBlock(r *rand.Rand, name string, d, heads, hidden int) *Block {
	return &Block{
		Name:  name,
		Norm1: NewLayerNorm(name+"/norm1", d),
		Attn:  NewAttention(r, name, d, heads),
		Norm2: NewLayerNorm(name+"/norm2", d),
		MLP:   NewMLP(r, name, d, hidden),
	}
}

// Forward maps the residual stream: [n, t, d] → [n, t, d].
func (b *Block) Forward(x tape.Var) tape.Var {
	t := x.Tape()
	before := t.Enter(b.Name)
	x = b.Attn.ForwardAdd(b.Norm1.Forward(x), x)
	y := b.MLP.ForwardAdd(b.Norm2.Forward(x), x)
	if b.Beside != nil {
		y = b.Beside.ForwardAdd(x, y)
	}
	t.Enter(before)
	return y.Named(b.Name)
}

// Params implements Module.
func (b *Block) Params(visit func(*tape.Param)) {
	b.Norm1.Params(visit)
	b.Attn.Params(visit)
	b.Norm2.Params(visit)
	b.MLP.Params(visit)
	if b.Beside != nil {
		b.Beside.Params(visit)
	}
}
