package web

import "github.com/osler-ehr/osler/web/format"

// PalettePath answers with what the command palette lists for q and, where a chart is open, patient.
const PalettePath = "/palette"

// printedBy says when and by whom a page was printed.
func (s sheet) printedBy() string {
	text := "Printed " + format.DateTime(s.shell.now())
	if s.frame.User != nil {
		text += " by " + s.frame.User.Name
	}
	return text
}
