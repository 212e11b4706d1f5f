package page

import (
	"cmp"
	"fmt"
	"html"
	"image/color"
	"math"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/kernels/lab/wire"
	"petri/ui/page/chart"
	"petri/ui/pixels"
	"petri/ui/stage"
	"petri/ui/state"
)

// cardPicture is the small picture of a lab: the update of its recorded run beside the factors it is made of, or what the
// panels of a network with maps of several sizes show over the image.
func (s *Site) cardPicture(lab wire.Lab) app.UI {
	r := s.Data.Recorded[lab.ID]
	if r != nil && r.Frame != nil && r.Frame.Frame.Sized() {
		if p, err := stage.NewPicture(r.Frame.Frame, r.Frame.Buffers); err == nil {
			return app.Raw(`<svg viewBox="0 0 160 100" preserveAspectRatio="xMidYMid meet" aria-hidden="true">` + over(p, r.Frame.Buffers) + `</svg>`)
		}
	}
	if r != nil && r.Frame != nil && r.Frame.Frame.Answer != nil {
		return app.Raw(`<svg viewBox="0 0 160 100" preserveAspectRatio="xMidYMid meet" aria-hidden="true">` + cutCard(r.Frame) + `</svg>`)
	}
	if r == nil || r.Frame == nil || r.Frame.Frame.Rank == 0 || len(r.Frame.Buffers) < 5 {
		return app.Raw(`<svg viewBox="0 0 160 100" aria-hidden="true">` + strings.Replace(mark, "<svg ", `<svg x="56" y="26" width="48" height="48" `, 1) + `</svg>`)
	}
	f, b := r.Frame.Frame, r.Frame.Buffers
	// As the paper writes it: ΔW has out rows and in columns, A lies above it and B stands to its left. Stored is
	// [in, out], so everything is transposed.
	var svg strings.Builder
	svg.WriteString(`<svg viewBox="0 0 160 100" preserveAspectRatio="xMidYMid meet" aria-hidden="true">`)
	image := func(x, y, w, h float64, rows, cols int, at func(row, col int) float32) {
		fmt.Fprintf(&svg, `<image x="%.1f" y="%.1f" width="%.1f" height="%.1f" preserveAspectRatio="none" style="image-rendering:pixelated" href="%s"/>`, x, y, w, h, diverging(rows, cols, at))
	}
	image(54, 16, 72, 72, f.Cols, f.Rows, func(row, col int) float32 { return b[2][col*f.Cols+row] })
	image(40, 16, 9, 72, f.Cols, f.Rank, func(row, col int) float32 { return b[4][col*f.Cols+row] })
	image(54, 4, 72, 9, f.Rank, f.Rows, func(row, col int) float32 { return b[3][col*f.Rank+row] })
	svg.WriteString(`</svg>`)
	return app.Raw(svg.String())
}

// cutCard draws the picture of an answer and, beside it, what its mask cuts out.
func cutCard(f *wire.RecordedFrame) string {
	m, ok := maskOf(&state.Picture{Frame: f.Frame, Buffers: f.Buffers}, f.Frame.Answer.Chosen)
	if !ok {
		return ""
	}
	var svg strings.Builder
	for i, x := range []int{6, 84} {
		url := pixels.URL(m.side, m.side, func(row, col int) color.NRGBA {
			c := colourAt(m.rgb, row*m.side+col)
			if i == 1 && m.at[row*m.side+col] <= 0 {
				c.A = 40
			}
			return c
		})
		fmt.Fprintf(&svg, `<image x="%d" y="15" width="70" height="70" style="image-rendering:pixelated" href="%s"/>`, x, url)
	}
	return svg.String()
}

// over draws the image of a picture and, beside it, its first panel over the image.
func over(p *stage.Picture, buffers [][]float32) string {
	var svg strings.Builder
	draw := func(x float64, rows, cols int, at func(row, col int) color.NRGBA) {
		fmt.Fprintf(&svg, `<image x="%.1f" y="15" width="70" height="70" preserveAspectRatio="none" style="image-rendering:pixelated" href="%s"/>`, x, pixels.URL(rows, cols, at))
	}
	draw(6, p.Height, p.Width, func(row, col int) color.NRGBA {
		g := uint8(8 + 247*min(max(buffers[0][row*p.Width+col], 0), 1))
		return color.NRGBA{R: g, G: g, B: g, A: 255}
	})
	for _, n := range p.Panels {
		if n.OverImage {
			x := buffers[n.Buffer][:n.Rows*n.Cols]
			top := max(slices.Max(x), 1e-30)
			draw(84, n.Rows, n.Cols, func(row, col int) color.NRGBA { return stage.Viridis(float64(x[row*n.Cols+col] / top)) })
			break
		}
	}
	return svg.String()
}

