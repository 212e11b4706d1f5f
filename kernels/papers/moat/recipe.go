package moat

import "petri/kernels/lab/wire"

// Mixers are what stands beside attention in a block.
const (
	mixMLP    = "mlp"
	mixMBConv = "mbconv"
)

// recipe says what the blocks of one racer are made of. The stem and the first stage are the same for all, but for the gate
// and the kind of norm.
type recipe struct {
	mixer     string // mixMLP, mixMBConv or "" for none
	attention bool
	first     bool // the mixer stands before attention, as in MOAT
	stacked   bool // stages of MBConv, then stages of Transformer blocks (CoAtNet's way)

	table   bool // relative positions
	window  bool // attention in windows
	se      bool // squeeze-and-excitation in the MBConv of attention blocks
	early   bool // squeeze-and-excitation in the MBConv stages, before the racer's own blocks
	spatial bool // the depth-wise convolution
	expand  bool // the inverted bottleneck widens four times
	norm    bool // layer norm before attention
	layer   bool // layer norm in place of batch norm everywhere
	pool    bool // down-sampling by average pooling, not by the stride of the depth-wise convolution
	few     bool // learns from a tenth of the examples

	start string // how the net starts from one that has learned another world; "" for random values
}

// The blocks, as they are named in links.
const (
	armViT        = "vit"
	armAttnMBConv = "attn-mbconv"
	armMOAT       = "moat"
	armStacked    = "stacked"
	armNoPos      = "moat-nopos"
	armMOATWindow = "moat-window"
	armViTWindow  = "vit-window"
)

// plain is what every recipe begins with.
var plain = recipe{attention: true, table: true, early: true, spatial: true, expand: true, norm: true}

// blocks are the unedited recipes.
func blocks(racer string) recipe {
	r := plain
	switch racer {
	case armViT:
		r.mixer, r.pool = mixMLP, true
	case armViTWindow:
		r.mixer, r.pool, r.window = mixMLP, true, true
	case armAttnMBConv:
		r.mixer, r.pool = mixMBConv, true
	case armStacked:
		r.mixer, r.stacked = mixMLP, true
	case armMOAT:
		r.mixer, r.first = mixMBConv, true
	case armNoPos:
		r.mixer, r.first, r.table = mixMBConv, true, false
	case armMOATWindow:
		r.mixer, r.first, r.window = mixMBConv, true, true
	}
	return r
}

// change is one edit of a recipe, as in "moat~se".
type change struct {
	name, label, help string
	does              func(*recipe)
}

// changes are the edits, in the order in which a link names them.
var changes = []change{
	{"mbconv", "MBConv for the MLP", "The MLP gives way to an inverted bottleneck with a depth-wise convolution.", func(r *recipe) { r.mixer = mixMBConv }},
	{"mlp", "MLP for the MBConv", "The inverted bottleneck gives way to an MLP with as many weights.", func(r *recipe) { r.mixer = mixMLP }},
	{"nomix", "no MLP or MBConv", "Attention alone.", func(r *recipe) { r.mixer = "" }},
	{"noattn", "no attention", "What is left sees its windows and, through a gate, the mean of the map.", func(r *recipe) { r.attention = false }},
	{"flip", "order reversed", "Attention and its partner change places.", func(r *recipe) { r.first = !r.first }},
	{"pool", "average pooling", "Halves the map by averaging in place of the stride in the depth-wise convolution.", func(r *recipe) { r.pool = true }},
	{"nodw", "no depth-wise convolution", "The inverted bottleneck keeps its two 1×1 convolutions only.", func(r *recipe) { r.spatial = false }},
	{"noexpand", "no expansion", "The bottleneck works at the block's own width instead of four times it.", func(r *recipe) { r.expand = false }},
	{"se", "squeeze-and-excitation", "A gate for every channel, made from the mean over the whole map.", func(r *recipe) { r.se = true }},
	{"nose", "no gate in MBConv stages", "Takes squeeze-and-excitation out of the stages of MBConv alone: the first stage, and of the stacked racer the second, too.", func(r *recipe) { r.early = false }},
	{"nopos", "no position table", "Attention that does not know where a cell lies.", func(r *recipe) { r.table = false }},
	{"nonorm", "no norm before attention", "Attention reads the stream as it is.", func(r *recipe) { r.norm = false }},
	{"ln", "layer norm for batch norm", "Every batch norm gives way to a layer norm: no running statistics, and examples do not meet.", func(r *recipe) { r.layer = true }},
	{"few", "a tenth of the data", "This racer learns from a tenth of the training examples.", func(r *recipe) { r.few = true }},
	{startHead, "head only", "Starts from this net trained on drawn glyphs, and learns a new head alone.", func(r *recipe) { r.start = startHead }},
	{loraView, "row-major LoRA (loralib)", "Starts from this net trained on drawn glyphs, and freezes it. Every dense convolution gets an update of low rank as in the code of the LoRA paper: a product of two matrices, its numbers read row by row as a kernel. Depth-wise convolutions, of a group for each channel, get none. A new head is learned, too.", func(r *recipe) { r.start = loraView }},
	{loraConv, "down-and-up LoRA (PEFT)", "Starts from this net trained on drawn glyphs, and freezes it. Every dense convolution gets an update of low rank as in the PEFT library: a k×k convolution down to r channels, and a 1×1 convolution up. Depth-wise convolutions, of a group for each channel, get none. A new head is learned, too.", func(r *recipe) { r.start = loraConv }},
	{startTuned, "pretrained, all weights", "Starts from this net trained on drawn glyphs, and learns all its weights, with a new head.", func(r *recipe) { r.start = startTuned }},
}

// starts are the edits that start from a net that has learned another world. A racer has one of them at most.
var starts = []string{startHead, loraView, loraConv, startTuned}

// recipeOf is what an arm is made of, under the knobs of a run.
func recipeOf(spec wire.Spec, arm wire.Arm) recipe {
	r := blocks(arm.Racer)
	if spec.Text("position") != positionRelative {
		r.table = false
	}
	if spec.Text("downsample") == downPool {
		r.pool = true
	}
	for _, c := range changes {
		for _, e := range arm.Edits {
			if e == c.name {
				c.does(&r)
			}
		}
	}
	if r.mixer != mixMBConv && !r.stacked { // no bottleneck to take something from
		r.spatial, r.expand = true, true
	}
	if !r.spatial || !r.stacked && (r.mixer != mixMBConv || !r.first) {
		r.pool = true // there is no strided convolution, or it comes after attention
	}
	return r
}
