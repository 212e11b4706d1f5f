package chart

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"petri/kernels/lab/wire"
)

// Shape is the small sign before a label, so that colour is never the only difference.
type Shape int

// The shapes, in the order in which they are given out.
const (
	Circle Shape = iota
	Square
	Triangle
	Diamond
	Dashes // a piece of dashed line: the floor and chance
)

// Style is how an arm looks everywhere: line, dot, chip.
type Style struct {
	Color string // token without dashes: "k3", "ink", "frozen"
	Dash  string // stroke-dasharray, "" for a solid line
	Width float64
	Shape Shape
}

// CSS is the colour as a custom property.
func (s Style) CSS() string { return "var(--" + s.Color + ")" }

// Styles are the looks of the arms of one run. The zero value gives every arm the plain style.
type Styles struct {
	arms  []string
	looks []Style
}

// Of returns the look of an arm.
func (s Styles) Of(arm string) Style {
	if i := slices.Index(s.arms, arm); i >= 0 {
		return s.looks[i]
	}
	return plainStyle
}

// Looks of the roles (DESIGN "Colour roles").
var (
	plainStyle     = Style{Color: "ink-2", Width: 1.5}
	floorStyle     = Style{Color: "frozen", Width: 1.5, Dash: "4 3", Shape: Dashes}
	referenceStyle = Style{Color: "ink", Width: 1.6}
	controlStyle   = Style{Color: "frozen", Width: 1.2}
	chanceStyle    = Style{Color: "ink-3", Width: 1.2, Dash: "1.5 3", Shape: Dashes}
)

// Second distinctions of arms that share a number: one per set of matrices.
var (
	setDashes = []string{"", "7 2.5", "2.5 2", "9 2.5 2 2.5", "1.2 2.2"}
	setShapes = []Shape{Circle, Square, Triangle, Diamond, Square}
)

// signShapes are the signs of methods, each once.
var signShapes = []Shape{Circle, Square, Triangle, Diamond}

// rampSlots is the number of colours --k1 to --k6.
const rampSlots = 6

// Palette gives every arm its look. Colours of methods follow their number (the rank) up the ramp: powers of two have
// fixed places, 1 first and 32 last, so that an arm keeps its colour when others come or go; only where two numbers would
// meet in one place are the places given by order. Methods without a number are ordered by what they train, and leave out
// the last place. Arms of one number differ by dash and shape, per set of matrices.
func Palette(arms []wire.ArmReport) Styles {
	slot := slots(arms)
	sets := setOrder(arms)
	s := Styles{}
	for _, a := range arms {
		look := plainStyle
		switch a.Role {
		case wire.RoleFloor:
			look = floorStyle
		case wire.RoleReference:
			look = referenceStyle
		case wire.RoleControl:
			look = controlStyle
		case wire.RoleMethod:
			k := slices.Index(sets, setOf(a.Arm))
			look = Style{Color: "k" + strconv.Itoa(slot[number(a)]+1), Width: 1.5,
				Dash: setDashes[k%len(setDashes)], Shape: setShapes[k%len(setShapes)]}
			// With many sets in one race looks would repeat: the dash stays, another sign tells them apart.
			for i := 0; i < len(signShapes) && slices.Contains(s.looks, look); i++ {
				look.Shape = signShapes[(k+i)%len(signShapes)]
			}
			for i := 1; i < rampSlots && slices.Contains(s.looks, look); i++ {
				look.Color = "k" + strconv.Itoa((slot[number(a)]+i)%rampSlots+1)
			}
		}
		s.arms = append(s.arms, a.Arm)
		s.looks = append(s.looks, look)
	}
	return s
}

// PaletteOfNames is Palette for arms that have not run: head, full and scratch, and methods written "qv:4".
func PaletteOfNames(names []string) Styles {
	arms := make([]wire.ArmReport, len(names))
	for i, n := range names {
		arms[i] = wire.ArmReport{Arm: n, Role: wire.RoleMethod}
		switch n {
		case "head":
			arms[i].Role = wire.RoleFloor
		case "full":
			arms[i].Role = wire.RoleReference
		case "scratch":
			arms[i].Role = wire.RoleControl
		default:
			_, num, _ := strings.Cut(n, ":")
			arms[i].Number, _ = strconv.Atoi(num)
		}
	}
	return Palette(arms)
}

// setOf is what an arm has besides its number: "qv" of "qv:4", "adaptformer~scale=1" of "adaptformer:8~scale=1".
func setOf(arm string) string {
	set, rest, _ := strings.Cut(arm, ":")
	if _, own, ok := strings.Cut(rest, "~"); ok {
		set += "~" + own
	}
	return set
}

// number orders methods: the rank, or where there is none the trained parameters.
func number(a wire.ArmReport) int {
	if a.Number > 0 {
		return a.Number
	}
	return max(a.Trainable, 1)
}

// slots maps each number to 0..5.
func slots(arms []wire.ArmReport) map[int]int {
	var numbers []int
	counted := true // every method has a number of its own, and the number its place
	for _, a := range arms {
		if a.Role != wire.RoleMethod {
			continue
		}
		counted = counted && a.Number > 0
		if !slices.Contains(numbers, number(a)) {
			numbers = append(numbers, number(a))
		}
	}
	sort.Ints(numbers)
	slot := make(map[int]int, len(numbers))
	if !counted { // of thousands of parameters all would fall on the last place, which is next to the reference's ink
		for i, n := range numbers {
			slot[n] = i * (rampSlots - 2) / max(len(numbers)-1, 1)
		}
		return slot
	}
	last, meet := -1, false
	for _, n := range numbers {
		k := min(max(int(math.Round(math.Log2(float64(n)))), 0), rampSlots-1)
		meet = meet || k == last
		slot[n], last = k, k
	}
	if meet {
		for i, n := range numbers {
			slot[n] = i * (rampSlots - 2) / max(len(numbers)-1, 1)
		}
	}
	return slot
}

// setOrder lists the sets of the methods, the one with most arms first: it is drawn solid.
func setOrder(arms []wire.ArmReport) []string {
	var sets []string
	count := map[string]int{}
	for _, a := range arms {
		if a.Role != wire.RoleMethod {
			continue
		}
		s := setOf(a.Arm)
		if count[s] == 0 {
			sets = append(sets, s)
		}
		count[s]++
	}
	slices.SortStableFunc(sets, func(a, b string) int { return count[b] - count[a] })
	return sets
}
