package site

import lessons "petri/internal/lesson"

// lesson turns the lesson of a paper into HTML.
func lesson(markdown string) (string, error) { return lessons.HTML(markdown) }
