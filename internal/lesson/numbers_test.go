package lesson

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/papers"
	"petri/kernels/papers/vpt"
	"petri/kernels/tape"
)

// sources says where every number in a lesson comes from: the paper with the place in it, arithmetic that is done
// here again, or the lab itself. A number that is not listed must not stand in a lesson.
var sources = map[string]map[string]string{
	"lora": {
		"175":    "paper, section 4.2: billion weights of GPT-3",
		"1.2":    "paper, section 4.2: TB of memory to train GPT-3 175B",
		"350":    "paper, section 4.2: GB, memory to train with LoRA, and size of a checkpoint",
		"35":     "paper, section 4.2: MB, checkpoint at r = 4 on q and v",
		"128":    "paper, Table 1: tokens of the sequence at batch 1",
		"19.8":   "paper, Table 1: ms, fine-tuned or merged",
		"23.9":   "paper, Table 1: ms, AdapterL",
		"25.8":   "paper, Table 1: ms, AdapterH",
		"1":      "paper, number of a table; ranks of Table 6; identity of a similarity; one over 64",
		"2":      "ranks of Table 6; GPT-2",
		"3":      "paper, number of a figure; GPT-3",
		"4":      "ranks of Table 6 and of the lab's arms",
		"5":      "paper, number of a table",
		"6":      "paper, number of a table",
		"7":      "paper, number of a table",
		"8":      "ranks of Table 6, of Table 5 and of Figure 3",
		"64":     "rank of Table 6 and Figure 3; width of this lab's backbone",
		"0.5":    "paper, Table 6: spread on WikiSQL; Figure 3: similarity of the first direction",
		"18":     "paper, Table 5: million parameters",
		"21.5":   "paper, section 7.3: amplification at r = 4",
		"12,288": "paper: width of GPT-3 175B",
		"4,096":  "64 × 64",
		"512":    "4 × (64 + 64)",
		"32":     "largest rank of the arms of this lab's default run",
		"68.8":   "paper, Table 6: q, r = 1", "69.6": "paper, Table 6: q, r = 2", "70.5": "paper, Table 6: q, r = 4",
		"70.4": "paper, Table 6: q, r = 8; Table 5: q, r = 8", "70.0": "paper, Table 6: q, r = 64",
		"73.4": "paper, Table 6: q, v, r = 1", "73.3": "paper, Table 6: q, v, r = 2", "73.7": "paper, Table 6: q, v, r = 4; all four, r = 2; Table 5: q, v, r = 4",
		"73.8": "paper, Table 6: q, v, r = 8", "73.5": "paper, Table 6: q, v, r = 64",
		"74.1": "paper, Table 6: all four, r = 1", "74.0": "paper, Table 6: all four, r = 4 and 8", "73.9": "paper, Table 6: all four, r = 64",
	},
	"moat": {
		"0":       "names of models: tiny-MOAT-0, MOAT-0",
		"1":       "name of a model: MOAT-1; 1 × 1 convolution",
		"3":       "3 × 3 windows of the depth-wise convolution: the authors' code",
		"4":       "4 × 4 cells: windows of this lab; name of a model: MOAT-4",
		"8":       "8 × 8 cells: map of this lab's first attention stage",
		"9":       "3 × 3",
		"128":     "4 × 32: channels inside the bottleneck of this lab's first attention stage",
		"1,152":   "9 × 128",
		"147,456": "9 × 128 × 128",
		"15":      "2 × 8 - 1",
		"225":     "15 × 15",
		"6":       "4 + 2: what one windowed block sees (ringSides)",
		"12":      "3 windows of 4",
		"14":      "12 + 2: what two windowed blocks see (ringSides)",
		"22":      "5 windows of 4, and 2: what three windowed blocks see (ringSides); ImageNet-22K",
		"32":      "pixels along a side of this lab's images",
		"60":      "steps of the short race that the lesson offers",
		"150":     "steps of the default run",
		"512":     "authors' checkpoints: input size of MOAT-4",
		"3.4":     "authors' checkpoints: million weights of tiny-MOAT-0",
		"27.8":    "authors' checkpoints: million weights of MOAT-0",
		"41.6":    "authors' checkpoints: million weights of MOAT-1",
		"483":     "authors' checkpoints: million weights of MOAT-4 (483.2)",
		"76.6":    "authors' checkpoints: tiny-MOAT-0, with position table", "76.0": "authors' checkpoints: tiny-MOAT-0, without",
		"83.3": "authors' checkpoints: MOAT-0, with position table", "83.0": "authors' checkpoints: MOAT-0, without",
		"84.2": "authors' checkpoints: MOAT-1, with position table", "84.1": "authors' checkpoints: MOAT-1, without",
		"89.1": "authors' checkpoints: MOAT-4, with position table", "88.9": "authors' checkpoints: MOAT-4, without",
		"0.1":  "authors' checkpoints: least difference, MOAT-1",
		"0.6":  "authors' checkpoints: largest difference, tiny-MOAT-0",
		"59.2": "paper, abstract: box AP on COCO",
		"227":  "paper, abstract: million weights of that detector",
	},
	"sam": {
		"0":    "coordinates from 0 to 1",
		"1":    "coordinates from 0 to 1",
		"11":   "paper, appendix A: rounds of a mask; paper, abstract: million pictures of SA-1B",
		"4.3":  "paper, section 4: million masks of the assisted stage",
		"120":  "paper, section 4: thousand pictures of the assisted stage",
		"20":   "paper, section 4: masks in a picture when the assisted stage began",
		"44":   "paper, section 4: masks in a picture after the assisted stage",
		"5.9":  "paper, section 4: million further masks of the half automatic stage",
		"180":  "paper, section 4: thousand further pictures of the half automatic stage",
		"72":   "paper, section 4: masks in a picture after the half automatic stage",
		"1.1":  "paper, abstract: billion masks of SA-1B",
		"34":   "paper, section 4: seconds for a mask when the assisted stage began",
		"14":   "paper, section 4: seconds for a mask after it",
		"99.1": "paper, section 5: percent of masks made automatically",
		"23":   "paper, section 7.1: data sets",
		"16":   "paper, section 7.1: data sets on which one mask beats RITM",
		"59.3": "paper, section 7.3: average recall of 1,000 proposals on LVIS",
		"54.9": "paper, section 7.3: the same with one mask for a point",
		"63.0": "paper, section 7.3: the same of ViTDet-H",
		"50":   "paper, section 3: ms for prompt encoder and decoder in a browser",
		"64":   "pixels along a side of the shipped model's picture",
		"32":   "pixels along a side of the live model's picture",
		"85":   "percent, of the claim sam.clicks",
		"0.6":  "rank correlation, of the claim sam.score",
	},
	"vpt": {
		"3":       "name of a racer: ia3; percent below which a method is thin, of the claim peft.memory",
		"4":       "blocks of V-tiny; compacter:4 and lora:4 of the table",
		"8":       "bottlenecks of the table; krona:8",
		"10":      "prefix:10 of the table",
		"16":      "patches of V-tiny, (32 / 8)²; ViT-B/16; authors' code: 4 rates and 4 decays for full fine-tuning",
		"17":      "16 patches and the class token",
		"27":      "17 + 10 prompts",
		"64":      "width of V-tiny",
		"289":     "17 × 17",
		"729":     "27 × 27",
		"640":     "10 × 64: Prompting.Count of one layer",
		"2,560":   "4 × 10 × 64: Prompting.Count of all layers",
		"100":     "training examples of a run that the lesson offers",
		"205,376": "nn.Count of V-tiny without its head",
		"4,384":   "adaptformer:8, pfeiffer:8: what Fit returns",
		"8,768":   "houlsby:8: what Fit returns",
		"928":     "compacter:4 at a bottleneck of 8: what Fit returns",
		"4,096":   "lora:4: what Fit returns",
		"1,024":   "krona:8: what Fit returns",
		"1,536":   "ia3: what Fit returns",
		"5,120":   "prefix:10: what Fit returns",
		"2,944":   "bitfit: what Fit returns",
		"1,152":   "ln: what Fit returns",
		"40":      "authors' code: 10 rates and 4 decays for prompts",
		"21":      "ImageNet-21k",
		"20":      "paper, as others quote it: tasks on which VPT-deep beats full fine-tuning",
		"24":      "paper, as others quote it: tasks in all",
		"79.32":   "paper, as others quote it: linear, FGVC", "68.93": "linear, VTAB Natural", "77.16": "linear, VTAB Specialized", "26.84": "linear, VTAB Structured",
		"89.11": "paper, as others quote it: VPT-Deep, FGVC", "78.48": "VPT-Deep, VTAB Natural", "82.43": "VPT-Deep, VTAB Specialized", "54.98": "VPT-Deep, VTAB Structured",
		"88.54": "paper, as others quote it: full, FGVC", "75.88": "full, VTAB Natural", "83.36": "full, VTAB Specialized", "47.64": "full, VTAB Structured",
		"36.02": "paper, as others quote it: VPT-Deep on a masked autoencoder, VTAB Natural",
		"59.29": "paper, as others quote it: full on a masked autoencoder, VTAB Natural",
	},
}

