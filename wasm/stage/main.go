//go:build js

// Command stage is the program of the stage's iframe: it keeps a ui/stage.Stage, feeds it messages, pointer and keys,
// and shows its pixels with Ebiten. Nothing else imports Ebiten, which takes over the whole document it runs in.
//
// It draws only when something changed, because the workers need the cores: between changes a frame costs one empty
// callback. Pointer and keys come from the DOM, since Ebiten polls and loses fast clicks; its canvas gets none.
//
// Where a browser has no graphics hardware, its processor would play the graphics card: a core's worth of work that
// every task of the page waits for. There the pixels go to a plain canvas instead (plain.go).
package main

import (
	"fmt"
	"syscall/js"

	"github.com/hajimehoshi/ebiten/v2"

	"petri/ui/stage"
)

func main() {
	s := stage.New()
	p := newPage(s)
	if js.Global().Get("petriPlain").Bool() {
		p.draw = plainly(s)
		p.listen()
		select {}
	}
	p.draw = ebiten.ScheduleFrame
	// The mode is marked as deprecated in favour of drawing nothing in most frames, which still runs update, layout
	// and the command queue 60 times a second.
	ebiten.SetFPSMode(ebiten.FPSModeVsyncOffMinimum)
	ebiten.SetRunnableOnUnfocused(true)
	p.listen()
	err := ebiten.RunGameWithOptions(&game{stage: s}, &ebiten.RunGameOptions{InitUnfocused: true, ScreenTransparent: true, DisableHiDPI: false})
	if err != nil {
		p.fail(fmt.Errorf("the stage cannot draw: %w", err))
	}
}

// game shows the pixels of a stage in the top left corner of the screen, one to one.
type game struct {
	stage *stage.Stage
	image *ebiten.Image
}

// Update has nothing to do: the stage changes in the callbacks of the page.
func (g *game) Update() error { return nil }

// Draw uploads the pixels when they changed, and tells the document, which keeps a copy of the frame. It draws the image
// every time it is called, since the screen is empty after a resize.
func (g *game) Draw(screen *ebiten.Image) {
	if g.stage.Dirty() || g.image == nil {
		pixels := g.stage.Paint()
		w, h := pixels.Rect.Dx(), pixels.Rect.Dy()
		if g.image == nil || g.image.Bounds().Dx() != w || g.image.Bounds().Dy() != h {
			if g.image != nil {
				g.image.Deallocate()
			}
			g.image = ebiten.NewImage(w, h)
		}
		g.image.WritePixels(pixels.Pix)
	}
	screen.DrawImage(g.image, nil)
	js.Global().Call("petriDrawn")
}

// Layout asks for one screen pixel per device pixel.
func (g *game) Layout(int, int) (int, int) { panic("LayoutF is called instead") }

// LayoutF asks for one screen pixel per device pixel.
func (g *game) LayoutF(width, height float64) (float64, float64) {
	scale := ebiten.Monitor().DeviceScaleFactor()
	return width * scale, height * scale
}
