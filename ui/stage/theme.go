package stage

import (
	"image/color"
	"strconv"
	"strings"
)

// Ink is a colour of the design tokens by its CSS name without dashes in front ("ink-2"), with an opacity. Names
// rather than values let the same Scene be painted in both themes and be written as SVG that follows the page. A name that
// begins with # is a colour by itself: "#1B8BD8".
type Ink struct {
	Name  string
	Alpha float64 // 0..1
}

func ink(name string) Ink { return Ink{name, 1} }

// Colour returns the ink in a theme, "light" or "dark". An unknown name is drawn in magenta, so that it is seen.
func (i Ink) Colour(theme string) color.NRGBA {
	both, ok := tokens[i.Name]
	hex := both[0]
	if !ok {
		if hex = 0xFF00FF; strings.HasPrefix(i.Name, "#") {
			x, _ := strconv.ParseUint(i.Name[1:], 16, 24)
			hex = uint32(x)
		}
		both[1] = hex
	}
	if theme == "dark" {
		hex = both[1]
	}
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), uint8(i.Alpha*255 + 0.5)}
}

// tokens holds the design tokens in use, {light, dark}: a test compares them with assets/css/tokens.css.
var tokens = map[string][2]uint32{
	"surface":     {0xFFFFFF, 0x171C21},
	"sunk":        {0xF2F0EA, 0x20262C},
	"ink":         {0x1B2126, 0xE8EBEE},
	"ink-2":       {0x4C5660, 0xB0B9C1},
	"ink-3":       {0x656E77, 0x929CA6},
	"on-ink":      {0xFFFFFF, 0x101418},
	"line":        {0xE4E0D7, 0x2A3138},
	"line-2":      {0x7E848A, 0x737E88},
	"frozen":      {0x7D858C, 0x8C959D},
	"frozen-soft": {0xDFE0DF, 0x343B42},
	"frozen-ink":  {0x5B646C, 0xA7B0B8},
	"train":       {0xD26C00, 0xF0983A},
	"train-soft":  {0xFBE7D0, 0x43301C},
	"train-ink":   {0x9C4A00, 0xF5AE5E},
	"act":         {0x1B6FA8, 0x5FB2E6},
	"act-soft":    {0xDCEAF5, 0x1B3546},
	"act-ink":     {0x14608F, 0x7CC0EC},
	"div-neg":     {0x2F7FC1, 0x2F7FC1},
	"div-pos":     {0xD6453D, 0xD6453D},
	"mask":        {0x1B8BD8, 0x1B8BD8},
	"mask-line":   {0x0B4F80, 0x0B4F80},
	"mark":        {0xFFFFFF, 0xFFFFFF}, // marks lie on pictures and are the same in both themes
	"mark-dark":   {0x111111, 0x111111},
	"mark-out":    {0x5FB2E6, 0x5FB2E6}, // the output position: the blue of activations that is seen on dark pictures
	"mark-pos":    {0x1E7F3C, 0x1E7F3C}, // prompts: this, not this; the true mask; the band about the threshold; what is brushed
	"mark-neg":    {0xC4302B, 0xC4302B},
	"mark-true":   {0xE0318C, 0xE0318C},
	"mark-band":   {0xFFD65C, 0xFFD65C},
	"mark-brush":  {0x8E4EC6, 0x8E4EC6},
}
