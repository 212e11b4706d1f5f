package pixels

import (
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
)

// stored writes a PNG (RFC 2083) whose pixels are not compressed: eight bits per channel, no filter, and a zlib stream
// (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
func stored(img *image.NRGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var lines []byte
	for y := range h {
		lines = append(lines, 0) // the filter "none"
		lines = append(lines, img.Pix[y*img.Stride:][:4*w]...)
	}

	zlib := []byte{0x78, 0x01}
	for rest := lines; len(rest) > 0; {
		n := min(len(rest), 1<<16-1)
		last := byte(0)
		if n == len(rest) {
			last = 1
		}
		zlib = append(zlib, last)
		zlib = binary.LittleEndian.AppendUint16(zlib, uint16(n))
		zlib = binary.LittleEndian.AppendUint16(zlib, ^uint16(n))
		zlib = append(zlib, rest[:n]...)
		rest = rest[n:]
	}
	zlib = binary.BigEndian.AppendUint32(zlib, adler32.Checksum(lines))

	header := binary.BigEndian.AppendUint32(nil, uint32(w))
	header = binary.BigEndian.AppendUint32(header, uint32(h))
	header = append(header, 8, 6, 0, 0, 0) // bits, colour with opacity, the only methods that there are, not interlaced

	file := []byte("\x89PNG\r\n\x1a\n")
	file = appendChunk(file, "IHDR", header)
	file = appendChunk(file, "IDAT", zlib)
	return appendChunk(file, "IEND", nil)
}

// appendChunk adds a chunk: its length, its kind, its data, and a checksum of both.
func appendChunk(file []byte, kind string, data []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
	from := len(file)
	file = append(append(file, kind...), data...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[from:]))
}
