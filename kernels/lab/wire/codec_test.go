package wire

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
)

func TestMessageSurvivesEncoding(t *testing.T) {
	want := Message[Event]{
		Head: Event{Kind: KindTrial, Run: "7", Trial: TrialID{Arm: 2, Seed: 1},
			Result: &TrialResult{Arm: "qv:4", Loss: Losses{2.25, 0.1, 1e-30}, Metrics: map[string]float64{"test_accuracy": 0.9}}},
		Buffers: [][]float32{{1, -2.5, float32(math.Pi)}, {}, {float32(math.Inf(1)), math.MaxFloat32}},
		Bytes:   []byte{1, 2, 3},
	}
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode[Event](data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

func TestDamagedMessagesAreRefused(t *testing.T) {
	data, err := Encode(Message[Command]{Head: Command{Op: OpTrial, Link: "lora"}, Buffers: [][]float32{{1, 2}}, Bytes: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) {
		if _, err := Decode[Command](data[:n]); !errors.Is(err, ErrMessage) {
			t.Fatalf("cut to %d of %d bytes: error %v", n, len(data), err)
		}
	}
	if _, err := Decode[Command](append(data, 0)); !errors.Is(err, ErrMessage) {
		t.Fatalf("one byte too many: error %v", err)
	}
}

func TestLossesThatAreNotFiniteTravelAsNaN(t *testing.T) {
	data, err := json.Marshal(Progress{Loss: Losses{1.5, float32(math.NaN()), float32(math.Inf(1))}})
	if err != nil {
		t.Fatal(err)
	}
	var p Progress
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	if p.Loss[0] != 1.5 || p.Loss[1] == p.Loss[1] || p.Loss[2] == p.Loss[2] || len(p.Loss) != 3 {
		t.Fatalf("got %v", p.Loss)
	}
}

func TestLossesThatAreNoListAreRefused(t *testing.T) {
	for _, text := range []string{`"1"`, `{"a":1}`, `[1,"x"]`, `[1,{}]`, `3`} {
		var l Losses
		if err := json.Unmarshal([]byte(text), &l); err == nil {
			t.Errorf("%s was read as %v", text, l)
		}
	}
	var l Losses
	if err := json.Unmarshal([]byte(" [ ] "), &l); err != nil || l == nil || len(l) != 0 {
		t.Errorf("an empty list: %v, %v", l, err)
	}
}

func TestLossesKeepEveryBit(t *testing.T) {
	for _, x := range []float32{math.SmallestNonzeroFloat32, math.MaxFloat32, 0.1, 1.0 / 3, 16777217, -0.7} {
		data, err := json.Marshal(Losses{x})
		if err != nil {
			t.Fatal(err)
		}
		var l Losses
		if err := json.Unmarshal(data, &l); err != nil {
			t.Fatal(err)
		}
		if math.Float32bits(l[0]) != math.Float32bits(x) {
			t.Errorf("%g came back as %g", x, l[0])
		}
	}
}

func TestReportSurvivesBeingTakenApart(t *testing.T) {
	want := Report{Lab: "lora", Fingerprint: "f", Notes: []string{"n"}, Claims: []ClaimReport{{ID: "a"}},
		Arms: []ArmReport{{Arm: "head"}, {Arm: "qv:4", Number: 4}}, Figures: []Figure{{ID: "x"}, {ID: "y"}, {ID: "z"}}}
	pieces := want.Pieces()
	if len(pieces) != 6 {
		t.Fatalf("%d pieces, want head, 2 arms and 3 figures", len(pieces))
	}
	got := pieces[0]
	for _, p := range pieces[1:] {
		got.Join(p)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}
