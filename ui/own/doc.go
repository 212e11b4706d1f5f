// Package own is what the page knows of pictures that are the visitor's own: dropped, pasted, filmed, painted, or one of the
// photographs that come with the site. What a file is and how large is read from its first bytes, before anything decodes it;
// how it is cut and scaled is arithmetic on whole numbers; and what can go wrong has its words here.
//
// The browser decodes (assets/js/own.js). Of a file only pixels are kept, so what else stood in it, such as the place
// where a photograph was taken, is gone.
package own

// Sizes.
const (
	Side = 64  // of the picture that the model sees
	Most = 512 // of the one that is kept beside it, for cut-outs
)

// Limits of what is taken. A decoder needs four bytes for each pixel.
const (
	MaxBytes  = 50_000_000
	MaxPixels = 40_000_000
)
