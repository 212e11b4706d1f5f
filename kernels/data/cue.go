package data

// Cue reads its image in cells of 2x2 pixels, a map of 16x16, which windows of 4x4 cells tile.
const (
	CueCell    = 2              // pixels along a side of a cell
	CueCells   = Side / CueCell // cells along a side of the map
	CueWindow  = 4              // cells along a side of a window
	CueReadRow = 0              // first row and column, in cells, of the window that the answer is read from
	CueReadCol = 0
)

// Cue is an endless Set that asks how far a network sees. Everything is noise but for a cue of 2x2 cells, which stands in
// one window, and the answer is to be read from another one, whose pixels are independent of it, bit by bit: a network
// that reads only those cells of its last map answers by what has reached them.
//
// Each cell of the cue is light on one side and dark on the other; which side is light is the class. The cue covers no
// cell of the first column of its window. A block that looks one cell around itself before it attends within windows
// (a depth-wise convolution of 3x3, then windowed attention) therefore does not see the cue, and a second one does, in
// whole. With attention within windows alone no depth is enough. A first convolution of 3x3 pixels with stride 2, which reads
// pixels 2c-1 to 2c+1 for cell c, changes none of this; any further one is a further cell of reach.
type Cue struct {
	Seed uint64
	// Far puts the cue two windows to the right instead of one, out of reach for two blocks and within it for three. That is
	// not to say that three learn it: the slope has to come the same way.
	Far bool
}

var cueClasses = [...]string{"top", "bottom", "left", "right"}

// Window is the first row and column, in cells, of the window that holds the cue.
func (c Cue) Window() (row, col int) {
	if c.Far {
		return CueReadRow, CueReadCol + 2*CueWindow
	}
	return CueReadRow, CueReadCol + CueWindow
}

// Blocks is how many blocks of convolution and windowed attention it takes to see the cue: after n of them a window sees
// n-1 windows around itself and one cell more.
func (c Cue) Blocks() int {
	if c.Far {
		return 3
	}
	return 2
}

// Classes are the sides of a cell that may be light.
func (Cue) Classes() []string { return append([]string(nil), cueClasses[:]...) }

// Len is 0: cues never end.
func (Cue) Len(Split) int { return 0 }

// Image writes example i of a split. Near and far cues of one place and seed differ in where the cue stands, not in the
// noise; labels go round.
func (c Cue) Image(dst []float32, s Split, i int) int {
	var r stream
	r.start(c.Seed, purposeCue+uint64(s), uint64(i))
	label := i % len(cueClasses)
	c.draw(dst, &r, label)
	return label
}

func (c Cue) draw(dst []float32, r *stream, label int) {
	paper(dst, r, .04, .2)
	row, col := c.Window()
	var down, right int = r.Below(CueWindow - 1), r.Below(CueWindow - 2)
	y0, x0 := CueCell*(row+down), CueCell*(col+1+right)
	contrast := float32(r.Between(.12, .2))
	for y := y0; y < y0+2*CueCell; y += CueCell {
		for x := x0; x < x0+2*CueCell; x += CueCell {
			cell(dst[y*Side+x:], contrast, label)
		}
	}
}

// cell adds an edge to the 2x2 pixels at the start of dst. The first two greys beneath, row by row, go to the light
// pixels and the others to the dark ones, so that every class shows the same greys.
func cell(dst []float32, contrast float32, label int) {
	a, b := dst[0]+contrast, dst[1]+contrast
	c, d := dst[Side]-contrast, dst[Side+1]-contrast
	switch label {
	case 0: // top
		dst[0], dst[1], dst[Side], dst[Side+1] = a, b, c, d
	case 1: // bottom
		dst[0], dst[1], dst[Side], dst[Side+1] = c, d, a, b
	case 2: // left
		dst[0], dst[1], dst[Side], dst[Side+1] = a, c, b, d
	default:
		dst[0], dst[1], dst[Side], dst[Side+1] = c, a, d, b
	}
}