var numberPattern = regexp.MustCompile(`\d[\d,]*\d(?:\.\d+)?|\d(?:\.\d+)?`)

func TestEveryNumberHasASource(t *testing.T) {
	for _, p := range papers.All {
		html, err := HTML(p.Lesson)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, n := range numberPattern.FindAllString(Plain(html), -1) {
			seen[n] = true
			if sources[p.Lab.ID][n] == "" {
				t.Errorf("%s: the number %s has no source", p.Lab.ID, n)
			}
		}
		for n := range sources[p.Lab.ID] {
			if !seen[n] {
				t.Errorf("%s: the number %s is sourced and not used", p.Lab.ID, n)
			}
		}
	}
}

// lessonOf is the lesson of a lab.
func lessonOf(t *testing.T, lab string) string {
	for _, p := range papers.All {
		if p.Lab.ID == lab {
			return p.Lesson
		}
	}
	t.Fatalf("there is no lab %s", lab)
	return ""
}

// Rows of the paper's Table 6 (WikiSQL), and arithmetic of ours, as they must stand in the LoRA lesson.
func TestLoRAFigures(t *testing.T) {
	text := lessonOf(t, "lora")
	for _, row := range []string{
		"| q | 68.8 | 69.6 | 70.5 | 70.4 | 70.0 |",
		"| q, v | 73.4 | 73.3 | 73.7 | 73.8 | 73.5 |",
		"| q, k, v, o | 74.1 | 73.7 | 74.0 | 74.0 | 73.9 |",
	} {
		if !strings.Contains(text, row+"\n") {
			t.Errorf("Table 6 lacks the row %s", row)
		}
	}
	const width, rank, gpt3 = 64, 4, 12288
	for claim, holds := range map[string]bool{
		"64 × 64 = 4,096 entries":                             width*width == 4096,
		"4 × (64 + 64) = " + strconv.Itoa(rank*(width+width)): true,
		"an eighth":              8*rank*(width+width) == width*width,
		"less than a thousandth": rank*2*gpt3*1000 < gpt3*gpt3,
		"a sixteenth":            rank*16 == width,
		"less than a third":      350*3 < 1200,
	} {
		if !holds || !strings.Contains(text, claim) {
			t.Errorf("%q: holds %v, stands in the lesson %v", claim, holds, strings.Contains(text, claim))
		}
	}
}

