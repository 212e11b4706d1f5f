package tape

import "petri/kernels/f32"

// MaskLoss says how masks are compared with the truth, and receives which of them was nearest.
type MaskLoss struct {
	From, To         int     // the heads that compete, To excluded
	Focal, Dice, IoU float32 // weights of the terms; Kirillov et al. 2023: 20, 1 and 1
	Alpha            float32 // of focal: the weight of pixels of the object; others have 1-Alpha
	// Share is the weight of the head with the least loss; the rest, 1-Share, is that of the mean over all that compete. 0
	// stands for 1, the least alone; Mean for the mean alone, whatever Share is.
	Share float32
	Mean  bool

	Chosen []int32   // [n], or nil: filled with the head of the least loss
	True   []float32 // [n, k], or nil: filled with the IoU of each thresholded mask (logit > 0) and the truth
	// Held says that True comes filled and stays so: the true IoU jumps where a logit crosses 0, which a finite difference of the
	// loss must not see.
	Held bool
}

// mostHeads is how many heads can compete.
const mostHeads = 16

// weight is the weight of head j where best is the nearest: 0 for those that lose.
func (o *MaskLoss) weight(j, best int) (w float32) {
	share := o.Share
	switch {
	case o.Mean:
		share = 0
	case share == 0:
		share = 1
	}
	if j == best {
		w = share
	}
	return w + (1-share)/float32(o.To-o.From)
}

// MaskLoss compares k masks of every example with one truth (Kirillov et al. 2023, §3 and appendix A): logits [n, k, P],
// predicted IoU [n, k], truth [n, P] of 0 and 1 → [1], the mean over the examples of Focal·focal + Dice·dice +
// IoU·(predicted - true IoU)² of the head for which the first two together are least, the first of equals. f32.FocalDice and
// f32.MaskIoU say what the terms are. The true IoU is a constant.
//
// Heads that do not compete, and with a Share of 1 those that lose, get a gradient of exactly 0, of logits and of predicted.
// The gradients are computed at once and kept, for all k heads.
func (logits Var) MaskLoss(predicted Var, truth []float32, o MaskLoss) Var {
	const op = "mask loss"
	t := logits.t
	n, k, pixels := logits.tokens(op)
	z, pn := logits.node(), logits.with(predicted)
	if pn.shape != (Shape{n, k}) {
		logits.fail(op, "predicted", Shape{n, k}, pn.shape)
	}
	if len(truth) != n*pixels {
		logits.fail(op, "truth", Shape{n, pixels}, Shape{len(truth)})
	}
	if o.From < 0 || o.To <= o.From || o.To > k || o.To-o.From > mostHeads {
		logits.fail(op, "heads", Shape{n, max(o.To, o.From+1), pixels}, z.shape)
	}
	if o.Chosen != nil && len(o.Chosen) != n || (o.True != nil || o.Held) && len(o.True) != n*k {
		logits.fail(op, "chosen or true", Shape{n, k}, Shape{len(o.Chosen), len(o.True)})
	}
	zd, pd, ofLogits, ofPredicted := z.data, pn.data, z.needs, pn.needs
	y, yd := t.fresh(op, Shape{1}, ofLogits || ofPredicted)
	var dz, dp []float32
	if y.Trained() && ofLogits {
		dz = t.Arena.Floats(len(zd))
		clear(dz)
	}
	if y.Trained() && ofPredicted {
		dp = t.Arena.Floats(len(pd))
		clear(dp)
	}
	scratch := t.gradient((o.To - o.From) * pixels)
	total, each := 0.0, 1/float32(n)
	for i := range n {
		on := truth[i*pixels:][:pixels]
		mask := func(x []float32, j int) []float32 { return x[(i*k+j)*pixels:][:pixels] }
		work := func(j int) []float32 { return scratch[(j-o.From)*pixels:][:pixels] }
		var terms [mostHeads]f32.MaskTerms
		var least float32
		best := -1
		for j := o.From; j < o.To; j++ {
			var df []float32
			if dz != nil {
				df = mask(dz, j)
			}
			m := f32.FocalDice(work(j), df, mask(zd, j), on, o.Alpha)
			terms[j-o.From] = m
			// A loss that is no number is chosen, and stays.
			if loss := o.of(m); best < 0 || least == least && !(loss >= least) {
				best, least = j, loss
			}
		}
		if o.Chosen != nil {
			o.Chosen[i] = int32(best)
		}
		for j := range k {
			competes := j >= o.From && j < o.To
			if !competes && o.True == nil {
				continue
			}
			at, iou := i*k+j, float32(0)
			switch {
			case o.Held:
				iou = o.True[at]
			default:
				iou = f32.MaskIoU(mask(zd, j), on)
				if o.True != nil {
					o.True[at] = iou
				}
			}
			if !competes {
				continue
			}
			w := o.weight(j, best)
			if w == 0 {
				if dz != nil {
					clear(mask(dz, j))
				}
				continue
			}
			m, off := terms[j-o.From], pd[at]-iou
			total += float64(w * (o.of(m) + float32(o.IoU*float32(off*off))))
			w = float32(w * each)
			if dz != nil {
				f32.FocalDiceBack(mask(dz, j), work(j), on, m, float32(w*o.Focal), float32(w*o.Dice))
			}
			if dp != nil {
				dp[at] = float32(w * float32(2*float32(o.IoU*off)))
			}
		}
	}
	t.release(scratch)
	yd[0] = float32(total / float64(n))
	if !y.Trained() {
		return y
	}
	r := record{back: maskLossBack, out: y.i, x: logits.i, y: predicted.i}
	if dz != nil {
		r.keep[0] = t.keep(KeptLoss, dz)
	}
	if dp != nil {
		r.keep[1] = t.keep(KeptLoss, dp)
	}
	t.record(r)
	return y
}

// of is the loss of a mask, without the term of its IoU.
func (o *MaskLoss) of(m f32.MaskTerms) float32 {
	return float32(o.Focal*m.Focal) + float32(o.Dice*m.Dice)
}

func maskLossBack(t *Tape, r *record, dy []float32) {
	for i, at := range [2]int32{r.x, r.y} {
		if r.keep[i].Len > 0 {
			t.giveLoss(at, &r.keep[i], dy[0])
		}
	}
}
