package vpt

import (
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// labID names the lab, in links and in its streams of random numbers.
const labID = "vpt"

// description is all that the page and the command line know about this lab.
func description() wire.Lab {
	return wire.Lab{
		ID:       labID,
		Title:    "Visual Prompt Tuning",
		Short:    "Prompts",
		Question: "What is the least that adapts a network?",
		Authors:  "Jia, Tang, Chen, Cardie, Belongie, Hariharan and Lim",
		Venue:    "ECCV 2022",
		Year:     2022,
		Shelf:    "Adapt",
		Idea: "Leave a trained network frozen and give it a few tokens of its own to learn, beside the patches of the image. " +
			"Here such prompts race against the other ways of adapting a frozen network, on the same examples and with equal steps.",
		Links: []wire.Link{
			{Label: "Paper (arXiv 2203.12119)", URL: "https://arxiv.org/abs/2203.12119"},
			{Label: "The authors' code", URL: "https://github.com/KMnP/vpt"},
		},
		Facts: []wire.Fact{
			{Name: "Model", Text: "vision transformer for 32 × 32 pixels: V-tiny has 4 blocks of width 64 and patches of 8, V-small 6 blocks of width 96 and patches of 4"},
			{Name: "Before", Text: "trained on drawn glyphs by the same code; its weights are part of the site"},
			{Name: "Budget", Text: "the same examples, order, steps, batch and head for every racer of a seed, unless you make something else equal"},
			{Name: "Rates", Text: "tuned for twenty racers on the digits, each on one grid by validation examples; others borrow, and the table of rates says from whom; or tuned in the run itself"},
		},
		Knobs:  knobs(),
		Claims: claims(),
		Stage:  wire.Stage{Title: "What it sees", Arm: "vpt-deep:10"},
		BibTeX: `@inproceedings{jia2022vpt,
  title         = {Visual Prompt Tuning},
  author        = {Jia, Menglin and Tang, Luming and Chen, Bor-Chun and Cardie, Claire and Belongie, Serge and Hariharan, Bharath and Lim, Ser-Nam},
  booktitle     = {European Conference on Computer Vision},
  year          = {2022},
  eprint        = {2203.12119},
  archivePrefix = {arXiv},
}
`,
	}
}

// Headings of the knobs.
const (
	groupMethod = "Method"
	groupData   = "Data"
	groupBudget = "Budget"
)

// The choices that methods ask for, as they are named in links.
const (
	depthAll       = "all"
	orderTop       = "top-down"
	formSequential = "sequential"
	startOfficial  = "official"
	normsTrained   = "trained"
)

// defaultArms is the race of the default link.
const defaultArms = "head,vpt-shallow:10,vpt-deep:10,adaptformer:8,lora:4,full"

// widest is the width of the narrowest backbone: a wider bottleneck or a larger rank would be no restriction.
const widest = 64

// backbones are the networks that can be adapted, with their widths, which some sizes have to divide.
var backbones = []struct {
	name  string
	width int
}{{"vtiny", 64}, {"vtiny-mae", 64}, {"vsmall", 96}, {"vsmall-mae", 96}}

// armKnob is the grammar of racers. What fits which backbone is data, so that the page can tell before a run starts.
func armKnob() *wire.ArmKnob {
	g := &wire.ArmKnob{
		Racers: []wire.Option{
			{Value: "head", Label: "head only", Role: wire.RoleFloor, Help: "The floor: the backbone stays frozen, only a new linear head is trained."},
			{Value: "full", Label: "full fine-tuning", Role: wire.RoleReference, Help: "The reference: every weight is trained."},
			{Value: "scratch", Label: "from scratch", Role: wire.RoleControl, Help: "The control: the same network without its past, every weight trained from random values."},
			{Value: "bitfit", Label: "BitFit", Help: "The biases of the network and nothing else."},
			{Value: "ln", Label: "layer norms", Help: "Gain and bias of the layer norms and nothing else."},
			{Value: "ia3", Label: "(IA)³", Help: "Vectors that keys, values and the MLP's hidden units are multiplied by."},
		},
		Parts: []wire.Option{
			{Value: "vpt-deep", Symbol: "p", Label: "VPT-deep", Max: longest, Help: "Prompts in front of the patches, new ones in every layer. The number is how many."},
			{Value: "vpt-shallow", Symbol: "p", Label: "VPT-shallow", Max: longest, Help: "Prompts in front of the patches of the first layer. The number is how many."},
			{Value: "adaptformer", Symbol: "b", Label: "AdaptFormer", Help: "A bottleneck beside the MLP of every block. The number is its width."},
			{Value: "houlsby", Symbol: "b", Label: "Houlsby adapters", Help: "Two bottlenecks in every block, behind the attention and behind the MLP. The number is their width."},
			{Value: "pfeiffer", Symbol: "b", Label: "Pfeiffer adapter", Help: "One bottleneck in every block. The number is its width."},
			{Value: "lora", Symbol: "r", Label: "LoRA", Help: "Thin corrections of the query and value matrices. The number is their rank."},
			{Value: "prefix", Symbol: "p", Label: "prefix", Max: longest, Help: "Keys and values of their own in front of those of the tokens, in every layer. The number is how many."},
			{Value: "krona", Symbol: "a", Label: "KronA", Min: 1, Max: 96, Help: "A Kronecker product added to the query and value matrices. The number is the side of its first factor."},
			{Value: "compacter", Symbol: "N", Label: "Compacter++", Help: "A bottleneck made of a few Kronecker products, which blocks share. The number is how many."},
		},
		Number: "size", Symbol: "n", Min: 1, Max: widest, Stops: []int{1, 2, 4, 8, 16, 32}, Most: 24, Single: "method",
		Own: []string{"depth", "order", "projection", "init", "dropout", "place", "start", "norms", "scale", "form", "alpha", "mlp", "neck", "backbone", "lr"},
	}
	for _, part := range []string{"krona", "compacter"} {
		for _, b := range backbones {
			g.Divisors = append(g.Divisors, wire.Divisor{Part: part, When: map[string]string{"backbone": b.name}, Of: b.width, Name: "width"})
		}
	}
	g.Divisors = append(g.Divisors, wire.Divisor{Part: "compacter", Knob: "neck", Name: "bottleneck"})
	return g
}

func knobs() []wire.Knob {
	return []wire.Knob{
		{Name: "arms", Label: "Racers", Group: groupMethod, Kind: wire.KnobArms, Default: defaultArms, Arms: armKnob(),
			Help: "Who races: methods with a size, such as vpt-deep:10, and those that have none."},
		{Name: "depth", Of: []string{"vpt-deep"}, Label: "Layers with prompts", Group: groupMethod, Kind: wire.KnobChoice, Default: depthAll,
			Help: "How many layers of VPT-deep have prompts of their own.",
			Options: []wire.Option{
				{Value: depthAll, Label: "all layers", Help: "Every layer: VPT-deep as the paper has it."},
				{Value: "1", Label: "1 layer", Help: "One layer."},
				{Value: "2", Label: "2 layers", Help: "Two layers."},
				{Value: "3", Label: "3 layers", Help: "Three layers."},
				{Value: "4", Label: "4 layers", Help: "Four layers: all that V-tiny has."},
				{Value: "5", Label: "5 layers", Help: "Five layers, of the six that V-small has.", Needs: map[string]string{"backbone": "vsmall|vsmall-mae"}},
			}},
		{Name: "order", Of: []string{"vpt-deep"}, Label: "Which layers", Group: groupMethod, Kind: wire.KnobChoice, Default: "bottom-up",
			Help: "Where the layers with prompts are, if not all have them.",
			Options: []wire.Option{
				{Value: "bottom-up", Label: "the first", Help: "From the first layer on."},
				{Value: orderTop, Label: "the last", Help: "The last layers; those below see no prompts."},
			}},
		{Name: "projection", Of: []string{"vpt-deep", "vpt-shallow"}, Label: "Projection", Group: groupMethod, Kind: wire.KnobInt, Default: "0", Min: 0, Max: widest, Step: 1,
			Help: "Numbers in a prompt, which a trained dense layer takes to the network's width. 0 is none: prompts are as wide as the network."},
		{Name: "init", Of: []string{"vpt-deep", "vpt-shallow"}, Label: "Start of the prompts", Group: groupMethod, Kind: wire.KnobChoice, Default: string(BeginRandom),
			Help: "What prompts are before the first step.",
			Options: []wire.Option{
				{Value: string(BeginRandom), Label: "random prompts", Help: "Small random numbers, within the bound of the authors' code."},
				{Value: string(BeginZero), Label: "zero prompts", Help: "All prompts of a layer begin alike. Without dropout nothing tells them apart, so they stay alike."},
				{Value: string(BeginPatches), Label: "prompts from patches", Help: "Each prompt begins as what the frozen network makes of a patch of a training picture.", Needs: map[string]string{"projection": "0"}},
			}},
		{Name: "dropout", Of: []string{"vpt-deep", "vpt-shallow", "adaptformer", "lora"}, Label: "Dropout", Group: groupMethod, Kind: wire.KnobFloat, Default: "0", Min: 0, Max: 0.9, Step: 0.05,
			Help: "Share of what is set to zero while training: of the prompts, of AdaptFormer's bottleneck, of what LoRA reads. Others ignore it."},
		{Name: "place", Of: []string{"pfeiffer"}, Label: "Place of the adapter", Group: groupMethod, Kind: wire.KnobChoice, Default: string(AfterMLP),
			Help: "Where Pfeiffer's adapter stands. The literature does not agree.",
			Options: []wire.Option{
				{Value: string(AfterMLP), Label: "behind the MLP", Help: "As in AdapterHub, in the paper of LoRA and in the code of VPT."},
				{Value: string(AfterAttention), Label: "behind the attention", Help: "As in the text of the survey “Scaling Down to Scale Up” and in the code of Compacter."},
			}},
		{Name: "start", Of: []string{"pfeiffer"}, Label: "Start of the adapter", Group: groupMethod, Kind: wire.KnobChoice, Default: "mended",
			Help: "How Pfeiffer's adapter begins.",
			Options: []wire.Option{
				{Value: "mended", Label: "mended", Help: "The first matrix at random, the second zero: training starts at the network, and both matrices learn."},
				{Value: startOfficial, Label: "as in VPT's code", Help: "Both matrices zero, as the released code of VPT begins its baseline: neither ever gets a gradient, and a bias alone is trained."},
			}},
		{Name: "norms", Of: []string{"houlsby", "pfeiffer", "compacter"}, Label: "Norms beside adapters", Group: groupMethod, Kind: wire.KnobChoice, Default: "frozen",
			Help: "Whether the layer norms are trained too where there are Houlsby, Pfeiffer or Compacter adapters.",
			Options: []wire.Option{
				{Value: "frozen", Label: "frozen", Help: "The adapters alone: what the counts of papers usually mean."},
				{Value: normsTrained, Label: "norms trained", Help: "Gain and bias of every layer norm learn beside the adapters, as in the authors' configurations."},
			}},
		{Name: "scale", Of: []string{"adaptformer"}, Label: "AdaptFormer's scale", Symbol: "s", Group: groupMethod, Kind: wire.KnobFloat, Default: "0.1", Min: 0.01, Max: 10, Log: true,
			Help: "The bottleneck's result is multiplied by s, which is not trained."},
		{Name: "form", Of: []string{"adaptformer"}, Label: "AdaptFormer's form", Group: groupMethod, Kind: wire.KnobChoice, Default: "parallel",
			Help: "Where AdaptFormer's bottleneck stands.",
			Options: []wire.Option{
				{Value: "parallel", Label: "parallel", Help: "Beside the MLP, as the paper has it."},
				{Value: formSequential, Label: "sequential", Help: "Behind the MLP, the paper's comparison."},
			}},
		{Name: "alpha", Of: []string{"lora"}, Label: "LoRA's scale", Symbol: "α", Group: groupMethod, Kind: wire.KnobFloat, Default: "8", Min: 0.25, Max: 128, Step: 0.25, Log: true,
			Help: "LoRA's update is multiplied by α/r."},
		{Name: "mlp", Of: []string{"prefix"}, Label: "MLP of the prefix", Group: groupMethod, Kind: wire.KnobInt, Default: "0", Min: 0, Max: 256, Step: 8,
			Help: "Width inside the MLP that makes the prefix while it is trained. 0 is none: the prefix is trained itself."},
		{Name: "neck", Of: []string{"compacter"}, Label: "Compacter's bottleneck", Symbol: "b", Group: groupMethod, Kind: wire.KnobInt, Default: "8", Min: 1, Max: widest, Step: 1, Log: true,
			Help: "Width of Compacter's bottleneck, which its number of products divides."},
		{Name: "task", Label: "Task", Group: groupData, Kind: wire.KnobChoice, Default: taskDigits,
			Help:    "What the network has to learn. The groups have the names of those of VTAB; the tasks are made here.",
			Options: taskOptions()},
		{Name: "train", Label: "Training examples", Symbol: "N", Group: groupData, Kind: wire.KnobInt, Default: "1000", Min: 10, Max: 7000, Step: 1, Log: true,
			Help: "How many examples there are to learn from. Each seed draws its own, the same for every racer."},
		{Name: "backbone", Label: "Backbone", Group: groupData, Kind: wire.KnobChoice, Default: "vtiny",
			Help: "The network that is adapted.",
			Options: []wire.Option{
				{Value: "vtiny", Label: "V-tiny", Help: "0.2 million weights: patches of 8, 17 tokens, width 64, 4 blocks. It has learned to name drawn glyphs."},
				{Value: "vtiny-mae", Label: "V-tiny MAE", Help: "The same network, which has learned without names: to draw the hidden patches of the same glyphs (a masked autoencoder)."},
				{Value: "vsmall", Label: "V-small", Help: "0.7 million weights: patches of 4, 65 tokens, width 96, 6 blocks, ten to fifteen times slower. It has learned to name drawn glyphs."},
				{Value: "vsmall-mae", Label: "V-small MAE", Help: "V-small as a masked autoencoder."},
			}},
		{Name: "lr", Label: "Learning rate", Symbol: "η", Group: groupBudget, Kind: wire.KnobAuto, Default: "auto", Min: 1e-5, Max: 10, Log: true,
			Help:    "Peak of the schedule. auto takes each racer's own rate from the tuned table; a number is used for all of them.",
			Options: []wire.Option{{Value: rateGrid, Label: "tuned here", Help: "Each racer first tries every rate of one grid, with equal steps, and takes the one that is best on 1,000 validation examples: ten times the work."}}},
		{Name: "equal", Label: "What is equal", Group: groupBudget, Kind: wire.KnobChoice, Default: equalSteps,
			Help: "What the racers share besides examples, order and head.",
			Options: []wire.Option{
				{Value: equalSteps, Label: "steps", Help: "Sizes as you set them, and equal batches."},
				{Value: equalParameters, Label: "trained numbers", Help: "Each method takes the size that comes closest to a number of trained parameters. Those without a size keep theirs."},
				{Value: equalMemory, Label: "memory", Help: "Each racer takes the largest batch, up to 128, with which a step needs no more memory than full fine-tuning with the batch below. Counted are weights, gradients, moments and what is kept for the backward pass, not copies that products pack and buffers."},
			}},
		{Name: "numbers", Label: "Trained numbers", Group: groupBudget, Kind: wire.KnobInt, Default: "4096", Min: 64, Max: 50000, Step: 1, Log: true, When: map[string]string{"equal": equalParameters},
			Help: "How many numbers each method trains, without the head."},
		{Name: "batch", Label: "Batch", Symbol: "B", Group: groupBudget, Kind: wire.KnobInt, Default: "32", Min: 1, Max: mostExamples, Step: 1, Log: true,
			Help: "Examples per step. Memory kept for the backward pass grows with it."},
		{Name: "steps", Label: "Steps", Group: groupBudget, Kind: wire.KnobInt, Default: "300", Min: 1, Max: 5000, Step: 1, Log: true,
			Help: "Training steps of each racer. The rate warms up for the first twentieth and then falls along a cosine."},
		{Name: "seeds", Label: "Seeds", Group: groupBudget, Kind: wire.KnobInt, Default: "3", Min: 1, Max: 5, Step: 1,
			Help: "How often the race is repeated with other examples and other random starts. Intervals need at least two; one alone is never called a result."},
		{Name: "seed", Label: "First seed", Group: groupBudget, Kind: wire.KnobInt, Default: "0", Min: 0, Max: 4294967295, Step: 1,
			Help: "The number from which all randomness of the run is drawn. The same link gives the same bits on every machine."},
	}
}

// taskOptions says of each task what it is and to which group it belongs.
func taskOptions() []wire.Option {
	options := []wire.Option{
		{Value: taskDigits, Label: "digits", Help: "Handwritten digits, 0 to 9."},
		{Value: taskStyle, Label: "glyphs, another style", Help: "The glyphs that the backbone knows in another style: dotted, with noise, on paper that is darker on one side."},
		{Value: taskInverted, Label: "digits, inverted", Help: "The digits dark on light. The backbone knows only light on dark."},
		{Value: taskNoise, Label: "digits, noisy", Help: "The digits under noise, more of it in one picture than in another."},
		{Value: taskTexture, Label: "texture", Help: "Six patterns of strokes over the whole picture, at any angle, light or dark."},
		{Value: taskCount, Label: "count", Help: "How many blobs are there, one to six? Together they have as much ink as a single one."},
		{Value: taskOrientation, Label: "orientation", Help: "By which of eight angles is a letter turned? Which letter it is does not matter."},
	}
	for i := range options {
		options[i].Label += " (" + Group(options[i].Value) + ")"
	}
	return options
}

// parseArm reads an arm's name.
func parseArm(name string) (wire.Arm, *wire.SpecError) { return armKnob().Parse(name) }

// describeArm says how a racer is shown.
func describeArm(arm wire.Arm) lab.ArmInfo {
	return lab.ArmInfo{Label: description().ArmLabel(arm), Role: armKnob().Role(arm)}
}
