package own

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Header is what the beginning of a file says.
type Header struct {
	Kind          string // "PNG", "JPEG" or "WebP"
	Width, Height int
}

// More is the answer to a beginning that stops before the size: a longer one may have it.
const More = "more"

// Check judges a file of size bytes by its beginning, before it is decoded: "" where it can be taken, More, or what the
// visitor is told.
func Check(head []byte, size int) string {
	switch {
	case size == 0:
		return Words("empty")
	case size > MaxBytes:
		return fmt.Sprintf("The file has %d MB, and pictures up to %d MB are taken. Save it smaller and try again.", (size+999_999)/1_000_000, MaxBytes/1_000_000)
	}
	h, why := Sniff(head)
	switch {
	case why == More && len(head) < min(size, longest):
		return More
	case why == More:
		return Words("cut short")
	case why != "":
		return Words(why)
	}
	return CheckSize(h.Width, h.Height)
}

// longest is the longest beginning in which a size is looked for: the notes of a camera may stand before it.
const longest = 16 << 20

// CheckSize judges a picture by its size in pixels, as Check does.
func CheckSize(width, height int) string {
	switch {
	case width <= 0 || height <= 0:
		return Words("no pixels")
	case width > MaxPixels/height:
		return fmt.Sprintf("The picture has %.0f megapixels (%d by %d), and up to %d are taken. Save it smaller and try again.",
			float64(width)*float64(height)/1e6, width, height, MaxPixels/1_000_000)
	}
	return ""
}

// Sniff reads kind and size from the beginning of a PNG, JPEG or WebP file. why is "", More, or the
// name of what is in the way, for Words.
func Sniff(head []byte) (h Header, why string) {
	switch {
	case starts(head, pngMagic):
		return sniffPNG(head)
	case starts(head, "\xff\xd8\xff"):
		return sniffJPEG(head)
	case starts(head, "RIFF") && (len(head) < 12 || string(head[8:12]) == "WEBP"):
		return sniffWebP(head)
	case len(head) < 12:
		return Header{}, "no picture"
	case starts(head, "GIF8"), starts(head, "BM"), starts(head, "II*\x00"), starts(head, "MM\x00*"), string(head[4:8]) == "ftyp":
		return Header{}, "other picture"
	case isSVG(head):
		return Header{}, "SVG"
	}
	return Header{}, "no picture"
}

const pngMagic = "\x89PNG\r\n\x1a\n"

func starts(head []byte, with string) bool { return bytes.HasPrefix(head, []byte(with)) }

// isSVG finds the element that makes a text a drawing. A picture of shapes has no pixels of its own, and it may load others.
func isSVG(head []byte) bool { return bytes.Contains(head[:min(len(head), 4096)], []byte("<svg")) }

// sniffPNG: after the magic comes the chunk IHDR, which begins with width and height.
func sniffPNG(head []byte) (h Header, why string) {
	if len(head) < 24 {
		return Header{}, More
	}
	width, height := binary.BigEndian.Uint32(head[16:]), binary.BigEndian.Uint32(head[20:])
	if string(head[12:16]) != "IHDR" || width > 1<<31-1 || height > 1<<31-1 {
		return Header{}, "broken"
	}
	return Header{"PNG", int(width), int(height)}, ""
}

// sniffJPEG walks from marker to marker until a frame begins: length, precision, height, width.
func sniffJPEG(head []byte) (h Header, why string) {
	for at := 2; ; {
		if at+4 > len(head) {
			return Header{}, More
		}
		marker := head[at+1]
		switch {
		case head[at] != 0xff:
			return Header{}, "broken"
		case marker == 0xff: // a filler
			at++
			continue
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // nothing follows
			at += 2
			continue
		case marker == 0xd9 || marker == 0xda: // the end, or pixels, before any frame
			return Header{}, "broken"
		}
		length := int(binary.BigEndian.Uint16(head[at+2:]))
		if length < 2 {
			return Header{}, "broken"
		}
		if marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc {
			if at+9 > len(head) {
				return Header{}, More
			}
			return Header{"JPEG", int(binary.BigEndian.Uint16(head[at+7:])), int(binary.BigEndian.Uint16(head[at+5:]))}, ""
		}
		at += 2 + length
	}
}

// sniffWebP knows the three ways in which a WebP begins: lossy, lossless, and extended.
func sniffWebP(head []byte) (h Header, why string) {
	if len(head) < 30 {
		return Header{}, More
	}
	le := binary.LittleEndian
	switch string(head[12:16]) {
	case "VP8 ":
		if string(head[23:26]) != "\x9d\x01\x2a" {
			return Header{}, "broken"
		}
		return Header{"WebP", int(le.Uint16(head[26:]) & 0x3fff), int(le.Uint16(head[28:]) & 0x3fff)}, ""
	case "VP8L":
		if head[20] != 0x2f {
			return Header{}, "broken"
		}
		bits := le.Uint32(head[21:])
		return Header{"WebP", int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1}, ""
	case "VP8X":
		return Header{"WebP", int(le.Uint32(head[24:])&0xffffff) + 1, int(le.Uint32(head[26:])>>8) + 1}, ""
	}
	return Header{}, "broken"
}
