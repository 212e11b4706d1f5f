package own

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// encoded is a real picture of the standard library's encoders.
func encoded(t testing.TB, kind string, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	err := png.Encode(&b, img)
	if kind == "JPEG" {
		b.Reset()
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pngOf is the beginning of a PNG of any size, such as no encoder writes.
func pngOf(width, height uint32) []byte {
	head := append([]byte(pngMagic), 0, 0, 0, 13)
	head = append(head, "IHDR"...)
	head = binary.BigEndian.AppendUint32(head, width)
	head = binary.BigEndian.AppendUint32(head, height)
	return append(head, 8, 2, 0, 0, 0)
}

// webpOf is the beginning of a WebP file with one chunk.
func webpOf(chunk string, body ...byte) []byte {
	return append([]byte("RIFF\x00\x00\x00\x00WEBP"+chunk+"\x00\x00\x00\x00"), append(body, make([]byte, 16)...)...)
}

// noted puts n bytes of a camera's notes before the frame of a JPEG.
func noted(t testing.TB, n int) []byte {
	file := encoded(t, "JPEG", 40, 30)
	out := append([]byte{}, file[:2]...)
	for ; n > 0; n -= 65000 {
		out = append(out, 0xff, 0xe1, 0xfe, 0x00)
		out = append(out, make([]byte, 0xfe00-2)...)
	}
	return append(out, file[2:]...)
}

func TestSniff(t *testing.T) {
	for name, c := range map[string]struct {
		head []byte
		want Header
		why  string
	}{
		"png":              {encoded(t, "PNG", 37, 21), Header{"PNG", 37, 21}, ""},
		"jpeg":             {encoded(t, "JPEG", 37, 21), Header{"JPEG", 37, 21}, ""},
		"jpeg with notes":  {noted(t, 200_000), Header{"JPEG", 40, 30}, ""},
		"jpeg, padded":     {[]byte("\xff\xd8\xff\xff\xff\xd0\xff\xc2\x00\x0b\x08\x01\x02\x03\x04"), Header{"JPEG", 0x304, 0x102}, ""},
		"webp, lossy":      {webpOf("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 0x2c, 0x41, 0xf0, 0x80), Header{"WebP", 300, 240}, ""},
		"webp, lossless":   {webpOf("VP8L", 0x2f, 0x2b, 0xc1, 0x3b, 0x10), Header{"WebP", 300, 240}, ""},
		"webp, extended":   {webpOf("VP8X", 0x10, 0, 0, 0, 0x2b, 1, 0, 0xef, 0, 0), Header{"WebP", 300, 240}, ""},
		"webp, unknown":    {webpOf("ALPH"), Header{}, "broken"},
		"webp, no start":   {webpOf("VP8 ", 0, 0, 0, 1, 2, 3), Header{}, "broken"},
		"webp, no sign":    {webpOf("VP8L", 0x30), Header{}, "broken"},
		"png, cut":         {encoded(t, "PNG", 37, 21)[:20], Header{}, More},
		"png, other chunk": {append([]byte(pngMagic), "\x00\x00\x00\x0dIDAT\x00\x00\x00\x01\x00\x00\x00\x01"...), Header{}, "broken"},
		"png, negative":    {pngOf(1<<31, 4), Header{}, "broken"},
		"jpeg, cut":        {encoded(t, "JPEG", 37, 21)[:30], Header{}, More},
		"jpeg, no marker":  {[]byte("\xff\xd8\xff\xe0\x00\x04abcdefgh"), Header{}, "broken"},
		"jpeg, no length":  {[]byte("\xff\xd8\xff\xe0\x00\x01abcdefgh"), Header{}, "broken"},
		"jpeg, ends":       {[]byte("\xff\xd8\xff\xd9abcdefgh"), Header{}, "broken"},
		"webp, cut":        {webpOf("VP8X")[:18], Header{}, More},
		"gif":              {[]byte("GIF89a\x01\x00\x01\x00\x00\x00"), Header{}, "other picture"},
		"heic":             {[]byte("\x00\x00\x00\x18ftypheic"), Header{}, "other picture"},
		"svg":              {[]byte("\xef\xbb\xbf\n<!-- a drawing --><svg xmlns='x'></svg>"), Header{}, "SVG"},
		"html":             {[]byte("<!doctype html><title>no</title>"), Header{}, "no picture"},
		"text":             {[]byte("nothing but words"), Header{}, "no picture"},
		"sound":            {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), Header{}, "no picture"},
		"a few bytes":      {[]byte("GIF"), Header{}, "no picture"},
		"nothing":          {nil, Header{}, "no picture"},
	} {
		if got, why := Sniff(c.head); got != c.want || why != c.why {
			t.Errorf("%s: %v, %q; want %v, %q", name, got, why, c.want, c.why)
		}
	}
}

// TestCheck: what is refused is told apart in plain words.
func TestCheck(t *testing.T) {
	long := noted(t, 200_000)
	for name, c := range map[string]struct {
		head []byte
		size int
		says string // "" taken
	}{
		"a picture":                     {encoded(t, "PNG", 64, 64), 300, ""},
		"as many pixels as are taken":   {pngOf(8000, 5000), 1000, ""},
		"one row more":                  {pngOf(8000, 5001), 1000, "40 megapixels (8000 by 5001)"},
		"a hundred megapixels":          {pngOf(10000, 10000), 1000, "100 megapixels (10000 by 10000)"},
		"more than fits into 64 bits":   {pngOf(1<<31-1, 1<<31-1), 1000, "megapixels"},
		"no width":                      {pngOf(0, 10), 1000, "no pixels"},
		"no height":                     {pngOf(10, 0), 1000, "no pixels"},
		"nothing in it":                 {nil, 0, "empty"},
		"51 MB":                         {encoded(t, "PNG", 4, 4), 50_000_001, "51 MB"},
		"notes of a camera, in part":    {long[:1<<16], len(long), More},
		"notes of a camera":             {long, len(long), ""},
		"notes and no more":             {long[:1<<16], 1 << 16, "ends before"},
		"a drawing":                     {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), 40, "SVG"},
		"words":                         {[]byte("hello, I am no picture"), 22, "no picture"},
		"a picture that nobody decodes": {[]byte("II*\x00\x00\x00\x00\x00\x00\x00\x00\x00"), 12, "PNG, JPEG or WebP"},
	} {
		got := Check(c.head, c.size)
		if c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}

// FuzzSniff: no beginning of a file can upset the page. A longer beginning never takes back what a shorter one has told.
func FuzzSniff(f *testing.F) {
	for _, seed := range [][]byte{nil, encoded(f, "PNG", 3, 5), encoded(f, "JPEG", 3, 5), noted(f, 70_000)[:70_000], pngOf(1<<31, 0),
		webpOf("VP8 "), webpOf("VP8L", 0x2f), webpOf("VP8X"), []byte("\xff\xd8\xff\xff\xff\xff\xff"), []byte("<svg"), []byte("RIFF")} {
		f.Add(seed, len(seed)/2)
	}
	f.Fuzz(func(t *testing.T, file []byte, n int) {
		h, why := Sniff(file)
		if (why == "") != (h.Kind != "") || h.Width < 0 || h.Height < 0 {
			t.Fatalf("%v, %q", h, why)
		}
		if n < 12 || n > len(file) { // with fewer bytes not even the kind is told
			return
		}
		if early, why2 := Sniff(file[:n]); why2 != More && !isSVG(file) && (early != h || why2 != why) {
			t.Fatalf("from %d bytes %v, %q; from all %v, %q", n, early, why2, h, why)
		}
		if got := Check(file[:n], n); got == More {
			t.Fatal("more is wanted of a file that has no more")
		}
	})
}
