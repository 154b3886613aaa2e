package main

import (
	"time"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/home"
)

func sampleHome() home.View {
	slot := func(at string, minutes int, state home.SlotState, who, what string) home.Slot {
		t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+at, now.Location())
		if err != nil {
			panic(err)
		}
		s := home.Slot{Start: t, Minutes: minutes, State: state, Who: who, What: what}
		if who != "" {
			s.Href = "/patients/okafor"
		}
		return s
	}
	return home.View{
		Greeting: "Good morning, Priya", Now: now, Checked: now, InboxURL: "/inbox",
		Day: &home.Day{Start: 8, End: 17, Summary: "12 patients, 3 seen, 2 open slots", Slots: []home.Slot{
			slot("08:00", 30, home.Seen, "WARD", "INR check"), slot("08:30", 30, home.Seen, "COHEN", "Cough"), slot("09:00", 60, home.Seen, "IBARRA", "Physical"),
			slot("10:00", 30, home.Open, "", "Open"), slot("10:30", 30, home.InRoom, "OKAFOR", "Room 3"), slot("11:00", 30, home.Arrived, "PATEL", "Arrived"),
			slot("11:30", 30, home.Booked, "LINDQVIST", "Well child"), slot("12:00", 60, home.Break, "", "Lunch"), slot("13:00", 30, home.Booked, "BAKER", "Back pain"),
			slot("13:30", 30, home.Booked, "NGUYEN", "Same day"), slot("14:00", 30, home.Booked, "HAQ", "Diabetes"), slot("14:30", 60, home.Booked, "SILVA", "New patient"),
			slot("15:30", 30, home.Open, "", "Open"), slot("16:00", 30, home.Booked, "MEYER", "Video"), slot("16:30", 30, home.Booked, "DUBOIS", "Asthma"),
		}},
		Next: &home.Next{When: "Next, 10:30 in room 3", Name: format.PersonName{Family: "Okafor", Given: "Adaeze", Preferred: "Ada"}, PhotoURL: "/photo/okafor.svg",
			About: "58 y, she/her", Why: "Diabetes follow-up. “More tired than usual for a month.”", ChartURL: "/patients/okafor", NoteURL: "/patients/okafor/note",
			Know: []home.Finding{{Text: "Potassium 5.6 mmol/L", Flag: clinical.High}, {Text: "HbA1c 8.1 %", Flag: clinical.High}, {Text: "Hemoglobin 10.9 g/dL", Flag: clinical.Low}, {Text: "Eye exam overdue"}}},
		Act: []home.Task{
			{Flag: clinical.HighCritical, Who: "LEE, Daniel", Born: "02-Mar-1951 (75 y)", What: "Potassium 6.4 mmol/L", Detail: "Critical, corrected 09:58. Lab phoned 09:44, read back by J. Ortiz RN", Do: "Review", Age: "41 min", Href: "/inbox"},
			{Icon: "message-square", Kind: "Message", Who: "NGUYEN, Linh", Born: "19-Jan-1979 (47 y)", What: "Rash since starting amoxicillin", Detail: "Nurse triage: no swelling, breathing normal, visit today 13:30", Do: "Reply", Age: "58 min", Href: "/inbox"},
			{Icon: "flask-conical", Kind: "Result", Who: "BAKER, Joan", Born: "27-Apr-1966 (60 y)", What: "Urine culture: resistant to nitrofurantoin", Detail: "Taking nitrofurantoin since 20-Nov-2026, seen today 13:00", Do: "Review", Age: "1 h", Href: "/inbox"},
			{Icon: "pill", Kind: "Refill", Who: "WARD, Teresa", Born: "30-Sep-1958 (68 y)", What: "Refill: warfarin 5 mg", Detail: "Outside protocol, INR 3.6 today 08:04", Do: "Decide", Age: "2 h", Href: "/inbox"},
			{Flag: clinical.High, Who: "OKAFOR, Adaeze", Born: "14-Jul-1968 (58 y)", What: "Potassium 5.6 mmol/L", More: "and 2 more", Detail: "+0.7 since 24-Aug-2026, in room 3 now", Do: "Review", Age: "2 h", Href: "/inbox"},
			{Flag: clinical.Low, Who: "HAQ, Samir", Born: "08-Jun-1990 (36 y)", What: "Sodium 131 mmol/L", Detail: "−4 since 21-Aug-2026, seen today 14:00", Do: "Review", Age: "3 h", Href: "/inbox"},
			{Icon: "credit-card", Kind: "Authorization", Who: "DUBOIS, Anne", Born: "11-Feb-1984 (42 y)", What: "Prior authorization denied", Detail: "budesonide and formoterol inhaler, alternative on formulary", Do: "Decide", Age: "1 day", Href: "/inbox"},
		},
		InfoSum: 21, InfoDo: "Sign 6 normal results", InfoURL: "/inbox?normal=1", Info: []home.Tally{{Count: 6, Label: "Normal results", Href: "/inbox"}, {Count: 6, Label: "Specialist letters", Href: "/inbox"}, {Count: 4, Label: "Hospital and ED notices", Href: "/inbox"}, {Count: 5, Label: "Refills approved by protocol", Href: "/inbox"}},
		Owed: []home.List{
			{ID: "unsigned", Title: "Unsigned notes", Rows: []home.Owed{
				{Strong: "COHEN, Ruth", Soft: "Cough", Since: "today, 08:30", Href: "/notes/1"}, {Strong: "IBARRA, Luis", Soft: "Physical", Since: "today, 09:00", Href: "/notes/2"},
				{Strong: "FINCH, Grace", Soft: "Migraine", Since: "20-Nov-2026, 3 days", Late: true, Href: "/notes/3"}}},
			{ID: "overdue", Title: "Overdue orders", End: "Remind all", EndHref: "/orders", Rows: []home.Owed{
				{Strong: "Mammogram", Soft: "SILVA, Marta", Since: "41 days", Late: true, Href: "/orders/1"}, {Strong: "INR", Soft: "OYELARAN, Tunde", Since: "12 days", Late: true, Href: "/orders/2"},
				{Strong: "Lithium level", Soft: "BRANDT, Kai", Since: "6 days", Href: "/orders/3"}, {Strong: "Chest CT", Soft: "MEYER, Olga", Since: "2 days", Href: "/orders/4"}}},
		},
		Notices: []home.Notice{{Lead: "Flu vaccine delivery arrived.", Text: "High-dose lots FH4471 and FH4472 are in fridge 2."}, {Lead: "Harbor Lab is closed 26-Nov-2026.", Text: "Urgent samples go to County Hospital."}},
	}
}
