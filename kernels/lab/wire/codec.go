package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
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

// MarshalJSON writes the shortest decimals that give back the same float32. It goes without reflection, as does
// UnmarshalJSON: the losses are most of what a page and its workers tell each other.
func (l Losses) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("null"), nil
	}
	b := make([]byte, 0, 12*len(l)+2)
	b = append(b, '[')
	for i, x := range l {
		if i > 0 {
			b = append(b, ',')
		}
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads numbers and, for null, NaN.
func (l *Losses) UnmarshalJSON(data []byte) error {
	text := strings.TrimSpace(string(data))
	if text == "null" {
		*l = nil
		return nil
	}
	inner, ok := strings.CutPrefix(text, "[")
	inner, end := strings.CutSuffix(inner, "]")
	if !ok || !end {
		return fmt.Errorf("%w: losses are a list", ErrMessage)
	}
	*l = make(Losses, 0, 1+strings.Count(inner, ","))
	if strings.TrimSpace(inner) == "" {
		return nil
	}
	for item := range strings.SplitSeq(inner, ",") {
		if item = strings.TrimSpace(item); item == "null" {
			*l = append(*l, float32(math.NaN()))
			continue
		}
		x, err := strconv.ParseFloat(item, 32)
		if err != nil {
			return fmt.Errorf("%w: loss %q is no number", ErrMessage, item)
		}
		*l = append(*l, float32(x))
	}
	return nil
}
