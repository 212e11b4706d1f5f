package page

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"petri/ui/stage"
)

// Pictures of the visitor's own. What is brought enters by state.OwnPicture; what cannot be read is told by
// state.Complain at "prompt".

// ownPanel is where pictures are brought in, kept and forgotten.
func (s *Site) ownPanel() app.UI { return app.Div().Hidden(true) }

// ownGesture takes the strokes of the tool that paints.
func (s *Site) ownGesture(stage.Gesture) {}
