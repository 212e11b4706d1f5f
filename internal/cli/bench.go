//go:build !js

package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	measure "petri/kernels/bench"

	"petri/kernels/lab/wire"
)

const benchUsage = "bench [-json]"

// benchBudget is how long each case is measured natively, in milliseconds.
const benchBudget = 600

// bench prints what the kernels reach here.
func bench(c *call) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print the reports as JSON")
	if _, err := c.parse(flags, 0, benchUsage); err != nil {
		return err
	}
	reports := []wire.BenchReport{benchNatively(c.stderr)}
	if *asJSON {
		out := json.NewEncoder(c.stdout)
		out.SetIndent("", "  ")
		return out.Encode(reports)
	}
	for _, r := range reports {
		printBench(c.stdout, r)
	}
	return nil
}

func benchNatively(log io.Writer) wire.BenchReport {
	start := time.Now()
	clock := func() float64 { return float64(time.Since(start)) / float64(time.Millisecond) }
	r := wire.BenchReport{Engine: wire.Engine, Date: start.Format("2006-01-02"), Where: "native", Machine: machine(), Cores: runtime.NumCPU()}
	r.Path, r.Rows = measure.Measure(clock, benchBudget, func(m measure.Case) { fmt.Fprintln(log, "measuring:", m.Title) })
	return r
}

func printBench(w io.Writer, r wire.BenchReport) {
	fmt.Fprintf(w, "%s, %s, one core used, %s:\n", r.Where, r.Machine, r.Path)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  what\tbest ms\tmedian\tGFLOP/s\ttimes the scalar loop\t")
	for _, row := range r.Rows {
		rate, ratio := "", ""
		if row.FLOP > 0 {
			rate = fmt.Sprintf("%.1f", row.FLOP/row.Best/1e6)
		}
		if row.Scalar > 0 {
			ratio = fmt.Sprintf("%.1f", row.Scalar/row.Best)
		}
		fmt.Fprintf(t, "  %s\t%.4g\t%.4g\t%s\t%s\t\n", row.Title, row.Best, row.Median, rate, ratio)
	}
	t.Flush()
}