// The rows of the family in the lesson of VPT, from what the methods train and whether they merge; and arithmetic.
func TestVPTFigures(t *testing.T) {
	text := lessonOf(t, "vpt")
	config := nn.VTiny()
	count := func(ps []*tape.Param) (n int) {
		for _, p := range ps {
			n += len(p.Value.Data)
		}
		return n
	}
	fit := func(m vpt.Method) (trained int, merges string) {
		random := rand.New(rand.NewPCG(1, 2))
		model := nn.NewViT(random, config)
		_, before := nn.Count(model.Backbone())
		fitted, err := m.Fit(model, random, random)
		if err != nil {
			t.Fatal(err)
		}
		_, after := nn.Count(model.Backbone())
		switch {
		case after == before:
			merges = "built in"
		case fitted.Merge() == nil:
			merges = "yes"
		default:
			merges = "no"
		}
		return count(fitted.Own), merges
	}
	for racer, m := range map[string]vpt.Method{
		"adaptformer:8": vpt.AdaptFormer{Bottleneck: 8, Scale: 0.1}, "houlsby:8": vpt.Houlsby{Bottleneck: 8},
		"pfeiffer:8": vpt.Pfeiffer{Bottleneck: 8, Start: vpt.ZeroUp}, "compacter:4": vpt.Compacter{N: 4, Bottleneck: 8},
		"lora:4": vpt.LoRA{Rank: 4, Alpha: 8}, "krona:8": vpt.KronA{First: 8, Scale: 1}, "ia3": vpt.IA3{},
		"prefix:10": vpt.Prefixing{Length: 10}, "bitfit": vpt.BitFit{}, "ln": vpt.LayerNorms{},
	} {
		trained, merges := fit(m)
		row := regexp.MustCompile(`(?m)^\| ` + racer + ` \| [^|]+ \| ` + thousands(trained) + ` \| ` + merges + ` \|$`)
		if !row.MatchString(text) {
			t.Errorf("the lesson has no row %s", row)
		}
	}
	_, network := nn.Count(nn.NewViT(rand.New(rand.NewPCG(1, 2)), config).Backbone())
	shallow, _ := fit(vpt.Prompting{Length: 10, Layers: 1})
	deep, merges := fit(vpt.Prompting{Length: 10, Layers: config.Depth})
	thin := func(m vpt.Method) bool { trained, _ := fit(m); return 100*trained < 3*network }
	tokens := config.Tokens()
	for claim, holds := range map[string]bool{
		fmt.Sprintf("%d layers, width %d and %d patches", config.Depth, config.Width, tokens-1): true,
		fmt.Sprintf("%d numbers, or %s if deep", shallow, thousands(deep)):                      true,
		"the network has " + thousands(network):                                                 true,
		fmt.Sprintf("%d tokens into %d", tokens, tokens+10):                                     true,
		fmt.Sprintf("27 × 27 = %d pairs instead of %d", (tokens+10)*(tokens+10), tokens*tokens): tokens+10 == 27,
		"Nor can prompts be merged":                                                             merges == "no",
		"In the longest sequence, patches are a minority":                                       2*(tokens-1) < 50+tokens,
		"lose to it on average in one group of four":                                            89.11 > 88.54 && 78.48 > 75.88 && 82.43 < 83.36 && 54.98 > 47.64,
		"train percents of a network":                                                           100*deep > network && 10*deep < network,
		"BitFit, LoRA and prompts train less than 3 percent":                                    thin(vpt.BitFit{}) && thin(vpt.LoRA{Rank: 4, Alpha: 8}) && thin(vpt.Prompting{Length: 10, Layers: config.Depth}),
	} {
		if !holds || !strings.Contains(text, claim) {
			t.Errorf("%q: holds %v, stands in the lesson %v", claim, holds, strings.Contains(text, claim))
		}
	}
	for _, row := range []string{
		"| head only | 79.32 | 68.93 | 77.16 | 26.84 |",
		"| VPT-deep | 89.11 | 78.48 | 82.43 | 54.98 |",
		"| everything | 88.54 | 75.88 | 83.36 | 47.64 |",
	} {
		if !strings.Contains(text, row+"\n") {
			t.Errorf("the paper's results lack the row %s", row)
		}
	}
}

// The paper's numbers, as they must stand in the lesson of Segment Anything.
func TestSAMFigures(t *testing.T) {
	text := lessonOf(t, "sam")
	for _, words := range []string{
		"| assisted | 4.3 million | 120 thousand | from 20 to 44 |\n",
		"| semi-automatic | 5.9 million more | 180 thousand | from 44 to 72 |\n",
		"| automatic, in all | 1.1 billion | 11 million | |\n",
		"from 34 to 14 seconds", "99.1 percent are automatic", "On 23 data sets", "on 16.", "it wins on all 23",
		"59.3 percent with three masks for a point and 54.9 with one", "ViTDet-H, reaches 63.0", "plays 11 rounds", "about 50 ms in a browser",
	} {
		if !strings.Contains(text, words) {
			t.Errorf("the lesson lacks %q", words)
		}
	}
}

// thousands writes a count as the lessons do: 4,096.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
