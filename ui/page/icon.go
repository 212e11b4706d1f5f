package page

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// Icons are lines on a grid of 16 units; words stand beside them or name their button.
const (
	iconLink    = `<path d="M6.5 9.5l3-3M7 4.5l1.6-1.6a3 3 0 0 1 4.2 4.2L11.5 8.500M9 11.500l-1.600 1.600a3 3 0 0 1-4.200-4.200L4.500 7.500"/>`
	iconInstall = `<path d="M8 2.500v7M5 7l3 3 3-3M3 13h10"/>`
	iconTheme   = `<circle cx="8" cy="8" r="5.5"/><path class="f" d="M8 2.5a5.5 5.5 0 0 1 0 11z"/>`
	iconSun     = `<circle cx="8" cy="8" r="3"/><path d="M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1.100 1.100M11.500 11.500l1.100 1.100M12.600 3.400l-1.100 1.100M4.500 11.500l-1.100 1.100"/>`
	iconMoon    = `<path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z"/>`
	iconStep    = `<path class="f" d="M3 3v10l7-5z"/><path d="M12.500 3v10"/>`
	iconReset   = `<path d="M3 8a5 5 0 1 0 1.600-3.700M3 2.500v3h3"/>`
	iconHolds   = `<path d="M3 8.500l3.200 3.200L13 4.800"/>`
	iconFails   = `<path d="M4 4l8 8M12 4l-8 8"/>`
	iconUnclear = `<path d="M2.500 9c1.800-3.500 3.600-3.500 5.500-1s3.700 2.500 5.500-1"/>`
	iconNotRun  = `<circle cx="8" cy="8" r="5"/>`
	iconCross   = `<path d="M4.500 4.500l7 7M11.500 4.500l-7 7"/>`
	pathPlay    = "M5 2.600v12.800L15.500 9z"
	pathPause   = "M4.500 3h3v12h-3zM10.500 3h3v12h-3z"
)

// mark is the petri dish of the brand.
const mark = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><circle cx="12" cy="12" r="10.2"/><circle cx="12" cy="12" r="7.6" stroke-width="1"/><g fill="currentColor" stroke="none"><circle cx="9.4" cy="10.4" r="2"/><circle cx="14.6" cy="13.6" r="1.2"/><circle cx="10.600" cy="15" r=".8"/></g></svg>`

// icon draws one of the icons; it is an ornament to those who listen.
func icon(lines string) app.UI {
	return app.Raw(`<svg viewBox="0 0 16 16" aria-hidden="true">` + lines + `</svg>`)
}
