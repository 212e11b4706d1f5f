package lora

import "petri/kernels/lab/wire"

// description is all that the page and the command line know about this lab.
func description() wire.Lab {
	return wire.Lab{
		ID:       labID,
		Title:    "LoRA: Low-Rank Adaptation of Large Language Models",
		Short:    "LoRA",
		Question: "How small can an update be?",
		Authors:  "Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang and Chen",
		Venue:    "ICLR 2022",
		Year:     2022,
		Shelf:    "Adapt",
		Idea: "Leave the trained weights frozen and learn only a thin correction beside each chosen matrix, the product of two narrow ones. " +
			"Here corrections of several ranks race against full fine-tuning on handwritten digits.",
		Links: []wire.Link{
			{Label: "Paper (arXiv 2106.09685)", URL: "https://arxiv.org/abs/2106.09685"},
			{Label: "The authors' code", URL: "https://github.com/microsoft/LoRA"},
		},
		Facts: []wire.Fact{
			{Name: "Model", Text: "vision transformer for 32 × 32 pixels: V-tiny has 4 blocks of width 64 and patches of 8, V-small 6 blocks of width 96 and patches of 4"},
			{Name: "Before", Text: "trained on drawn glyphs by the same code; its weights are part of the site"},
			{Name: "Task", Text: "real handwritten digits: up to 7,000 to learn from, 1,000 to tune on, 256 of which the curves watch, 2,000 to test once"},
			{Name: "Budget", Text: "the same digits, order, steps and head for every racer of a seed"},
			{Name: "Rates", Text: "each racer at its own learning rate, picked from one grid on the validation digits"},
		},
		Knobs:  knobs(),
		Claims: claims(),
		Stage:  wire.Stage{Title: "Where it looks", Matrices: []string{"q", "k", "v", "o", "fc1", "fc2"}},
		BibTeX: `@inproceedings{hu2022lora,
  title         = {{LoRA}: Low-Rank Adaptation of Large Language Models},
  author        = {Hu, Edward J. and Shen, Yelong and Wallis, Phillip and Allen-Zhu, Zeyuan and Li, Yuanzhi and Wang, Shean and Wang, Lu and Chen, Weizhu},
  booktitle     = {International Conference on Learning Representations},
  year          = {2022},
  eprint        = {2106.09685},
  archivePrefix = {arXiv},
  url           = {https://arxiv.org/abs/2106.09685}
}`,
	}
}

// Groups of knobs, in the order of the page.
const (
	groupMethod = "Method"
	groupData   = "Data"
	groupBudget = "Budget"
)

// allParts is what the alias "all" stands for: every dense matrix of a block.
const allParts = "qkvofc1fc2"

// defaultArms is the race of the default link.
const defaultArms = "head,q:1,qv:1,qv:4,qv:32,full,scratch"

// maxRank is the width of the narrowest backbone: a larger rank would be no restriction.
const maxRank = 64

