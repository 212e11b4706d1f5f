package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Magic opens every encoded message; its last digit is the version of the layout, which wire.Encode describes.
const Magic = "PTR1"

// ErrMessage is wrapped by every error of Split.
var ErrMessage = errors.New("not a Petri message")

// Split takes an encoded message apart without reading its header. The head is part of data, everything else is
// copied.
func Split(data []byte) (head []byte, buffers [][]float32, bytes []byte, err error) {
	r := reader{data: data}
	if string(r.take(len(Magic))) != Magic {
		return nil, nil, nil, fmt.Errorf("%w: it does not start with %s", ErrMessage, Magic)
	}
	head = r.take(r.uint32())
	for range r.uint32() {
		raw := r.take(4 * r.uint32())
		if r.err != nil {
			break
		}
		b := make([]float32, len(raw)/4)
		for i := range b {
			b[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		buffers = append(buffers, b)
	}
	if raw := r.take(r.uint32()); len(raw) > 0 {
		bytes = append([]byte(nil), raw...)
	}
	if r.err == nil && len(r.data) > 0 {
		r.err = fmt.Errorf("%w: %d bytes after its end", ErrMessage, len(r.data))
	}
	return head, buffers, bytes, r.err
}

// reader takes sections off the front of a block and remembers the first one that was not there.
type reader struct {
	data []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.data) {
		if r.err == nil {
			r.err = fmt.Errorf("%w: it ends too early", ErrMessage)
		}
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) uint32() int {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b))
}
