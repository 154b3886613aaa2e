package synthetic

import "strings"

var (
	performer = coding(thoBase+"v3-ParticipationType", "PPRF", "primary performer")
	assistant = coding(thoBase+"v3-ParticipationType", "SPRF", "secondary performer")
	homeAgain = tho("discharge-disposition", "home", "Home")
)

// visit writes an encounter and all that was done at it.
func (w *writer) visit(v *visit) {
	w.encounter(v)
	for _, c := range v.addressed {
		if c.acute && c.visit == v {
			w.diagnosis(v, c)
		}
	}
	w.vitals(v)
	for _, s := range v.scores {
		w.score(v, s)
	}
	w.socialHistory(v)
	for _, r := range v.medicines {
		if r.visit == v {
			w.prescription(v.patient, r)
			w.alert(v.patient, v, r)
		}
	}
	for _, d := range v.given {
		w.immunization(v.patient, d)
	}
	for _, o := range v.orders {
		if o.visit == v {
			w.order(v.patient, o)
		}
	}
	if v.state == visitDone || v.state == visitUnsigned {
		w.note(v)
	}
}

func (w *writer) encounter(v *visit) {
	p := v.patient
	w.resource("Encounter", v.id, "us-core-encounter")
	w.array("identifier")
	w.identifier("", "https://harborstreet.example/visit", v.id)
	w.endArray()
	status := [...]string{visitDone: "finished", visitUnsigned: "finished", visitInProgress: "in-progress", visitRoomed: "triaged", visitArrived: "arrived"}[v.state]
	w.text("status", status)
	w.raw("class", v.kind.class)
	w.concepts("type", v.kind.kind)
	w.referenceTo("subject", p.ref, p.display())
	if !v.kind.elsewhere() {
		w.array("participant")
		w.participant(performer, v.by)
		if v.state != visitArrived && v.kind != videoVisit && v.nurse != v.by && v.kind != nurseVisit {
			w.participant(assistant, v.nurse)
		}
		w.endArray()
	}
	for _, a := range p.booked {
		if a.visit == v {
			w.array("appointment")
			w.reference("", "Appointment/"+a.id)
			w.endArray()
			break
		}
	}
	start := v.at
	if v.state != visitDone && v.state != visitUnsigned {
		for _, a := range p.booked {
			if a.visit == v && a.waitedAt.day != 0 {
				start = a.waitedAt
			}
		}
		if start.after(v.now) {
			start = v.now
		}
		w.object("period")
		w.time("start", start)
		w.end()
	} else {
		end := start.plus(v.minutes)
		if end.after(v.now) {
			end = v.now
		}
		w.period("period", start, end)
	}
	w.concepts("reasonCode", v.reason)
	if len(v.addressed) > 0 {
		w.array("diagnosis")
		for i, c := range v.addressed {
			w.object("")
			w.reference("condition", "Condition/"+c.id)
			w.int("rank", i+1)
			w.end()
		}
		w.endArray()
	}
	if v.kind.elsewhere() {
		w.object("hospitalization")
		w.concept("dischargeDisposition", homeAgain)
		w.end()
	}
	w.array("location")
	w.object("")
	w.referenceTo("location", v.room.ref(), v.room.name)
	switch v.state {
	case visitRoomed, visitInProgress:
		w.text("status", "active")
	case visitArrived:
		w.text("status", "planned")
	default:
		w.text("status", "completed")
	}
	w.end()
	w.endArray()
	if v.kind.elsewhere() {
		w.referenceTo("serviceProvider", countyHospital.ref(), countyHospital.name)
	} else {
		w.referenceTo("serviceProvider", practiceOrganization.ref(), practiceOrganization.name)
	}
	w.finish()
}

func (w *writer) participant(role string, s *staff) {
	w.object("")
	w.array("type")
	w.object("")
	w.array("coding")
	w.raw("", role)
	w.endArray()
	w.end()
	w.endArray()
	w.raw("individual", s.who)
	w.end()
}

var evaluation = plain(snomed, "386053000", "Evaluation procedure (procedure)")

// order writes a ServiceRequest for imaging, a procedure or a referral, and what came of it.
func (w *writer) order(p *patient, o *order) {
	v := o.visit
	o.id = p.newID("order")
	delivered := o.procedure.proc == deliveryProc
	if !delivered {
		w.resource("ServiceRequest", o.id, "us-core-servicerequest")
		switch {
		case o.done != 0:
			w.text("status", "completed")
		case o.cancelled:
			w.text("status", "revoked")
		default:
			w.text("status", "active")
		}
		w.text("intent", "order")
		if o.procedure.referral {
			w.concepts("category", patientReferral)
		} else {
			w.concepts("category", evaluation)
		}
		if o.urgent {
			w.text("priority", "urgent")
		} else {
			w.text("priority", "routine")
		}
		w.concept("code", o.procedure.code)
		w.subject("subject", p)
		w.reference("encounter", "Encounter/"+v.id)
		w.date("occurrenceDateTime", o.due)
		w.time("authoredOn", o.on)
		w.raw("requester", o.by.who)
		w.array("performer")
		w.referenceTo("", o.procedure.where.ref(), o.procedure.where.name)
		w.endArray()
		if o.c != nil && o.c.id != "" {
			w.array("reasonReference")
			w.reference("", "Condition/"+o.c.id)
			w.endArray()
		}
		w.finish()
	}
	if o.done == 0 {
		return
	}
	at := o.done.at(9*60 + p.k%300)
	if o.procedure.where == practiceOrganization || delivered {
		at = o.on
	}
	if at.after(p.now) {
		at = p.now
	}
	if o.procedure.proc != nil {
		w.resource("Procedure", p.newID("proc"), "us-core-procedure")
		if !delivered {
			w.array("basedOn")
			w.reference("", "ServiceRequest/"+o.id)
			w.endArray()
		}
		w.text("status", "completed")
		w.concept("code", o.procedure.proc)
		w.subject("subject", p)
		if delivered || o.procedure.where == practiceOrganization {
			w.reference("encounter", "Encounter/"+v.id)
		}
		w.time("performedDateTime", at)
		w.array("performer")
		w.object("")
		w.referenceTo("actor", o.procedure.where.ref(), o.procedure.where.name)
		w.end()
		w.endArray()
		if o.c != nil && o.c.id != "" {
			w.array("reasonReference")
			w.reference("", "Condition/"+o.c.id)
			w.endArray()
		}
		w.finish()
	}
	if o.procedure.category != nil && o.report != "" && !delivered {
		findings, conclusion := splitReport(o.report)
		w.resource("DiagnosticReport", p.newID("report"), "us-core-diagnosticreport-note")
		w.array("basedOn")
		w.reference("", "ServiceRequest/"+o.id)
		w.endArray()
		w.text("status", "final")
		w.concepts("category", o.procedure.category)
		w.concept("code", o.procedure.code)
		w.subject("subject", p)
		w.reference("encounter", "Encounter/"+v.id)
		w.time("effectiveDateTime", at)
		issued := at.plus(90)
		if issued.after(p.now) {
			issued = p.now
		}
		w.time("issued", issued)
		w.array("performer")
		w.referenceTo("", o.procedure.where.ref(), o.procedure.where.name)
		w.endArray()
		w.text("conclusion", conclusion)
		w.array("presentedForm")
		w.object("")
		w.text("contentType", "text/plain")
		w.base64("data", strings.ToUpper(o.procedure.code.text)+"\n\nFINDINGS\n"+findings+"\n\nIMPRESSION\n"+conclusion+"\n")
		w.text("title", o.procedure.code.text)
		w.end()
		w.endArray()
		w.finish()
	}
}
