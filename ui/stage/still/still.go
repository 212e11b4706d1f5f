// Package still makes pictures of the stage that stand by themselves: SVG for the page before any wasm has arrived, and
// for export. It is apart from package stage because a PNG encoder would weigh on the stage's program.
package still

import (
	"image/color"

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

// dataPNG writes a raster, one pixel per cell.
func dataPNG(r stage.Raster) string {
	return pixels.URL(r.Rows, r.Cols, func(row, col int) color.NRGBA { return r.Cells[row*r.Cols+col] })
}
