//go:build !js

package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

const runUsage = "run 'LAB?knob=value&...' [-json] [-cpuprofile FILE]"

// run makes a run and prints its report.
func run(c *call) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print the report as JSON")
	profile := flags.String("cpuprofile", "", "write a CPU profile to this file")
	words, err := c.parse(flags, 1, runUsage)
	if err != nil {
		return err
	}
	l, spec, err := wire.ParseLink(c.catalog(), words[0])
	if err != nil {
		return err
	}
	paper, err := c.paper(l.ID)
	if err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	r, _, err := makeRun(c, paper, spec)
	if err != nil {
		return err
	}
	if *asJSON {
		e := json.NewEncoder(c.stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	printReport(c.stdout, paper, r)
	return nil
}

// makeRun trains all trials of a run and judges them. keep, where given, picks trials whose trained models are wanted
// afterwards.
func makeRun(c *call, paper lab.Paper, spec wire.Spec, keep ...wire.TrialID) (wire.Report, []lab.Trial, error) {
	ids := spec.TrialIDs()
	results := make([]wire.TrialResult, len(ids))
	kept := make([]lab.Trial, len(keep))
	jobs := make([]job, len(ids))
	for i, id := range ids {
		jobs[i] = job{
			name: fmt.Sprintf("%s, seed %d", spec.Arms()[id.Arm], id.Seed),
			make: func(env lab.Env) (lab.Trial, error) { return paper.NewTrial(env, spec, id) },
			done: func(t lab.Trial) error {
				results[i] = t.Result()
				for k, want := range keep {
					if want == id {
						kept[k] = t
					}
				}
				return nil
			},
		}
	}
	if err := work(c, jobs); err != nil {
		return wire.Report{}, nil, err
	}
	r, err := lab.MakeReport(environment(), paper, spec, results)
	return r, kept, err
}
