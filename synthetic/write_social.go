package synthetic

const (
	needSystem     = "https://osler.example/fhir/CodeSystem/social-need"
	usCoreCategory = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category"
)

var (
	aboutNeeds    = coded(usCoreCategory, "sdoh", "SDOH", "")
	healthConcern = plain("http://hl7.org/fhir/us/core/CodeSystem/condition-category", "health-concern", "Health Concern")
	socialService = plain(snomed, "410606002", "Social service procedure (procedure)")
	lackOfRides   = icd("Z59.82", "Transportation insecurity", "Lack of transportation")
	alcoholCode   = loinc("11331-6", "History of Alcohol use", "Alcohol")
	screenedFor   = []struct{ code, name, said string }{
		{"food", "Food", "no"}, {"housing", "Housing", "no"}, {"utilities", "Utilities", "no"}, {"transport", "Transport", "yes"}, {"safety", "Safety", "no"},
	}
	said = map[string]string{"yes": "Yes", "no": "No"}
)

// socialNeeds writes what Adaeze Okafor of the cast told: of alcohol, and of what she lacks, with the screening, the goal and the referral;
// and the lens that she was given. The ids are their own, so that those of everything else stay as they are.
func (w *writer) socialNeeds(p *patient) {
	if p.part == nil || p.part.family != "Okafor" || len(p.visits) == 0 {
		return
	}
	w.resource("Observation", p.id+"-alcohol", "us-core-simple-observation")
	w.text("status", "final")
	w.raw("category", socialCategory)
	w.concept("code", alcoholCode)
	w.subject("subject", p)
	w.date("effectiveDateTime", p.last)
	w.concept("valueCodeableConcept", words("Now drinks"))
	w.array("note")
	w.object("")
	w.text("text", "A glass of wine on weekends")
	w.end()
	w.endArray()
	w.finish()
	w.needsOf(p)
	if len(p.devices) == 0 {
		w.device(p, &device{kind: lens, on: p.last - 900})
	}
}

func (w *writer) needsOf(p *patient) {
	need := p.id + "-need-transport"
	for _, s := range screenedFor {
		w.resource("Observation", p.id+"-screened-"+s.code, "us-core-observation-screening-assessment")
		w.text("status", "final")
		w.raw("category", `[{"coding":[`+coding(thoBase+"observation-category", "survey", "Survey")+`]},`+aboutNeeds.json+`]`)
		w.concept("code", coded(needSystem, s.code, s.name, ""))
		w.subject("subject", p)
		w.date("effectiveDateTime", p.last)
		w.concept("valueCodeableConcept", coded(needSystem, s.said, said[s.said], ""))
		w.finish()
	}
	w.screening(p)
	w.resource("Condition", need, "us-core-condition-problems-health-concerns")
	w.concept("clinicalStatus", tho("condition-clinical", "active", "Active"))
	w.concept("verificationStatus", tho("condition-ver-status", "confirmed", "Confirmed"))
	w.raw("category", `[`+healthConcern.json+`,`+aboutNeeds.json+`]`)
	w.concept("code", lackOfRides)
	w.subject("subject", p)
	w.date("onsetDateTime", p.last-90)
	w.date("recordedDate", p.last)
	w.finish()

	w.resource("Goal", p.id+"-goal-transport", "us-core-goal")
	w.text("lifecycleStatus", "active")
	w.concept("achievementStatus", goalInProgress)
	w.raw("category", `[`+aboutNeeds.json+`]`)
	w.concept("description", words("A way to get to each appointment"))
	w.subject("subject", p)
	w.date("startDate", p.last)
	w.array("target")
	w.object("")
	w.date("dueDate", p.last+90)
	w.end()
	w.endArray()
	w.raw("expressedBy", p.pcp.who)
	w.array("addresses")
	w.reference("", "Condition/"+need)
	w.endArray()
	w.finish()

	w.resource("ServiceRequest", p.id+"-referral-transport", "us-core-servicerequest")
	w.text("status", "completed")
	w.text("intent", "order")
	w.raw("category", `[`+aboutNeeds.json+`,`+socialService.json+`]`)
	w.concept("code", words("Referral for lack of transportation: Harbor volunteer drivers"))
	w.subject("subject", p)
	w.date("authoredOn", p.last)
	w.raw("requester", p.pcp.who)
	w.array("reasonReference")
	w.reference("", "Condition/"+need)
	w.endArray()
	w.finish()
}

// screening writes the answers as the form holds them.
func (w *writer) screening(p *patient) {
	w.resource("QuestionnaireResponse", p.id+"-screening", "us-core-questionnaireresponse")
	w.text("questionnaire", "https://osler.example/fhir/Questionnaire/social-needs|1")
	w.text("status", "completed")
	w.subject("subject", p)
	w.date("authored", p.last)
	w.raw("author", p.pcp.who)
	w.array("item")
	for _, s := range screenedFor {
		w.object("")
		w.text("linkId", s.code)
		w.text("text", s.name)
		w.array("answer")
		w.object("")
		w.raw("valueCoding", coding(needSystem, s.said, said[s.said]))
		w.end()
		w.endArray()
		w.end()
	}
	w.endArray()
	w.finish()
}
