// Package e2e holds the tests that use Petri the way a visitor does: in a real browser, on the generated site. It has
// no code of its own.
//
// The site is built once for all of them, by the same code as "go run ." and from the same cache. Set PETRI_SHOTS to a
// folder to get screenshots of every page in both themes at three widths.
package e2e
