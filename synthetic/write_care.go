package synthetic

import "fmt"

var (
	primaryCareRole = coded(snomed, "453231000124104", "Primary care provider", "Primary care provider")
	patientRole     = coded(snomed, "116154003", "Patient (person)", "Patient")
	caregiverRole   = coded(snomed, "133932002", "Caregiver (person)", "Caregiver")
	nurseRole       = words("Care coordinator")
)

func (w *writer) careTeam(p *patient) {
	w.resource("CareTeam", p.id+"-team", "us-core-careteam")
	w.text("status", p.living("active", "inactive"))
	w.text("name", "Care team")
	w.subject("subject", p)
	w.array("participant")
	member := func(role *concept, ref string) {
		w.object("")
		w.concepts("role", role)
		w.raw("member", ref)
		w.end()
	}
	member(primaryCareRole, p.pcp.who)
	member(nurseRole, employees[4+p.k%2].who)
	member(patientRole, `{"reference":"`+p.ref+`"}`)
	if p.hasRelated() {
		member(caregiverRole, `{"reference":"RelatedPerson/`+p.id+`-related"}`)
	}
	w.endArray()
	w.array("managingOrganization")
	w.referenceTo("", practiceOrganization.ref(), practiceOrganization.name)
	w.endArray()
	w.finish()
}

// aim is a goal that goes with an illness.
type aim struct {
	is       illness
	text     string
	measure  *concept
	high     float64
	decimals int
	unit     unit
	signal   signal
	activity string
}

var mmHg = ucumUnit("mmHg", "mm[Hg]")

var aims = []aim{
	{diabetes, "HbA1c below 7 %", tests[hba1c].code, 7, 1, percent, hba1c, "Glucose log, walk 30 minutes after dinner, HbA1c every three months"},
	{hypertension, "Systolic blood pressure below 130 mmHg", loinc("8480-6", "Systolic blood pressure", "Systolic blood pressure"), 130, 0, mmHg, systolic, "Home blood pressure twice a week, less salt"},
	{hyperlipidemia, "LDL cholesterol below 100 mg/dL", tests[ldl].code, 100, 0, mgdL, ldl, "Statin every evening, Mediterranean diet"},
	{heartFailure, "Weight within 1.5 kg of dry weight", nil, 0, 0, unit{}, ntProBNP, "Weigh every morning, call for a gain of 1.5 kg in two days"},
	{asthma, "Asthma Control Test of 20 or more", nil, 0, 0, unit{}, asthmaControl, "Written action plan; spacer with every inhaler"},
	{depression, "PHQ-9 below 5", phq9Screen.code, 5, 0, ucumUnit("points", "{score}"), phq9, "Behavioral activation, sleep schedule, sertraline every morning"},
	{tobaccoUse, "Stop smoking", nil, 0, 0, unit{}, 0, "Quit line, nicotine replacement when ready"},
}

var (
	goalInProgress  = tho("goal-achievement", "in-progress", "In Progress")
	goalAchieved    = tho("goal-achievement", "achieved", "Achieved")
	goalNotAchieved = tho("goal-achievement", "not-achieved", "Not Achieved")
	assessPlan      = plain("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan", "Assessment and Plan of Treatment")
)

