package chart

import (
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
)

func TestTablesSortByNumbersWordsAndLeaveGapsLast(t *testing.T) {
	for _, c := range []struct{ cells, up, down string }{
		{"10|9|−2|−10.5|0", "−10.5|−2|0|9|10", "10|9|0|−2|−10.5"},
		{"1,024|999|12,000 B|3\u20090000", "3\u20090000|999|1,024|12,000 B", "12,000 B|1,024|999|3\u20090000"},
		{"4.7 kB|812 B|1.2 MB|2 GB", "812 B|4.7 kB|1.2 MB|2 GB", "2 GB|1.2 MB|4.7 kB|812 B"},
		{"94.1 ±0.5|…|88.0 ±2.0|", "88.0 ±2.0|94.1 ±0.5|…|", "94.1 ±0.5|88.0 ±2.0|…|"},
		{"1.5e−5|2e-3|< 0.1|3", "1.5e−5|2e-3|< 0.1|3", "3|< 0.1|2e-3|1.5e−5"},
		{"VPT|adaptformer|Lora|7", "7|adaptformer|Lora|VPT", "7|VPT|Lora|adaptformer"},
		{"a 2|b 1|a 1", "a 1|a 2|b 1", "b 1|a 2|a 1"},
	} {
		table := Table{Columns: []string{"n", "x"}}
		for _, x := range strings.Split(c.cells, "|") {
			table.Rows = append(table.Rows, []string{"-", x})
		}
		read := func(s Sort) string {
			var cells []string
			for _, r := range table.sorted(s).Rows {
				cells = append(cells, r[1])
			}
			return strings.Join(cells, "|")
		}
		if got := read(Sort{Column: 2}); got != c.up {
			t.Errorf("%s up: %s, want %s", c.cells, got, c.up)
		}
		if got := read(Sort{Column: 2, Down: true}); got != c.down {
			t.Errorf("%s down: %s, want %s", c.cells, got, c.down)
		}
		if got := read(Sort{}); got != c.cells {
			t.Errorf("%s became %s without being sorted", c.cells, got)
		}
		if got := read(Sort{Column: 9}); got != c.cells {
			t.Errorf("%s became %s by a column that is not there", c.cells, got)
		}
	}
}

func TestEqualRowsKeepTheirOrder(t *testing.T) {
	table := Table{Columns: []string{"a", "b"}, Rows: [][]string{{"1", "x"}, {"2", "y"}, {"1", "z"}, {"2"}, {"1", "w"}}}
	var first, second []string
	for _, r := range table.sorted(Sort{Column: 1}).Rows {
		first = append(first, strings.Join(r, ""))
	}
	if !slices.Equal(first, []string{"1x", "1z", "1w", "2y", "2"}) {
		t.Errorf("up: %v", first)
	}
	for _, r := range table.sorted(Sort{Column: 2, Down: true}).Rows { // a row without the cell is last
		second = append(second, strings.Join(r, ""))
	}
	if !slices.Equal(second, []string{"1z", "2y", "1x", "1w", "2"}) {
		t.Errorf("down: %v", second)
	}
	if table.Rows[3][0] != "2" || len(table.Rows[1]) != 2 {
		t.Error("sorting changed the table itself")
	}
}

func TestHeadsOfTablesSortAndTheOrderIsKept(t *testing.T) {
	sorts := Sorts{}
	draw := func(link string) (*panel, string) {
		f := &Figure{Figure: wire.Figure{ID: "list", Kind: wire.FigureTable, Title: "List", Columns: []string{"name", "bytes"},
			Rows: [][]string{{"b", "9"}, {"a", "10"}, {"c", "−1"}}}, Source: link, Sorts: sorts}
		p := f.Render().(*panel)
		return p, app.HTMLString(p.Render())
	}
	rows := func(page string) string {
		var list []string
		for _, c := range strings.Split(page, "<td>")[1:] {
			cell, _, _ := strings.Cut(c, "</td>")
			list = append(list, strings.TrimSpace(cell))
		}
		return strings.Join(list, " ")
	}
	p, page := draw("toy?seed=1")
	if rows(page) != "b 9 a 10 c −1" || strings.Count(page, `aria-sort="none"`) != 2 || strings.Count(page, "<button") != 3 {
		t.Fatalf("at first: %s", page)
	}
	for _, want := range []struct{ order, rows string }{{"ascending", "c −1 b 9 a 10"}, {"descending", "a 10 b 9 c −1"}, {"none", "b 9 a 10 c −1"}} {
		p.sort(2)(nil, app.Event{})
		if _, page = draw("toy?seed=2"); rows(page) != want.rows || !strings.Contains(page, `aria-sort="`+want.order+`"`) {
			t.Errorf("%s: %s", want.order, rows(page))
		}
	}
	p.sort(1)(nil, app.Event{})
	if _, page = draw("other"); rows(page) != "b 9 a 10 c −1" {
		t.Error("a table of another lab is sorted too")
	}
	if p.data().CSV() != "name,bytes\r\nb,9\r\na,10\r\nc,−1\r\n" {
		t.Errorf("the file is %q", p.data().CSV())
	}
	if page := app.HTMLString((&panel{Static: true, Data: Table{Columns: []string{"a"}, Rows: [][]string{{"1"}}}}).Render()); strings.Contains(page, "aria-sort") {
		t.Error("a table whose order nobody keeps can be sorted")
	}
}
