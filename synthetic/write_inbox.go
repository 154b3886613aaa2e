package synthetic

var portalCategory = coded(thoBase+"communication-category", "instruction", "Instruction", "Portal message")

// inbox writes messages and waiting work.
func (w *writer) inbox(p *patient) {
	ids := map[*message]string{}
	for _, m := range p.messages {
		id := p.newID("msg")
		ids[m] = id
		w.resource("Communication", id, "")
		if m.internal {
			w.object("meta")
			w.array("security")
			w.object("")
			w.text("system", "http://terminology.hl7.org/CodeSystem/v3-ActCode")
			w.text("code", "NOPAT")
			w.end()
			w.endArray()
			w.end()
		}
		if m.answered != nil {
			w.array("partOf")
			w.reference("", "Communication/"+ids[m.answered])
			w.endArray()
			w.array("inResponseTo")
			w.reference("", "Communication/"+ids[m.answered])
			w.endArray()
		}
		w.text("status", "completed")
		w.concepts("category", portalCategory)
		w.text("priority", "routine")
		w.subject("subject", p)
		w.concept("topic", words(m.topic))
		w.time("sent", m.sent)
		w.array("recipient")
		switch {
		case m.internal:
			w.raw("", employees[0].who)
		case m.fromUs:
			w.subject("", p)
		default:
			w.raw("", m.by.who)
		}
		w.endArray()
		if m.fromUs {
			w.raw("sender", m.by.who)
		} else {
			w.subject("sender", p)
		}
		w.array("payload")
		w.object("")
		w.text("contentString", m.text)
		w.end()
		w.endArray()
		w.finish()
	}
	for _, t := range p.tasks {
		focus := t.focus
		switch {
		case t.sample != nil:
			if t.sample.reportID == "" {
				continue
			}
			focus = "DiagnosticReport/" + t.sample.reportID
		case t.drug != nil:
			focus = "MedicationRequest/" + t.drug.id
		case t.message != nil:
			focus = "Communication/" + ids[t.message]
		case t.order != nil:
			focus = "ServiceRequest/" + t.order.id
		}
		w.resource("Task", p.newID("task"), "")
		if t.loop == nil || t.loop.state == "ordered" {
			w.text("status", "requested")
		} else {
			w.text("status", "in-progress")
		}
		if t.loop != nil {
			w.loopState(t.loop)
		}
		w.text("intent", "order")
		w.text("priority", t.urgent)
		w.concept("code", t.kind)
		w.text("description", t.text)
		if focus != "" {
			w.reference("focus", focus)
		}
		w.referenceTo("for", p.ref, p.display())
		w.time("authoredOn", t.made)
		w.time("lastModified", t.made)
		if t.pharmacy {
			w.referenceTo("requester", p.pharmacy.ref(), p.pharmacy.name)
		} else if t.message != nil || t.drug != nil {
			w.subject("requester", p)
		} else if t.loop != nil {
			w.raw("requester", t.order.by.who)
		} else {
			w.referenceTo("requester", practiceOrganization.ref(), practiceOrganization.name)
		}
		w.raw("owner", t.owner.who)
		if t.loop != nil {
			w.loopSteps(t.loop)
		}
		w.finish()
	}
	if p.notice != nil {
		w.hospitalNotice(p, p.notice)
	}
}

var authorRole = plain(thoBase+"provenance-participant-type", "author", "Author")

// provenance says for each encounter who wrote what was written at it. from is where the patient's resources begin.
func (w *writer) provenance(p *patient, from int) {
	ends := w.spans[from:len(w.spans):len(w.spans)]
	for i := 0; i < len(ends); i++ {
		if ends[i].kind != "Encounter" {
			continue
		}
		last := i + 1
		for last < len(ends) && ends[last].kind != "Encounter" && ends[last].kind != "Specimen" {
			last++
		}
		var v *visit
		for _, x := range p.visits {
			if x.id == ends[i].id {
				v = x
			}
		}
		if v == nil {
			continue
		}
		w.resource("Provenance", p.newID("prov"), "us-core-provenance")
		w.array("target")
		for _, s := range ends[i:last] {
			w.reference("", s.kind+"/"+s.id)
		}
		w.endArray()
		w.time("recorded", v.signed())
		w.array("agent")
		w.object("")
		w.concept("type", authorRole)
		if v.kind.elsewhere() {
			w.referenceTo("who", countyHospital.ref(), countyHospital.name)
		} else {
			w.raw("who", v.by.who)
			w.referenceTo("onBehalfOf", practiceOrganization.ref(), practiceOrganization.name)
		}
		w.end()
		w.endArray()
		w.finish()
	}
}
