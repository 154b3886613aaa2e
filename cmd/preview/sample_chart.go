package main

import (
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/allergies"
	"github.com/osler-ehr/osler/workflow/chart"
	"github.com/osler-ehr/osler/workflow/documents"
	"github.com/osler-ehr/osler/workflow/prescribing"
	"github.com/osler-ehr/osler/workflow/problems"
	"github.com/osler-ehr/osler/workflow/results"
	"github.com/osler-ehr/osler/workflow/vitals"
)

// now is the moment at which the pictures of the design were drawn.
var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.FixedZone("EST", -5*3600))

func birth(s string) format.Partial {
	p, ok := format.Parse(s, now.Location())
	if !ok {
		panic("no date: " + s)
	}
	return p
}

func okafor() clinical.Banner {
	return clinical.Banner{
		Href: "/patients/okafor", PhotoURL: "/photo/okafor.svg", Name: format.PersonName{Family: "Okafor", Given: "Adaeze", Preferred: "Ada"},
		Subtitle: "English · PCP Dr P. Rao", Birth: birth("1968-07-14"), Now: now, Sex: "Female", Pronouns: "she/her", MRN: "100482771",
		Allergies: clinical.KnownAllergies,
		Known:     []clinical.BannerAllergy{{Substance: "Penicillin", Reaction: "anaphylaxis"}, {Substance: "Sulfonamides"}, {Substance: "Latex"}},
		Flags:     []string{"Full code", "Fall risk"}, Payer: "Blue Harbor PPO", PayerNote: "active",
	}
}

func sampleChart(b clinical.Banner, timeline bool, shell *web.Shell) chart.View {
	problemList := problems.Panel{AddHref: "/patients/okafor/problems/new", Active: []problems.Problem{
		{Name: "Type 2 diabetes mellitus", Since: "2014"}, {Name: "Hypertension", Since: "2012"}, {Name: "Chronic kidney disease, stage 3a", Since: "2024"},
		{Name: "Iron deficiency anemia", Since: "2026"}, {Name: "Hyperlipidemia", Since: "2012"}, {Name: "Hypothyroidism", Since: "2009"},
		{Name: "Major depression, in remission", Since: "2019"}, {Name: "Osteoarthritis, right knee", Since: "2021"},
	}}
	med := func(generic, brand, dose, unit, freq string) clinical.Medication {
		return clinical.Medication{Generic: generic, Brand: brand, Form: "tablet", DoseNumber: dose, DoseUnit: unit, Route: "by mouth", Frequency: freq}
	}
	medications := prescribing.Panel{Reconciled: "24-Aug-2026", Current: []clinical.Medication{
		med("metformin", "", "1000", "mg", "twice daily"), med("empagliflozin", "Jardiance", "10", "mg", "every morning"), med("lisinopril", "", "20", "mg", "daily"),
		med("amlodipine", "", "5", "mg", "daily"), med("atorvastatin", "", "40", "mg", "nightly"), med("levothyroxine", "", "75", "ug", "daily"),
		med("sertraline", "", "50", "mg", "daily"), med("ferrous sulfate", "", "325", "mg", "every other day"),
	}}
	allergyList := allergies.Panel{AddHref: "/patients/okafor/allergies/new", Known: []allergies.Allergy{
		{Substance: "Penicillin", Reaction: "anaphylaxis", Severity: allergies.Severe}, {Substance: "Sulfonamides", Reaction: "rash", Severity: allergies.Moderate},
		{Substance: "Latex", Reaction: "hives", Severity: allergies.Mild},
	}}
	gaps := chart.Gaps{Rows: []chart.Gap{
		{Name: "Diabetic eye exam", Due: "overdue 02-Sep-2026", Late: true}, {Name: "Colon cancer screening", Due: "due 14-Dec-2026"}, {Name: "Influenza vaccine", Due: "due now"},
	}}
	laboratory := results.Panel{When: "20-Nov-2026, 08:12", Source: "Harbor Lab", Previous: "24-Aug-2026", Href: "/patients/okafor/results", Rows: sampleResults()}
	measured := vitals.Panel{When: "today, 10:08", Date: "23-Nov-2026, 10:08", Action: "Record", Href: "/patients/okafor/vitals/new", Rows: sampleVitals()}
	upcoming := chart.Upcoming{BookHref: "/schedule?patient=okafor", Rows: []chart.Booking{
		{Date: "04-Dec-2026", Title: "Retinal imaging", Note: "Harbor Eye, 14:30"}, {Date: "14-Dec-2026", Title: "Colonoscopy", Note: "referral sent, not booked"},
		{Date: "22-Feb-2027", Title: "Diabetes follow-up", Note: "Dr Rao, 09:40"},
	}}
	papers := documents.Panel{Total: 18, Rows: []documents.Document{
		{Date: "14-Oct-2026", Title: "Knee X-ray report", From: "Harbor Imaging"}, {Date: "02-Sep-2025", Title: "Eye examination", From: "Harbor Eye, no retinopathy"},
	}}
	visits := sampleVisits()
	const base = "/patients/okafor"
	return chart.View{
		Tabs: []ui.Tab{
			{Label: "Summary", Href: base, Current: !timeline, Phone: true}, {Label: "Timeline", Href: base, Current: true, Wide: true},
			{Label: "Timeline", Href: base + "?view=timeline", Current: timeline, Phone: true},
			{Label: "Notes", Href: base + "/notes", Count: "41"}, {Label: "Results", Href: base + "/results"}, {Label: "Medications", Href: base + "/medications"},
			{Label: "Orders", Href: base + "/orders", Count: "3"}, {Label: "Documents", Href: base + "/documents", Count: "18"},
			{Label: "Messages", Href: base + "/messages"}, {Label: "Billing", Href: base + "/billing"},
		},
		Filters: []ui.Chip{{Label: "Everything", Href: base, Current: true}, {Label: "Visits", Href: base + "?show=visits"}, {Label: "Results", Href: base + "?show=results"},
			{Label: "Medications", Href: base + "?show=medications"}, {Label: "Messages", Href: base + "?show=messages"}},
		FindURL:  base,
		Start:    []templ.Component{problemList.Draw(), medications.Draw(), allergyList.Draw(), gaps.Draw()},
		End:      []templ.Component{laboratory.Draw(), measured.Draw(), upcoming.Draw(), papers.Draw()},
		Visits:   visits,
		Timeline: timeline,
		Sheet: chart.Sheet{Banner: b, Practice: shell.Practice, Phone: shell.Phone, Visits: visits[3:],
			Parts: []templ.Component{problemList.Print(), measured.Print(), medications.Print(), laboratory.Print()}},
	}
}

