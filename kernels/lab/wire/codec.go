package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"petri/kernels/lab/wire/frame"
)

// Magic opens every encoded message; its last digit is the version of the layout.
const Magic = frame.Magic

// ErrMessage is wrapped by every error of Decode.
var ErrMessage = frame.ErrMessage

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
	head, buffers, bytes, err := frame.Split(data)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(head, &m.Head); err != nil {
		return m, fmt.Errorf("%w: header: %v", ErrMessage, err)
	}
	m.Buffers, m.Bytes = buffers, bytes
	return m, nil
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
