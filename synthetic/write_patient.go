package synthetic

import "slices"

// write writes the whole chart, in the order of its references.
func (p *patient) write(w *writer) {
	p.number()
	from := len(w.spans)
	w.patient(p)
	if p.hasRelated() {
		w.relatedPerson(p)
	}
	if p.payer != nil {
		w.coverage(p)
	}
	w.allergies(p)
	for _, c := range p.conditions {
		if c.recorded != 0 && !c.acute {
			w.problem(p, c)
		}
	}
	for i := range p.relatives {
		w.familyHistory(p, &p.relatives[i])
	}
	if len(p.visits) > 0 {
		w.careTeam(p)
		w.carePlan(p)
	}
	w.flags(p)
	for _, d := range p.devices {
		w.device(p, d)
	}
	w.socialNeeds(p)
	w.keptRisk(p)
	w.hospitalSummary(p)
	for _, a := range p.booked {
		a.id = p.newID("appt")
		w.appointment(p, a)
	}
	for _, d := range p.doses {
		if d.visit == nil {
			w.immunization(p, d)
		}
	}
	for _, v := range p.visits {
		w.visit(v)
	}
	for _, s := range p.samples {
		w.sample(p, s)
	}
	for _, x := range p.papers {
		w.paper(p, x)
	}
	w.inbox(p)
	if p.w.Provenance {
		w.provenance(p, from)
	}
}

// number gives ids to what other resources refer to, and puts the visits in order.
func (p *patient) number() {
	slices.SortStableFunc(p.visits, func(a, b *visit) int {
		if d := int(a.at.day - b.at.day); d != 0 {
			return d
		}
		return a.at.minute - b.at.minute
	})
	for _, c := range p.conditions {
		if c.recorded != 0 {
			c.id = p.newID("cond")
		}
	}
	for _, r := range p.medicines {
		r.id = p.newID("med")
	}
}

// living chooses a status by whether the patient lives.
func (p *patient) living(yes, no string) string {
	if p.death != never {
		return no
	}
	return yes
}

func (p *patient) hasRelated() bool {
	return p.age(p.today) < 18 || p.contactRelation != friend && p.k%3 == 0 && p.twin < 0
}

var (
	mrnType      = coding(thoBase+"v2-0203", "MR", "Medical record number")
	memberIDType = `{"coding":[` + coding(thoBase+"v2-0203", "MB", "Member Number") + `]}`
)

// mrnSystem names the practice's record numbers.
const mrnSystem = "https://harborstreet.example/mrn"

func (w *writer) subject(name string, p *patient) { w.reference(name, p.ref) }

func (w *writer) patient(p *patient) {
	w.resource("Patient", p.id, "us-core-patient")
	w.array("extension")
	w.races(p)
	if p.ethnicity != nil {
		w.object("")
		w.array("extension")
		w.ombCategory(p.ethnicity)
		w.extensionText(p.ethnicity.display)
		w.endArray()
		w.text("url", usCore+"us-core-ethnicity")
		w.end()
	}
	w.object("")
	w.text("url", usCore+"us-core-birthsex")
	w.text("valueCode", sexCode(p.female))
	w.end()
	if p.age(p.today) >= 12 || p.part != nil {
		w.object("")
		w.text("url", usCore+"us-core-genderIdentity")
		w.concept("valueCodeableConcept", p.gender.identity)
		w.end()
		if p.part != nil || p.k%10 < 7 {
			w.object("")
			w.array("extension")
			w.object("")
			w.text("url", "value")
			w.concept("valueCodeableConcept", p.gender.pronouns)
			w.end()
			w.endArray()
			w.text("url", "http://hl7.org/fhir/StructureDefinition/individual-pronouns")
			w.end()
		}
	}
	if p.interpreter {
		w.object("")
		w.text("url", "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired")
		w.bool("valueBoolean", true)
		w.end()
	}
	w.endArray()
	w.array("identifier")
	w.object("")
	w.text("use", "usual")
	w.object("type")
	w.array("coding")
	w.raw("", mrnType)
	w.endArray()
	w.text("text", "MRN")
	w.end()
	w.text("system", mrnSystem)
	w.text("value", p.mrn)
	w.end()
	w.endArray()
	w.bool("active", p.death == never)
	w.names(p)
	w.array("telecom")
	w.contact("phone", p.mobile, "mobile")
	if p.home != "" {
		w.contact("phone", p.home, "home")
	}
	if p.email != "" {
		w.contact("email", p.email, "home")
	}
	w.endArray()
	if p.female {
		w.text("gender", "female")
	} else {
		w.text("gender", "male")
	}
	w.date("birthDate", p.birth)
	if p.death != never {
		w.time("deceasedDateTime", p.death.at(4*60+p.k%900))
	}
	w.array("address")
	w.address("", "home", p.line, p.city, "MA", p.zip)
	w.endArray()
	if p.age(p.today) >= 18 {
		w.concept("maritalStatus", p.marital)
	}
	w.array("contact")
	w.object("")
	w.array("relationship")
	w.concept("", p.contactRelation)
	w.endArray()
	w.object("name")
	w.text("text", p.contactName)
	w.end()
	w.array("telecom")
	w.contact("phone", p.contactPhone, "mobile")
	w.endArray()
	w.end()
	w.endArray()
	w.array("communication")
	w.object("")
	w.concept("language", languages[p.language].concept)
	w.bool("preferred", true)
	w.end()
	if p.language != "en" && !p.interpreter {
		w.object("")
		w.concept("language", languages["en"].concept)
		w.end()
	}
	w.endArray()
	w.array("generalPractitioner")
	w.raw("", p.pcp.who)
	w.endArray()
	w.referenceTo("managingOrganization", practiceOrganization.ref(), practiceOrganization.name)
	w.finish()
}

func sexCode(female bool) string {
	if female {
		return "F"
	}
	return "M"
}

func (w *writer) races(p *patient) {
	w.object("")
	w.array("extension")
	text := ""
	for i, r := range p.races {
		w.ombCategory(r)
		if i > 0 {
			text += ", "
		}
		if r.detail != "" {
			w.object("")
			w.text("url", "detailed")
			w.raw("valueCoding", coding(cdcRace, r.detail, r.detailWords))
			w.end()
			text += r.detailWords
			continue
		}
		text += r.display
	}
	w.extensionText(text)
	w.endArray()
	w.text("url", usCore+"us-core-race")
	w.end()
}

func (w *writer) ombCategory(r *race) {
	system := cdcRace
	if r.code == "ASKU" || r.code == "UNK" {
		system = nullFlavor
	}
	w.object("")
	w.text("url", "ombCategory")
	w.object("valueCoding")
	w.text("system", system)
	w.text("code", r.code)
	w.text("display", r.display)
	w.end()
	w.end()
}

func (w *writer) extensionText(text string) {
	w.object("")
	w.text("url", "text")
	w.text("valueString", text)
	w.end()
}

func (w *writer) names(p *patient) {
	w.array("name")
	w.object("")
	w.text("use", "official")
	w.text("family", p.family)
	w.array("given")
	w.text("", p.identity.given)
	w.text("", p.middle)
	w.endArray()
	w.end()
	if p.preferred != "" {
		w.object("")
		w.text("use", "usual")
		w.text("family", p.family)
		w.strings("given", p.preferred)
		w.end()
	}
	if p.maiden != "" && p.maiden != p.family {
		w.object("")
		w.text("use", "maiden")
		w.text("family", p.maiden)
		w.strings("given", p.identity.given)
		w.end()
	}
	w.endArray()
}