// carePlan writes the goals of the patient's illnesses, and the plan that holds them together.
func (w *writer) carePlan(p *patient) {
	type chosen struct {
		aim *aim
		c   *condition
		id  string
	}
	var list []chosen
	for i := range aims {
		if c := p.has(aims[i].is, p.last); c != nil && c.recorded != 0 {
			list = append(list, chosen{&aims[i], c, p.newID("goal")})
		}
	}
	if len(list) == 0 {
		return
	}
	for _, g := range list {
		w.resource("Goal", g.id, "us-core-goal")
		w.text("lifecycleStatus", p.living("active", "cancelled"))
		l := &p.levels[g.aim.signal]
		switch {
		case g.aim.high == 0 || l.seenOn == 0:
			w.concept("achievementStatus", goalInProgress)
		case l.seen < g.aim.high:
			w.concept("achievementStatus", goalAchieved)
		default:
			w.concept("achievementStatus", goalNotAchieved)
		}
		w.concept("description", words(g.aim.text))
		w.subject("subject", p)
		w.date("startDate", g.c.recorded)
		w.array("target")
		w.object("")
		if g.aim.measure != nil {
			w.concept("measure", g.aim.measure)
			w.object("detailRange")
			w.quantity("high", g.aim.high, g.aim.decimals, g.aim.unit)
			w.end()
		}
		w.date("dueDate", p.last+180)
		w.end()
		w.endArray()
		w.raw("expressedBy", p.pcp.who)
		w.array("addresses")
		w.reference("", "Condition/"+g.c.id)
		w.endArray()
		w.finish()
	}
	w.resource("CarePlan", p.id+"-plan", "us-core-careplan")
	div := `<div xmlns="http://www.w3.org/1999/xhtml"><ul>`
	for _, g := range list {
		div += "<li>" + g.c.code.text + ": " + g.aim.text + ". " + g.aim.activity + ".</li>"
	}
	w.object("text")
	w.text("status", "additional")
	w.text("div", div+"</ul></div>")
	w.end()
	w.text("status", p.living("active", "completed"))
	w.text("intent", "plan")
	w.concepts("category", assessPlan)
	w.text("title", "Plan of care")
	w.subject("subject", p)
	w.object("period")
	first := list[0].c.recorded
	for _, g := range list {
		first = min(first, g.c.recorded)
	}
	w.date("start", first)
	w.end()
	w.raw("author", p.pcp.who)
	w.array("careTeam")
	w.reference("", "CareTeam/"+p.id+"-team")
	w.endArray()
	w.array("addresses")
	for _, g := range list {
		w.reference("", "Condition/"+g.c.id)
	}
	w.endArray()
	w.array("goal")
	for _, g := range list {
		w.reference("", "Goal/"+g.id)
	}
	w.endArray()
	w.array("activity")
	for _, g := range list {
		w.object("")
		w.object("detail")
		w.text("status", "in-progress")
		w.text("description", g.aim.activity)
		w.end()
		w.end()
	}
	w.endArray()
	w.finish()
}

var flagSafety = coded(thoBase+"flag-category", "safety", "Safety", "Safety")

func (w *writer) flags(p *patient) {
	if p.death != never || len(p.visits) == 0 {
		return
	}
	fall := p.age(p.today) >= 78 && p.k%2 == 0 || p.part != nil && p.part.family == "Okafor"
	if fall {
		w.resource("Flag", p.id+"-fall-risk", "")
		w.text("status", "active")
		w.concepts("category", flagSafety)
		w.concept("code", words("Fall risk"))
		w.subject("subject", p)
		w.object("period")
		w.date("start", p.visits[0].at.day)
		w.end()
		w.finish()
	}
}

func (w *writer) device(p *patient, d *device) {
	id := p.newID("device")
	made := d.on - 200
	expires := d.on + 900
	lot, serial := "L"+itoa(20000+p.k%7919), "S"+itoa(700000+p.k*13%99991)
	w.resource("Device", id, "us-core-implantable-device")
	w.array("udiCarrier")
	w.object("")
	w.text("deviceIdentifier", d.kind.di)
	y, m, dd := expires.date()
	w.text("carrierHRF", fmt.Sprintf("(01)%s(17)%02d%02d%02d(10)%s(21)%s", d.kind.di, y%100, m, dd, lot, serial))
	w.end()
	w.endArray()
	w.text("status", "active")
	w.text("manufacturer", d.kind.maker)
	w.date("manufactureDate", made)
	w.date("expirationDate", expires)
	w.text("lotNumber", lot)
	w.text("serialNumber", serial)
	w.array("deviceName")
	w.object("")
	w.text("name", d.kind.name)
	w.text("type", "model-name")
	w.end()
	w.endArray()
	w.concept("type", d.kind.kind)
	w.subject("patient", p)
	w.finish()

	w.resource("Procedure", p.newID("proc"), "us-core-procedure")
	w.text("status", "completed")
	w.concept("code", d.kind.procedure)
	w.subject("subject", p)
	w.date("performedDateTime", d.on)
	w.array("performer")
	w.object("")
	w.referenceTo("actor", countyHospital.ref(), countyHospital.name)
	w.end()
	w.endArray()
	if d.c != nil && d.c.id != "" {
		w.array("reasonReference")
		w.reference("", "Condition/"+d.c.id)
		w.endArray()
	}
	w.array("focalDevice")
	w.object("")
	w.reference("manipulated", "Device/"+id)
	w.end()
	w.endArray()
	w.finish()
}
