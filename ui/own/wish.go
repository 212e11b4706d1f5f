package own

// Wish is what a page asks the browser for.
type Wish struct {
	What          string // WishFile, ...; "" only prepares, so that a picture can be dropped
	Name, Address string // of a photograph
	File          []byte // that was kept on this device; the picture shown, for WishPaint (see Grid), nil for none
	Scene         []byte // the scene, for WishPaint
}

// The wishes; they are also where a picture came from. WishDrop and WishPaste are the visitor's alone.
const (
	WishFile   = "file"
	WishDrop   = "drop"
	WishPaste  = "paste"
	WishCamera = "camera"
	WishPaint  = "paint"
	WishPhoto  = "photo"
	WishKept   = "kept"
	WishForget = "forget" // drops a painting that was not finished
)

// Brought is what comes of a wish.
type Brought struct {
	From, Name          string
	Why                 string // there is no picture: see Words
	Width, Height, Side int    // as it was, and of the square that was taken, at most Most
	RGBA                []byte // [Side, Side, 4]
}

// Picture is what is made of it.
type Picture struct {
	Pixels []float32 // [Side, Side, 3], 0..1
	Notes  string    // what was done to it, in words; "" for nothing
}

// Make lays what was brought over white, in place, and brings it to the size that the model sees.
func (b Brought) Make() Picture {
	notes := ""
	if b.Width != b.Height {
		notes = "The middle square was taken. "
	}
	if Flatten(b.RGBA) {
		notes += "What can be seen through was laid over white. "
	}
	switch {
	case b.Side > Side:
		notes += "It was scaled down to 64 by 64 pixels, which is all that the model sees."
	case b.Side < Side:
		notes += "It was enlarged to 64 by 64 pixels."
	}
	return Picture{Shrink(b.RGBA, b.Side), notes}
}
