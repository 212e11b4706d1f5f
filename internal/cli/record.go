//go:build !js

package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"petri/internal/build"
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

const recordUsage = "record LAB [-out FILE] [-keep] [-again CLAIMS]"

// record makes the default run of a lab, and the runs that its claims name, and writes its report where the page finds it.
func record(c *call) error {
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	out := flags.String("out", "", "file to write; assets/recorded/LAB.json of the source folder otherwise")
	keep := flags.Bool("keep", false, "make the default run only: verdicts of the runs that claims name stay as the file has them")
	again := flags.String("again", "", "with -keep: claims whose runs are made again all the same, with commas between them")
	words, err := c.parse(flags, 1, recordUsage)
	if err != nil {
		return err
	}
	paper, err := c.paper(words[0])
	if err != nil {
		return err
	}
	if *out == "" {
		root, err := build.Root(".")
		if err != nil {
			return err
		}
		*out = filepath.Join(root, "assets", "recorded", paper.Lab.ID+".json")
	}
	spec := wire.NewSpec(paper.Lab)
	shown := pictured(paper, spec)
	start := time.Now()
	r, trials, err := makeRun(c, paper, spec, shown)
	if err != nil {
		return err
	}
	r.Recorded = &wire.Recorded{
		Date:    time.Now().UTC().Format(time.DateOnly),
		Machine: machine(),
		Seconds: math.Round(time.Since(start).Seconds()),
	}
	made := map[string]bool{}
	for _, claim := range paper.Lab.Claims {
		made[claim.ID] = !*keep || slices.Contains(strings.Split(*again, ","), claim.ID)
	}
	if *keep {
		if err := keepOthers(*out, paper, &r, made); err != nil {
			return err
		}
	}
	if err := judgeElsewhere(c, paper, &r, made); err != nil {
		return err
	}
	r.Recorded.Others = slices.DeleteFunc(r.Recorded.Others, func(o wire.OtherRun) bool {
		return !slices.ContainsFunc(r.Claims, func(c wire.ClaimReport) bool { return c.Link == o.Link })
	})
	frame := recordedFrame(paper, trials[0], shown)
	r.Frame = &frame
	shorten(r)
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return err
	}
	if err := replace(*out, append(text, '\n')); err != nil {
		return err
	}
	printReport(c.stdout, paper, r)
	fmt.Fprintf(c.stdout, "written to %s (%d kB)\n", *out, (len(text)+500)/1000)
	return nil
}

// keepOthers takes the verdicts of other runs over from the file that is there, but those that are made again. Each must be of the
// run that its claim names now.
func keepOthers(file string, paper lab.Paper, r *wire.Report, made map[string]bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var old wire.Report
	if err := json.Unmarshal(text, &old); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if old.Recorded == nil || old.Engine != r.Engine || len(old.Claims) != len(r.Claims) {
		return fmt.Errorf("%s was recorded by another program: record without -keep", file)
	}
	r.Recorded.Others = old.Recorded.Others
	for i, claim := range paper.Lab.Claims {
		if claim.Link == "" || made[claim.ID] {
			continue
		}
		_, spec, err := wire.ParseLink(wire.Catalog{Labs: []wire.Lab{paper.Lab}}, claim.Link)
		if err != nil {
			return fmt.Errorf("the run of the claim %s: %w", claim.ID, err)
		}
		if old.Claims[i].ID != claim.ID || old.Claims[i].Link != spec.Link(paper.Lab) {
			return fmt.Errorf("%s has no verdict of %s on %s: record without -keep", file, spec.Link(paper.Lab), claim.ID)
		}
		kept := old.Claims[i]
		kept.At, kept.Says, kept.Paper = r.Claims[i].At, r.Claims[i].Says, r.Claims[i].Paper // words of today, a verdict of then
		r.Claims[i] = kept
	}
	return nil
}

// judgeElsewhere makes the runs that claims name as theirs, each once, and takes their verdicts into a report.
func judgeElsewhere(c *call, paper lab.Paper, r *wire.Report, wanted map[string]bool) error {
	made := map[string]wire.Report{}
	for i, claim := range paper.Lab.Claims {
		if claim.Link == "" || !wanted[claim.ID] {
			continue
		}
		_, spec, err := wire.ParseLink(wire.Catalog{Labs: []wire.Lab{paper.Lab}}, claim.Link)
		if err != nil {
			return fmt.Errorf("the run of the claim %s: %w", claim.ID, err)
		}
		link := spec.Link(paper.Lab)
		other, done := made[link]
		if !done {
			fmt.Fprintf(c.stderr, "%s\n", link)
			if other, _, err = makeRun(c, paper, spec); err != nil {
				return err
			}
			made[link] = other
			run := wire.OtherRun{Link: link, Fingerprint: other.Fingerprint}
			for _, a := range other.Arms {
				run.Rates = append(run.Rates, a.LR)
			}
			r.Recorded.Others = append(slices.DeleteFunc(r.Recorded.Others, func(o wire.OtherRun) bool { return o.Link == link }), run)
		}
		for _, judged := range other.Claims {
			if judged.ID == claim.ID {
				judged.Link = link
				r.Claims[i] = judged
			}
		}
	}
	return nil
}

// pictured is the trial whose picture goes with a recorded run: the first seed of the racer that the lab names, or of the
// method in the middle of the field, which in a sweep of ranks is neither the thinnest nor the thickest.
func pictured(paper lab.Paper, spec wire.Spec) wire.TrialID {
	if at := slices.Index(spec.Arms(), paper.Lab.Stage.Arm); at >= 0 {
		return wire.TrialID{Arm: at}
	}
	var methods []int
	if knob, ok := paper.Lab.Knob("arms"); ok {
		for i, name := range spec.Arms() {
			if arm, err := knob.Arms.Parse(name); err == nil && paper.Arm(arm).Role == wire.RoleMethod {
				methods = append(methods, i)
			}
		}
	}
	if len(methods) == 0 {
		return wire.TrialID{}
	}
	return wire.TrialID{Arm: methods[len(methods)/2]}
}

// recordedFrame is what the stage shows of a trained trial: the first example, and the update of its first matrix.
func recordedFrame(paper lab.Paper, t lab.Trial, id wire.TrialID) wire.RecordedFrame {
	focus := wire.Focus{Trial: id, Token: -1}
	if m := paper.Lab.Stage.Matrices; len(m) > 0 {
		focus.Matrix = m[0]
	}
	f, buffers := t.Frame(focus)
	for _, b := range buffers {
		for i, x := range b {
			b[i] = rounded(x)
		}
	}
	return wire.RecordedFrame{Frame: f, Buffers: buffers}
}

// shorten rounds the points of curves, which are drawn and nothing else.
func shorten(r wire.Report) {
	for _, a := range r.Arms {
		for _, c := range a.Curves {
			for _, values := range [][]float64{c.Mean, c.Low, c.High} {
				for i, x := range values {
					values[i] = rounded(x)
				}
			}
		}
	}
}

// rounded keeps five digits: a picture needs no more, and the file is half the size.
func rounded[T float32 | float64](x T) T {
	y, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'e', 4, 64), 64)
	if err != nil {
		return x
	}
	return T(y)
}
