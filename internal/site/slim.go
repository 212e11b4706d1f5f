//go:build !js

package site

import (
	"bytes"
	"strings"
)

// What a page needs before it can be read is small only if it is sent without its comments, which are for readers of the
// source. Nothing else is changed: no name, no order, no line.

// slimScript leaves out lines that are only a comment, and indentation. The comment that a file begins with stays, since
// it may name a licence. A script with a literal of
// several lines is left as it is: there such a line may be text.
func slimScript(text []byte) []byte {
	for line := range bytes.Lines(text) {
		if bytes.Count(line, []byte("`"))%2 != 0 {
			return text
		}
	}
	var b strings.Builder
	head := true
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		comment := strings.HasPrefix(line, "//")
		head = head && comment
		if line == "" || comment && !head {
			continue
		}
		b.WriteString(line + "\n")
	}
	return []byte(b.String())
}

// slimStyles leaves out comments, indentation and empty lines. Strings are kept as they are.
func slimStyles(text []byte) []byte {
	var b strings.Builder
	s := string(text)
	for s != "" {
		switch {
		case strings.HasPrefix(s, "/*"):
			end := strings.Index(s[2:], "*/")
			if end < 0 {
				end = len(s) - 4
			}
			s = s[end+4:]
		case s[0] == '"' || s[0] == '\'':
			end := 1
			for end < len(s) && s[end] != s[0] {
				if s[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(s))
			b.WriteString(s[:end])
			s = s[end:]
		default:
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	lines := strings.Split(b.String(), "\n")
	b.Reset()
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return []byte(b.String())
}
