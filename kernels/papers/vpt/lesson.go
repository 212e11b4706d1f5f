package vpt

import _ "embed"

// lessonText is the narrative of the lab, as internal/lesson reads it.
//
//go:embed lesson.md
var lesson string