func sampleVisits() []clinical.Visit {
	flask := func(parts ...clinical.Part) clinical.Entry {
		return clinical.Entry{Icon: "flask-conical", Kind: "Result", Parts: parts}
	}
	plain := func(s string, f clinical.Flag) clinical.Part { return clinical.Part{Text: s, Flag: f} }
	strong := func(s string, f clinical.Flag) clinical.Part {
		return clinical.Part{Text: s, Strong: true, Flag: f}
	}
	signed := flask(plain("HbA1c 7.6 %", clinical.High), plain("eGFR 58", clinical.Low), plain("hemoglobin 11.7 g/dL", clinical.Low))
	signed.End = "Signed"
	return []clinical.Visit{
		{ID: "visit-1", Date: "23-Nov-2026", Sub: "Today, 10:30", Now: true, Title: "Diabetes follow-up", State: "In room 3", Text: "“More tired than usual for a month.” Roomed 10:05.",
			Facts:  []clinical.Fact{{Label: "Since last visit", Value: "3 abnormal results"}, {Label: "Agenda", Value: "HbA1c, potassium, fatigue"}, {Label: "Forms", Value: "PHQ-9 score 4, complete"}},
			Action: &ui.Button{Label: "Open note", Href: "/patients/okafor/note", Key: "N", Kind: ui.Primary}},
		{Date: "20-Nov-2026", Sub: "Friday", Title: "Laboratory results", Meta: "Harbor Lab, collected 08:12", Action: &ui.Button{Label: "Review and sign 3", Href: "/inbox", Size: ui.Small},
			Items: []clinical.Entry{
				flask(plain("Basic metabolic panel", clinical.Normal), strong("potassium 5.6 mmol/L", clinical.High)),
				flask(plain("HbA1c", clinical.Normal), strong("8.1 %", clinical.High)),
				flask(plain("CBC, ferritin", clinical.Normal), strong("hemoglobin 10.9 g/dL", clinical.Low)),
			}},
		{Date: "12-Oct-2026", Sub: "Monday", Title: "Portal message", Meta: "answered in 3 h by J. Ortiz RN",
			Text: "Asked whether ibuprofen is safe for knee pain. Advised to avoid because of kidney disease; acetaminophen up to 3,000 mg daily."},
		{Date: "24-Aug-2026", Sub: "Monday", Title: "Diabetes follow-up", Meta: "Dr P. Rao, signed 24-Aug-2026 11:02",
			Text: "HbA1c 7.6 % on metFORMIN alone. Started SGLT2 inhibitor for glucose and kidney protection. Home blood pressure mean 136/82 mmHg.",
			Items: []clinical.Entry{
				{Icon: "pill", Kind: "Medication", Parts: []clinical.Part{plain("Started", 0), strong("empagliflozin", 0), plain("10 mg by mouth every morning", 0)}, End: "Dr P. Rao"},
				signed,
				{Icon: "send", Kind: "Referral", Parts: []clinical.Part{plain("Referred to ophthalmology, retinal imaging", 0)}, End: "Booked 04-Dec-2026"},
			}},
		{Date: "03-Jun-2026", Sub: "Wednesday", Title: "Annual physical", Meta: "Dr P. Rao, signed 03-Jun-2026 16:40",
			Text: "Knee pain limits walking to 20 minutes. Depression in remission, PHQ-9 score 3. Cervical screening negative."},
	}
}
