package page

import (
	"encoding/json"

	"petri/ui/state"
)

// share copies the link of the run on the screen; place is where an error belongs.
func (s *Site) share(place string) {
	s.copy(place, s.link(), "Link copied: the same bits on every machine")
}

func (s *Site) copy(place, text, done string) {
	if s.host == nil {
		return
	}
	s.host.Copy(text, func(err error) {
		s.later(func() {
			if err != nil {
				s.do(state.Complain{Place: place, Text: "The browser did not let the page copy. Select this and copy it by hand: " + text})
				return
			}
			s.do(state.Dismiss{Place: place})
			s.do(state.Say{Text: done})
		})
	})
}

// exportReport downloads the report on the screen, as `petri run -json` prints it.
func (s *Site) exportReport() {
	r := s.report()
	if r == nil || s.host == nil {
		return
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		s.do(state.Complain{Place: "share", Text: "The report could not be written: " + err.Error() + "."})
		return
	}
	whose := map[state.Source]string{state.Recorded: "recorded-", state.Live: "unfinished-"}[s.S.Source()]
	s.host.Save("petri-"+r.Lab+"-"+whose+"report.json", "application/json", append(text, '\n'))
}
