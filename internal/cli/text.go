//go:build !js

package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

// printReport writes a report for people.
func printReport(w io.Writer, paper lab.Paper, r wire.Report) {
	fmt.Fprintf(w, "%s\n%s\n\n", paper.Lab.Title, r.Link)
	printArms(w, r, paper.Lab.Scored())
	fmt.Fprintln(w)
	for _, c := range r.Claims {
		printClaim(w, c)
	}
	for _, n := range r.Notes {
		printWrapped(w, "note     ", n)
	}
	if r.Fingerprint != "" {
		fmt.Fprintf(w, "fingerprint %s (engine %s)\n", r.Fingerprint, r.Engine)
	}
}

func printArms(w io.Writer, r wire.Report, score wire.Score) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "racer\ttrained\thead\trate\ttest "+score.Noun+"\t95 % interval\tkept\toptimizer\tms/step\t")
	for _, a := range r.Arms {
		acc := a.Metrics[score.Test]
		interval := "-"
		if len(acc.Values) > 1 {
			interval = percent(acc.Low) + " to " + percent(acc.High)
		}
		name := a.Arm
		if a.As != "" {
			name += " as " + a.As
		}
		if a.Batch > 0 {
			name += ", batch " + strconv.Itoa(a.Batch)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f\t\n", name, thousands(a.Trainable), thousands(a.Head),
			strconv.FormatFloat(a.LR, 'g', -1, 64), percent(acc.Mean), interval,
			kilobytes(a.Ledger.KeptBytes), kilobytes(a.Ledger.OptimizerBytes), a.MsPerStep)
	}
	t.Flush()
}

func printClaim(w io.Writer, c wire.ClaimReport) {
	fmt.Fprintf(w, "%-8s %s (%s)\n", c.Verdict, c.ID, c.At)
	printWrapped(w, "  says   ", c.Says)
	printWrapped(w, "  paper  ", c.Paper)
	printWrapped(w, "  here   ", c.Here)
	printWrapped(w, "  why    ", c.Why)
	printWrapped(w, "  scale  ", c.Scale)
	fmt.Fprintln(w)
}

// printWrapped writes text in lines of readable length behind a heading; nothing where there is no text.
func printWrapped(w io.Writer, heading, text string) {
	for i, line := range wrap(text, 100) {
		if i > 0 {
			heading = strings.Repeat(" ", len(heading))
		}
		fmt.Fprintln(w, heading+line)
	}
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func kilobytes(n int) string { return thousands((n+500)/1000) + " kB" }

// thousands writes 199936 as 199,936.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
