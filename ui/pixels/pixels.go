// Package pixels writes rasters as PNG in data URLs, for SVG to enlarge without smoothing.
//
// The generator compresses them, because they weigh on the pages. The page's program does not: it makes them anew while
// a run goes on, and the encoder with its compressor would be a twentieth of its size.
package pixels

import (
	"encoding/base64"
	"image"
	"image/color"
)

// PNG is a picture as a file. It must not be empty.
func PNG(img *image.NRGBA) []byte { return encode(img) }

// URL encodes rows x cols colours, one pixel per cell. There must be at least one.
func URL(rows, cols int, at func(row, col int) color.NRGBA) string {
	img := image.NewNRGBA(image.Rect(0, 0, cols, rows))
	for r := range rows {
		for c := range cols {
			img.SetNRGBA(c, r, at(r, c))
		}
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(encode(img))
}
