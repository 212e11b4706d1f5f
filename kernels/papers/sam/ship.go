package sam

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/nn"
)

// Asset is where the weights of the shipped model lie below assets/.
const Asset = "weights/sam.safetensors"

// entry.json says what the file of weights is, how it was made and what it scores.
//
//go:embed entry.json
var entryFile []byte

// Entry is a shipped model: its file, how it was made, and what it scores.
type Entry struct {
	Recipe  Recipe       `json:"recipe"`
	File    string       `json:"file"`
	Bytes   int          `json:"bytes"`
	SHA256  string       `json:"sha256"`
	Numbers int          `json:"numbers"`
	Engine  string       `json:"engine"`
	HeldOut Score        `json:"held_out"` // on test scenes, of the file as it is
	Filters Filters      `json:"filters"`  // of everything mode, chosen on validation scenes
	Curve   []CurvePoint `json:"curve"`
	Date    string       `json:"date"`
	Seconds float64      `json:"seconds"`
	Machine string       `json:"machine"`
}

// Shown is the entry of the shipped model.
func Shown() (Entry, error) {
	var e Entry
	if err := json.Unmarshal(entryFile, &e); err != nil {
		return e, fmt.Errorf("sam: entry.json: %w", err)
	}
	return e, nil
}

// OpenShipped reads the shipped model. A file of another hash than the one that this program was built with is refused.
func OpenShipped(asset func(name string) ([]byte, error)) (*Model, error) {
	e, err := Shown()
	if err != nil {
		return nil, err
	}
	if e.SHA256 == "" {
		return nil, errors.New("this build comes without a trained model: make one with: go run . pretrain sam")
	}
	file, err := asset(Asset)
	if err != nil {
		return nil, fmt.Errorf("the weights of the trained model are missing: %w", err)
	}
	return e.Decode(file)
}

// shippedModel is the shipped model, decoded once for all trials and prompts of a worker.
func shippedModel(env lab.Env) (*Model, error) {
	return lab.Memo(env, Asset, func() (*Model, error) { return OpenShipped(env.Asset) })
}

// Decode reads the file of an entry.
func (e Entry) Decode(file []byte) (*Model, error) {
	if err := data.Verify(e.File, file, e.SHA256); err != nil {
		if errors.Is(err, data.ErrChanged) {
			err = fmt.Errorf("%w, or make it again with: go run . pretrain %s", err, e.Recipe.Name)
		}
		return nil, err
	}
	m := New(nil, Shipped())
	if _, err := nn.Load(file, nn.Collect(m)); err != nil {
		return nil, fmt.Errorf("assets/%s: %w", e.File, err)
	}
	m.Loaded()
	return m, nil
}
