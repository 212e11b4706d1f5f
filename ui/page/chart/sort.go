package chart

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Sorts remembers how tables are sorted, by table: a page keeps it, so that no drawing loses it.
type Sorts map[string]Sort

// Sort is the order of a table's rows. The zero value is the order in which they came.
type Sort struct {
	Column int // counted from 1
	Down   bool
}

// press is the order after a press on the head of a column: up, then down, then as it was.
func (s Sort) press(column int) Sort {
	switch {
	case s.Column != column:
		return Sort{Column: column}
	case !s.Down:
		return Sort{Column: column, Down: true}
	}
	return Sort{}
}

// aria is the order as the head of a column tells it.
func (s Sort) aria(column int) string {
	switch {
	case s.Column != column:
		return "none"
	case s.Down:
		return "descending"
	}
	return "ascending"
}

// sorted orders the rows by a column: numbers before words, and what is neither last in either direction. Equal cells keep
// their order.
func (t Table) sorted(s Sort) Table {
	at := s.Column - 1
	if at < 0 || at >= len(t.Columns) {
		return t
	}
	cell := func(row []string) cellKey {
		if at >= len(row) {
			return cellKey{rank: cellEmpty}
		}
		return keyOf(row[at])
	}
	rows := slices.Clone(t.Rows)
	sort.SliceStable(rows, func(i, j int) bool {
		x, y := cell(rows[i]), cell(rows[j])
		if x.rank != y.rank {
			return x.rank < y.rank
		}
		if s.Down {
			x, y = y, x
		}
		return x.number < y.number || x.number == y.number && x.text < y.text
	})
	return Table{Columns: t.Columns, Rows: rows}
}

// The ranks of cells in a sorted column.
const (
	cellNumber = iota
	cellText
	cellEmpty
)

type cellKey struct {
	rank   int
	number float64
	text   string
}

// keyOf reads a cell: a number at its start counts, with minus sign, grouping and unit; else its letters.
func keyOf(cell string) cellKey {
	text := strings.TrimSpace(cell)
	if strings.Trim(text, "…–—-−·") == "" {
		return cellKey{rank: cellEmpty}
	}
	if x, rest, ok := leading(text); ok {
		// Units such as kB and MFLOP change the size of their numbers.
		if unit, _, _ := strings.Cut(strings.TrimSpace(rest), " "); len(unit) == 1 || strings.HasSuffix(unit, "B") || strings.HasSuffix(unit, "FLOP") {
			switch unit[0] {
			case 'k':
				x *= 1e3
			case 'M':
				x *= 1e6
			case 'G':
				x *= 1e9
			}
		}
		return cellKey{rank: cellNumber, number: x}
	}
	return cellKey{rank: cellText, text: strings.ToLower(text)}
}

// leading reads the number at the start of a text.
func leading(text string) (x float64, rest string, ok bool) {
	text = strings.NewReplacer("−", "-", "\u2009", ",", "\u202f", ",", "\u00a0", ",").Replace(strings.TrimLeft(text, "<>≈±+ "))
	end := len(text)
	if i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.,-e", r) }); i >= 0 {
		end = i
	}
	for ; end > 0; end-- { // the longest start that is a number: "3, " is 3, and "2-fold" is 2
		number := text[:end]
		within := end < len(text) && text[end] >= '0' && text[end] <= '9'
		if within || strings.Contains(number, ",") && !grouped(number) {
			continue
		}
		number = strings.ReplaceAll(number, ",", "")
		if x, err := strconv.ParseFloat(number, 64); err == nil {
			return x, text[end:], true
		}
	}
	return 0, text, false
}

// grouped tells whether the commas of a number stand before groups of three digits.
func grouped(number string) bool {
	whole, _, _ := strings.Cut(number, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && (len(g) != 3 || strings.Trim(g, "0123456789") != "") || g == "" || g == "-" {
			return false
		}
	}
	return true
}
