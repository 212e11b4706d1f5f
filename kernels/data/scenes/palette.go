package scenes

// rgb is a colour, each channel 0..1.
type rgb [3]float32

// The colours, by index.
const (
	red = iota
	orange
	yellow
	green
	teal
	sky
	blue
	violet
	pink
	brown
	white
	grey
)

// Every one of them comes deep and light: a scene has deep things on a light ground or light ones on a deep
// ground, either as often, so that no colour says "background".
var (
	colours = [...]string{red: "red", orange: "orange", yellow: "yellow", green: "green", teal: "teal", sky: "sky",
		blue: "blue", violet: "violet", pink: "pink", brown: "brown", white: "white", grey: "grey"}
	palette = [...]rgb{
		red: {.79, .25, .22}, orange: {.90, .52, .20}, yellow: {.93, .76, .27}, green: {.36, .60, .31}, teal: {.18, .50, .47},
		sky: {.38, .68, .85}, blue: {.22, .36, .66}, violet: {.50, .35, .66}, pink: {.87, .45, .62}, brown: {.50, .34, .24},
		white: {.92, .90, .84}, grey: {.45, .47, .50},
	}
	paperWhite = rgb{.98, .96, .91}
)

// tone is a colour of the palette, light or deep.
func tone(colour int, light bool) rgb {
	if light {
		return blend(palette[colour], paperWhite, .55)
	}
	return palette[colour]
}

// blend goes from a (t 0) to b (t 1).
func blend(a, b rgb, t float32) rgb {
	for i := range a {
		a[i] += float32((b[i] - a[i]) * t)
	}
	return a
}

// lit makes a colour brighter (f over 1) or darker.
func lit(c rgb, f float32) rgb {
	for i := range c {
		c[i] = clamp(float32(c[i] * f))
	}
	return c
}
