package page

import (
	"encoding/json"
	"image"
	"image/color"
	"strconv"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/pixels"
	"petri/ui/stage"
	"petri/ui/state"
)

// mask is one mask [side, side] of an answer: numbers above 0 inside.
type mask struct {
	side int
	at   []float32
	rgb  []float32 // of the picture [side, side, 3]
	cut  float64   // between four pixels, what is above it is inside: 0 for logits, a half for masks of zeros and ones
}

// maskOf is a mask of an answer, ok is false where its buffers do not hold it.
func maskOf(pic *state.Picture, i int) (m mask, ok bool) {
	if pic == nil || i < 0 || len(pic.Buffers) < 2 {
		return m, false
	}
	n := pic.Frame.Answer.Side
	if n <= 0 || len(pic.Buffers[0]) < 3*n*n || len(pic.Buffers[1]) < (i+1)*n*n {
		return m, false
	}
	m = mask{side: n, at: pic.Buffers[1][i*n*n : (i+1)*n*n], rgb: pic.Buffers[0]}
	if pic.Frame.Answer.Kind != wire.AskPrompt {
		m.cut = 0.5
	}
	return m, true
}

// inside reports whether a place of the picture, in pixels of the mask, lies inside: numbers are interpolated between the middles
// of four pixels, so that a cut-out of a large picture has no steps.
func (m mask) inside(x, y float64) bool {
	x, y = min(max(x-0.5, 0), float64(m.side-1)), min(max(y-0.5, 0), float64(m.side-1))
	c, r := min(int(x), max(0, m.side-2)), min(int(y), max(0, m.side-2))
	fx, fy := x-float64(c), y-float64(r)
	right, down := min(c+1, m.side-1), min(r+1, m.side-1)
	v := func(row, col int) float64 { return float64(m.at[row*m.side+col]) }
	return (v(r, c)*(1-fx)+v(r, right)*fx)*(1-fy)+(v(down, c)*(1-fx)+v(down, right)*fx)*fy > m.cut
}

// cutOut is what lies inside a mask, cut to its bounds, everything else seen through. A picture of the visitor's is cut at its own
// size. It is nil for an empty mask.
func cutOut(m mask, own *state.OwnPicture) *image.NRGBA {
	side, at := m.side, func(row, col int) color.NRGBA { return colourAt(m.rgb, row*m.side+col) }
	if own != nil && own.FullSide > m.side && len(own.Full) >= 4*own.FullSide*own.FullSide {
		side = own.FullSide
		at = func(row, col int) color.NRGBA {
			q := own.Full[4*(row*side+col):]
			return color.NRGBA{q[0], q[1], q[2], q[3]}
		}
	}
	k := float64(m.side) / float64(side)
	full := image.NewNRGBA(image.Rect(0, 0, side, side))
	box := image.Rectangle{}
	for row := range side {
		for col := range side {
			if m.inside((float64(col)+0.5)*k, (float64(row)+0.5)*k) {
				full.SetNRGBA(col, row, at(row, col))
				box = box.Union(image.Rect(col, row, col+1, row+1))
			}
		}
	}
	if box.Empty() {
		return nil
	}
	out := image.NewNRGBA(image.Rect(0, 0, box.Dx(), box.Dy()))
	for row := range box.Dy() {
		from := full.PixOffset(box.Min.X, box.Min.Y+row)
		copy(out.Pix[row*out.Stride:], full.Pix[from:from+4*box.Dx()])
	}
	return out
}

// runs are the run lengths of a mask, column by column from the top left corner, zeros first: as COCO writes them.
func (m mask) runs() []int {
	runs, n, last := []int{}, 0, false
	for col := range m.side {
		for row := range m.side {
			if in := m.at[row*m.side+col] > 0; in != last {
				runs, n, last = append(runs, n), 0, in
			}
			n++
		}
	}
	return append(runs, n)
}

// bounds are the box of a mask [x, y, width, height] and its pixels.
func (m mask) bounds() (box [4]int, area int) {
	b := image.Rectangle{}
	for i, v := range m.at {
		if v > 0 {
			b = b.Union(image.Rect(i%m.side, i/m.side, i%m.side+1, i/m.side+1))
			area++
		}
	}
	return [4]int{b.Min.X, b.Min.Y, b.Dx(), b.Dy()}, area
}

