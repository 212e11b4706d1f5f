// Package chart draws results: curves, heat maps, stacked bars, tables, the rank table and claim cards.
//
// Drawing is pure. A Graphic turns data and a width into SVG markup, a table, words for those who cannot see it, and a
// reading under the pointer or the keyboard; all of it runs and is tested natively. The go-app components around it
// (Race, Ranks, Memory, Figure, Claim) measure the width they have, draw again when it changes, and offer the table and
// the exports. What only a browser can do, saving a file and turning SVG into pixels, goes through Browser.
//
// Components compare their fields with reflect.DeepEqual to see whether anything changed: pass new slices when data
// change, or raise Rev.
package chart
