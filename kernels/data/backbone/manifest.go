package backbone

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"petri/assets"
	"petri/kernels/data"
	"petri/kernels/nn"
)

// Manifest lists the shipped backbones: assets/weights/manifest.json.
type Manifest struct {
	Backbones []Entry `json:"backbones"`
}

// Entry is one shipped backbone: its file, how it was made, and what it scores.
type Entry struct {
	Recipe  Recipe  `json:"recipe"`
	File    string  `json:"file"` // a path below assets/
	Bytes   int     `json:"bytes"`
	SHA256  string  `json:"sha256"`
	Numbers int     `json:"numbers"` // parameters, the head included where the file has one
	Engine  string  `json:"engine"`  // version of the numerics that made it
	HeldOut Score   `json:"held_out"`
	Date    string  `json:"date"`
	Seconds float64 `json:"seconds"` // of training, on the machine below
	Machine string  `json:"machine"`
}

// ReadManifest reads a manifest.
func ReadManifest(text []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("assets/weights/manifest.json cannot be read: %w", err)
	}
	return m, nil
}

// Entry finds a backbone.
func (m Manifest) Entry(name string) (Entry, error) {
	var names []string
	for _, e := range m.Backbones {
		if e.Recipe.Name == name {
			return e, nil
		}
		names = append(names, e.Recipe.Name)
	}
	return Entry{}, fmt.Errorf("no backbone %q is shipped; there are: %s", name, strings.Join(names, ", "))
}

// Put adds an entry or replaces that of the same name, keeping the order of Recipes.
func (m *Manifest) Put(e Entry) {
	byName := map[string]Entry{e.Recipe.Name: e}
	for _, old := range m.Backbones {
		if _, ok := byName[old.Recipe.Name]; !ok {
			byName[old.Recipe.Name] = old
		}
	}
	m.Backbones = m.Backbones[:0]
	for _, r := range Recipes {
		if e, ok := byName[r.Name]; ok {
			m.Backbones = append(m.Backbones, e)
		}
	}
}

// Open reads a shipped backbone with the head of its own world; that of a masked autoencoder is zero. The file's hash must be the one that this program was
// built with.
func Open(asset func(name string) ([]byte, error), name string) (*nn.ViT, Entry, error) {
	m, err := ReadManifest(assets.Manifest)
	if err != nil {
		return nil, Entry{}, err
	}
	e, err := m.Entry(name)
	if err != nil {
		return nil, Entry{}, err
	}
	file, err := asset(e.File)
	if err != nil {
		return nil, e, fmt.Errorf("the weights of %s are missing: %w", name, err)
	}
	v, err := e.Decode(file)
	return v, e, err
}

// Decode reads the file of an entry.
func (e Entry) Decode(file []byte) (*nn.ViT, error) {
	if err := data.Verify(e.File, file, e.SHA256); err != nil {
		if errors.Is(err, data.ErrChanged) {
			err = fmt.Errorf("%w, or make it again with: go run . pretrain %s", err, e.Recipe.Name)
		}
		return nil, err
	}
	v := nn.NewViT(nil, e.Recipe.Config())
	if _, err := nn.Load(file, nn.Collect(e.Recipe.part(v))); err != nil {
		return nil, fmt.Errorf("assets/%s: %w", e.File, err)
	}
	return v, nil
}

// Ship writes the finished backbone in half precision and scores the file as whoever reads it will: date, time and
// machine of the entry are left to the caller. The file holds no date, so that the same recipe gives the same hash.
func (t *Training) Ship(engine string) (file []byte, e Entry, err error) {
	if !t.Finished() {
		return nil, e, fmt.Errorf("%s has made %d of %d steps", t.Recipe.Name, t.Done, t.Recipe.Steps)
	}
	text, err := json.Marshal(t.Recipe)
	if err != nil {
		return nil, e, err
	}
	params := nn.Collect(t.Recipe.part(t.Model))
	file, err = nn.Save(params, map[string]string{"made_by": "petri", "recipe": string(text)}, nn.F16)
	if err != nil {
		return nil, e, err
	}
	e = Entry{Recipe: t.Recipe, File: Asset(t.Recipe.Name), Bytes: len(file), SHA256: nn.Hash(file), Engine: engine}
	_, e.Numbers = nn.Count(t.Recipe.part(t.Model))
	v, err := e.Decode(file)
	if err != nil {
		return nil, e, err
	}
	if t.masked == nil {
		e.HeldOut = Evaluate(v, t.Recipe.Glyphs(), HeldOut)
		return file, e, nil
	}
	e.HeldOut = Probe(v, t.Recipe.Glyphs(), data.Test, HeldOut)
	e.HeldOut.Error, e.HeldOut.MeanPatch = t.masked.behind(v).reconstruct(data.Test, HeldOut)
	return file, e, nil
}
