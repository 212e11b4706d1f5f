//go:build !js

package site

import (
	"fmt"
	"slices"
	"strings"
)

// switches are the attributes that are on by being there. go-app writes hidden="false" for what is not hidden, which a
// browser that reads the page takes for hidden.
var switches = []string{
	"async", "autofocus", "autoplay", "checked", "default", "defer", "disabled", "hidden", "ismap", "loop", "multiple",
	"muted", "open", "readonly", "required", "reversed", "selected",
}

// tidyAttributes mends the attributes of every element: switches that are off are left out, and the rest stands in
// alphabetical order. go-app keeps attributes in a map and prints them in a new order each time, which would make
// every build a new version of the site.
func tidyAttributes(html string) (string, error) {
	var b strings.Builder
	b.Grow(len(html))
	for {
		at := strings.IndexByte(html, '<')
		if at < 0 || at+1 == len(html) {
			b.WriteString(html)
			return b.String(), nil
		}
		b.WriteString(html[:at])
		html = html[at:]
		if !letter(html[1]) { // an end tag, a comment, the doctype
			b.WriteByte('<')
			html = html[1:]
			continue
		}
		name, attributes, end, rest, err := tag(html)
		if err != nil {
			return "", err
		}
		attributes = slices.DeleteFunc(attributes, func(a string) bool {
			name, off := strings.CutSuffix(a, `="false"`)
			return off && slices.Contains(switches, name)
		})
		slices.Sort(attributes)
		b.WriteString("<" + name)
		for _, a := range attributes {
			b.WriteString(" " + a)
		}
		b.WriteString(end)
		html = rest
		if name == "script" || name == "style" { // their text is no markup
			stop := strings.Index(html, "</"+name)
			if stop < 0 {
				return "", fmt.Errorf("<%s> has no end", name)
			}
			b.WriteString(html[:stop])
			html = html[stop:]
		}
	}
}

// tag reads a start tag: its name, its attributes as they are written, and how it ends, ">" or "/>".
func tag(html string) (name string, attributes []string, end, rest string, err error) {
	i := 1
	for i < len(html) && !space(html[i]) && html[i] != '>' && html[i] != '/' {
		i++
	}
	name = html[1:i]
	for {
		for i < len(html) && space(html[i]) {
			i++
		}
		if i == len(html) {
			return "", nil, "", "", fmt.Errorf("<%s> is not closed", name)
		}
		if html[i] == '>' {
			return name, attributes, ">", html[i+1:], nil
		}
		if strings.HasPrefix(html[i:], "/>") {
			return name, attributes, "/>", html[i+2:], nil
		}
		start := i
		i++
		for i < len(html) && !space(html[i]) && html[i] != '>' && html[i] != '=' && html[i] != '/' {
			i++
		}
		if i < len(html) && html[i] == '=' {
			i++
			if i < len(html) && (html[i] == '"' || html[i] == '\'') {
				n := strings.IndexByte(html[i+1:], html[i])
				if n < 0 {
					return "", nil, "", "", fmt.Errorf("an attribute of <%s> is not closed", name)
				}
				i += n + 2
			} else {
				for i < len(html) && !space(html[i]) && html[i] != '>' {
					i++
				}
			}
		}
		attributes = append(attributes, html[start:i])
	}
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func space(c byte) bool  { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }
