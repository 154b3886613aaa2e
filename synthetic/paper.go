package synthetic

// paper is a document that somebody else made: scanned, faxed or sent.
type paper struct {
	title  string
	kind   *concept
	on     moment
	from   *organization
	pages  []string // lines of its only page
	visit  *visit
	clinic bool // clinical, not administrative
}

var (
	insuranceCard = loinc("64290-0", "Health insurance card", "Insurance card")
	consentForm   = loinc("59284-0", "Consent Document", "Consent to treat")
	eyeLetter     = loinc("11488-4", "Consult note", "Eye examination")
)

// filepapers files what a chart usually has besides notes.
func (p *patient) filePapers() {
	d := &p.d
	if p.twin >= 0 || len(p.visits) == 0 {
		return
	}
	first := p.visits[0]
	if p.payer != nil && d.chance(0.7) {
		p.papers = append(p.papers, &paper{title: "Insurance card, " + p.payer.plan, kind: insuranceCard, on: first.at.plus(-10), pages: []string{p.payer.name, p.payer.plan, "Member " + p.given + " " + p.family, "Member ID " + p.member, "Group " + p.payer.group}})
	}
	if d.chance(0.6) {
		p.papers = append(p.papers, &paper{title: "Consent to treat, signed", kind: consentForm, on: first.at.plus(-8), pages: []string{practiceOrganization.name, "Consent to treat and notice of privacy practices", "Patient: " + p.given + " " + p.family + ", born " + p.birth.human(), "Signed on " + first.at.day.human()}})
	}
	for _, o := range p.orders {
		if o.done != 0 && o.procedure.category == nil && o.report != "" {
			kind := consultNote
			if o.procedure == eyeExam {
				kind = eyeLetter
			}
			findings, conclusion := splitReport(o.report)
			p.papers = append(p.papers, &paper{title: upperFirst(o.procedure.name) + ", " + o.procedure.where.name, kind: kind, on: o.done.at(15 * 60), from: o.procedure.where, clinic: true,
				pages: []string{o.procedure.where.name, "Re: " + p.given + " " + p.family + ", born " + p.birth.human(), "Thank you for referring this patient, seen on " + o.done.human() + ".", findings, conclusion}, visit: nil})
		}
	}
}

func splitReport(s string) (findings, conclusion string) {
	for i := range len(s) {
		if s[i] == '|' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
