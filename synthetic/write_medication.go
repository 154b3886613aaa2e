package synthetic

var (
	communityCategory = tho("medicationrequest-category", "community", "Community")
	continuousTherapy = tho("medicationrequest-course-of-therapy", "continuous", "Continuous long term therapy")
	acuteTherapy      = tho("medicationrequest-course-of-therapy", "acute", "Short course (acute) therapy")
	firstFill         = tho("v3-ActCode", "FF", "First Fill")
	refillFill        = tho("v3-ActCode", "RF", "Refill")
)

func (w *writer) prescription(p *patient, r *prescription) {
	w.resource("MedicationRequest", r.id, "us-core-medicationrequest")
	switch {
	case r.end == 0 && p.death != never:
		w.text("status", "stopped")
		w.concept("statusReason", words("The patient has died"))
	case r.end == 0:
		w.text("status", "active")
	case r.finished:
		w.text("status", "completed")
	default:
		w.text("status", "stopped")
		w.concept("statusReason", words(r.why))
	}
	w.text("intent", "order")
	w.concepts("category", communityCategory)
	w.bool("reportedBoolean", false)
	w.concept("medicationCodeableConcept", r.drug.concept)
	w.referenceTo("subject", p.ref, p.display())
	w.reference("encounter", "Encounter/"+r.visit.id)
	w.time("authoredOn", r.on)
	w.raw("requester", r.by.who)
	if r.c != nil && r.c.id != "" {
		w.array("reasonReference")
		w.referenceTo("", "Condition/"+r.c.id, r.c.code.text)
		w.endArray()
	}
	if r.sig.days > 0 {
		w.concept("courseOfTherapyType", acuteTherapy)
	} else {
		w.concept("courseOfTherapyType", continuousTherapy)
	}
	w.dosage(r)
	w.object("dispenseRequest")
	w.object("validityPeriod")
	w.date("start", r.on.day)
	w.date("end", r.on.day+365)
	w.end()
	w.int("numberOfRepeatsAllowed", r.refills)
	amount, u := r.quantity()
	w.quantity("quantity", amount, 0, u)
	w.quantity("expectedSupplyDuration", float64(r.supply), 0, dayUnit)
	w.referenceTo("performer", p.pharmacy.ref(), p.pharmacy.name)
	w.end()
	if r.prior != nil {
		w.reference("priorPrescription", "MedicationRequest/"+r.prior.id)
	}
	w.finish()
	w.dispenses(p, r)
}

// dosage writes the instructions, in words and structured.
func (w *writer) dosage(r *prescription) {
	s := &r.sig
	w.array("dosageInstruction")
	w.object("")
	w.int("sequence", 1)
	w.text("text", r.drug.instructions(*s))
	w.object("timing")
	w.object("repeat")
	if s.days > 0 {
		w.quantity("boundsDuration", float64(s.days), 0, dayUnit)
	}
	w.int("frequency", s.frequency)
	w.int("period", s.period)
	w.text("periodUnit", s.periodUnit)
	w.end()
	if s.code != "" {
		w.object("code")
		w.array("coding")
		w.raw("", timingCodes[s.code])
		w.endArray()
		w.text("text", s.often)
		w.end()
	}
	w.end()
	if s.asNeeded != "" {
		w.bool("asNeededBoolean", true)
	}
	w.concept("route", r.drug.route.concept)
	w.array("doseAndRate")
	w.object("")
	dose := r.drug.dose(*s)
	decimals := 0
	for f := dose; f != float64(int(f)) && decimals < 3; decimals++ {
		f *= 10
	}
	w.quantity("doseQuantity", dose, decimals, r.drug.unit)
	w.end()
	w.endArray()
	w.end()
	w.endArray()
}

var timingCodes = map[string]string{
	"QD": timing("QD", "QD"), "AM": timing("AM", "AM"), "BED": timing("BED", "at bedtime"), "BID": timing("BID", "BID"), "TID": timing("TID", "TID"),
	"QID": timing("QID", "QID"), "QOD": timing("QOD", "QOD"), "Q4H": timing("Q4H", "Q4H"), "Q6H": timing("Q6H", "Q6H"),
}

func timing(code, display string) string {
	return coding(thoBase+"v3-GTSAbbreviation", code, display)
}

