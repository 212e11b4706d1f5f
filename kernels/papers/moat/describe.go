package moat

import "petri/kernels/lab/wire"

// description is all that the page and the command line know about this lab.
func description() wire.Lab {
	return wire.Lab{
		ID:       labID,
		Title:    "MOAT: Alternating Mobile Convolution and Attention Brings Strong Vision Models",
		Short:    "MOAT",
		Question: "Which block sees best?",
		Authors:  "Yang, Qiao, Yu, Yuan, Zhu, Yuille, Adam and Chen",
		Venue:    "ICLR 2023",
		Year:     2023,
		Shelf:    "See",
		Idea: "Put a convolution where a Transformer block has its MLP, let it come before attention, and let it do the down-sampling. " +
			"Here the steps from one block to the other race at equal cost, and every part can be taken out.",
		Links: []wire.Link{
			{Label: "Paper (arXiv 2210.01820)", URL: "https://arxiv.org/abs/2210.01820"},
			{Label: "The authors' code", URL: "https://github.com/google-research/deeplab2"},
		},
		Facts: []wire.Fact{
			{Name: "Model", Text: "for 32 × 32 pixels: a stem, one MBConv block on a map of 16 × 16, then two stages of the racer's own blocks on 8 × 8 and 4 × 4; at the default size 128 thousand weights in kernels and matrices, 7 thousand in norms, biases and position tables"},
			{Name: "Twins", Text: "racers of equal cost: the MLP of a Transformer block is as wide as it takes to have as many weights as the MOAT block in its place"},
			{Name: "Task", Text: "drawn textures whose name depends on a pattern of 3 × 3 pixels and on the relation of two distant patches; or real handwritten digits; or a cue in another window than the one that answers"},
			{Name: "Budget", Text: "the same examples, order and steps for every racer of a seed, all weights trained from random values; racers with an edit that says so learn from fewer examples or start from a net that has learned drawn glyphs"},
			{Name: "Rates", Text: "each block at its own learning rate, picked from one grid on validation examples; a racer that was not tuned takes that of the nearest one, and the report names it"},
		},
		Knobs:   knobs(),
		Claims:  claims(),
		Stage:   wire.Stage{Title: "What a cell sees"},
		Builder: &wire.Builder{Title: "The block", Knobs: []string{"depth", "width", "window", "kernel", "position", "rank", "downsample", "task"}},
		BibTeX: `@inproceedings{yang2023moat,
  title         = {{MOAT}: Alternating Mobile Convolution and Attention Brings Strong Vision Models},
  author        = {Yang, Chenglin and Qiao, Siyuan and Yu, Qihang and Yuan, Xiaoding and Zhu, Yukun and Yuille, Alan and Adam, Hartwig and Chen, Liang-Chieh},
  booktitle     = {International Conference on Learning Representations},
  year          = {2023},
  eprint        = {2210.01820},
  archivePrefix = {arXiv},
  url           = {https://arxiv.org/abs/2210.01820}
}`,
	}
}

// Groups of knobs, in the order of the page.
const (
	groupBlock  = "Block"
	groupData   = "Data"
	groupBudget = "Budget"
)

// defaultArms is the race of the default link: the ladder from ViT's block to MOAT's.
const defaultArms = "vit,attn-mbconv,moat"

// Values of knobs.
const (
	windowGlobal     = "global"
	positionRelative = "relative"
	positionLearned  = "learned"
	positionNone     = "none"
	downConv         = "conv"
	downPool         = "pool"
)

// mostDigits is how many real digits there are to learn from.
const mostDigits = 7000

