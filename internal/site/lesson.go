//go:build !js

package site

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
)

// lesson turns the Markdown of a paper into HTML. The text is our own and holds formulae as MathML, so raw HTML passes.
func lesson(markdown string) (string, error) {
	md := goldmark.New(
		goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(html.WithUnsafe()),
	)
	var b bytes.Buffer
	err := md.Convert([]byte(markdown), &b)
	return b.String(), err
}
