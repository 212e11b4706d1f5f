package sam

// Config is the size of a model.
type Config struct {
	Image  int // pixels along each side
	Patch  int // pixels along each side of a patch: 4, because masks come on a grid four times as fine as the tokens'
	Width  int // d, of encoder and decoder
	Heads  int
	Depth  int   // blocks of the encoder
	Window int   // side of the windows of the blocks that are not global, in tokens
	Global []int // the blocks whose attention is over the whole picture
	Hidden int   // inner width of the decoder's MLPs; the encoder's have 4·Width
	Masks  int   // masks for a single prompt; beside them there is one for several prompts, unless Masks is 1: then it serves both
}

// Live is the model that a visitor trains: 32×32 pixels, 8×8 tokens.
func Live(masks int) Config {
	return Config{Image: 32, Patch: 4, Width: 32, Heads: 4, Depth: 2, Window: 4, Global: []int{1}, Hidden: 128, Masks: masks}
}

// Shipped is the model that comes with the site: 64×64 pixels, 16×16 tokens.
func Shipped() Config {
	return Config{Image: 64, Patch: 4, Width: 64, Heads: 4, Depth: 4, Window: 4, Global: []int{1, 3}, Hidden: 256, Masks: 3}
}

// Grid is the number of tokens along each side, Tokens that of a picture.
func (c Config) Grid() int   { return c.Image / c.Patch }
func (c Config) Tokens() int { return c.Grid() * c.Grid() }

// Pixels is the number of pixels of a picture and of a mask.
func (c Config) Pixels() int { return c.Image * c.Image }

// MaskTokens is the number of masks that the decoder can give: the first is for several prompts.
func (c Config) MaskTokens() int {
	if c.Masks == 1 {
		return 1
	}
	return 1 + c.Masks
}

// Heads that answer: From..To, To excluded.

// Several are the masks that answer several prompts: one.
func (c Config) Several() (from, to int) { return 0, 1 }

// Single are the masks that answer a single prompt.
func (c Config) Single() (from, to int) {
	if c.Masks == 1 {
		return 0, 1
	}
	return 1, 1 + c.Masks
}

// global says whether a block of the encoder looks at the whole picture.
func (c Config) global(block int) bool {
	for _, g := range c.Global {
		if g == block {
			return true
		}
	}
	return false
}

// cross is the inner width of attention between tokens and picture: half of Width.
func (c Config) cross() int { return c.Width / 2 }

// fine and finest are the channels of the picture at twice and at four times the tokens' resolution.
func (c Config) fine() int   { return c.Width / 4 }
func (c Config) finest() int { return c.Width / 8 }

// Count is the number of parameters by the closed form, the Fourier matrix left out, which is drawn and never learned.
func (c Config) Count() int {
	d, t, x, h := c.Width, c.Tokens(), c.cross(), c.Hidden
	dense := func(in, out int) int { return in*out + out }
	norm := 2 * d
	n := dense(3*c.Patch*c.Patch, d) + t*d // patches, positions
	for b := range c.Depth {
		side := c.Window
		if c.global(b) {
			side = c.Grid()
		}
		n += 2*norm + 4*dense(d, d) + dense(d, 4*d) + dense(4*d, d) + 2*(2*side-1)*(d/c.Heads)
	}
	n += d*d + norm + 9*d*d + norm // neck
	n += 5*d + d                   // types of prompts: two of points, two of corners, none; no mask
	n += dense(4, 4) + 8 + dense(4*4, 16) + 32 + dense(16, d)
	cross := 3*dense(d, x) + dense(x, d)
	n += (1 + c.MaskTokens()) * d
	n += 2 * (4*dense(d, d) + 2*cross + dense(d, h) + dense(h, d) + 4*norm)
	n += cross + norm
	n += d*4*c.fine() + c.fine() + 2*c.fine() + c.fine()*4*c.finest() + c.finest()
	n += c.MaskTokens() * (2*dense(d, d) + dense(d, c.finest()))
	n += 2*dense(d, d) + dense(d, c.MaskTokens())
	return n
}
