// Package still makes pictures of the stage that stand by themselves: SVG for the page before any wasm has arrived, and
// for export. It is apart from package stage because a PNG encoder would weigh on the stage's program.
package still

import (
	"fmt"
	"hash/fnv"
	"image/color"
	"strconv"
	"strings"

	"petri/kernels/lab/wire"
	"petri/ui/pixels"
	"petri/ui/stage"
)

// SVG draws a frame under a view, words included. With theme "" its colours are the page's CSS variables, so that it
// follows light and dark; with "light" or "dark" they are fixed, for a file.
func SVG(f wire.Frame, buffers [][]float32, v stage.View, theme string) (string, error) {
	p, err := stage.NewPicture(f, buffers)
	if err != nil {
		return "", err
	}
	return Draw(stage.Build(p, v), theme, "The stage", stage.Describe(p, v)), nil
}

// Draw writes a scene with its words. Title is the picture's accessible name, description its text alternative.
func Draw(s *stage.Scene, theme, title, description string) string {
	return stage.SVG(s, theme, title, description, dataPNG)
}

// Sheet draws several pictures of one page that show the same maps, each at its own size: the pixels of a map are
// written once, as a symbol, and the pictures refer to it.
type Sheet struct {
	symbols strings.Builder
	known   map[string]string
}

// Draw writes a scene with its words and keeps its maps for Symbols.
func (s *Sheet) Draw(scene *stage.Scene, theme, title, description string) string {
	return stage.SVG(scene, theme, title, description, s.symbol)
}

// Symbols is an element that is not seen; it has to stand in the page with the pictures.
func (s *Sheet) Symbols() string {
	return `<svg aria-hidden="true" style="position:absolute;width:0;height:0">` + s.symbols.String() + `</svg>`
}

// symbol names a map by its pixels: two pages that are both in the document may then carry the same one.
func (s *Sheet) symbol(r stage.Raster) string {
	url := dataPNG(r)
	h := fnv.New32a()
	h.Write([]byte(url))
	id := "map-" + strconv.FormatUint(uint64(h.Sum32()), 36)
	for s.known[id] != "" && s.known[id] != url { // two maps of one name: rare, but pixels must not be swapped
		id += "-"
	}
	if s.known[id] == "" {
		if s.known == nil {
			s.known = map[string]string{}
		}
		s.known[id] = url
		fmt.Fprintf(&s.symbols, `<symbol id="%s" viewBox="0 0 %d %d" preserveAspectRatio="none"><image width="%d" height="%d" preserveAspectRatio="none" style="image-rendering:pixelated" href="%s"/></symbol>`,
			id, r.Cols, r.Rows, r.Cols, r.Rows, url)
	}
	return "#" + id
}

// dataPNG writes a raster, one pixel per cell.
func dataPNG(r stage.Raster) string {
	return pixels.URL(r.Rows, r.Cols, func(row, col int) color.NRGBA { return r.Cells[row*r.Cols+col] })
}
