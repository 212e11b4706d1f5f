package chart

// Browser is what exports need from the page.
type Browser interface {
	// Save offers data as a download.
	Save(name, mime string, data []byte)
	// SavePNG draws a self-contained SVG of the given size in CSS pixels on a canvas, at twice that size, and offers
	// the picture as a download.
	SavePNG(name, svg string, width, height int)
}

var browser Browser

// Use sets the browser behind the export buttons. Without one, as in a pre-rendered page, they do nothing.
func Use(b Browser) { browser = b }