// diverging paints numbers as a PNG: blue below zero, red above, strength as opacity, so that zero is the panel itself
// in either theme. The scale is symmetric; its end is the value that one in fifty exceeds.
func diverging(rows, cols int, at func(row, col int) float32) string {
	sum := 0.0
	for r := range rows {
		for c := range cols {
			v := float64(at(r, c))
			sum += v * v
		}
	}
	end := 2.3 * math.Sqrt(sum/float64(rows*cols))
	if end == 0 {
		end = 1
	}
	return pixels.URL(rows, cols, func(r, c int) color.NRGBA {
		v := float64(at(r, c)) / end
		k := color.NRGBA{R: 214, G: 69, B: 61}
		if v < 0 {
			k = color.NRGBA{R: 47, G: 127, B: 193}
		}
		k.A = uint8(255 * min(1, math.Abs(v)))
		return k
	})
}

// thumbnail draws the score of floor, reference and one method of a recorded run.
func thumbnail(r *wire.Report, score wire.Score) string {
	styles := chart.Palette(r.Arms)
	var method []wire.ArmReport
	var picked []wire.ArmReport
	for _, a := range r.Arms {
		switch a.Role {
		case wire.RoleMethod:
			method = append(method, a)
		case wire.RoleFloor, wire.RoleReference:
			picked = append(picked, a)
		}
	}
	if len(method) > 0 {
		picked = append(picked, method[len(method)/2])
	}
	const w, h, right = 340.0, 128.0, 96.0
	last, low := 1.0, 1.0
	curve := func(a wire.ArmReport) wire.Curve {
		for _, c := range a.Curves {
			if c.Name == score.Validation && len(c.Step) > 1 {
				return c
			}
		}
		return wire.Curve{}
	}
	for _, a := range picked {
		if c := curve(a); len(c.Step) > 0 {
			last, low = max(last, float64(c.Step[len(c.Step)-1])), min(low, c.Mean[len(c.Mean)/4])
		}
	}
	y := func(v float64) float64 { return 10 + (h-30)*(1-max(0, v-low)/(1-low+1e-9)) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="thumb" viewBox="0 0 %g %g" role="img" aria-label="%s of three racers of the recorded run"><path d="M0 %g H%g" style="stroke:var(--line-2)"/>`, w, h, score.Name, h-20, w-right)
	type end struct {
		y    float64
		name string
		css  string
	}
	var ends []end
	for _, a := range picked {
		c := curve(a)
		if len(c.Step) == 0 {
			continue
		}
		var d strings.Builder
		for i, v := range c.Mean {
			fmt.Fprintf(&d, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], float64(c.Step[i])/last*(w-right), y(v))
		}
		look := styles.Of(a.Arm)
		fmt.Fprintf(&b, `<path d="%s" fill="none" style="stroke:%s;stroke-width:%g;stroke-dasharray:%s"/>`, d.String(), look.CSS(), look.Width+.4, cmp.Or(look.Dash, "none"))
		ends = append(ends, end{y(c.Mean[len(c.Mean)-1]), a.Label, look.CSS()})
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Compare(a.y, b.y) })
	for i := range ends {
		if i > 0 {
			ends[i].y = max(ends[i].y, ends[i-1].y+15) // labels do not touch
		}
		fmt.Fprintf(&b, `<text x="%g" y="%.1f" style="font-size:12px;fill:var(--ink-2)"><tspan style="fill:%s">●</tspan> %s</text>`, w-right+8, ends[i].y+4, ends[i].css, html.EscapeString(ends[i].name))
	}
	fmt.Fprintf(&b, `<text x="0" y="%g" style="font-size:11px;fill:var(--ink-3)">step</text></svg>`, h-5)
	return b.String()
}
