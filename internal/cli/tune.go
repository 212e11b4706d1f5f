//go:build !js

package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"petri/assets"
	"petri/internal/build"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
)

const tuneUsage = "tune LAB [-only WORDS] [-out FILE] [-checkpoint DIR]"

// tune trains every racer of a lab at every rate of one grid and writes the table of the best ones.
func tune(c *call) error {
	flags := flag.NewFlagSet("tune", flag.ContinueOnError)
	only := flags.String("only", "", "tune the cases whose name begins with these words; the others keep their rows")
	out := flags.String("out", "", "file to write; the table of the lab in the source folder otherwise")
	kept := flags.String("checkpoint", "", "folder for the scores so far; the user's cache folder otherwise")
	words, err := c.parse(flags, 1, tuneUsage)
	if err != nil {
		return err
	}
	paper, err := c.paper(words[0])
	if err != nil {
		return err
	}
	if paper.Tune == nil {
		return fmt.Errorf("%s has no learning rates to tune", paper.Lab.ID)
	}
	if *out == "" {
		root, err := build.Root(".")
		if err != nil {
			return err
		}
		*out = filepath.Join(root, filepath.FromSlash(paper.Tune.File))
	}
	cases, err := chosen(paper.Tune.Cases(), *only)
	if err != nil {
		return err
	}
	if *kept, err = checkpointDir(*kept); err != nil {
		return err
	}
	scores, err := tuneCases(c, paper, cases, openScores(filepath.Join(*kept, "tune-"+paper.Lab.ID+".json")))
	if err != nil {
		return err
	}
	file, err := paper.Tune.Table(scores)
	if err != nil {
		return err
	}
	if err := replace(*out, file); err != nil {
		return err
	}
	for _, t := range cases {
		cells := make([]string, len(paper.Tune.Grid))
		for i, s := range scores[t.Name] {
			cells[i] = fmt.Sprintf("%g: %s", paper.Tune.Grid[i], percent(s))
		}
		fmt.Fprintf(c.stdout, "%-28s %s\n", t.Name, strings.Join(cells, "  "))
	}
	fmt.Fprintf(c.stdout, "written to %s\n", *out)
	return nil
}

// chosen are the cases whose names begin with the given words, all for none.
func chosen(all []lab.TuneCase, words string) ([]lab.TuneCase, error) {
	want := strings.Fields(words)
	var some []lab.TuneCase
	var names []string
	for _, t := range all {
		names = append(names, t.Name)
		have := strings.Fields(t.Name)
		fits := len(want) <= len(have)
		for i := 0; fits && i < len(want); i++ {
			fits = have[i] == want[i]
		}
		if fits {
			some = append(some, t)
		}
	}
	if len(some) == 0 {
		return nil, wrong(words, names, "no case begins with %q; a case is for example %q", words, names[0])
	}
	return some, nil
}

// tuneCases trains the cases at every rate with every seed, but for those whose score is known. The result is the mean
// of the metric at each rate.
func tuneCases(c *call, paper lab.Paper, cases []lab.TuneCase, known *scoreFile) (map[string][]float64, error) {
	tuning := paper.Tune
	var jobs []job
	for _, t := range cases {
		for _, rate := range tuning.Grid {
			for _, seed := range tuning.Seeds {
				link := t.Link(rate, seed)
				_, spec, err := wire.ParseLink(c.catalog(), link)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", t.Name, err)
				}
				if _, ok := known.Scores[link]; ok {
					continue
				}
				jobs = append(jobs, job{
					name: fmt.Sprintf("%s at %g, seed %d", t.Name, rate, seed),
					make: func(env lab.Env) (lab.Trial, error) { return tuning.Trial(env, spec) },
					done: func(trial lab.Trial) error {
						score, ok := trial.Result().Metrics[tuning.Metric]
						if !ok {
							return fmt.Errorf("%s at %g, seed %d measured no %s", t.Name, rate, seed, tuning.Metric)
						}
						return known.put(link, score)
					},
				})
			}
		}
	}
	if err := work(c, jobs); err != nil {
		return nil, err
	}
	scores := map[string][]float64{}
	for _, t := range cases {
		for _, rate := range tuning.Grid {
			var seeds []float64
			for _, seed := range tuning.Seeds {
				seeds = append(seeds, known.Scores[t.Link(rate, seed)])
			}
			scores[t.Name] = append(scores[t.Name], lab.Interval(seeds).Mean)
		}
	}
	return scores, nil
}

// scoreFile keeps the score of every trial, by its link, so that an interrupted tuning goes on where it was.
type scoreFile struct {
	Of     string             `json:"of"` // the engine and the backbones that the scores belong to
	Scores map[string]float64 `json:"scores"`
	name   string
}

// openScores reads the scores of an earlier tuning with the same engine and backbones; others count for nothing.
func openScores(name string) *scoreFile {
	of := wire.Engine + " " + nn.Hash(assets.Manifest)
	f := &scoreFile{name: name}
	if text, err := os.ReadFile(name); err != nil || json.Unmarshal(text, f) != nil || f.Of != of || f.Scores == nil {
		f.Of, f.Scores = of, map[string]float64{}
	}
	return f
}

// put writes a score down at once: trials take seconds, the file a millisecond.
func (f *scoreFile) put(link string, score float64) error {
	f.Scores[link] = score
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.name), 0o755); err != nil {
		return err
	}
	return replace(f.name, text)
}
