package chart

import (
	"cmp"
	"slices"
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
	slices.SortStableFunc(rows, func(a, b []string) int {
		x, y := cell(a), cell(b)
		order := cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.text, y.text))
		if s.Down {
			order = -order
		}
		return cmp.Or(cmp.Compare(x.rank, y.rank), order)
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

// scales are the units behind numbers that change their size.
var scales = map[string]float64{"k": 1e3, "kB": 1e3, "MB": 1e6, "GB": 1e9, "M": 1e6, "G": 1e9, "MFLOP": 1e6, "GFLOP": 1e9, "kFLOP": 1e3}

// keyOf reads a cell: a number at its start counts, with minus sign, grouping and unit; else its letters.
func keyOf(cell string) cellKey {
	text := strings.TrimSpace(cell)
	if strings.Trim(text, "…–—-−·") == "" {
		return cellKey{rank: cellEmpty}
	}
	if x, rest, ok := leading(text); ok {
		unit, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if f, ok := scales[unit]; ok {
			x *= f
		}
		return cellKey{rank: cellNumber, number: x}
	}
	return cellKey{rank: cellText, text: strings.ToLower(text)}
}

// leading reads the number at the start of a text.
func leading(text string) (x float64, rest string, ok bool) {
	text = strings.TrimLeft(text, "<>≈±+ ")
	var b strings.Builder
	runes := []rune(text)
	i := 0
	digit := func(k int) bool { return k < len(runes) && runes[k] >= '0' && runes[k] <= '9' }
	sign := func(k int) bool { return k < len(runes) && (runes[k] == '-' || runes[k] == '−') }
	if sign(i) {
		b.WriteByte('-')
		i++
	}
	point := false
	for from := i; i < len(runes); i++ {
		switch r := runes[i]; {
		case digit(i):
			b.WriteRune(r)
		case r == '.' && !point && digit(i+1):
			point = true
			b.WriteByte('.')
		case i > from && digit(i-1) && digit(i+1) && digit(i+2) && digit(i+3) && !digit(i+4) && strings.ContainsRune(",\u2009\u202f\u00a0", r):
			// a group of three digits
		case (r == 'e' || r == 'E') && i > from && (digit(i+1) || sign(i+1) && digit(i+2)):
			b.WriteByte('e')
			if i++; sign(i) {
				b.WriteByte('-')
			} else {
				b.WriteRune(runes[i])
			}
			for i++; digit(i); i++ {
				b.WriteRune(runes[i])
			}
			x, err := strconv.ParseFloat(b.String(), 64)
			return x, string(runes[i:]), err == nil
		default:
			x, err := strconv.ParseFloat(b.String(), 64)
			return x, string(runes[i:]), err == nil
		}
	}
	x, err := strconv.ParseFloat(b.String(), 64)
	return x, "", err == nil
}
