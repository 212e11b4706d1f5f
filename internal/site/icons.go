//go:build !js

package site

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// The mark is a petri dish seen from above: rim, wall and three colonies, drawn on a square of 24 units. Favicon and
// app icons come from this one list.
var (
	rings    = []ring{{12, 12, 10.2, 1.5}, {12, 12, 7.6, 1}}
	colonies = []disc{{9.4, 10.4, 2}, {14.6, 13.6, 1.2}, {10.6, 15, 0.8}}
)

type ring struct{ x, y, r, width float64 }
type disc struct{ x, y, r float64 }

const (
	iconSVG = "petri.svg"
	icon192 = "petri-192.png"
	icon512 = "petri-512.png"

	inkHex   = "#1B2126" // --ink of tokens.css
	paperHex = "#FBFAF7" // --paper
	nightHex = "#101418" // --paper, dark
)

// putIcons draws the mark as SVG and as the two PNGs that a manifest asks for.
func (f *folder) putIcons() error {
	if err := f.put("icons/"+iconSVG, markSVG()); err != nil {
		return err
	}
	for file, side := range map[string]int{icon192: 192, icon512: 512} {
		text, err := markPNG(side)
		if err != nil {
			return err
		}
		if err := f.put("icons/"+file, text); err != nil {
			return err
		}
	}
	return nil
}

// markSVG follows the visitor's colour scheme, as a favicon must be seen on light and dark tabs.
func markSVG() []byte {
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><style>g{stroke:` + inkHex + `;fill:none}circle.c{fill:` + inkHex +
		`;stroke:none}@media(prefers-color-scheme:dark){g{stroke:#E8EBEE}circle.c{fill:#E8EBEE}}</style><g>`)
	for _, r := range rings {
		fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="%g" stroke-width="%g"/>`, r.x, r.y, r.r, r.width)
	}
	for _, c := range colonies {
		fmt.Fprintf(&b, `<circle class="c" cx="%g" cy="%g" r="%g"/>`, c.x, c.y, c.r)
	}
	b.WriteString("</g></svg>\n")
	return b.Bytes()
}

// markPNG draws the mark on paper, small enough (60 % of the side) for the safe zone of a maskable icon.
func markPNG(side int) ([]byte, error) {
	const grid = 4 // samples per pixel and axis
	img := image.NewPaletted(image.Rect(0, 0, side, side), palette(grid*grid))
	unit := 0.6 * float64(side) / 24
	offset := 0.2 * float64(side)
	for y := range side {
		for x := range side {
			hits := 0
			for s := range grid * grid {
				px := (float64(x) + (float64(s%grid)+0.5)/grid - offset) / unit
				py := (float64(y) + (float64(s/grid)+0.5)/grid - offset) / unit
				if inked(px, py) {
					hits++
				}
			}
			img.SetColorIndex(x, y, uint8(hits))
		}
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img)
	return b.Bytes(), err
}

func inked(x, y float64) bool {
	for _, r := range rings {
		if math.Abs(math.Hypot(x-r.x, y-r.y)-r.r) <= r.width/2 {
			return true
		}
	}
	for _, c := range colonies {
		if math.Hypot(x-c.x, y-c.y) <= c.r {
			return true
		}
	}
	return false
}

// palette goes from paper to ink in n steps.
func palette(n int) color.Palette {
	p := make(color.Palette, n+1)
	for i := range p {
		mix := func(paper, ink int) uint8 { return uint8((paper*(n-i) + ink*i) / n) }
		p[i] = color.RGBA{mix(0xFB, 0x1B), mix(0xFA, 0x21), mix(0xF7, 0x26), 0xFF}
	}
	return p
}
