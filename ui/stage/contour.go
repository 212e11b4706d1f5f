package stage

// contour returns the closed lines at which a map [side, side] crosses a level, in pixels of the map: the middle of the first
// is at 0.5, 0.5. Between the middles of pixels the map is taken as linear; then every corner is cut in the middle of its sides,
// so many times, which makes steps of pixels a smooth line: few for logits, more for zeros and ones. What has no number (NaN)
// lies below every level. The border of the map closes a line that reaches it.
func contour(x []float32, side int, level float64, cuts int) [][]Point {
	// Nodes are the middles of pixels, and a rim around them with the sign that makes the border the crossing.
	w := side + 2
	node := make([]float64, w*w)
	for i := range node {
		r, c := i/w-1, i%w-1
		row, col := min(max(r, 0), side-1), min(max(c, 0), side-1)
		v := float64(x[row*side+col]) - level
		switch {
		case !(v > -1e3): // NaN as well
			v = -1e3
		case v > 1e3:
			v = 1e3
		}
		if (r != row || c != col) && v > 0 {
			v = -v
		}
		node[i] = v
	}
	// An edge has twice the number of its first node, and one more where it goes down. Each one that is crossed leads to one
	// other, with the inside to the left. The first edge lies in the rim and is crossed by none: 0 leads nowhere.
	next := make([]int, 2*len(node))
	for n := range len(node) - w - 1 {
		if n%w == w-1 {
			continue
		}
		code := 0
		for i, k := range [4]int{n, n + 1, n + w + 1, n + w} {
			if node[k] > 0 {
				code |= 1 << i
			}
		}
		edges := [4]int{2 * n, 2*n + 3, 2 * (n + w), 2*n + 1} // top, right, bottom, left
		for pair := crossed[code]; pair != ""; pair = pair[2:] {
			next[edges[pair[0]-'0']] = edges[pair[1]-'0']
		}
	}
	at := func(edge int) Point {
		n := edge / 2
		p := Point{float64(n%w) - 0.5, float64(n/w) - 0.5}
		if edge%2 == 0 {
			p.X += node[n] / (node[n] - node[n+1])
		} else {
			p.Y += node[n] / (node[n] - node[n+w])
		}
		return p
	}
	var lines [][]Point
	for first := range next {
		if next[first] == 0 {
			continue
		}
		var line []Point
		for e := first; next[e] != 0; {
			line = append(line, at(e))
			next[e], e = 0, next[e]
		}
		for range min(cuts, len(line)/4) { // a small island must not vanish
			start := line[0]
			for i := range line {
				end := start
				if i+1 < len(line) {
					end = line[i+1]
				}
				line[i] = Point{(line[i].X + end.X) / 2, (line[i].Y + end.Y) / 2}
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// crossed lists, for each set of corners of a square that lie inside, which of its sides a line leads from and to. Corners and
// sides count clockwise from the top left corner and the top. Two inside corners that face each other are not joined.
var crossed = [16]string{"", "30", "01", "31", "12", "3012", "02", "32", "23", "20", "0123", "21", "13", "10", "03", ""}