func knobs() []wire.Knob {
	return []wire.Knob{
		{Name: "arms", Label: "Racers", Group: groupBlock, Kind: wire.KnobArms, Default: defaultArms,
			Help: "Which blocks race: two to four of them. The builder below takes a block apart and adds what comes of it as a racer.",
			Arms: &wire.ArmKnob{Racers: racers(), Edits: edits(), Never: never(), Least: 2, Most: 4}},
		{Name: "depth", Label: "Blocks per stage", Group: groupBlock, Kind: wire.KnobInt, Default: "2", Min: 1, Max: 3, Step: 1,
			Help: "Attention blocks in each of the two stages; in the probe without strides, blocks in all."},
		{Name: "width", Label: "Width", Symbol: "C", Unit: "channels", Group: groupBlock, Kind: wire.KnobInt, Default: "16", Min: 8, Max: 32, Step: 8,
			Help: "Channels of the stem and the first stage. The stages behind it have twice and four times as many."},
		{Name: "window", Label: "Window", Unit: "cells", Group: groupBlock, Kind: wire.KnobChoice, Default: "4",
			Help: "Side of the windows of the racers that have windows, in the first attention stage. The second stage's map is half as large, and so are its windows.",
			Options: []wire.Option{
				{Value: "2", Label: "2", Help: "Windows of 2 × 2 cells in both attention stages: half of 2 would be a cell alone."},
				{Value: "4", Label: "4", Help: "Windows of 4 × 4 cells on the map of 8 × 8, and of 2 × 2 on that of 4 × 4."},
				{Value: "8", Label: "8", Help: "Windows of 8 × 8 and 4 × 4 cells: the whole map. In the probe, whose map is 16 × 16, cue and answer then lie in one window."},
				{Value: windowGlobal, Label: "global", Help: "One window over everything: racers with windows are then the same as those without."},
			}},
		{Name: "kernel", Label: "Depth-wise window", Symbol: "k", Unit: "cells", Group: groupBlock, Kind: wire.KnobChoice, Default: "3",
			Help: "Side of the depth-wise convolutions.",
			Options: []wire.Option{
				{Value: "1", Label: "1 × 1", Help: "No neighbours at all: a factor for every channel."},
				{Value: "3", Label: "3 × 3", Help: "The paper's choice."},
				{Value: "5", Label: "5 × 5", Help: "Twice the reach, 2.8 times the weights of the window."},
			}},
		{Name: "position", Label: "Positions", Group: groupBlock, Kind: wire.KnobChoice, Default: positionRelative,
			Help: "How attention knows where cells lie.",
			Options: []wire.Option{
				{Value: positionRelative, Label: "relative table", Help: "The paper's way: a number for every offset and head, added to the scores, the same whatever the cells hold."},
				{Value: positionLearned, Label: "learned vectors", Help: "ViT's way: a learned vector is added to every cell, once, behind the first stage."},
				{Value: positionNone, Label: "none", Help: "Attention sees a set of cells. Convolutions still tell it a little: they feel the edge."},
			}},
		{Name: "rank", Label: "Rank of updates", Symbol: "r", Group: groupBlock, Kind: wire.KnobInt, Default: "4", Min: 1, Max: 16, Step: 1,
			Help: "Of racers with LoRA: the inner width of each update. With α = r the update is added as it is. Other racers do not change."},
		{Name: "downsample", Label: "Down-sampling", Group: groupBlock, Kind: wire.KnobChoice, Default: downConv,
			Help: "What halves the map where a bottleneck opens a stage: in MOAT and in the stacked net. In blocks that begin with attention or an MLP it is pooling in any case.",
			Options: []wire.Option{
				{Value: downConv, Label: "strided convolution", Help: "The depth-wise convolution moves in steps of two: it learns what to keep."},
				{Value: downPool, Label: "average pooling", Help: "Four cells become their mean, behind the depth-wise convolution."},
			}},
		{Name: "task", Label: "Task", Group: groupData, Kind: wire.KnobChoice, Default: taskTexture,
			Help: "What the networks have to learn.",
			Options: []wire.Option{
				{Value: taskTexture, Label: "textures and relations", Help: "Two patches at distant places, each with one of five fine textures. Equal textures: name them. Different ones: name their relation. Ten classes."},
				{Value: taskSame, Label: "same or different", Help: "Two patches at distant places, of two textures: is it the same one? Two classes, chance is a half. It asks for a relation, but not for attention: with four times the examples and nearly three times the steps, convolutions alone learn it too."},
				{Value: taskCue, Label: "far-window probe", Help: "The answer is read from one window of 4 × 4 cells, the cue stands in the next one. A net without strides, or windows would merge. Four classes."},
				{Value: taskDigits, Label: "digits", Help: "Handwritten digits, 0 to 9."},
			}},
		{Name: "train", Label: "Training examples", Symbol: "N", Group: groupData, Kind: wire.KnobInt, Default: "1000", Min: 200, Max: 20000, Step: 1, Log: true,
			Help: "How many examples there are to learn from. Of real digits there are 7,000: a larger number stands for all of them."},
		{Name: "lr", Label: "Learning rate", Symbol: "η", Group: groupBudget, Kind: wire.KnobAuto, Default: "auto", Min: 1e-5, Max: 1, Log: true,
			Help: "Peak of the schedule. auto takes each racer's own rate from the tuned table; a number is used for all of them."},
		{Name: "batch", Label: "Batch", Symbol: "B", Group: groupBudget, Kind: wire.KnobInt, Default: "32", Min: 2, Max: 128, Step: 1, Log: true,
			Help: "Examples per step. Batch norm takes its statistics from them, so one alone is not enough."},
		{Name: "steps", Label: "Steps", Group: groupBudget, Kind: wire.KnobInt, Default: "150", Min: 1, Max: 5000, Step: 1, Log: true,
			Help: "Training steps of each racer. The rate warms up for the first twentieth and then falls along a cosine."},
		{Name: "seeds", Label: "Seeds", Group: groupBudget, Kind: wire.KnobInt, Default: "3", Min: 1, Max: 5, Step: 1,
			Help: "How often the race is repeated with other examples and other random starts. Intervals need at least two; the claim about the order asks for five."},
		{Name: "seed", Label: "First seed", Group: groupBudget, Kind: wire.KnobInt, Default: "0", Min: 0, Max: 4294967295, Step: 1,
			Help: "The number from which all randomness of the run is drawn. The same link gives the same bits on every machine."},
	}
}

