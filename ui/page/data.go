package page

import (
	"encoding/json"

	"petri/kernels/lab/wire"
)

// Data is all that the pages are made from. The site generator fills it, renders every page from it and writes the same
// value as a JSON file, so that the program in the browser starts from exactly what the visitor is reading.
type Data struct {
	Base     string                  `json:"base"`     // path of the site on its host: "" or "/repo", no slash at the end
	Build    string                  `json:"build"`    // identifies the build of the kernels that belongs to the pages
	Files    map[string]string       `json:"files"`    // path below the base, by logical name: "lab.wasm", "weights/vtiny-m.safetensors"
	Catalog  wire.Catalog            `json:"catalog"`  // the labs that work
	Recorded map[string]*wire.Report `json:"recorded"` // by lab: the recorded default run
	Lessons  map[string]string       `json:"lessons"`  // by lab: the lesson as HTML, formulae as MathML

	// Structures are, by lab, what the racers of the default run and all named ones are built of.
	Structures map[string][]wire.Structure `json:"structures,omitempty"`
	Sources    []Source                    `json:"sources"` // the credits page: where data and weights come from
	Bench      []wire.BenchCase            `json:"bench"`   // what /bench measures
	Peers      *wire.Peers                 `json:"peers,omitempty"`
}

// Source credits one data set or one shipped file of weights.
type Source struct {
	Name    string `json:"name"`
	Text    string `json:"text"`    // what it is and where it came from
	Licence string `json:"licence"` // "CC BY-SA 3.0"
	URL     string `json:"url"`
	File    string `json:"file"` // the licence text shipped beside it, as a path below the site; "" for none
}

// Address is where a file of the site is found, by its logical name.
func (d Data) Address(file string) string { return d.Base + "/" + d.Files[file] }

// Parse reads the JSON of Data.
func Parse(text []byte) (Data, error) {
	var d Data
	err := json.Unmarshal(text, &d)
	return d, err
}
