//go:build !js

// Package names gives the files of the site the names that they are served under: a content hash stands in each, so that
// a name never means anything else and may be kept for good.
//
// A file has two names. Its logical name is what programs know: "lab.wasm", "weights/vtiny-m.safetensors". Its path is
// where the site holds it: "web/lab.3f2a91c0.wasm". A Table leads from one to the other, and nothing else does.
package names

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
)

// Folder holds all files that have a hash in their name.
const Folder = "web/"

// List is the file at the root of a site that holds its Table as JSON.
const List = "petri-files.json"

// digits is the length of a hash in a name: 32 bits, for a few dozen files.
const digits = 8

// Table leads from logical names to paths below the root of the site.
type Table map[string]string

// Path is where a file with this logical name and these contents lies.
func Path(logical string, text []byte) string {
	sum := sha256.Sum256(text)
	ext := path.Ext(logical)
	return Folder + strings.TrimSuffix(logical, ext) + "." + hex.EncodeToString(sum[:])[:digits] + ext
}

// Hashed reports whether a path was made by Path: then what it names never changes.
func Hashed(file string) bool {
	rest := strings.TrimSuffix(path.Base(file), path.Ext(file))
	dot := strings.LastIndexByte(rest, '.')
	if dot <= 0 || len(rest)-dot-1 != digits {
		return false
	}
	return strings.Trim(rest[dot+1:], "0123456789abcdef") == ""
}
