package masks

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"petri/kernels/lab/wire"
)

func TestExportAndImport(t *testing.T) {
	dots, crops := Grid(8, 2, 1)
	large, small := block(8, Box{0, 0, 6, 6}), block(8, Box{5, 4, 7, 8})
	stay := []Kept{
		{Mask: large, FoundMask: wire.FoundMask{Dot: 1, Predicted: 0.9375, Stability: 0.96, Area: 36}},
		{Mask: small, FoundMask: wire.FoundMask{Dot: 5, Predicted: 1.01, Stability: 1, Area: 8}},
	}
	file, err := Export(stay, dots, crops)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"segmentation":{"size":[8,8],"counts":"062000000000`
	if !strings.HasPrefix(string(file), want) {
		t.Errorf("the file begins %s, want %s", file[:min(len(file), 80)], want)
	}
	var list []map[string]any
	if err := json.Unmarshal(file, &list); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"area": "36", "bbox": "[0 0 6 6]", "predicted_iou": "0.9375", "stability_score": "0.96", "point_coords": "[[6 2]]", "crop_box": "[0 0 8 8]",
	} {
		if have := fmt.Sprint(list[0][key]); have != want {
			t.Errorf("%s is %s, want %s", key, have, want)
		}
	}
	// Dot 5 is the one point of crop 2, {0, 3, 5, 8}.
	if have := fmt.Sprint(list[1]["crop_box"], list[1]["bbox"]); have != "[0 3 5 5] [5 4 2 4]" {
		t.Errorf("crop and box of the second mask are %s", have)
	}
	back, err := Import(file, 8)
	if err != nil {
		t.Fatal(err)
	}
	if len(back) != 2 {
		t.Fatalf("%d masks come back, want 2", len(back))
	}
	for i, k := range back {
		same(t, "mask", k.Mask, stay[i].Mask)
		want := wire.FoundMask{Dot: -1, Predicted: stay[i].Predicted, Stability: stay[i].Stability, True: -1, Area: stay[i].Area}
		if k.FoundMask != want {
			t.Errorf("mask %d comes back as %+v, want %+v", i, k.FoundMask, want)
		}
	}
	again, err := Export(back, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if third, err := Import(again, 8); err != nil || len(third) != 2 || third[0].Predicted != 0.9375 {
		t.Errorf("an imported file does not go out and in again: %v, %v", third, err)
	}
	if empty, err := Export(nil, dots, crops); err != nil || string(empty) != "[]" {
		t.Errorf("no masks are written as %s, %v", empty, err)
	}
}

// Every string of run lengths survives JSON, also with characters that it escapes.
func TestExportEscapes(t *testing.T) {
	for n := 1; n < 64*64; n++ {
		m := New(64)
		for i := range n {
			m.Set(i/64, i%64)
		}
		file, err := Export([]Kept{{Mask: m, FoundMask: wire.FoundMask{Dot: -1}}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Import(file, 64)
		if err != nil || back[0].Area != n {
			t.Fatalf("%d pixels: %v, %v", n, back, err)
		}
	}
}

func TestImportForms(t *testing.T) {
	want := draw(t, `
		.#.
		.#.
		..#`)
	for _, file := range []string{
		`{"segmentation":{"size":[3,3],"counts":"323O"}}`,
		` [ {"segmentation":{"counts":[3,2,3,1],"size":[3,3]}, "predicted_iou": 0.5, "unknown": {"a": [1]}} ] `,
		`{"image":{"width":3},"annotations":[{"segmentation":{"size":[3,3],"counts":"323O"}}]}`,
	} {
		stay, err := Import([]byte(file), 3)
		if err != nil || len(stay) != 1 {
			t.Errorf("%s gives %v, %v", file, stay, err)
			continue
		}
		same(t, file, stay[0].Mask, want)
		if stay[0].Candidate != -1 || stay[0].Dot != -1 || stay[0].Area != 3 {
			t.Errorf("%s gives %+v", file, stay[0])
		}
	}
	stay, err := Import([]byte(`[{"segmentation":{"size":[3,3],"counts":"323O"}},{"segmentation":{"size":[3,3],"counts":"09"}}]`), 3)
	if err != nil || stay[0].Area != 9 {
		t.Errorf("the large mask is not the first: %v, %v", stay, err)
	}
}

func TestImportTellsWhatIsWrong(t *testing.T) {
	with := func(counts string) string { return `[{"segmentation":{"size":[3,3],"counts":` + counts + `}}]` }
	many := "[" + strings.Repeat(`{"segmentation":{"size":[3,3],"counts":"09"}},`, MaxMasks) + `{}]`
	for _, c := range []struct{ file, want string }{
		{"", "the file of masks is not JSON"},
		{"\x89PNG\r\n", "the file of masks is not JSON"},
		{`[{"segmentation":{"size":[3,3],"cou`, "is not JSON: unexpected end of JSON input, after"},
		{`[]`, "holds no masks: want a list of annotations"},
		{`null`, "holds no masks"},
		{`{"annotations":[]}`, "holds no masks"},
		{`{"annotations":3}`, `annotations may not be of JSON's kind "number": want a list`},
		{`3`, `the file of masks may not be of JSON's kind "number": want a list`},
		{`{}`, "mask 1 of 1: there is no segmentation: want one with size and counts"},
		{`[null]`, "mask 1 of 1: there is no segmentation"},
		{`[3]`, `mask 1 of 1: the annotation may not be of JSON's kind "number": want an object`},
		{`[{"segmentation":[[1,2,3,4]]}]`, `segmentation may not be of JSON's kind "array": want an object`},
		{`[{"segmentation":{"counts":"09"}}]`, "the size has 0 numbers: want 2"},
		{`[{"segmentation":{"size":[3],"counts":"09"}}]`, "the size has 1 numbers: want 2"},
		{`[{"segmentation":{"size":[3,4],"counts":"09"}}]`, "the size is 3 × 4: want 3 × 3, as the picture has"},
		{`[{"segmentation":{"size":[-3,-3],"counts":"09"}}]`, "the size is -3 × -3: want 3 × 3"},
		{`[{"segmentation":{"size":[1000000000,1000000000],"counts":"09"}}]`, "the size is 1000000000 × 1000000000: want 3 × 3"},
		{`[{"segmentation":{"size":[1e99,3],"counts":"09"}}]`, "want a whole number"},
		{`[{"segmentation":{"size":[3,3]}}]`, "there are no counts: want a string or a list"},
		{with(`null`), "the runs cover 0 pixels: want all 9"},
		{with(`3`), `counts may not be of JSON's kind "number": want a list`},
		{with(`[3,1.5]`), `want a whole number`},
		{with(`[3,"2"]`), `counts may not be of JSON's kind "string": want a whole number`},
		{with(`[3,-2,8]`), "run 2 has length -2: want 0 or more"},
		{with(`[3,2,3]`), "the runs cover 8 pixels: want all 9 of 3 × 3"},
		{with(`[3,2,30]`), "the first 3 runs cover more than the 9 pixels"},
		{with(`[9223372036854775807,1]`), "the first 1 runs cover more"},
		{with(`"32T"`), "ends in the middle of run 3"},
		{with(`"3 2"`), "at position 2"},
		{with(`"00000000000000"`), "there are more than 10 runs"},
		{with(`"09"},"predicted_iou":"high`), "not JSON"},
		{`[{"segmentation":{"size":[3,3],"counts":"09"},"predicted_iou":"high"}]`, `predicted_iou may not be of JSON's kind "string": want a number`},
		{`[{"segmentation":{"size":[3,3],"counts":"09"}},{}]`, "mask 2 of 2: there is no segmentation"},
		{many, fmt.Sprintf("holds %d masks: at most %d are read", MaxMasks+1, MaxMasks)},
		{strings.Repeat(" ", MaxFile+1), "bytes: at most"},
		{strings.Repeat("[", 100000), "the file of masks"},
	} {
		stay, err := Import([]byte(c.file), 3)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s gives %v, %v; want an error with %q", c.file, stay, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "Go ") {
			t.Errorf("%.80s: the error speaks of Go: %v", c.file, err)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(`[{"segmentation":{"size":[3,3],"counts":"323O"},"area":3,"predicted_iou":0.9}]`))
	f.Add([]byte(`{"segmentation":{"size":[3,3],"counts":[3,2,3,1]}}`))
	f.Add([]byte(`{"annotations":[{"segmentation":{"size":[3,3],"counts":"09"}}]}`))
	f.Add([]byte(`[{"segmentation":{"size":[3,3],"counts":[`))
	f.Fuzz(func(t *testing.T, file []byte) {
		stay, err := Import(file, 3)
		if err != nil {
			return
		}
		out, err := Export(stay, nil, nil)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		back, err := Import(out, 3)
		if err != nil || len(back) != len(stay) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		for i := range back {
			if show(back[i].Mask) != show(stay[i].Mask) || back[i].FoundMask != stay[i].FoundMask {
				t.Errorf("mask %d is %+v, and comes back as %+v", i, stay[i], back[i])
			}
		}
	})
}
