package cli

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	"petri/internal/build"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

const tuneUsage = "tune LAB [-only WORDS] [-out FILE]"

// tune trains every racer of a lab at every rate of one grid and writes the table of the best ones.
func tune(c *call) error {
	flags := flag.NewFlagSet("tune", flag.ContinueOnError)
	only := flags.String("only", "", "tune the cases whose name begins with these words; the others keep their rows")
	out := flags.String("out", "", "file to write; the table of the lab in the source folder otherwise")
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
	scores, err := tuneCases(c, paper, cases)
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

// tuneCases trains the cases at every rate with every seed. The result is the mean of the metric at each rate.
func tuneCases(c *call, paper lab.Paper, cases []lab.TuneCase) (map[string][]float64, error) {
	tuning := paper.Tune
	single := make([][][]float64, len(cases)) // by case, rate and seed
	var jobs []job
	for n, t := range cases {
		single[n] = make([][]float64, len(tuning.Grid))
		for i, rate := range tuning.Grid {
			single[n][i] = make([]float64, len(tuning.Seeds))
			for k, seed := range tuning.Seeds {
				_, spec, err := wire.ParseLink(c.catalog(), t.Link(rate, seed))
				if err != nil {
					return nil, fmt.Errorf("%s: %w", t.Name, err)
				}
				jobs = append(jobs, job{
					name: fmt.Sprintf("%s at %g, seed %d", t.Name, rate, seed),
					make: func(env lab.Env) (lab.Trial, error) { return tuning.Trial(env, spec) },
					done: func(trial lab.Trial) {
						single[n][i][k] = trial.Result().Metrics[tuning.Metric]
					},
				})
			}
		}
	}
	if err := work(c, jobs); err != nil {
		return nil, err
	}
	scores := map[string][]float64{}
	for n, t := range cases {
		for _, seeds := range single[n] {
			scores[t.Name] = append(scores[t.Name], lab.Interval(seeds).Mean)
		}
	}
	return scores, nil
}