func knobs() []wire.Knob {
	return []wire.Knob{
		{Name: "arms", Label: "Racers", Group: groupMethod, Kind: wire.KnobArms, Default: defaultArms,
			Help: "Who races: matrices with a rank, such as qv:4, and the three that need no method.",
			Arms: &wire.ArmKnob{
				Racers: []wire.Option{
					{Value: "head", Label: "head only", Help: "The floor: the backbone stays frozen, only a new linear head is trained."},
					{Value: "full", Label: "full fine-tuning", Help: "The reference: every weight is trained."},
					{Value: "scratch", Label: "from scratch", Help: "The control: the same network without its past, every weight trained from random values."},
				},
				Parts: []wire.Option{
					{Value: "q", Label: "q", Help: "Wq, which makes the queries: what a token looks for."},
					{Value: "k", Label: "k", Help: "Wk, which makes the keys: what a token offers to be found by."},
					{Value: "v", Label: "v", Help: "Wv, which makes the values: what a token hands over."},
					{Value: "o", Label: "o", Help: "Wo, which mixes the heads' outputs back into the token."},
					{Value: "fc1", Label: "fc1", Help: "The first matrix of the MLP, which widens a token four times."},
					{Value: "fc2", Label: "fc2", Help: "The second matrix of the MLP, back to the token's width."},
				},
				Aliases: []wire.Option{{Value: "all", Label: "all", Help: allParts}},
				Number:  "rank", Symbol: "r", Min: 1, Max: maxRank, Stops: []int{1, 2, 4, 8, 16, 32}, Most: 12,
			}},
		{Name: "alpha", Label: "Scale", Symbol: "α", Group: groupMethod, Kind: wire.KnobFloat, Default: "8", Min: 0.25, Max: 128, Step: 0.25, Log: true,
			Help: "The update is multiplied by α/r, so that a change of rank does not ask for a new learning rate."},
		{Name: "dropout", Label: "Dropout", Symbol: "p", Group: groupMethod, Kind: wire.KnobFloat, Default: "0", Min: 0, Max: 0.9, Step: 0.05,
			Help: "Share of the adapter's inputs set to zero while training. Only the adapter's branch sees it."},
		{Name: "task", Label: "Task", Group: groupData, Kind: wire.KnobChoice, Default: taskDigits,
			Help: "What the network has to learn. Two of the tasks are controls, made so that a thin update can lose.",
			Options: []wire.Option{
				{Value: taskDigits, Label: "digits", Help: "Handwritten digits, 0 to 9."},
				{Value: taskShuffled, Label: "digits, shuffled pixels", Help: "The same digits with the pixels of every patch rearranged by one fixed shuffle. The patch embedding, which could undo it, is frozen for thin updates."},
				{Value: taskWound, Label: "glyphs, wounded weights", Help: "A random matrix of known rank is added to Wq and Wv of every block; the task is to tell the old glyphs apart again. The rank that a repair needs is known here."},
				{Value: taskStyle, Label: "glyphs, another style", Help: "The letter-like glyphs of world M in another style: dotted, with noise, on paper that is darker on one side."},
			}},
		{Name: "wound", Label: "Rank of the wound", Symbol: "k", Group: groupData, Kind: wire.KnobInt, Default: "4", Min: 1, Max: maxRank, Step: 1, Log: true,
			When: map[string]string{"task": taskWound},
			Help: "Rank of the matrix that is added to Wq and Wv in the task with wounded weights; the other tasks ignore it."},
		{Name: "train", Label: "Training examples", Symbol: "N", Group: groupData, Kind: wire.KnobInt, Default: "1024", Min: 64, Max: 7000, Step: 1, Log: true,
			Help: "How many examples there are to learn from. Each seed draws its own, the same for every racer."},
		{Name: "world", Label: "Glyph world", Group: groupData, Kind: wire.KnobChoice, Default: "M",
			Help: "What the backbone saw before: the drawn world on which it was trained.",
			Options: []wire.Option{
				{Value: "M", Label: "clean strokes", Help: "World M: fourteen stroke glyphs, light on dark, in random positions."},
				{Value: "H", Label: "mixed glyphs", Help: "World H: letters and shapes, filled, outlined or dotted, with noise and inverted contrast.", Needs: map[string]string{"backbone": "vtiny"}},
			}},
		{Name: "backbone", Label: "Backbone", Group: groupData, Kind: wire.KnobChoice, Default: "vtiny",
			Help: "The network that is adapted.",
			Options: []wire.Option{
				{Value: "vtiny", Label: "V-tiny, 0.2 M", Help: "Patches of 8, 17 tokens, width 64, 4 blocks: 0.2 million weights."},
				{Value: "vsmall", Label: "V-small, 0.7 M", Help: "Patches of 4, 65 tokens, width 96, 6 blocks: 0.7 million weights, some fifteen times slower."},
			}},
		{Name: "lr", Label: "Learning rate", Symbol: "η", Group: groupBudget, Kind: wire.KnobAuto, Default: "auto", Min: 1e-5, Max: 1, Log: true,
			Help: "Peak of the schedule. auto takes each racer's own rate from the tuned table; a number is used for all of them."},
		{Name: "batch", Label: "Batch", Symbol: "B", Group: groupBudget, Kind: wire.KnobInt, Default: "32", Min: 1, Max: 128, Step: 1, Log: true,
			Help: "Examples per step. Memory kept for the backward pass grows with it."},
		{Name: "steps", Label: "Steps", Group: groupBudget, Kind: wire.KnobInt, Default: "200", Min: 1, Max: 5000, Step: 1, Log: true,
			Help: "Training steps of each racer. The rate warms up for the first twentieth and then falls along a cosine."},
		{Name: "seeds", Label: "Seeds", Group: groupBudget, Kind: wire.KnobInt, Default: "3", Min: 1, Max: 5, Step: 1,
			Help: "How often the race is repeated with other examples and other random starts. Intervals need at least two; one alone is never called a result."},
		{Name: "seed", Label: "First seed", Group: groupBudget, Kind: wire.KnobInt, Default: "0", Min: 0, Max: 4294967295, Step: 1,
			Help: "The number from which all randomness of the run is drawn. The same link gives the same bits on every machine."},
	}
}