// dispenses writes what the pharmacy has handed out in the last year.
func (w *writer) dispenses(p *patient, r *prescription) {
	if r.on.day < p.today-380 || r.sig.asNeeded != "" && r.sig.days == 0 && p.k%2 == 0 {
		return
	}
	amount, u := r.quantity()
	for n := 0; n <= r.refills; n++ {
		on := r.on.day + day(n*r.supply)
		if n > 0 {
			on -= day((p.k + n) % 9)
		}
		at := on.at(17*60 + (p.k*7+n*13)%90)
		if n == 0 && at.after(p.now) {
			return
		}
		if n > 0 && (at.after(p.now) || r.end != 0 && on >= r.end) || on > p.last {
			return
		}
		w.resource("MedicationDispense", p.newID("fill"), "us-core-medicationdispense")
		w.text("status", "completed")
		w.concept("medicationCodeableConcept", r.drug.concept)
		w.subject("subject", p)
		w.array("performer")
		w.object("")
		w.referenceTo("actor", p.pharmacy.ref(), p.pharmacy.name)
		w.end()
		w.endArray()
		w.array("authorizingPrescription")
		w.reference("", "MedicationRequest/"+r.id)
		w.endArray()
		if n == 0 {
			w.concept("type", firstFill)
		} else {
			w.concept("type", refillFill)
		}
		w.quantity("quantity", amount, 0, u)
		w.quantity("daysSupply", float64(r.supply), 0, dayUnit)
		w.time("whenHandedOver", at)
		w.array("dosageInstruction")
		w.object("")
		w.text("text", r.drug.instructions(r.sig))
		w.end()
		w.endArray()
		w.finish()
	}
}

var (
	leftArm    = coded(thoBase+"v3-ActSite", "LA", "left arm", "Left arm")
	rightArm   = coded(thoBase+"v3-ActSite", "RA", "right arm", "Right arm")
	leftThigh  = coded(thoBase+"v3-ActSite", "LT", "left thigh", "Left thigh")
	rightThigh = coded(thoBase+"v3-ActSite", "RT", "right thigh", "Right thigh")
	gaveIt     = coded("http://terminology.hl7.org/CodeSystem/v2-0443", "AP", "Administering Provider", "Administering Provider")
)

func (w *writer) immunization(p *patient, d *dose) {
	w.resource("Immunization", p.newID("imm"), "us-core-immunization")
	if d.refused {
		w.text("status", "not-done")
		w.concept("statusReason", d.why)
	} else {
		w.text("status", "completed")
	}
	w.concept("vaccineCode", d.vaccine.code)
	w.subject("patient", p)
	if d.visit != nil {
		w.reference("encounter", "Encounter/"+d.visit.id)
		w.time("occurrenceDateTime", d.on)
	} else {
		w.date("occurrenceDateTime", d.on.day)
	}
	w.bool("primarySource", d.origin == nil)
	if d.origin != nil {
		w.concept("reportOrigin", d.origin)
	}
	if d.visit != nil {
		w.referenceTo("location", sites[d.visit.by.site].ref(), sites[d.visit.by.site].name)
	}
	if !d.refused {
		w.referenceTo("manufacturer", d.vaccine.maker.ref(), d.vaccine.maker.name)
		w.text("lotNumber", d.lot)
		if d.visit != nil {
			w.date("expirationDate", d.expires)
			if !d.vaccine.drops {
				w.concept("site", d.where(p))
			}
			w.concept("route", d.vaccine.route.concept)
			w.quantity("doseQuantity", d.vaccine.ml, 1, millilitre)
			w.array("performer")
			w.object("")
			w.concept("function", gaveIt)
			w.raw("actor", d.by.who)
			w.end()
			w.endArray()
		}
	}
	if d.number > 0 && !d.refused {
		w.array("protocolApplied")
		w.object("")
		w.text("series", d.vaccine.name)
		w.int("doseNumberPositiveInt", d.number)
		w.int("seriesDosesPositiveInt", max(d.number, d.of))
		w.end()
		w.endArray()
	}
	w.finish()
}

func (d *dose) where(p *patient) *concept {
	if p.age(d.on.day) < 2 {
		if d.site%2 == 0 {
			return leftThigh
		}
		return rightThigh
	}
	if d.site%2 == 0 {
		return leftArm
	}
	return rightArm
}
