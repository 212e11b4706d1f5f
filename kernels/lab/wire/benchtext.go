package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// BenchTable puts a report beside what was recorded: one row per case, ready for reading and for CSV. Cases, which may
// be nil, are listed even where nothing was measured.
func BenchTable(r BenchReport, peers *Peers, cases []BenchCase) (columns []string, rows [][]string) {
	columns = []string{"case", "best, ms", "median, ms", "GFLOP/s", "× scalar loop", "samples", "median × full"}
	if len(cases) == 0 {
		for _, row := range r.Rows {
			cases = append(cases, BenchCase{ID: row.Case, Title: row.Title, FLOP: row.FLOP})
		}
	}
	if peers == nil {
		peers = &Peers{}
	}
	for _, e := range peers.Engines {
		columns = append(columns, e.Name+" recorded, ms")
	}
	for _, c := range Single(cases) {
		row := r.Row(c.ID)
		cells := []string{c.Title, digits(row.Best), digits(row.Median), "", "", "", digits(r.OfFull(c.ID))}
		if row.Samples > 0 {
			cells[5] = strconv.Itoa(row.Samples)
		}
		if row.Best > 0 {
			cells[3], cells[4] = digits(c.FLOP/row.Best/1e6), digits(row.Scalar/row.Best)
		}
		for _, e := range peers.Engines {
			x, _ := peers.Row(c.ID, e.ID)
			cells = append(cells, digits(x.Best))
		}
		rows = append(rows, cells)
	}
	return columns, rows
}

// Single lists cases one by one: the parts in place of those that take turns.
func Single(cases []BenchCase) (list []BenchCase) {
	for _, c := range cases {
		if len(c.Parts) == 0 {
			list = append(list, c)
		}
		list = append(list, c.Parts...)
	}
	return list
}

// isMethod tells the rows of MethodSteps.
func isMethod(id string) bool { return strings.HasPrefix(id, MethodSteps+"/") }

// OfFull is the time of a method's step as a ratio to that of full fine-tuning, measured in turn with it; 0 where there is none.
// It is of medians: what disturbs a machine reaches all that take turns, but of few samples it may spare one of a single method.
func (r BenchReport) OfFull(id string) float64 {
	full := r.Row(MethodFull).Median
	if full == 0 || !isMethod(id) {
		return 0
	}
	return r.Row(id).Median / full
}

// Row is the row of a case, a zero one where there is none.
func (r BenchReport) Row(id string) BenchRow {
	for _, row := range r.Rows {
		if row.Case == id {
			return row
		}
	}
	return BenchRow{}
}

// Row is what an engine reached on a case.
func (p Peers) Row(id, engine string) (PeerRow, bool) {
	for _, row := range p.Rows {
		if row.Case == id && row.Engine == engine {
			return row, true
		}
	}
	return PeerRow{}, false
}

// digits writes a measurement with four digits, nothing for none.
func digits(x float64) string {
	if x <= 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}

// Text writes a report for a terminal, a message or an issue.
func (r BenchReport) Text(peers *Peers) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %d cores, %s, engine %s, %s\n", r.Where, r.Machine, r.Cores, r.Path, r.Engine, r.Date)
	if r.Hidden {
		b.WriteString("The page was out of sight for part of the time: these times are not to be trusted.\n")
	}
	columns, rows := BenchTable(r, peers, nil)
	for i, c := range columns { // a terminal is narrow
		columns[i] = strings.Replace(c, " recorded, ms", "*", 1)
	}
	main, methods := [][]string{}, [][]string{}
	for i, row := range append([][]string{columns}, rows...) {
		if i == 0 || isMethod(r.Rows[i-1].Case) {
			methods = append(methods, []string{row[0], row[1], row[2], row[6], row[5]})
		}
		if i == 0 || !isMethod(r.Rows[i-1].Case) {
			main = append(main, append(row[:6:6], row[7:]...))
		}
	}
	tabulate(&b, main)
	if peers != nil {
		fmt.Fprintf(&b, "* best ms, recorded %s on another machine, %s, %d cores, %s: only ratios within one machine compare\n", peers.Date, peers.Machine, peers.Cores, peers.Browser)
	}
	if len(methods) > 1 {
		b.WriteString("methods of adaptation, measured in turn:\n")
		tabulate(&b, methods)
	}
	if w := r.Sweep; w != nil {
		fmt.Fprintf(&b, "sweep: %d runs of %d steps take %.2f s on one worker and %.2f s on %d, %.2f times as fast\n", w.Runs, w.Steps, w.One/1000, w.All/1000, w.Workers, w.Ratio)
	}
	if s := r.Start; s != nil {
		for i, ms := range []float64{s.Painted, s.Page, s.Kernels, s.Step} {
			if ms > 0 {
				fmt.Fprintf(&b, "start: %s after %.0f ms\n", []string{"text to read", "page at work", "kernels ready", "a fresh worker's first step"}[i], ms)
			}
		}
	}
	for _, m := range r.Memory {
		fmt.Fprintf(&b, "memory: %.1f MB after %d steps\n", float64(m.Bytes)/1e6, m.Steps)
	}
	return b.String()
}

// tabulate writes lines of cells as columns, the first one to the left.
func tabulate(b *strings.Builder, lines [][]string) {
	width := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, c := range line {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, line := range lines {
		text := ""
		for i, c := range line {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i == 0 {
				text = "  " + c + pad
			} else {
				text += "  " + pad + c
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
}
