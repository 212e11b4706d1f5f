package moat

import "petri/kernels/lab/wire"

// Claim identifiers, as in links to a claim.
const (
	claimWindow     = "moat.window"
	claimOrder      = "moat.order"
	claimDownsample = "moat.downsample"
	claimProbe      = "moat.probe"
	claimPosition   = "moat.position"
	claimData       = "vit.data"
)

// Thresholds of the rules, fixed before the first run of this lab. They are part of each claim's text: change one, and
// change the text with it.
const (
	orderSeeds     = 5  // seeds without which nothing is said of the order
	probeChance    = 10 // points above chance that a racer which sees nothing may reach
	probeSolved    = 30 // points above chance from which the cue is seen
	positionPoints = 2  // what the position table may bring and still count as little
)

// edgePoints is how near two racers have to lie, in mean, both to 100 % or both to chance, for the task to leave no room
// between them. It only takes verdicts back, and is part of the texts as well.
const edgePoints = 2

// The rule about it, in the words of the claims that compare accuracies.
const edgeRule = "; a comparison decides nothing where its two racers are both at the ceiling (in mean within 2 points of 100 %) or both at chance (at most 2 points above it)"

// The rings of pixels that windowed MOAT blocks reach on a map of 28×28 cells with windows of 4×4, by blocks.
var ringSides = [3]int{6, 14, 22}

// claims are the sentences that a run can prove wrong.
func claims() []wire.Claim {
	return []wire.Claim{
		{ID: claimWindow, At: "windows",
			Says:  "Fixed windows do not shut information in: convolutions carry it across their edges.",
			Paper: "no number: the paper uses windows without shifting them",
			Here:  "gradients of untrained blocks in evaluation mode, on a map of 28 × 28 cells with windows of 4 × 4: ViT's must be exactly zero outside the cell's own window at every depth, MOAT's outside squares of 6, 14 and 22 cells after one, two and three blocks, and reach each of these squares' edges",
			Needs: "no racers: it is measured with every report"},
		{ID: claimOrder, At: "block design",
			Says:  "Replacing the MLP by an inverted bottleneck helps; moving that before attention, and the stride into its convolution, helps again.",
			Paper: "direction only: its table could not be checked",
			Here:  "with at least five seeds, the 95 % intervals of both differences of test accuracy, attention + MBConv minus ViT-like and MOAT minus attention + MBConv, lie above 0; the second step changes two things at once, the order and what halves the map, average pooling or a stride in the convolution, but the order alone where the knobs leave no stride" + edgeRule,
			Needs: "vit, attn-mbconv and moat, with five seeds",
			Link:  "moat?steps=60&seeds=5"},
		{ID: claimDownsample, At: "block design",
			Says:  "Letting the strided depth-wise convolution halve the map is better than averaging before attention.",
			Paper: "direction only: its table could not be checked",
			Here:  "the 95 % interval of MOAT minus MOAT with average pooling lies above 0" + edgeRule,
			Needs: "moat and moat~pool, with the strided convolution, in any task but the far-window probe, which has no strides",
			Link:  "moat?arms=moat,moat~pool&steps=60&seeds=5"},
		{ID: claimProbe, At: "windows",
			Says:  "Windowed MOAT uses what lies in another window; a windowed Transformer cannot.",
			Paper: "no number: the paper does not make this test",
			Here:  "in the far-window probe, ViT in windows stays at most 10 points above chance and MOAT in windows comes at least 30 above it, each with its whole 95 % interval, cut where accuracy ends, at 0 and 100 %",
			Needs: "vit-window and moat-window, in the far-window probe, with windows no larger than the cue's (4 cells), a depth-wise window of 3 or 5 and at least two blocks",
			Link:  "moat?arms=vit-window,moat-window&task=cue&seeds=5"},
		{ID: claimPosition, At: "official checkpoints",
			Says:  "Without its position table MOAT loses little.",
			Paper: "0.1 to 0.3 points of ImageNet accuracy for MOAT-0 to MOAT-4, 83.3 with and 83.0 without for MOAT-0, 84.2 and 84.1 for MOAT-1; 0.3 to 0.6 for the four tiny ones (the authors' list of checkpoints)",
			Here:  "the 95 % interval of MOAT minus MOAT without positions lies below 2 points" + edgeRule,
			Needs: "moat and moat-nopos, with the relative table",
			Link:  "moat?arms=moat,moat-nopos&task=digits&seeds=5"},
		{ID: claimData, At: "Dosovitskiy et al. 2021",
			Says:  "With little data a Transformer lies behind a convolutional network, and its deficit shrinks with more data.",
			Paper: "direction only: read from a figure",
			Here:  "with a tenth of the data MOAT without attention, whose missing weights nothing makes up for, beats the ViT-like net, which shares its convolutional stem and its first stage of MBConv; and its lead is smaller with all of the data; each with its whole 95 % interval" + edgeRule,
			Needs: "vit, vit~few, moat~noattn and moat~noattn~few, in any task but the far-window probe",
			Link:  "moat?arms=vit,vit~few,moat~noattn,moat~noattn~few&seeds=5"},
	}
}
