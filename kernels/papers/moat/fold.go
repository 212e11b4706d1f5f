package moat

import (
	"petri/kernels/nn"
	"petri/kernels/tape"
)

// folded is a net for inference that says what n says in evaluation, but for rounding: batch norms beside a convolution or a
// dense layer are folded into a copy of its weights. What stays is shared with n, which does not change.
//
// Layer norms cannot be folded, for they measure the example. The norm behind a depth-wise convolution stays, too: those have
// no bias to take its shift. So do norms beside an update of low rank that is not merged.
func (n *net) folded() *net {
	f := *n
	f.blocks = make([]*block, len(n.blocks))
	for i, b := range n.blocks {
		c := *b
		c.branches = make([]branch, len(b.branches))
		for j, br := range b.branches {
			c.branches[j] = branch{main: foldedParts(br.main), skip: foldedParts(br.skip), plain: br.plain}
		}
		f.blocks[i] = &c
	}
	return &f
}

// foldedParts is a chain of parts without the norms that a neighbour can take in.
func foldedParts(parts []part) []part {
	var out []part
	for i := 0; i < len(parts); i++ {
		p := merged(parts[i])
		n, ok := p.(*norm)
		if !ok || n.batch == nil {
			out = append(out, p)
			continue
		}
		if len(out) > 0 {
			if f := foldedAfter(out[len(out)-1], n.batch); f != nil {
				out[len(out)-1] = f
				if n.gelu {
					out = append(out, gelus{})
				}
				continue
			}
		}
		if i+1 < len(parts) && !n.gelu {
			if next, ok := merged(parts[i+1]).(*pointwise); ok { // not a window: it meets zeros at the edge, which no norm has seen
				out = append(out, next.with(nn.FoldBefore(n.batch, next.linear())))
				i++
				continue
			}
		}
		out = append(out, p)
	}
	return out
}

// foldedAfter is a part that does what p and then a norm in evaluation do, nil where there is none.
func foldedAfter(p part, n *nn.BatchNorm) part {
	switch p := p.(type) {
	case *conv:
		return &conv{nn.FoldConv(p.Conv, n), p.help}
	case *pointwise:
		return p.with(nn.FoldAfter(p.linear(), n))
	}
	return nil
}

// merged is a part without an update that is in its weights already.
func merged(p part) part {
	if a, ok := p.(*convLoRA); ok && a.merged {
		return a.base
	}
	return p
}

// linear is the 1×1 convolution as a dense layer, with a bias of zero where it has none.
func (p *pointwise) linear() *nn.Linear {
	b := p.B
	if b == nil {
		b = tape.NewParam(p.W.Name+"/folded", tape.Shape{p.W.Value.Shape[1]})
	}
	return &nn.Linear{W: p.W, B: b}
}

// with is a 1×1 convolution of the same kind with other weights.
func (p *pointwise) with(l *nn.Linear) *pointwise {
	return &pointwise{W: l.W, B: l.B, kind: p.kind, help: p.help}
}