func (w *writer) relatedPerson(p *patient) {
	w.resource("RelatedPerson", p.id+"-related", "us-core-relatedperson")
	w.bool("active", true)
	w.subject("patient", p)
	w.concepts("relationship", p.contactRelation)
	w.array("name")
	w.object("")
	w.text("use", "official")
	w.text("text", p.contactName)
	given, family := p.contactName, ""
	for i := range p.contactName {
		if p.contactName[i] == ' ' {
			given, family = p.contactName[:i], p.contactName[i+1:]
			break
		}
	}
	w.text("family", family)
	w.strings("given", given)
	w.end()
	w.endArray()
	w.array("telecom")
	w.contact("phone", p.contactPhone, "mobile")
	w.endArray()
	w.array("address")
	w.address("", "home", p.line, p.city, "MA", p.zip)
	w.endArray()
	w.finish()
}

var (
	subscriberSelf  = tho("subscriber-relationship", "self", "Self")
	subscriberChild = tho("subscriber-relationship", "child", "Child")
	groupClass      = plain(thoBase+"coverage-class", "group", "Group")
	planClass       = plain(thoBase+"coverage-class", "plan", "Plan")
	copayType       = tho("coverage-copay-type", "gpvisit", "GP Office Visit")
)

func (w *writer) coverage(p *patient) {
	w.resource("Coverage", p.id+"-coverage", "us-core-coverage")
	w.array("identifier")
	w.object("")
	w.raw("type", memberIDType)
	w.text("system", "https://"+p.payer.id+".example/member")
	w.text("value", p.member)
	w.end()
	w.endArray()
	w.text("status", p.living("active", "cancelled"))
	w.concept("type", p.payer.kind)
	minor := p.age(p.today) < 18
	if minor {
		w.referenceTo("subscriber", "RelatedPerson/"+p.id+"-related", p.contactName)
	} else {
		w.reference("subscriber", p.ref)
	}
	w.text("subscriberId", p.member)
	w.subject("beneficiary", p)
	if minor {
		w.concept("relationship", subscriberChild)
	} else {
		w.concept("relationship", subscriberSelf)
	}
	w.object("period")
	start := max(p.birth, dayOf(p.today.year()-p.k%3, 1, 1))
	w.date("start", start)
	if p.death != never {
		w.date("end", max(start, p.death))
	}
	w.end()
	w.array("payor")
	w.referenceTo("", p.payer.ref(), p.payer.name)
	w.endArray()
	w.array("class")
	if p.payer.group != "" {
		w.object("")
		w.concept("type", groupClass)
		w.text("value", p.payer.group)
		w.end()
	}
	w.object("")
	w.concept("type", planClass)
	w.text("value", p.payer.plan)
	w.text("name", p.payer.plan)
	w.end()
	w.endArray()
	if p.payer.copay > 0 {
		w.array("costToBeneficiary")
		w.object("")
		w.concept("type", copayType)
		w.object("valueMoney")
		w.decimal("value", float64(p.payer.copay), 2)
		w.text("currency", "USD")
		w.end()
		w.end()
		w.endArray()
	}
	w.finish()
}

func (w *writer) allergies(p *patient) {
	if p.nothing {
		w.resource("AllergyIntolerance", p.newID("allergy"), "us-core-allergyintolerance")
		w.raw("clinicalStatus", allergyState[0])
		w.raw("verificationStatus", allergyState[1])
		w.concept("code", noKnownCode)
		w.subject("patient", p)
		w.time("recordedDate", p.since.at(9*60))
		w.raw("recorder", p.pcp.who)
		w.finish()
		return
	}
	for _, a := range p.allergies {
		w.resource("AllergyIntolerance", p.newID("allergy"), "us-core-allergyintolerance")
		w.raw("clinicalStatus", allergyState[0])
		w.raw("verificationStatus", allergyState[1])
		w.text("type", "allergy")
		w.strings("category", a.kind.category)
		if a.reaction.high {
			w.text("criticality", "high")
		} else {
			w.text("criticality", "low")
		}
		w.concept("code", a.kind.code)
		w.subject("patient", p)
		w.date("onsetDateTime", a.onset)
		w.time("recordedDate", a.recorded.at(9*60))
		w.raw("recorder", p.pcp.who)
		w.array("reaction")
		w.object("")
		w.concepts("manifestation", a.reaction.shows)
		w.text("severity", a.reaction.severity)
		w.end()
		w.endArray()
		w.finish()
	}
}

