package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Magic opens every encoded message; its last digit is the version of the layout.
const Magic = "PTR1"

// ErrMessage is wrapped by every error of Decode.
var ErrMessage = errors.New("not a Petri message")

// Encode writes a message as one block of bytes, the form in which it reaches the stage and the visitor's disk.
// All integers are little-endian uint32, every section starts at a multiple of 4:
//
//	"PTR1" | length of header | header, JSON padded with spaces | number of buffers |
//	  per buffer: length in floats | float32 values ... | length of Bytes | Bytes
//
// It fails only where encoding/json does: on a number in the header that is not finite.
func Encode[T any](m Message[T]) ([]byte, error) {
	head, err := json.Marshal(m.Head)
	if err != nil {
		return nil, fmt.Errorf("encoding a message: %w", err)
	}
	for len(head)%4 != 0 {
		head = append(head, ' ')
	}
	size := len(Magic) + 4 + len(head) + 4 + 4 + len(m.Bytes)
	for _, b := range m.Buffers {
		size += 4 + 4*len(b)
	}
	out := make([]byte, 0, size)
	out = append(out, Magic...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.Buffers)))
	for _, b := range m.Buffers {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(b)))
		for _, x := range b {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
		}
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.Bytes)))
	return append(out, m.Bytes...), nil
}

// Decode reads what Encode wrote. The buffers are copies: data may be reused afterwards.
func Decode[T any](data []byte) (Message[T], error) {
	var m Message[T]
	head, buffers, bytes, err := Split(data)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(head, &m.Head); err != nil {
		return m, fmt.Errorf("%w: header: %v", ErrMessage, err)
	}
	m.Buffers, m.Bytes = buffers, bytes
	return m, nil
}

// Split is Decode without reading the header, for programs that must stay small: encoding/json costs them a third of
// a megabyte. The head is part of data, everything else is copied.
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

// Losses are the losses of steps. A run that diverges has losses that are not finite, for which JSON has no number:
// they travel as null and come back as NaN, so that a diverged run stays visible instead of losing its messages.
type Losses []float32

// MarshalJSON writes the shortest decimals that give back the same float32.
func (l Losses) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("null"), nil
	}
	var b strings.Builder
	b.WriteByte('[')
	for i, x := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			b.WriteString("null")
			continue
		}
		d, err := json.Marshal(x)
		if err != nil {
			return nil, err
		}
		b.Write(d)
	}
	b.WriteByte(']')
	return []byte(b.String()), nil
}

// UnmarshalJSON reads numbers and, for null, NaN.
func (l *Losses) UnmarshalJSON(data []byte) error {
	var raw []*float32
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw == nil {
		*l = nil
		return nil
	}
	*l = make(Losses, len(raw))
	for i, p := range raw {
		if p == nil {
			(*l)[i] = float32(math.NaN())
			continue
		}
		(*l)[i] = *p
	}
	return nil
}
