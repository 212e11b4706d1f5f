package sam

import (
	"fmt"

	"petri/kernels/data"
	"petri/kernels/lab/wire"
	"petri/kernels/lab/words"
)

// labID names the lab, in links and in its streams of random numbers.
const labID = "sam"

// description is all that the page and the command line know about this lab.
func description() wire.Lab {
	return wire.Lab{
		ID:       labID,
		Title:    "Segment Anything",
		Short:    "Segment Anything",
		Question: "One click, three right answers",
		Authors:  "Kirillov, Mintun, Ravi, Mao, Rolland, Gustafson, Xiao, Whitehead, Berg, Lo, Dollár and Girshick",
		Venue:    "ICCV 2023",
		Year:     2023,
		Shelf:    "See",
		Idea: "A click on a wheel may mean the hub, the wheel or the whole thing, so a network that is asked for masks answers with three of them and says how good it takes each to be. " +
			"The picture is encoded once, and every point, box or brush stroke costs only a small decoder: move over the picture and see.",
		Links: []wire.Link{
			{Label: "Paper (arXiv 2304.02643)", URL: "https://arxiv.org/abs/2304.02643"},
			{Label: "The authors' code", URL: "https://github.com/facebookresearch/segment-anything"},
		},
		Facts:   facts(),
		Knobs:   knobs(),
		Claims:  claims(),
		Score:   &wire.Score{Test: testMIoU, Validation: validationMIoU, Name: "mIoU", Noun: "mIoU", How: "IoU of the best of the masks for one click, mean over everything that can be asked for on the test scenes"},
		Stage:   wire.Stage{Title: "Point at something", Arm: "heads:3"},
		Prompts: prompting(),
		BibTeX: `@inproceedings{kirillov2023segment,
  title         = {Segment Anything},
  author        = {Kirillov, Alexander and Mintun, Eric and Ravi, Nikhila and Mao, Hanzi and Rolland, Chloe and Gustafson, Laura and Xiao, Tete and Whitehead, Spencer and Berg, Alexander C. and Lo, Wan-Yen and Doll{\'a}r, Piotr and Girshick, Ross},
  booktitle     = {IEEE/CVF International Conference on Computer Vision},
  year          = {2023},
  eprint        = {2304.02643},
  archivePrefix = {arXiv}
}
`,
	}
}

// facts are what a reader has to know of models, data and budget. What the shipped model scores is read off its record.
func facts() []wire.Fact {
	live, shipped := Live(3), Shipped()
	size := func(c Config) string {
		return fmt.Sprintf("%d × %d pixels, %d × %d tokens of width %d, %d blocks, %s weights", c.Image, c.Image, c.Grid(), c.Grid(), c.Width, c.Depth, words.Count(c.Count()))
	}
	list := []wire.Fact{
		{Name: "Yours", Text: "the model that races here, trained from random weights: " + size(live)},
		{Name: "Trained", Text: "the model that answers when the page opens: " + size(shipped)},
	}
	if e, err := Shown(); err == nil && e.Numbers > 0 {
		s := e.HeldOut
		list = append(list,
			wire.Fact{Name: "Recipe", Text: fmt.Sprintf("%s steps of %d scenes, %d masks each, %s: %s on %s, %s",
				words.Count(e.Recipe.Steps()), e.Recipe.Batch, e.Recipe.Per, e.Recipe.rounds(), lasted(e.Seconds), e.Date, e.Machine)},
			wire.Fact{Name: "Held out", Text: fmt.Sprintf("on %s things of %d test scenes the trained model has a mean IoU of %s with the best of three masks for one click in the middle, of %s with the mask that it shows itself, and of %s after five clicks; its own estimates rank the masks with a correlation of %s",
				words.Count(s.Asked), s.Scenes, words.Number(s.BestOf, 2), words.Number(s.ByClicks[0], 2), words.Number(s.ByClicks[4], 2), words.Number(s.Spearman, 2))})
	}
	if t, err := ShownTwins(); err == nil && t.Scenes > 0 {
		list = append(list, wire.Fact{Name: "One or three", Text: fmt.Sprintf("two models of that size which learned alike for %s steps, one training each, recorded on %s on %s: on %d test scenes the best of the three masks of the one has a mean IoU of %s for one click, the only mask of the other one of %s; scene by scene three masks gain %s points (95 %% interval over scenes %s to %s)",
			words.Count(t.Recipe.Steps()), t.Date, t.Machine, t.Scenes, words.Number(t.Three, 2), words.Number(t.One, 2), words.Number(100*t.Gain, 1), words.Number(100*t.Low, 1), words.Number(100*t.High, 1))})
	}
	return append(list,
		wire.Fact{Name: "Data", Text: "generated scenes of robots, flowers, houses, trains, cups and balloons, all made of parts that are made of parts; backgrounds of the test are in no other scene, and of its objects one in four has parts, one in four a size and some a colour that no other scene has"},
		wire.Fact{Name: "Budget", Text: "the same scenes, order, steps and batch, and the same encoder to begin with, for every racer of a seed; those of the data engine have scenes and masks of their own, as many steps of them, and a helper that was trained before"},
		wire.Fact{Name: "Rates", Text: "tuned on validation scenes, one grid for all racers; those that were not tuned borrow, and the report says from whom"},
		wire.Fact{Name: "Pictures", Text: "what you paint, drop in or film stays in this browser: it is scaled down here and sent nowhere"})
}