var (
	clinicalActive    = `{"coding":[` + coding(thoBase+"condition-clinical", "active", "Active") + `]}`
	clinicalResolved  = `{"coding":[` + coding(thoBase+"condition-clinical", "resolved", "Resolved") + `]}`
	clinicalRemission = `{"coding":[` + coding(thoBase+"condition-clinical", "remission", "Remission") + `]}`
	confirmedStatus   = `{"coding":[` + coding(thoBase+"condition-ver-status", "confirmed", "Confirmed") + `]}`
	problemCategory   = plain(thoBase+"condition-category", "problem-list-item", "Problem List Item")
	diagnosisCategory = plain(thoBase+"condition-category", "encounter-diagnosis", "Encounter Diagnosis")
)

func (w *writer) problem(p *patient, c *condition) {
	w.resource("Condition", c.id, "us-core-condition-problems-health-concerns")
	w.conditionStatus(p, c)
	w.concepts("category", problemCategory)
	w.concept("code", c.code)
	w.subject("subject", p)
	w.date("onsetDateTime", c.onset)
	w.conditionEnd(p, c)
	w.date("recordedDate", c.recorded)
	w.raw("recorder", p.pcp.who)
	w.finish()
}

func (w *writer) conditionStatus(p *patient, c *condition) {
	switch {
	case c.over(p):
		w.raw("clinicalStatus", clinicalResolved)
	case c.state == "in remission":
		w.raw("clinicalStatus", clinicalRemission)
	default:
		w.raw("clinicalStatus", clinicalActive)
	}
	w.raw("verificationStatus", confirmedStatus)
}

func (c *condition) over(p *patient) bool { return c.resolved != 0 && c.resolved <= p.last }

func (w *writer) conditionEnd(p *patient, c *condition) {
	if c.over(p) {
		w.date("abatementDateTime", max(c.resolved, c.onset))
	}
}

// diagnosis is a condition that belongs to its encounter.
func (w *writer) diagnosis(v *visit, c *condition) {
	w.resource("Condition", c.id, "us-core-condition-encounter-diagnosis")
	w.conditionStatus(v.patient, c)
	w.concepts("category", diagnosisCategory)
	w.concept("code", c.code)
	w.subject("subject", v.patient)
	w.reference("encounter", "Encounter/"+v.id)
	w.date("onsetDateTime", c.onset)
	w.conditionEnd(v.patient, c)
	w.date("recordedDate", c.recorded)
	if !v.kind.elsewhere() {
		w.raw("recorder", v.by.who)
	}
	w.finish()
}

func (w *writer) familyHistory(p *patient, r *relative) {
	w.resource("FamilyMemberHistory", p.newID("family"), "")
	w.text("status", "completed")
	w.subject("patient", p)
	w.date("date", max(p.since, p.birth))
	w.concept("relationship", r.kind)
	w.object("sex")
	w.array("coding")
	if r.female {
		w.raw("", coding("http://hl7.org/fhir/administrative-gender", "female", "Female"))
	} else {
		w.raw("", coding("http://hl7.org/fhir/administrative-gender", "male", "Male"))
	}
	w.endArray()
	w.end()
	if r.dead {
		w.object("deceasedAge")
		w.int("value", r.deadAt)
		w.raw("unit", `"years"`)
		w.text("system", ucum)
		w.text("code", "a")
		w.end()
	}
	w.array("condition")
	w.object("")
	w.concept("code", r.code)
	w.object("onsetAge")
	w.int("value", r.age)
	w.text("unit", "years")
	w.text("system", ucum)
	w.text("code", "a")
	w.end()
	w.end()
	w.endArray()
	w.finish()
}
