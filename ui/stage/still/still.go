// Package still makes pictures of the stage that stand by themselves: SVG for the page before any wasm has arrived, and
// for export. It is apart from package stage because a PNG encoder would weigh on the stage's program.
package still

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"

	"petri/kernels/lab/wire"
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
	known   map[string]bool
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
	pixels := dataPNG(r)
	h := fnv.New64a()
	h.Write([]byte(pixels))
	id := "map-" + strconv.FormatUint(h.Sum64(), 36)
	if !s.known[id] {
		if s.known == nil {
			s.known = map[string]bool{}
		}
		s.known[id] = true
		fmt.Fprintf(&s.symbols, `<symbol id="%s" viewBox="0 0 %d %d" preserveAspectRatio="none"><image width="%d" height="%d" preserveAspectRatio="none" style="image-rendering:pixelated" href="%s"/></symbol>`,
			id, r.Cols, r.Rows, r.Cols, r.Rows, pixels)
	}
	return "#" + id
}

// dataPNG writes a raster as the smallest PNG that holds it, one pixel per cell.
func dataPNG(r stage.Raster) string {
	best := encoded(full(r))
	if img := indexed(r); img != nil {
		if small := encoded(img); len(small) < len(best) {
			best = small
		}
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(best)
}

func encoded(img image.Image) []byte {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, img); err != nil {
		panic(err) // writing to memory can not fail, and no raster is empty
	}
	return b.Bytes()
}

func full(r stage.Raster) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, r.Cols, r.Rows))
	for i, c := range r.Cells {
		copy(img.Pix[4*i:], []uint8{c.R, c.G, c.B, c.A})
	}
	return img
}

// indexed is the raster with a palette, nil where it has too many colours.
func indexed(r stage.Raster) image.Image {
	at := map[color.NRGBA]uint8{}
	img := image.NewPaletted(image.Rect(0, 0, r.Cols, r.Rows), nil)
	for i, c := range r.Cells {
		k, ok := at[c]
		if !ok {
			if len(img.Palette) == 256 {
				return nil
			}
			k = uint8(len(img.Palette))
			at[c] = k
			img.Palette = append(img.Palette, c)
		}
		img.Pix[i] = k
	}
	return img
}
