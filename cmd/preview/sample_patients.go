package main

import (
	"strings"

	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/patients"
)

var people = []patients.Hit{
	{ID: "okafor", Name: format.PersonName{Family: "Okafor", Given: "Adaeze", Preferred: "Ada"}, PhotoURL: "/photo/okafor.svg", Born: "14-Jul-1968 (58 y)", Sex: "female", MRN: "100 482 771", Note: "Today 10:30", NoteDate: "Room 3", Href: "/patients/okafor"},
	{ID: "adaora", Name: format.PersonName{Family: "Okafor", Given: "Adaora"}, Born: "03-Feb-1994 (32 y)", Sex: "female", MRN: "100 508 116", Note: "Last visit", NoteDate: "19-May-2026", Href: "/patients/adaora"},
	{ID: "chinedu", Name: format.PersonName{Family: "Okafor", Given: "Chinedu"}, Born: "27-Nov-1961 (64 y)", Sex: "male", MRN: "100 482 772", Note: "Next visit", NoteDate: "01-Dec-2026", Href: "/patients/chinedu"},
	{ID: "yuki", Name: format.PersonName{Family: "Okada", Given: "Yuki"}, Born: "11-Jun-2019 (7 y)", Sex: "female", MRN: "100 470 390", Note: "Last visit", NoteDate: "08-Sep-2026", Href: "/patients/yuki"},
}

func find(q string) []patients.Hit {
	var out []patients.Hit
	for _, p := range people {
		if q != "" && strings.HasPrefix(strings.ToLower(p.Name.Family), strings.ToLower(q)) {
			out = append(out, p)
		}
	}
	return out
}

func samplePalette(q, patient string) patients.Palette {
	p := patients.Palette{Query: q, Hits: find(strings.TrimSpace(q))}
	if patient != "" {
		p.For = "OKAFOR, Adaeze"
		p.Commands = []web.Entry{
			{Name: "note", Label: "Open today’s note", Icon: "file-text", Key: "N", Href: "/patients/okafor/note"}, {Name: "order", Label: "Order tests, imaging or referral", Icon: "flask-conical", Key: "O", Href: "/patients/okafor/order"},
			{Name: "prescribe", Label: "Prescribe", Icon: "pill", Key: "P", Href: "/patients/okafor/prescribe"}, {Name: "vitals", Label: "Record vitals", Icon: "heart", Key: "V", Href: "/patients/okafor/vitals/new"},
			{Name: "book", Label: "Book follow-up", Icon: "calendar", Key: "B", Href: "/schedule?patient=okafor"}, {Name: "print", Label: "Print chart summary", Icon: "printer", Key: "Ctrl P", Href: "/patients/okafor?print=1"},
		}
		return p
	}
	for _, e := range []web.Entry{{Name: "schedule", Label: "Schedule", Icon: "calendar", Key: "g s", Href: "/schedule"}, {Name: "inbox", Label: "Inbox", Icon: "inbox", Key: "g i", Href: "/inbox"}} {
		if strings.HasPrefix(strings.ToLower(e.Label), strings.ToLower(strings.TrimPrefix(q, ">"))) {
			p.Go = append(p.Go, e)
		}
	}
	return p
}
