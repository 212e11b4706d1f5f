// Package papers gathers every laboratory. The list in zz_all.go is written by internal/genall: a folder with a
// package that declares a variable Paper is on it, and there is nothing else to register.
package papers

import (
	"petri/kernels/lab"
	"petri/kernels/lab/wire"
)

//go:generate go run petri/internal/genall/cmd .

// Catalog describes all labs as data, for the page and the command line.
func Catalog() wire.Catalog {
	c := wire.Catalog{Engine: wire.Engine}
	for _, p := range All {
		c.Labs = append(c.Labs, p.Lab)
	}
	return c
}

// Find returns the paper with an ID.
func Find(id string) (lab.Paper, bool) {
	for _, p := range All {
		if p.Lab.ID == id {
			return p, true
		}
	}
	return lab.Paper{}, false
}
