package lora

import (
	"fmt"
	"math"

	"petri/kernels/lab/wire"
)

// Claim identifiers, as in links to a claim.
const (
	claimRank      = "lora.rank"
	claimPlacement = "lora.placement"
	claimOverlap   = "lora.overlap"
	claimMerge     = "lora.merge"
	claimAmplify   = "lora.amplify"
	claimMemory    = "lora.memory"
)

// Thresholds of the rules. They were fixed before this program made its first run, from an earlier experiment (see the
// package's text), and are part of each claim's text: change one, and change the text with it.
const (
	roomPoints      = 4    // full − head: below it there is nothing to tell arms apart by
	rankPoints      = 1    // what a larger rank may add before "rank 1 is enough" fails
	placementPoints = 1    // what a second matrix must add
	overlapPhi      = 0.10 // φ(1,1): more than six times chance at width 64
	mergeLogits     = 1e-4 // largest difference of a logit after merging
	mergeDrift      = 1e-5 // largest change of a weight after ten merges and unmerges
	amplifyRandom   = 2    // ‖UᵀWV‖ against its value for random directions: above it, W has the update's directions
	amplifyOwn      = 0.5  // ‖UᵀWV‖ against its value for W's own directions: below it, W does not stress them
	memoryShare     = 0.5  // training memory of q, v against full fine-tuning
)

// The paper's numbers that are drawn on the axes of the claims (Hu et al. 2021; the tables named with each).
const (
	paperOverlap       = 0.5   // Fig. 3: the first direction's similarity is above this
	paperAmplifyOwn    = 0.32  // Table 7, r = 4: ‖UᵀWqVᵀ‖ for the update's own directions
	paperAmplifyRandom = 0.02  // Table 7, r = 4: the same for random directions
	paperAmplifyBest   = 21.67 // Table 7, r = 4: the same for the directions of Wq itself
	paperAmplifyFactor = 21.5  // Section 7.3: 6.91 / 0.32
	paperMemoryFull    = 1200. // Section 4.2: GPT-3 175B, GB of memory to train all weights
	paperMemoryLoRA    = 350.  // Section 4.2: the same with LoRA
)

// paperRanks are the ranks of Table 6.
var paperRanks = []int{1, 2, 4, 8, 64}

// paperTable6 is the accuracy of GPT-3 on WikiSQL in percent, by adapted matrices and rank (Hu et al. 2021, Table 6).
var paperTable6 = map[string]map[int]float64{
	"q":  {1: 68.8, 2: 69.6, 4: 70.5, 8: 70.4, 64: 70.0},
	"qv": {1: 73.4, 2: 73.3, 4: 73.7, 8: 73.8, 64: 73.5},
}

// paperRank is the rank of Table 6 nearest to another one in factors, the smaller of two.
func paperRank(rank int) int {
	best, far := 0, math.Inf(1)
	for _, r := range paperRanks {
		if d := math.Abs(math.Log2(float64(r) / float64(rank))); d < far {
			best, far = r, d
		}
	}
	return best
}

// paperGain is a difference of two numbers of Table 6, which have one decimal.
func paperGain(more, less float64) float64 { return math.Round(10*(more-less)) / 10 }

// settled ends the rules of the claims that compare what was learned: see settle.
const settled = "; unclear where a racer that it compares diverged with any seed"

// claims is the list shown before anything has run.
func claims() []wire.Claim {
	return []wire.Claim{
		{ID: claimRank, At: "Table 6",
			Says:  "Rank 1 is enough: when Wq and Wv are adapted, a far larger rank gains next to nothing.",
			Paper: "GPT-3 on WikiSQL, Wq and Wv: 73.4 at r = 1, 73.7 at r = 4, 73.5 at r = 64 (± 0.5)",
			Here:  "holds if the largest rank of qv beats r = 1 by at most 1 point of test accuracy, paired by seed, with the whole 95 % interval on that side; only judged where full fine-tuning beats the head by 4 points" + settled,
			Needs: "head, full, qv:1 and qv with a rank of 8 or more"},
		{ID: claimPlacement, At: "Tables 5 and 6",
			Says:  "Where matters more than how much: adapting Wq and Wv beats adapting Wq alone.",
			Paper: "GPT-3 on WikiSQL at r = 1: 73.4 with Wq and Wv, 68.8 with Wq alone",
			Here:  "holds if q and v beat q alone at the same rank by at least 1 point, paired by seed, with the whole 95 % interval on that side; only judged where full fine-tuning beats the head by 4 points" + settled,
			Needs: "head, full, and q and qv with the same rank"},
		{ID: claimOverlap, At: "Figure 3",
			Says:  "Updates of different rank find the same main direction.",
			Paper: "GPT-3, r = 8 against r = 64: similarity of the first direction above 0.5",
			Here:  "holds if φ(1,1) of the two largest ranks of one set of matrices, across different seeds and averaged over all of them, is above 0.10 with the whole 95 % interval, and fails if it is below with the whole interval; chance is 1/width, and is drawn" + settled,
			Needs: "the same matrices with two different ranks, and at least 2 seeds"},
		{ID: claimMerge, At: "Section 4.1",
			Says:  "A merged update costs nothing: the network gives the same answers with the same work as before.",
			Paper: "GPT-2 medium, one sequence of 128: 19.8 ms merged, 23.9 and 25.8 ms with adapter layers (Table 1)",
			Here:  "holds if, for every racer with matrices and every seed, merging changes no logit of 64 validation examples by 1e-4 or more, the merged model does exactly the base model's number of operations, and ten merges and unmerges change no weight by 1e-5 or more",
			Needs: "one racer with matrices, and at least 2 seeds"},
		{ID: claimAmplify, At: "Table 7",
			Says: "The update amplifies directions that the frozen matrix already has but does not stress.",
			Paper: fmt.Sprintf("GPT-3, Wq of layer 48, r = 4: ‖UᵀWV‖ is %g along the update's directions, %g along random ones, %g along those of Wq itself; the update is %g times as strong",
				paperAmplifyOwn, paperAmplifyRandom, paperAmplifyBest, paperAmplifyFactor),
			Here:  "holds if, averaged over Wq and Wv of all blocks, ‖UᵀWV‖ along the update's directions is at least twice its value along random ones (W has them) and less than half its value along W's own (W does not stress them), each with the whole 95 % interval on that side; only judged where full fine-tuning beats the head by 4 points" + settled,
			Needs: "head, full, and qv with a rank of 4 or more, and at least 2 seeds"},
		{ID: claimMemory, At: "Section 4.2",
			Says:  "Training needs far less memory, because frozen weights need no optimizer state.",
			Paper: "GPT-3 175B: 350 GB instead of 1.2 TB",
			Here:  "holds if one training step with q and v at the largest rank up to 4 needs at most half the memory of full fine-tuning: weights, gradients, optimizer and what is kept for the backward pass",
			Needs: "full, and qv with a rank of at most 4, and at least 2 seeds"},
	}
}
