package synthetic

import (
	"strings"
)

// text is the note of a visit, as its author wrote it. The practice puts the assessment first (APSO); the hospital writes summaries.
func (v *visit) text() string {
	if v.kind.elsewhere() {
		return v.summary()
	}
	var b strings.Builder
	b.WriteString(strings.ToUpper(v.title) + "\n")
	b.WriteString(v.given1() + ", born " + v.birth.human() + ", MRN " + v.mrn + "\n")
	b.WriteString(v.at.day.human() + " " + clock(v.at.minute) + ", " + v.room.name + ", " + v.by.name + "\n")
	if v.k%5 == 2 { // some write in the old order
		v.subjective(&b)
		v.objective(&b)
		v.plan(&b)
	} else {
		v.plan(&b)
		v.subjective(&b)
		v.objective(&b)
	}
	if v.state == visitDone {
		b.WriteString("\nSigned by " + v.by.signature() + ", " + v.signed().day.human() + " " + clock(v.signed().minute) + "\n")
	}
	return b.String()
}

func (v *visit) given1() string {
	name := v.patient.identity.given + " " + v.family
	if v.preferred != "" {
		name += " (" + v.preferred + ")"
	}
	return name
}

func clock(minute int) string {
	return string(append2(append(append2(nil, minute/60), ':'), minute%60))
}

// signed is when the note was signed.
func (v *visit) signed() moment {
	at := v.at.plus(v.minutes + 2 + (v.k+v.at.minute)%21)
	for _, s := range v.samples { // it waits for the results that it quotes
		if s.visit == v && !s.pending && s.issued.after(at) {
			at = s.issued.plus(9)
		}
	}
	if at.after(v.now) {
		return v.now
	}
	return at
}

func (v *visit) plan(b *strings.Builder) {
	b.WriteString("\nASSESSMENT AND PLAN\n")
	for i, a := range v.assessments {
		b.WriteString(itoa(i+1) + ". " + a.title + ".")
		if a.text != "" {
			b.WriteString(" " + a.text)
		}
		b.WriteByte('\n')
		for _, line := range a.plan {
			b.WriteString("   - " + line + "\n")
		}
	}
	var shots []string
	for _, d := range v.given {
		if !d.refused {
			shots = append(shots, d.vaccine.name)
		}
	}
	if len(shots) > 0 {
		b.WriteString("Immunizations today: " + joined(shots) + ".\n")
	}
	for _, d := range v.given {
		if d.refused && d.why == patientObjection {
			b.WriteString(d.vaccine.name + " vaccine declined.\n")
		}
	}
	if v.followUp != "" {
		b.WriteString("Return " + v.followUp + ", sooner if worse.\n")
	}
}

func (v *visit) subjective(b *strings.Builder) {
	b.WriteString("\nSUBJECTIVE\n")
	b.WriteString(upperFirst(v.person(v.at.day)) + " here for " + lowerFirst(v.title) + ". ")
	if v.said != "" && !strings.EqualFold(v.said, v.title) {
		b.WriteString(v.said)
		if !strings.HasSuffix(v.said, ".”") && !strings.HasSuffix(v.said, ".") && !strings.HasSuffix(v.said, "”") {
			b.WriteByte('.')
		}
		b.WriteByte(' ')
	}
	b.WriteString(strings.Join(v.history, " "))
	b.WriteByte('\n')
	if v.kind == physicalVisit || v.kind == newPatientExam {
		b.WriteString("Family history: " + v.familyLine() + "\n")
		b.WriteString("Social history: " + v.socialLine() + "\n")
	}
	b.WriteString("Medications: " + v.medicineLine() + "\n")
	b.WriteString("Allergies: " + v.allergyLine() + "\n")
}

func (p *patient) familyLine() string {
	if len(p.relatives) == 0 {
		return "noncontributory."
	}
	var list []string
	for _, r := range p.relatives {
		list = append(list, strings.TrimPrefix(r.kind.text, "natural ")+" "+lowerFirst(r.code.text))
	}
	return joined(list) + "."
}

