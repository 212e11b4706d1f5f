package sam

import "petri/kernels/lab/wire"

// Claim identifiers, as in links to a claim.
const (
	claimAmbiguity = "sam.ambiguity"
	claimClicks    = "sam.clicks"
	claimScore     = "sam.score"
	claimEngine    = "sam.engine"
)

// Thresholds of the rules, in points of a hundred. They were fixed before any run was judged, and are part of each claim's text:
// change one, and change the text with it.
const (
	bestPoints   = 10 // that the best of three masks has to gain over one mask
	apartPercent = 60 // of ambiguous clicks whose masks are different things
	fallPoints   = 2  // what a further click may take away and still count as noise
	fiveIoU      = 85 // that five clicks have to reach
	fiveClicks   = 5
	rankLimit    = 0.6 // of the rank correlation
	autoPoints   = 2   // what automatic masks alone may cost
)

// Endings of the rules: see settle.
const settled = "; unclear where a racer that it compares diverged with any seed, or trained at a learning rate that was not found for it with this budget"

// claims is the list shown before anything has run.
func claims() []wire.Claim {
	return []wire.Claim{
		{ID: claimAmbiguity, At: "Figures 3 and 4, and the oracle of Figure 9",
			Says:  "A click can mean several things: three masks, of which only the nearest to the truth learns, find what one mask has to miss.",
			Paper: "direction and one number: on 23 data sets the most relevant of the masks beats the earlier best method on all of them, the mask that the model itself ranks first on 16; among proposals three masks are worth 4.4 points of average recall over one",
			Here:  "holds if, for one click in the middle of every thing of the test scenes, the best of three masks has an IoU at least 10 points above that of the racer with one mask, paired by seed; and if for at least 60 % of the clicks that lie on two things or more the three masks are nearest to different things, as many as there are; where the racer without a picture races too, three masks must also beat it, or they answer places and sizes alone; each with the whole 95 % interval on that side" + settled,
			Needs: "heads:1 and heads:3, with two seeds or more; no-picture for the last part",
			Link:  "sam?arms=heads:1,heads:3,no-picture&seeds=5"},
		{ID: claimClicks, At: "Figure 9, c and d",
			Says:  "More clicks make the mask better, and a few are enough, as long as the last answer is given back with the next click.",
			Paper: "curves only: IoU rises with the number of clicks from one to nine",
			Here:  "holds if the mean IoU of the mask that is shown never falls by 2 points or more from one number of clicks to the next, from one to nine, and is above 85 % at five, both for a first click in the middle of the thing and for one anywhere on it, each with the whole 95 % interval on that side; judged on the shipped model where it races, whose intervals are over scenes, else on the racer with three masks. Where the racer without feedback races beside the one with three masks, the latter must also have the higher IoU at five clicks, paired by seed and with the whole interval" + settled,
			Needs: "shipped or heads:3; for the part about feedback heads:3 and no-feedback",
			Link:  "sam?arms=heads:3,no-feedback,shipped&seeds=5"},
		{ID: claimScore, At: "Section 3 and appendix A",
			Says:  "The model knows how good its masks are: its estimate ranks them.",
			Paper: "no number: everything mode and the choice among three masks rest on it",
			Here:  "holds if the rank correlation (Spearman) of estimated and true IoU over all masks for one click on the test scenes is above 0.6, with the whole 95 % interval; the true IoU is that with the thing under the click that the mask fits best; judged on the shipped model where it races, whose intervals are over scenes, else on the racer with three masks" + settled,
			Needs: "heads:3 or shipped, with two seeds or more",
			Link:  "sam?arms=heads:3,no-feedback,shipped&seeds=5"},
		{ID: claimEngine, At: "Figure 13, left",
			Says:  "Each stage of the data engine adds something, and masks that were made without anybody are nearly as good as all of them.",
			Paper: "ViT-H on 23 data sets: IoU rises with each stage; with automatic masks alone about 0.5 points are lost",
			Here:  "holds if stages 1 and 2 beat stage 1, all stages beat stages 1 and 2, and stage 3 alone is at most 2 points worse than all, in the IoU of the best mask for one click on the test scenes, paired by seed and each with the whole 95 % interval on that side; all racers train equally long, at the rate that was found for the racer with three masks, which is the same model" + settled,
			Needs: "engine:1, engine:12, engine:123 and engine:3",
			Link:  "sam?arms=engine:1,engine:12,engine:123,engine:3&seeds=5"},
	}
}
