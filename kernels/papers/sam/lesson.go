// The pages are written natively.

//go:build !js

package sam

import _ "embed"

// The lesson and, made from it by internal/lesson/mathml.mjs, the MathML of its formulae.
var (
	//go:embed lesson.md
	lessonText string
	//go:embed lesson.mathml
	lessonFormulae string
)

// lesson is the narrative of the lab, as internal/lesson reads it.
var lesson = lessonText + "\n" + lessonFormulae
