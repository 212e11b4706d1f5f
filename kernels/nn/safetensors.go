package nn

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"petri/kernels/tape"
)

// DType is how a number is stored, in the words of the safetensors format.
type DType string

// The types that are written and read.
const (
	F32 DType = "F32"
	F16 DType = "F16" // rounded to the nearest, ties to even
)

func (d DType) size() int {
	switch d {
	case F32:
		return 4
	case F16:
		return 2
	}
	return 0
}

// entry is a tensor in the header of a file.
type entry struct {
	DType   DType  `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

const metaKey = "__metadata__"

// Save writes parameters as a safetensors file: the length of the header (8 bytes), the header (JSON, padded with
// spaces to a multiple of 8), the numbers, little-endian. Tensors stand in the order of their names, so that the same
// parameters give the same bytes.
func Save(params []*tape.Param, meta map[string]string, d DType) ([]byte, error) {
	if d.size() == 0 {
		return nil, fmt.Errorf("weights: cannot write numbers as %q; F32 and F16 are known", d)
	}
	params = slices.Clone(params)
	sort.Slice(params, func(i, j int) bool { return params[i].Name < params[j].Name })
	header := map[string]any{}
	if len(meta) > 0 {
		header[metaKey] = meta
	}
	at := 0
	for _, p := range params {
		if _, twice := header[p.Name]; twice || p.Name == "" {
			return nil, fmt.Errorf("weights: the name %q is empty or taken twice", p.Name)
		}
		s := p.Value.Shape
		end := at + p.Len()*d.size()
		header[p.Name] = entry{d, s[:s.Rank()], [2]int{at, end}}
		at = end
	}
	text, err := json.Marshal(header) // sorted by name
	if err != nil {
		return nil, err
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	file := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+len(text)+at), uint64(len(text)))
	file = append(file, text...)
	for _, p := range params {
		for _, x := range p.Value.Data {
			if d == F16 {
				file = binary.LittleEndian.AppendUint16(file, halfOf(x))
			} else {
				file = binary.LittleEndian.AppendUint32(file, math.Float32bits(x))
			}
		}
	}
	return file, nil
}

// File is a safetensors file that was read and found complete.
type File struct {
	Meta    map[string]string
	entries map[string]entry
	data    []byte
}

// Open checks a safetensors file and gives access to its tensors. The bytes are not copied.
func Open(file []byte) (*File, error) {
	if len(file) < 8 {
		return nil, errors.New("weights: the file is too short to be a safetensors file")
	}
	n := binary.LittleEndian.Uint64(file)
	if n > uint64(len(file)-8) {
		return nil, fmt.Errorf("weights: the header should take %d bytes but the file has only %d more; it is truncated, or no safetensors file", n, len(file)-8)
	}
	f := &File{entries: map[string]entry{}, data: file[8+n:]}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+n], &raw); err != nil {
		return nil, fmt.Errorf("weights: the header is no JSON: %w", err)
	}
	for name, text := range raw {
		if name == metaKey {
			if err := json.Unmarshal(text, &f.Meta); err != nil {
				return nil, fmt.Errorf("weights: the metadata is no list of strings: %w", err)
			}
			continue
		}
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, fmt.Errorf("weights: the header's entry for %s cannot be read: %w", name, err)
		}
		f.entries[name] = e
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

// check holds the header against the data: every tensor as long as its shape says, one after another, nothing missing.
func (f *File) check() error {
	names := f.Names()
	sort.SliceStable(names, func(i, j int) bool {
		return f.entries[names[i]].Offsets[0] < f.entries[names[j]].Offsets[0]
	})
	at := 0
	for _, name := range names {
		e := f.entries[name]
		n := 1
		for _, m := range e.Shape {
			if m < 0 || m > len(f.data)+1 || n > math.MaxInt32 {
				return fmt.Errorf("weights: %s has the impossible shape %v", name, e.Shape)
			}
			n *= m
		}
		if e.Offsets[0] != at || e.Offsets[1] < at {
			return fmt.Errorf("weights: %s lies at bytes %d to %d where %d was due", name, e.Offsets[0], e.Offsets[1], at)
		}
		if size := e.DType.size(); size > 0 && e.Offsets[1]-at != n*size {
			return fmt.Errorf("weights: %s takes %d bytes, its shape %v in %s needs %d", name, e.Offsets[1]-at, e.Shape, e.DType, n*size)
		}
		at = e.Offsets[1]
	}
	if at != len(f.data) {
		return fmt.Errorf("weights: the header describes %d bytes of numbers, the file has %d; it is truncated or damaged", at, len(f.data))
	}
	return nil
}

// Names lists the tensors in the order of their names.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.entries))
	for name := range f.entries {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Tensor reads one tensor as float32.
func (f *File) Tensor(name string) (tape.Tensor, error) {
	e, ok := f.entries[name]
	if !ok {
		return tape.Tensor{}, fmt.Errorf("weights: the file has no %s", name)
	}
	if e.DType.size() == 0 {
		return tape.Tensor{}, fmt.Errorf("weights: %s is stored as %q; F32 and F16 are known", name, e.DType)
	}
	var s tape.Shape
	if len(e.Shape) > len(s) || slices.Contains(e.Shape, 0) {
		return tape.Tensor{}, fmt.Errorf("weights: %s has the shape %v; one to four axes are known", name, e.Shape)
	}
	copy(s[:], e.Shape)
	t := tape.NewTensor(s)
	b := f.data[e.Offsets[0]:e.Offsets[1]]
	for i := range t.Data {
		if e.DType == F16 {
			t.Data[i] = ofHalf(binary.LittleEndian.Uint16(b[2*i:]))
		} else {
			t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	}
	return t, nil
}

// Into copies tensors of the file into the parameters of the same names, all of them or, with an error, none. Tensors
// that no parameter asks for are left out.
func (f *File) Into(params []*tape.Param) error {
	values := make([]tape.Tensor, len(params))
	for i, p := range params {
		t, err := f.Tensor(p.Name)
		if err != nil {
			return err
		}
		if t.Shape != p.Value.Shape {
			return fmt.Errorf("weights: %s has the shape %v in the file, the model wants %v", p.Name, t.Shape, p.Value.Shape)
		}
		values[i] = t
	}
	for i, p := range params {
		copy(p.Value.Data, values[i].Data)
		p.Touch()
	}
	return nil
}

// Load reads a safetensors file into parameters and returns its metadata.
func Load(file []byte, params []*tape.Param) (meta map[string]string, err error) {
	f, err := Open(file)
	if err != nil {
		return nil, err
	}
	return f.Meta, f.Into(params)
}

// Hash is the SHA-256 of a file in hexadecimal.
func Hash(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}
