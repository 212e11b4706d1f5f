package wire

import "strings"

// Nearest returns the candidate that a mistyped word most likely meant, or "" when none comes close.
func Nearest(s string, candidates []string) string { return nearest(s, candidates) }

// nearest returns the candidate with the smallest edit distance to s, or "" when none is close. A beginning of one is close.
func nearest(s string, candidates []string) string {
	best, at := len(s)/2+2, ""
	for _, c := range candidates {
		if len(s) > 2 && strings.HasPrefix(c, s) {
			return c
		}
		if d := distance(s, c); d < best {
			best, at = d, c
		}
	}
	return at
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := prev
			if a[i] != b[j] {
				d++
			}
			prev = row[j+1]
			row[j+1] = min(d, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
