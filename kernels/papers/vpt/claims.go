package vpt

import (
	"fmt"

	"petri/kernels/lab/wire"
)

// Claim identifiers, as in links to a claim.
const (
	claimDeep     = "vpt.deep"
	claimLength   = "vpt.length"
	claimMAE      = "vpt.mae"
	claimParallel = "adaptformer.parallel"
	claimScale    = "adaptformer.scale"
	claimWidth    = "adaptformer.width"
	claimTokens   = "adaptformer.tokens"
	claimHead     = "adaptformer.head"
	claimRate     = "peft.lr"
	claimMemory   = "peft.memory"
)

// Thresholds of the rules. They were fixed before any run was judged, and are part of each claim's text: change one, and
// change the text with it.
const (
	roomPoints   = 4    // over the head: below it there is nothing to tell racers apart by
	ceiling      = 99   // percent: two racers above it do not differ
	evenPoints   = 1    // what one racer may be worse by and still count as no worse, and what a change must exceed to count
	smallTrain   = 200  // training examples up to which data is small
	leastLengths = 3    // that are compared,
	fewPrompts   = 5    // from so many or fewer
	longPrompts  = 10   // to so many times that
	manyPrompts  = 50   // prompts that are many
	middleWidth  = 8    // of a bottleneck: an eighth of V-tiny's width, a twelfth of V-small's, which is the paper's share
	largestWidth = 32   // a bottleneck that is wide
	paperScale   = 0.1  // AdaptFormer's s
	smallScale   = 0.01 // a scale that is small, and
	largeScale   = 0.2  // one that is large, the ends of the paper's range
	headPoints   = 10   // what AdaptFormer has to gain over the head
	headShare    = 0.02 // of the numbers of the backbone: what it may train for that
	leastRates   = 5    // that a racer has to be tried at
	halfStep     = 0.25 // of the grid of rates, in powers of ten: a best rate is known no better
	thinShare    = 0.03 // of the numbers of the backbone: a method that trains less is thin
	leastThin    = 3    // such methods that are compared
	keptShare    = 0.5  // of what full fine-tuning keeps
)

// The paper's numbers that are drawn on the axes of the claims (Chen et al. 2022, CIFAR-100 with ViT-B, percent).
const (
	paperNarrow = 83.52 // a bottleneck of 1
	paperMiddle = 85.90 // a bottleneck of 64
)

// Endings of the rules: see decide, room, prompted and compare.
const (
	settled = "; unclear where a racer that it compares diverged with any seed, or trained at a learning rate that was not found for it with this budget"
	roomy   = "; can only hold where full fine-tuning beats the head by 4 points" + reverse
	reverse = ", and elsewhere only fail by racers that clearly differ the other way"
	picked  = "; of several lengths the largest counts that is there on both sides, of several other racers that fit the one with the best validation accuracy"
)

