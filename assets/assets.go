// Package assets carries the files that a run reads into the programs: all of them into the native one, only the list
// of backbones into WebAssembly, which fetches the rest when it is needed.
package assets

import _ "embed" // for Manifest

// Manifest is weights/manifest.json: which backbones there are, how they were made and what their files hash to. It is
// part of every program, so a changed file is noticed wherever it came from.
//
//go:embed weights/manifest.json
var Manifest []byte
