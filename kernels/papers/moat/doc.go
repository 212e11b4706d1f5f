// Package moat is the laboratory of
//
//	Yang, Qiao, Yu, Yuan, Zhu, Yuille, Adam, Chen:
//	MOAT: Alternating Mobile Convolution and Attention Brings Strong Vision Models. ICLR 2023, arXiv:2210.01820.
//
// A MOAT block is an inverted bottleneck with a depth-wise convolution, then attention, each with a shortcut,
//
//	y = shortcut(x) + MBConv(x),   z = y + MHA(LN(y)),
//
// in place of a Transformer's attention and MLP. Here the way from one block to the other is taken apart: racers are
// blocks, built from parts that can be swapped or removed, and race at equal cost.
//
// A net is a list of blocks, a block a list of branches, a branch a chain of parts (parts.go). Each part computes, describes
// itself for the drawing, and says which cells it lets through; nothing about a net is written down twice.
//
// # Departures from the paper
//
// Size: 32×32 grey pixels, widths 16, 32 and 64, heads of width 16 instead of 32. The first stage is one MBConv block and
// the same for all racers, but for its gate and its kind of norm where an edit names them. Kernels are drawn with
// σ = 1/√inputs instead of 0.02: see spread.
//
// Training: no stochastic depth, no weight decay, no augmentation. Batch norm takes its statistics from one worker's batch
// and keeps running ones with a weight of 0.9, corrected for the number of batches as Adam corrects its averages: runs are
// short. ε is 10⁻³ as in the authors' code.
//
// Twins: the MLP of a Transformer block is as wide as it takes to have as many weights as the MOAT block in its place. Down-
// sampling in blocks that begin with attention is average pooling before attention, queries included, and of the shortcut.
//
// Not in the paper: racers that start from a net (base.go). The same net first learns 14 drawn glyphs, with a head of its own,
// for as many steps as the run has, at one rate whatever the knob says; its steps are in no curve, time or ledger. Then comes
// a new head. With all weights trained, batch norm goes on as it was; over a frozen net it normalises by the running statistics,
// also in training. LoRA's updates (Hu et al. 2021) stand beside the dense convolutions, the layers of an MLP among them, in
// two parameterisations that both go by this name (convlora.go): that of the paper's library and that of PEFT. Both take
// α = r, PEFT's default. The layers of attention and of the gates, which are dense layers, have none, and neither have
// depth-wise convolutions: loralib handles groups in part, PEFT refuses to merge them.
//
// Windows do not move. The second attention stage has half the window of the first, because its map is half as large.
//
// Validation and test examples of the drawn worlds come from the same rules as those for training, only from other random
// numbers: nothing is held out but the examples. Nor can a visitor draw a picture of their own for these nets.
//
// Intervals cover seeds, which draw other training examples and other random starts. They do not cover the draw of the
// 2,000 test examples.
package moat
