package lesson

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"petri/kernels/papers"
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

// Rows of the paper's Table 6 (WikiSQL), and arithmetic of ours, as they must stand in the LoRA lesson.
func TestLoRAFigures(t *testing.T) {
	var text string
	for _, p := range papers.All {
		if p.Lab.ID == "lora" {
			text = p.Lesson
		}
	}
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
