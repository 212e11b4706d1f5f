//go:build !js

package pixels

import (
	"bytes"
	"image"
	"image/png"
)

// encode makes the smallest PNG that the standard library can.
func encode(img *image.NRGBA) []byte {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, img); err != nil {
		panic(err) // writing to memory cannot fail, and no raster is empty
	}
	return b.Bytes()
}