func racers() []wire.Option {
	return []wire.Option{
		{Value: armViT, Label: "ViT-like", Role: wire.RoleReference, Help: "V0. Attention, then an MLP; average pooling halves the map before attention."},
		{Value: armAttnMBConv, Label: "attn + MBConv", Role: wire.RoleMethod, Help: "V1. The MLP gives way to an inverted bottleneck with a depth-wise convolution; the order stays."},
		{Value: armMOAT, Label: "MOAT", Role: wire.RoleMethod, Help: "V2. The bottleneck comes before attention, and its depth-wise convolution halves the map."},
		{Value: armStacked, Label: "stacked", Role: wire.RoleMethod, Help: "V3. Not in one block but in stages: MBConv blocks first, then Transformer blocks, as in CoAtNet."},
		{Value: armNoPos, Label: "MOAT, no positions", Role: wire.RoleMethod, Help: "V4. MOAT without its table of relative positions."},
		{Value: armMOATWindow, Label: "MOAT in windows", Role: wire.RoleMethod, Help: "V5. MOAT whose attention stays inside windows that never move."},
		{Value: armViTWindow, Label: "ViT in windows", Role: wire.RoleMethod, Help: "V0w. The ViT-like block with attention inside windows that never move: nothing ever crosses them."},
	}
}

// never are edits that exclude each other: a block of which nothing would be left, and a racer with two starts.
func never() [][]string {
	out := [][]string{{"nomix", "noattn"}}
	for i, a := range starts {
		for _, b := range starts[i+1:] {
			out = append(out, []string{a, b})
		}
	}
	return out
}

func edits() []wire.Option {
	roles := map[string]string{startHead: wire.RoleFloor, "few": wire.RoleControl, "noattn": wire.RoleControl}
	var out []wire.Option
	for _, c := range changes {
		out = append(out, wire.Option{Value: c.name, Role: roles[c.name], Label: c.label, Help: c.help})
	}
	return out
}