// cocoFile is what one mask is written as.
type cocoFile struct {
	Image struct {
		Width  int `json:"width"`
		Height int `json:"height"`
	} `json:"image"`
	Annotations []cocoMask `json:"annotations"`
}

type cocoMask struct {
	ID           int `json:"id"`
	Segmentation struct {
		Size   [2]int `json:"size"` // height, width
		Counts []int  `json:"counts"`
	} `json:"segmentation"`
	BBox      [4]int       `json:"bbox"`
	Area      int          `json:"area"`
	Predicted float64      `json:"predicted_iou"`
	Stability float64      `json:"stability_score"`
	Points    [][2]float64 `json:"point_coords"`
}

// front is the mask in front of the last prompt.
func (s *Site) front() (m mask, i int, ok bool) {
	p := s.S.Prompting
	i = p.Front()
	m, ok = maskOf(p.Shown, i)
	return m, i, ok && p.Current() // else it is the mask of the picture before
}

func (s *Site) savePNG(name string, img *image.NRGBA) {
	if img == nil {
		s.do(state.Complain{Place: "prompt", Text: "This mask is empty: there is nothing to cut out."})
		return
	}
	if s.host != nil {
		s.host.Save("petri-"+s.S.Lab.ID+"-"+name+".png", "image/png", pixels.PNG(img))
	}
}

func (p *stagePanel) cutOut(app.Context, app.Event) {
	if m, _, ok := p.Site.front(); ok {
		p.Site.savePNG("cut-out", cutOut(m, p.Site.S.Prompting.Own))
	}
}

func (p *stagePanel) maskPNG(app.Context, app.Event) {
	m, _, ok := p.Site.front()
	if !ok {
		return
	}
	img := image.NewNRGBA(image.Rect(0, 0, m.side, m.side))
	for i, v := range m.at {
		c := color.NRGBA{A: 255}
		if v > 0 {
			c = color.NRGBA{255, 255, 255, 255}
		}
		img.SetNRGBA(i%m.side, i/m.side, c)
	}
	p.Site.savePNG("mask", img)
}

func (p *stagePanel) maskJSON(app.Context, app.Event) {
	m, i, ok := p.Site.front()
	if !ok {
		return
	}
	a := p.Site.S.Prompting.Shown.Frame.Answer
	var file cocoFile
	file.Image.Width, file.Image.Height = m.side, m.side
	one := cocoMask{ID: 1, Predicted: a.Masks[i].Predicted, Stability: a.Masks[i].Stability, Points: [][2]float64{}}
	one.Segmentation.Size, one.Segmentation.Counts = [2]int{m.side, m.side}, m.runs()
	one.BBox, one.Area = m.bounds()
	for _, at := range a.Prompt.Points {
		one.Points = append(one.Points, [2]float64{at.X, at.Y})
	}
	file.Annotations = []cocoMask{one}
	if text, err := json.Marshal(file); err == nil && p.Site.host != nil {
		p.Site.host.Save("petri-"+p.Site.S.Lab.ID+"-mask.json", "application/json", append(text, '\n'))
	}
}

func (e *everything) cutOut(ctx app.Context, _ app.Event) {
	p := e.Site.S.Prompting
	i, err := strconv.Atoi(chosen(ctx, "mask"))
	if m, ok := maskOf(p.Found, i); err == nil && ok {
		e.Site.savePNG("cut-out-"+itoa(i+1), cutOut(m, p.Own))
	}
}

func (e *everything) png(app.Context, app.Event) {
	p := e.Site.S.Prompting
	if p.Found == nil || e.Site.host == nil {
		return
	}
	n := p.Found.Frame.Answer.Side
	img := image.NewNRGBA(image.Rect(0, 0, n, n))
	for at, i := range labels(p.Found, p.Off) {
		if i >= 0 {
			img.SetNRGBA(at%n, at/n, stage.MaskColour(i))
		}
	}
	e.Site.savePNG("masks", img)
}
