package synthetic

var (
	labCategory    = `[{"coding":[` + coding(thoBase+"observation-category", "laboratory", "Laboratory") + `],"text":"Laboratory"}]`
	reportCategory = plain(thoBase+"v2-0074", "LAB", "Laboratory")
)

// sample writes what was ordered and drawn at one time, and the results: ServiceRequest, Specimen, Observation and DiagnosticReport.
func (w *writer) sample(p *patient, s *sample) {
	orders := make([]string, len(s.results))
	for i := range s.results {
		orders[i] = p.newID("order")
		w.labOrder(p, s, &s.results[i], orders[i])
	}
	specimens := map[*specimen]string{}
	for i := range s.results {
		kind := s.results[i].panel.specimen
		if specimens[kind] == "" {
			specimens[kind] = p.newID("specimen")
			w.specimen(p, s, kind, specimens[kind])
		}
	}
	for i := range s.results {
		r := &s.results[i]
		if s.pending && !r.panel.point {
			continue
		}
		var members []string
		for n, a := range r.panel.members {
			id := p.newID("obs")
			members = append(members, id)
			w.labResult(p, s, r, a, r.values[n], id, orders[i], specimens[r.panel.specimen])
		}
		for n, f := range r.panel.findings {
			id := p.newID("obs")
			members = append(members, id)
			w.labFinding(p, s, r, f, r.words[n], id, orders[i], specimens[r.panel.specimen])
		}
		w.labReport(p, s, r, members, orders[i], specimens[r.panel.specimen])
	}
}

func (w *writer) labOrder(p *patient, s *sample, r *result, id string) {
	w.resource("ServiceRequest", id, "us-core-servicerequest")
	if s.pending && !r.panel.point {
		w.text("status", "active")
	} else {
		w.text("status", "completed")
	}
	w.text("intent", "order")
	w.concepts("category", evaluation)
	w.text("priority", "routine")
	w.concept("code", r.panel.code)
	w.subject("subject", p)
	if s.order != nil && s.order.id != "" {
		w.reference("encounter", "Encounter/"+s.order.id)
	}
	w.date("occurrenceDateTime", s.at.day)
	w.time("authoredOn", s.ordered)
	w.raw("requester", s.by.who)
	w.array("performer")
	w.laboratory(r)
	w.endArray()
	if r.c != nil && r.c.id != "" {
		w.array("reasonReference")
		w.reference("", "Condition/"+r.c.id)
		w.endArray()
	}
	w.finish()
}

func (w *writer) laboratory(r *result) {
	if r.panel.point {
		w.referenceTo("", practiceOrganization.ref(), practiceOrganization.name)
	} else {
		w.referenceTo("", harborLab.ref(), harborLab.name)
	}
}

func (w *writer) specimen(p *patient, s *sample, kind *specimen, id string) {
	w.resource("Specimen", id, "us-core-specimen")
	w.text("status", "available")
	w.concept("type", kind.kind)
	w.subject("subject", p)
	w.object("collection")
	w.time("collectedDateTime", s.at)
	w.end()
	w.finish()
}

func (w *writer) labHead(p *patient, s *sample, r *result, code *concept, status, id, order string) {
	w.resource("Observation", id, "us-core-observation-lab")
	w.array("basedOn")
	w.reference("", "ServiceRequest/"+order)
	w.endArray()
	w.text("status", status)
	w.raw("category", labCategory)
	w.concept("code", code)
	w.subject("subject", p)
	if s.visit != nil && s.visit.id != "" {
		w.reference("encounter", "Encounter/"+s.visit.id)
	}
	w.time("effectiveDateTime", s.at)
	w.time("issued", s.issued)
	w.array("performer")
	w.laboratory(r)
	w.endArray()
}

func (w *writer) labResult(p *patient, s *sample, r *result, a analyte, value float64, id, order, specimen string) {
	t := &tests[a]
	status := "final"
	first, corrected := r.first[a]
	if corrected {
		status = "corrected"
	}
	w.labHead(p, s, r, t.code, status, id, order)
	w.quantity("valueQuantity", value, t.decimals, t.unit)
	flag := p.flag(a, value, s.at.day)
	if flag == "" {
		flag = "N"
	}
	w.raw("interpretation", interpretations[flag])
	if corrected {
		w.array("note")
		w.object("")
		w.text("text", "Corrected. First reported "+amount(first, t)+".")
		w.end()
		w.endArray()
	}
	w.reference("specimen", "Specimen/"+specimen)
	low, high := p.limits(a, s.at.day)
	if low != 0 || high != 0 {
		w.array("referenceRange")
		w.object("")
		if low != 0 {
			w.quantity("low", low, t.decimals, t.unit)
		}
		if high != 0 {
			w.quantity("high", high, t.decimals, t.unit)
		}
		w.end()
		w.endArray()
	}
	w.finish()
}

func (w *writer) labFinding(p *patient, s *sample, r *result, f finding, words, id, order, specimen string) {
	w.labHead(p, s, r, f.code, "final", id, order)
	w.object("valueCodeableConcept")
	w.text("text", words)
	w.end()
	switch {
	case f.normal == "":
	case words == f.normal:
		if words == "Negative" {
			w.raw("interpretation", interpretations["NEG"])
		} else {
			w.raw("interpretation", interpretations["N"])
		}
	case f.normal == "Negative":
		w.raw("interpretation", interpretations["POS"])
	default:
		w.raw("interpretation", interpretations["A"])
	}
	w.reference("specimen", "Specimen/"+specimen)
	if f.normal != "" {
		w.array("referenceRange")
		w.object("")
		w.text("text", f.normal)
		w.end()
		w.endArray()
	}
	w.finish()
}

func (w *writer) labReport(p *patient, s *sample, r *result, members []string, order, specimen string) {
	w.resource("DiagnosticReport", p.newID("report"), "us-core-diagnosticreport-lab")
	w.array("basedOn")
	w.reference("", "ServiceRequest/"+order)
	w.endArray()
	if len(r.first) > 0 {
		w.text("status", "corrected")
	} else {
		w.text("status", "final")
	}
	w.concepts("category", reportCategory)
	w.concept("code", r.panel.code)
	w.subject("subject", p)
	if s.visit != nil && s.visit.id != "" {
		w.reference("encounter", "Encounter/"+s.visit.id)
	}
	w.time("effectiveDateTime", s.at)
	w.time("issued", s.issued)
	w.array("performer")
	w.laboratory(r)
	w.endArray()
	if !s.unread { // whoever reviewed it
		w.array("resultsInterpreter")
		w.raw("", s.by.who)
		w.endArray()
	}
	w.array("specimen")
	w.reference("", "Specimen/"+specimen)
	w.endArray()
	w.array("result")
	for _, m := range members {
		w.reference("", "Observation/"+m)
	}
	w.endArray()
	w.text("conclusion", s.comment)
	w.finish()
	if s.reportID == "" {
		s.reportID = w.spans[len(w.spans)-1].id
	}
}
