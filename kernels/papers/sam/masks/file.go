package masks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"petri/kernels/lab/wire"
)

// Annotation is a mask as the authors' generator writes it to a file. Boxes are x, y, width and height, in pixels.
type Annotation struct {
	Segmentation Segmentation `json:"segmentation"`
	Area         int          `json:"area"`
	Box          [4]float64   `json:"bbox"`
	Predicted    float64      `json:"predicted_iou"`
	Points       [][2]float64 `json:"point_coords"`
	Stability    float64      `json:"stability_score"`
	Crop         [4]float64   `json:"crop_box"`
}

// Segmentation is a mask in COCO's run lengths, packed to a string.
type Segmentation struct {
	Size   [2]int `json:"size"` // rows, columns
	Counts string `json:"counts"`
}

// The limits of a file of masks.
const (
	MaxFile  = 16 << 20 // bytes
	MaxMasks = 400
)

// Export writes masks as a list of annotations.
func Export(stay []Kept, dots []wire.Dot, crops []Box) ([]byte, error) {
	list := make([]Annotation, len(stay))
	for i, k := range stay {
		side := k.Mask.Side
		crop := Box{0, 0, side, side}
		a := Annotation{
			Segmentation: Segmentation{[2]int{side, side}, Pack(k.Mask.Counts())},
			Area:         k.Area, Box: corner(k.Mask.Box()), Predicted: k.Predicted, Points: [][2]float64{}, Stability: k.Stability,
		}
		if k.Dot >= 0 {
			a.Points = append(a.Points, [2]float64{dots[k.Dot].X, dots[k.Dot].Y})
			crop = crops[dots[k.Dot].Crop]
		}
		a.Crop = corner(crop)
		list[i] = a
	}
	return json.Marshal(list)
}

// corner is a box as files have it.
func corner(b Box) [4]float64 {
	return [4]float64{float64(b.X0), float64(b.Y0), float64(b.X1 - b.X0), float64(b.Y1 - b.Y0)}
}

// Import reads a list of annotations, or one, or an object that holds a list as "annotations", for a picture of side×side
// pixels. Only the mask and the two scores are read; area is counted anew. Masks come large ones first.
func Import(file []byte, side int) ([]Kept, error) {
	if len(file) > MaxFile {
		return nil, fmt.Errorf("the file of masks has %d bytes: at most %d are read", len(file), MaxFile)
	}
	var list []json.RawMessage
	file = bytes.TrimSpace(file)
	if bytes.HasPrefix(file, []byte("{")) {
		var whole struct {
			Annotations *[]json.RawMessage `json:"annotations"`
		}
		if err := json.Unmarshal(file, &whole); err != nil {
			return nil, told("the file of masks", err)
		}
		list = []json.RawMessage{file}
		if whole.Annotations != nil {
			list = *whole.Annotations
		}
	} else if err := json.Unmarshal(file, &list); err != nil {
		return nil, told("the file of masks", err)
	}
	if len(list) == 0 {
		return nil, errors.New("the file holds no masks: want a list of annotations, each with a segmentation of size and counts")
	}
	if len(list) > MaxMasks {
		return nil, fmt.Errorf("the file holds %d masks: at most %d are read", len(list), MaxMasks)
	}
	stay := make([]Kept, len(list))
	for i, text := range list {
		k, err := one(text, side)
		if err != nil {
			return nil, fmt.Errorf("mask %d of %d: %w", i+1, len(list), err)
		}
		k.Candidate = -1
		stay[i] = k
	}
	largeFirst(stay)
	return stay, nil
}

// one reads an annotation.
func one(text []byte, side int) (Kept, error) {
	var a struct {
		Segmentation *struct {
			Size   []int           `json:"size"`
			Counts json.RawMessage `json:"counts"`
		} `json:"segmentation"`
		Predicted float64 `json:"predicted_iou"`
		Stability float64 `json:"stability_score"`
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return Kept{}, told("the annotation", err)
	}
	s := a.Segmentation
	switch {
	case s == nil:
		return Kept{}, errors.New("there is no segmentation: want one with size and counts")
	case len(s.Size) != 2:
		return Kept{}, fmt.Errorf("the size has %d numbers: want 2, rows and columns", len(s.Size))
	case s.Size[0] != side || s.Size[1] != side:
		return Kept{}, fmt.Errorf("the size is %d × %d: want %d × %d, as the picture has", s.Size[0], s.Size[1], side, side)
	case len(s.Counts) == 0:
		return Kept{}, errors.New("there are no counts: want a string or a list of run lengths")
	}
	most := side*side + 1 // the first run may be empty
	var counts []int
	var err error
	if s.Counts[0] == '"' {
		var packed string
		if err := json.Unmarshal(s.Counts, &packed); err != nil {
			return Kept{}, told("counts", err)
		}
		if counts, err = Unpack(packed, most); err != nil {
			return Kept{}, err
		}
	} else if err := json.Unmarshal(s.Counts, &counts); err != nil {
		return Kept{}, told("counts", err)
	}
	m, err := FromCounts(counts, side)
	if err != nil {
		return Kept{}, err
	}
	return Kept{Mask: m, FoundMask: wire.FoundMask{Dot: -1, Predicted: a.Predicted, Stability: a.Stability, True: -1, Area: m.Area()}}, nil
}

// told says in plain words what is wrong with a text.
func told(what string, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s is not JSON: %v, after %d bytes", what, err, syntax.Offset)
	case errors.As(err, &kind):
		if kind.Field != "" {
			what += ": " + kind.Field
		}
		return fmt.Errorf("%s may not be of JSON's kind %q: want %s", what, kind.Value, wanted(kind))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// wanted names a kind of JSON by the Go type it is read into.
func wanted(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	case reflect.Int:
		return "a whole number"
	}
	return "a number"
}
