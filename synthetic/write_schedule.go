package synthetic

// writeShared writes what all patients refer to.
func (w *practice) writeShared(out *writer) {
	for _, o := range []*organization{practiceOrganization, harborLab, harborImaging, harborEye, countyHospital, harborPharmacy, millPondDrug} {
		out.organization(o)
	}
	for _, m := range makers {
		out.organization(m)
	}
	for _, y := range payers {
		out.organization(&y.organization)
	}
	for _, s := range sites {
		out.location(s)
	}
	out.location(hospitalSite)
	out.location(videoRoom)
	for _, site := range rooms {
		for _, r := range site {
			out.location(r)
		}
	}
	for _, d := range departments {
		out.healthcareService(d)
	}
	for i := range employees {
		out.practitioner(&employees[i])
	}
	for i := range employees {
		out.practitionerRole(&employees[i])
	}
	w.schedules(out)
	w.incoming(out)
	if !w.NoCast {
		out.referralsIn(w.today, w.now)
		out.alertSettings(w.today)
	}
}

// department is a service of the practice.
type department struct {
	id, name string
	sites    []int
}

var departments = []department{
	{"family-medicine", "Family medicine", []int{0, 1}},
	{"nurse-visits", "Nurse visits", []int{0, 1}},
	{"ultrasound", "Ultrasound", []int{0}},
	{"laboratory-draw", "Laboratory draw station", []int{0}},
}

func (w *writer) healthcareService(d department) {
	w.resource("HealthcareService", d.id, "")
	w.bool("active", true)
	w.referenceTo("providedBy", practiceOrganization.ref(), practiceOrganization.name)
	w.array("location")
	for _, s := range d.sites {
		w.referenceTo("", sites[s].ref(), sites[s].name)
	}
	w.endArray()
	w.text("name", d.name)
	w.finish()
}

// schedules writes each clinician's Schedule, and its Slots for today and the next working days.
func (w *practice) schedules(out *writer) {
	days := w.scheduleDays()
	taken := map[string]bool{}
	total := w.Patients
	for k := range min(total, w.castSize()+len(w.rest)) {
		if b := w.bookingAt(k); b != nil && w.holds(k) {
			taken[b.slotID()] = true
		}
	}
	for c := range clinicians {
		by := &employees[c]
		out.resource("Schedule", by.id+"-schedule", "")
		out.bool("active", true)
		out.concepts("serviceType", words("Family medicine"))
		out.array("actor")
		out.raw("", by.who)
		out.referenceTo("", sites[by.site].ref(), sites[by.site].name)
		out.endArray()
		out.period("planningHorizon", days[0].at(8*60), days[len(days)-1].at(17*60))
		out.finish()
	}
	for _, on := range days {
		for c := range clinicians {
			by := &employees[c]
			for _, t := range templates[c] {
				id := slotID(by, on, t.minute)
				out.resource("Slot", id, "")
				out.reference("schedule", "Schedule/"+by.id+"-schedule")
				if taken[id] {
					out.text("status", "busy")
				} else {
					out.text("status", "free")
				}
				out.time("start", on.at(t.minute))
				out.time("end", on.at(t.minute+t.minutes))
				out.finish()
			}
		}
	}
}

// holds is true if patient k keeps a booking.
func (w *practice) holds(k int) bool {
	if k < w.castSize() {
		return true
	}
	id := w.identityOf(k)
	return id.death == never && id.twin < 0
}

var (
	routineVisit  = coded("http://terminology.hl7.org/CodeSystem/v2-0276", "ROUTINE", "Routine appointment - default if not valued", "Routine")
	followVisit   = coded("http://terminology.hl7.org/CodeSystem/v2-0276", "FOLLOWUP", "A follow up visit from a previous appointment", "Follow-up")
	checkupVisit  = coded("http://terminology.hl7.org/CodeSystem/v2-0276", "CHECKUP", "A routine check-up, such as an annual physical", "Check-up")
	walkInVisit   = coded("http://terminology.hl7.org/CodeSystem/v2-0276", "WALKIN", "A previously unscheduled walk-in visit", "Walk-in")
	primaryPerson = `[{"coding":[` + coding(thoBase+"v3-ParticipationType", "PPRF", "primary performer") + `]}]`
)

func (w *writer) appointment(p *patient, a *appointment) {
	w.resource("Appointment", a.id, "")
	status, answer := "booked", "accepted"
	switch a.state {
	case stillBooked:
		answer = "needs-action"
	case arrived:
		status = "arrived"
	case roomed, withClinician, leaving:
		status = "checked-in"
	case left:
		status = "fulfilled"
	case notCome:
		status = "noshow"
	case calledOff:
		status, answer = "cancelled", "declined"
	}
	w.text("status", status)
	if a.cancel != nil {
		w.concept("cancelationReason", a.cancel)
	}
	w.concepts("serviceType", a.kind.kind)
	switch a.kind {
	case followUpVisit, videoVisit:
		w.concept("appointmentType", followVisit)
	case physicalVisit, wellChildVisit, newPatientExam:
		w.concept("appointmentType", checkupVisit)
	case sameDayVisit:
		w.concept("appointmentType", walkInVisit)
	default:
		w.concept("appointmentType", routineVisit)
	}
	if a.reason != nil {
		w.concepts("reasonCode", a.reason)
	}
	w.text("description", a.title)
	w.time("start", a.at)
	w.time("end", a.at.plus(a.minutes))
	w.int("minutesDuration", a.minutes)
	if a.slot != "" {
		w.array("slot")
		w.reference("", "Slot/"+a.slot)
		w.endArray()
	}
	w.time("created", a.made)
	w.text("comment", a.comment)
	w.array("participant")
	w.object("")
	w.referenceTo("actor", p.ref, p.display())
	w.text("required", "required")
	w.text("status", answer)
	w.end()
	w.object("")
	w.raw("type", primaryPerson)
	w.raw("actor", a.by.who)
	w.text("required", "required")
	w.text("status", "accepted")
	w.end()
	w.object("")
	w.referenceTo("actor", a.room.ref(), a.room.name)
	w.text("required", "required")
	w.text("status", "accepted")
	w.end()
	w.endArray()
	w.finish()
}

// display is how lists show the patient: "OKAFOR, Adaeze" is left to the pages; references carry the plain name.
func (p *patient) display() string { return p.identity.given + " " + p.family }