// claims is the list shown before anything has run.
func claims() []wire.Claim {
	link := func(arms, more string) string { return "vpt?arms=" + arms + more + "&seeds=5" }
	return []wire.Claim{
		{ID: claimDeep, At: "Main results and Figure 3",
			Says:  "On a supervised backbone prompts in every layer beat prompts in the first layer, these beat a linear head, and with little data prompts in every layer are at least as good as full fine-tuning.",
			Paper: "ViT-B: VPT-deep outperforms full fine-tuning on many tasks, and does so above all where there is little data",
			Here:  "holds if VPT-deep beats VPT-shallow, VPT-shallow beats the head, and VPT-deep is at most 1 point worse than full fine-tuning, in test accuracy paired by seed and each with the whole 95 % interval on that side; the last part is only judged with at most 200 training examples; can only hold where VPT-deep or full fine-tuning beats the head by 4 points" + reverse + picked + settled,
			Needs: "head, full, vpt-shallow and vpt-deep on a supervised backbone, and at most 200 training examples, at which rates have to be searched for: lr=grid",
			Link:  link("head,full,vpt-shallow:10,vpt-deep:10", "&train=100&lr=grid")},
		{ID: claimLength, At: "Ablations of length and depth",
			Says:  "More layers with prompts help, the first layers matter more than the last, and the number of prompts has to be tuned.",
			Paper: "ViT-B: accuracy grows with the number of layers that have prompts, from the bottom more than from the top; the best length differs between tasks",
			Here:  "holds if, with the same length, prompts in all layers beat prompts in one layer, and prompts in the first two layers beat prompts in the last two; and if among three or more lengths, from 5 or fewer to ten times that, the best beats the shortest and the longest by more than 1 point each, the best picked on validation examples; test accuracy paired by seed, each with the whole 95 % interval on that side" + roomy + settled,
			Needs: "head, full, vpt-deep with three lengths, and with one length on one layer, which is vpt-shallow, on the first two and on the last two",
			Link:  link("head,full,vpt-shallow:10,vpt-deep:1,vpt-deep:10,vpt-deep:50,vpt-deep:10~depth=2~lr=grid,vpt-deep:10~depth=2~order=top-down~lr=grid", "")},
		{ID: claimMAE, At: "Other pretraining",
			Says:  "On the backbone of a masked autoencoder the ranking turns round: full fine-tuning is clearly better than prompts.",
			Paper: "ViT-B as a masked autoencoder: full fine-tuning is far ahead of VPT-deep, which is ahead on the supervised ViT-B",
			Here:  "holds if full fine-tuning beats VPT-deep by more than 1 point on the masked autoencoder, and by less than 1 point on the supervised backbone of the same size, in test accuracy paired by seed and each with the whole 95 % interval on that side; can only hold where full fine-tuning beats the head by 4 points on both" + reverse + picked + settled,
			Needs: "head, full and vpt-deep, each on both backbones of one size",
			Link:  link("head,full,vpt-deep:10,head~backbone=vtiny-mae,full~backbone=vtiny-mae,vpt-deep:10~backbone=vtiny-mae", "")},
		{ID: claimParallel, At: "AdaptFormer, ablations",
			Says:  "A bottleneck beside the MLP does at least as well as one behind it.",
			Paper: "ViT-B: the parallel form is the better one",
			Here:  "holds if AdaptFormer in parallel form is at most 1 point worse than in sequential form of the same width, in test accuracy paired by seed and with the whole 95 % interval on that side" + roomy + settled,
			Needs: "head, full, and adaptformer of one width in both forms",
			Link:  link("head,full,adaptformer:8,adaptformer:8~form=sequential~lr=grid", "")},
		{ID: claimScale, At: "AdaptFormer, ablations",
			Says:  "The bottleneck's share is best at a scale of about 0.1: less and more are worse.",
			Paper: "ViT-B, scales from 0.01 to 0.2: best at 0.1",
			Here:  "holds if a scale of 0.1 beats the smallest of the run, 0.01 or less, and the largest, 0.2 or more, at one width, in test accuracy paired by seed and each with the whole 95 % interval on that side; the optimizer can trade scale for learning rate, so each has its own" + roomy + settled,
			Needs: "head, full, and adaptformer with scales of 0.01, 0.1 and 0.2, those without a row in the table of rates with lr=grid",
			Link:  link("head,full,adaptformer:8~scale=0.01~lr=grid,adaptformer:8,adaptformer:8~scale=0.2~lr=grid", "")},
		{ID: claimWidth, At: "AdaptFormer, ablations",
			Says:  "A wider bottleneck helps at first and then no more.",
			Paper: fmt.Sprintf("ViT-B as a masked autoencoder, CIFAR-100: %.2f with a bottleneck of 1, %.2f with one of 64", paperNarrow, paperMiddle),
			Here:  "holds if a width of 8 beats a width of 1, and the largest width of the run, 32 or more, beats 8 by less than 1 point, in test accuracy paired by seed and each with the whole 95 % interval on that side" + roomy + settled,
			Needs: "head, full, adaptformer:1, adaptformer:8 and adaptformer:32",
			Link:  link("head,full,adaptformer:1,adaptformer:4,adaptformer:8,adaptformer:32", "")},
		{ID: claimTokens, At: "AdaptFormer, comparison by numbers trained",
			Says:  "Many prompts make prompt tuning worse, while a wider bottleneck does AdaptFormer no harm.",
			Paper: "ViT-B as a masked autoencoder: VPT falls as tokens are added, AdaptFormer stays where it is",
			Here:  "holds if VPT-deep of the best length beats the longest of the run, 50 or more, by more than 1 point, and AdaptFormer of the best width beats the widest, 32 or more, by less than 1 point, the best picked on validation examples; test accuracy paired by seed, each with the whole 95 % interval on that side" + roomy + settled,
			Needs: "head, full, vpt-deep with a length of 50 and a smaller one, adaptformer:32 and a narrower one, and lr=grid where the table of rates lacks them",
			Link:  link("head,full,vpt-deep:1,vpt-deep:10,vpt-deep:50,adaptformer:1,adaptformer:8,adaptformer:32", "&backbone=vtiny-mae")},
		{ID: claimHead, At: "AdaptFormer, main results",
			Says:  "With less than 2 % of the network's numbers AdaptFormer beats a linear head by more than 10 points.",
			Paper: fmt.Sprintf("ViT-B as a masked autoencoder, CIFAR-100: AdaptFormer with a bottleneck of 64 reaches %.2f, as much as full fine-tuning", paperMiddle),
			Here:  "holds if the widest AdaptFormer that trains less than 2 % of the backbone's numbers beats the head by more than 10 points, in test accuracy paired by seed and with the whole 95 % interval on that side; on the masked autoencoder where the run has one; unclear where the head leaves less than 10 points" + settled,
			Needs: "head, and adaptformer with a width that trains less than 2 %, such as adaptformer:4",
			Link:  link("head,adaptformer:4,full", "&backbone=vtiny-mae")},
		{ID: claimRate, At: "Lialin et al. 2023",
			Says:  "Methods that train few numbers want a far larger learning rate than full fine-tuning.",
			Paper: "the survey “Scaling Down to Scale Up” stresses that the best rates of such methods lie well above those of full fine-tuning; no number",
			Here:  "holds if for every method that was tried at five rates or more, its best rate divided by that of full fine-tuning is above 1.8, half a step of the grid of rates, as a geometric mean over seeds with the whole 95 % interval; best is the highest validation accuracy, the smaller rate of equals, and a rate at which training diverged is out; unclear where a best rate lies at an end of the rates tried, so that the ratio may lie on the other side, or where a method or full fine-tuning has no best rate with one of the seeds",
			Needs: "full and a method at five rates or more each: lr=grid, or racers such as lora:4~lr=0.01; and at least 2 seeds",
			Link:  link("full,bitfit,lora:4,adaptformer:8,vpt-deep:10", "&lr=grid")},
		{ID: claimMemory, At: "Lialin et al. 2023",
			Says:  "Training fewer numbers does not save memory in proportion: the ranking by numbers trained is not the ranking by memory.",
			Paper: "the survey “Scaling Down to Scale Up” tells methods apart that train few numbers from those that need little memory",
			Here:  "holds if every racer that trains less than 3 % of the backbone's numbers keeps more than half of what full fine-tuning keeps for the backward pass, and of two of them that are different methods the one that trains fewer numbers keeps more; three methods or more, as different racers of one method count once, all with equal batches",
			Needs: "full and three methods that train less than 3 %, equal batches, and at least 2 seeds",
			Link:  link("full,bitfit,ln,ia3,lora:4,vpt-shallow:10,vpt-deep:10,prefix:5,krona:8,adaptformer:4", "&train=100&steps=10")},
	}
}
