//go:build !js

package serve

import (
	"os"
	"strconv"
	"strings"
)

// codings are those that the generator writes copies in, the better one first; extension is what such a copy adds to
// the name of its file.
var (
	codings   = []string{"br", "gzip"}
	extension = map[string]string{"br": ".br", "gzip": ".gz"}
)

// choose returns the coding in which a file is sent, "" for as it is, and whether there was a choice. accept are the
// values of Accept-Encoding. What the client likes most wins; where it likes two the same, the smaller copy does.
func choose(name string, accept []string) (coding string, offered bool) {
	best := 0.0
	for _, c := range codings {
		if !exists(name + extension[c]) {
			continue
		}
		offered = true
		if q := quality(c, accept); q > best {
			coding, best = c, q
		}
	}
	if best < quality("identity", accept) {
		coding = ""
	}
	return coding, offered
}

// quality is how much a client likes a coding, 0 for not at all (RFC 9110, 12.5.3).
func quality(coding string, accept []string) float64 {
	named, any := -1.0, -1.0
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		name, weight, _ := strings.Cut(part, ";")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(weight, " ", "")), "q="); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil || !(v >= 0 && v <= 1) {
				v = 0 // what cannot be read is not asked for
			}
			q = v
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case coding:
			named = q
		case "*":
			any = q
		}
	}
	switch {
	case named >= 0:
		return named
	case coding == "identity":
		return 0 // a client that does not speak of it takes it last, and never refuses it
	}
	return max(any, 0)
}

func exists(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
