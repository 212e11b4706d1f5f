//go:build !js

package pixels

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// encode makes the smallest PNG that the standard library can: with a palette where the colours fit into one.
func encode(img *image.NRGBA) []byte {
	best := compressed(img)
	if p := indexed(img); p != nil {
		if small := compressed(p); len(small) < len(best) {
			best = small
		}
	}
	return best
}

func compressed(img image.Image) []byte {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, img); err != nil {
		panic(err) // writing to memory cannot fail, and no raster is empty
	}
	return b.Bytes()
}

// indexed is the picture with a palette, nil where it has too many colours.
func indexed(img *image.NRGBA) image.Image {
	at := map[color.NRGBA]uint8{}
	p := image.NewPaletted(img.Rect, nil)
	for i := range p.Pix {
		q := img.Pix[4*i:]
		c := color.NRGBA{R: q[0], G: q[1], B: q[2], A: q[3]}
		k, ok := at[c]
		if !ok {
			if len(p.Palette) == 256 {
				return nil
			}
			k = uint8(len(p.Palette))
			at[c] = k
			p.Palette = append(p.Palette, c)
		}
		p.Pix[i] = k
	}
	return p
}