// lasted says how long a training took.
func lasted(seconds float64) string {
	minutes := int(seconds/60 + 0.5)
	if minutes < 60 {
		return fmt.Sprintf("%d minutes", minutes)
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}

// promptScenes are how many scenes there are to turn over on the stage. They are of the validation world: the test is not played with.
const promptScenes = 32

// prompting is what the models are asked, and about what.
func prompting() *wire.Prompts {
	return &wire.Prompts{Title: "Three answers", Model: "Trained on 64 px", Split: data.Validation.String(), Scenes: promptScenes,
		Side: Shipped().Image, Live: Live(3).Image, Shipped: []string{Asset}, Every: everyone(),
		Seen: "Both models have seen nothing but generated scenes. What they make of a photograph or of a painting of yours is a guess from those, and there is no true mask to hold it against."}
}

// Headings of the knobs.
const (
	groupModel    = "Model"
	groupTraining = "Training"
	groupData     = "Data"
	groupBudget   = "Budget"
)

// defaultArms is the race of the default link.
const defaultArms = "heads:1,heads:3"

func knobs() []wire.Knob {
	return []wire.Knob{
		{Name: "arms", Label: "Racers", Group: groupModel, Kind: wire.KnobArms, Default: defaultArms,
			Help: "Who races: up to four models that differ in how many masks they give for one click and in how these learn.",
			Arms: &wire.ArmKnob{Racers: options(), Most: 4, Own: []string{"rounds", "single", "lr"}}},
		{Name: "rounds", Label: "Rounds", Unit: "prompts", Group: groupTraining, Kind: wire.KnobInt, Default: "2", Min: 1, Max: 8, Step: 1,
			Help: "How often each mask is asked for in a training step, once those of “First prompt only” are over: a first point or box, then points where the answer is wrong. The paper has 11. A step takes longer with more of them."},
		{Name: "single", Label: "First prompt only", Unit: "% of steps", Group: groupTraining, Kind: wire.KnobInt, Default: "50", Min: 0, Max: 90, Step: 10,
			Help: "How long, at the beginning, each mask is asked for once only. It is cheap, and teaches where things lie; correcting is learned in the steps that remain. The paper corrects in every step: 0."},
		{Name: "scenes", Label: "Training scenes", Symbol: "N", Group: groupData, Kind: wire.KnobInt, Default: "4000", Min: 16, Max: 100000, Step: 1, Log: true,
			Help: "How many scenes there are to learn from. Each seed has its own, the same for every racer; of a scene, other masks are asked for each time."},
		{Name: "lr", Label: "Learning rate", Symbol: "η", Group: groupBudget, Kind: wire.KnobAuto, Default: "auto", Min: 1e-5, Max: 1, Log: true,
			Help: "Peak of the schedule, for the weights of products, which Muon moves; AdamW moves all else at half of it. auto takes each racer's own rate from the tuned table; a number is used for all of them."},
		{Name: "batch", Label: "Batch", Symbol: "B", Unit: "scenes", Group: groupBudget, Kind: wire.KnobInt, Default: "8", Min: 1, Max: 64, Step: 1, Log: true,
			Help: "Scenes per step. On each, four masks are asked for."},
		{Name: "steps", Label: "Steps", Group: groupBudget, Kind: wire.KnobInt, Default: "800", Min: 1, Max: 5000, Step: 1, Log: true,
			Help: "Training steps of each racer. The rate warms up for the first twentieth and then falls along a cosine; for the first 15 % the masks that lose learn a little too."},
		{Name: "seeds", Label: "Seeds", Group: groupBudget, Kind: wire.KnobInt, Default: "3", Min: 1, Max: 5, Step: 1,
			Help: "How often the race is repeated with other scenes and other random starts. Intervals need at least two."},
		{Name: "seed", Label: "First seed", Group: groupBudget, Kind: wire.KnobInt, Default: "0", Min: 0, Max: 4294967295, Step: 1,
			Help: "The number from which all randomness of the run is drawn. The same link gives the same bits on every machine."},
	}
}