func (p *patient) socialLine() string {
	var s string
	switch p.smoking {
	case neverSmoked:
		s = "Never smoked"
	case formerSmoker:
		s = "Former smoker"
	default:
		s = "Smokes"
	}
	if p.occupation != "" {
		s += ", " + lowerFirst(p.occupation)
	}
	switch p.marital {
	case married:
		s += ", married"
	case widowed:
		s += ", widowed, lives alone"
	}
	return s + "."
}

// medicineLine lists what the patient took when the visit began.
func (v *visit) medicineLine() string {
	var list []string
	for _, r := range v.medicines {
		before := r.on.day < v.at.day && (r.end == 0 || r.end >= v.at.day) || r.old && r.visit == v
		if before && r.sig.days == 0 {
			list = append(list, r.drug.brief(r.sig))
		}
	}
	if len(list) == 0 {
		return "none."
	}
	return strings.Join(list, "; ") + "."
}

func (v *visit) objective(b *strings.Builder) {
	b.WriteString("\nOBJECTIVE\n")
	if line := v.vitals.line(); line != "" {
		b.WriteString(line + "\n")
	}
	for part, text := range v.exam {
		if text != "" {
			b.WriteString(bodyPartNames[part] + ": " + text + "\n")
		}
	}
	for _, s := range v.samples {
		if s.pending {
			b.WriteString("Pending: " + s.title() + ".\n")
			continue
		}
		if line := v.resultLine(s); line != "" {
			b.WriteString("Laboratory " + s.at.day.human() + ": " + line + "\n")
		}
	}
	for _, x := range v.scores {
		b.WriteString(x.screening.name + ": " + itoa(x.value) + ".\n")
	}
}

// told are the analytes that a note always quotes; the others only if out of range.
var quoted = map[analyte]bool{creatinine: true, egfr: true, potassium: true, hemoglobin: true, hba1c: true, ldl: true, tsh: true, inr: true, ferritin: true, urineAlbumin: true, ntProBNP: true, glucose: true, psa: true, vitaminD: true, urate: true, bloodLead: true}

func (v *visit) resultLine(s *sample) string {
	var list []string
	for _, r := range s.results {
		for i, a := range r.panel.members {
			flag := v.flag(a, r.values[i], s.at.day)
			if !quoted[a] && flag == "" {
				continue
			}
			text := tests[a].short + " " + amount(r.values[i], &tests[a])
			if flag != "" {
				text += " (" + flag + ")"
			}
			list = append(list, text)
		}
		for i, f := range r.panel.findings {
			if r.words[i] != "" {
				list = append(list, f.short+" "+lowerFirst(r.words[i]))
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, ", ") + "."
}

// summary is the hospital's letter.
func (v *visit) summary() string {
	var b strings.Builder
	title := "EMERGENCY DEPARTMENT SUMMARY"
	if v.kind == hospitalStay {
		title = "DISCHARGE SUMMARY"
	}
	b.WriteString("COUNTY HOSPITAL\n" + title + "\n")
	b.WriteString(v.given1() + ", born " + v.birth.human() + "\n")
	b.WriteString("Admitted " + v.at.day.human() + ", discharged " + v.at.plus(v.minutes).day.human() + "\n\n")
	b.WriteString("REASON\n" + v.said + " " + strings.Join(v.history, " ") + "\n\nCOURSE\n")
	for _, a := range v.assessments {
		b.WriteString(a.title + ". " + a.text + "\n")
	}
	b.WriteString("\nFINDINGS ON ARRIVAL\n" + v.vitals.line() + "\n")
	for part, text := range v.exam {
		if text != "" {
			b.WriteString(bodyPartNames[part] + ": " + text + "\n")
		}
	}
	for _, s := range v.samples {
		if line := v.resultLine(s); line != "" && !s.pending {
			b.WriteString("Laboratory: " + line + "\n")
		}
	}
	b.WriteString("\nDISCHARGE PLAN\n")
	for _, a := range v.assessments {
		for _, line := range a.plan {
			b.WriteString("- " + line + "\n")
		}
	}
	b.WriteString("\nDischarged home in stable condition.\n")
	return b.String()
}
