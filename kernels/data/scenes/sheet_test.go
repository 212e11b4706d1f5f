package scenes

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"petri/kernels/data"
)

func TestSheet(t *testing.T) {
	dir := os.Getenv("SHEETS")
	if dir == "" {
		t.Skip()
	}
	const zoom, cols, rows = 3, 8, 6
	for _, size := range []int{64, 32} {
		z := zoom * 64 / size
		for split := data.Train; split <= data.Test; split++ {
			img := image.NewRGBA(image.Rect(0, 0, cols*(64*zoom+4), rows*(64*zoom+4)))
			msk := image.NewRGBA(img.Rect)
			var s Scene
			for i := range cols * rows {
				s.Draw(Shapes, split, i, size, nil)
				ox, oy := i%cols*(64*zoom+4), i/cols*(64*zoom+4)
				for y := range size * z {
					for x := range size * z {
						k := y/z*size + x/z
						p := s.RGB[3*k:]
						img.Set(ox+x, oy+y, color.RGBA{uint8(p[0]*255 + .5), uint8(p[1]*255 + .5), uint8(p[2]*255 + .5), 255})
						h := mix(uint64(s.owner[k]) + 77)
						if s.owner[k] == 0 {
							h = 0
						}
						msk.Set(ox+x, oy+y, color.RGBA{uint8(h), uint8(h >> 8), uint8(h >> 16), 255})
					}
				}
			}
			for name, im := range map[string]image.Image{"rgb": img, "masks": msk} {
				f, err := os.Create(dir + "/scenes-" + split.String() + "-" + name + "-" + []string{64: "64", 32: "32"}[size] + ".png")
				if err != nil {
					t.Fatal(err)
				}
				png.Encode(f, im)
				f.Close()
			}
		}
	}
}

func TestZoom(t *testing.T) {
	dir := os.Getenv("SHEETS")
	if dir == "" {
		t.Skip()
	}
	const z = 8
	img := image.NewRGBA(image.Rect(0, 0, 3*64*z+8, 2*64*z+4))
	var s Scene
	for i := range 6 {
		s.Draw(Shapes, data.Train, 60+i, 64, nil)
		t.Log(s.Caption())
		for y := range 64 * z {
			for x := range 64 * z {
				p := s.RGB[3*(y/z*64+x/z):]
				img.Set(i%3*(64*z+4)+x, i/3*(64*z+4)+y, color.RGBA{uint8(p[0]*255 + .5), uint8(p[1]*255 + .5), uint8(p[2]*255 + .5), 255})
			}
		}
	}
	f, _ := os.Create(dir + "/scenes-zoom.png")
	png.Encode(f, img)
	f.Close()
}

func BenchmarkDraw64(b *testing.B) {
	var s Scene
	b.ReportAllocs()
	for i := range b.N {
		s.Draw(Shapes, data.Train, i&255, 64, nil)
	}
}

func BenchmarkDraw32(b *testing.B) {
	var s Scene
	for i := range b.N {
		s.Draw(Shapes, data.Train, i&255, 32, nil)
	}
}
