package chart

import "strings"

// Table is the data behind a picture, ready for reading or for CSV.
type Table struct {
	Columns []string
	Rows    [][]string
}

// CSV writes the table as RFC 4180: comma, CRLF, quotes where needed.
func (t Table) CSV() string {
	var b strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			if strings.ContainsAny(c, ",\"\r\n") || strings.TrimSpace(c) != c {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			b.WriteString(c)
		}
		b.WriteString("\r\n")
	}
	line(t.Columns)
	for _, r := range t.Rows {
		line(r)
	}
	return b.String()
}

// Thin keeps at most n rows, evenly spaced, always with the first and the last.
func (t Table) Thin(n int) Table {
	if len(t.Rows) <= n || n < 2 {
		return t
	}
	out := Table{Columns: t.Columns, Rows: make([][]string, n)}
	for i := range out.Rows {
		out.Rows[i] = t.Rows[i*(len(t.Rows)-1)/(n-1)]
	}
	return out
}
