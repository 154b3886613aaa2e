package synthetic

import "fmt"

// patientReferral is the category of orders that send a patient to somebody else.
var patientReferral = coded(snomed, "3457005", "Patient referral", "Patient referral")

var (
	// followReferralTask follows an order that is a referral: the second code opens it to the front desk.
	followReferralTask = &concept{code: "order", text: "Follow an order", json: `{"coding":[` + coding(taskSystem, "order", "Follow an order") + `,` + coding(snomed, "3457005", "Patient referral") + `],"text":"Follow an order"}`}
	referralInTask     = coded(taskSystem, "referral-in", "Referral to us", "Referral to us")
	transitionTask     = coded(taskSystem, "transition", "Follow up after hospital", "Follow up after hospital")
)

const (
	referralStates = "https://osler.example/fhir/CodeSystem/referral-state"
	orderStates    = "https://osler.example/fhir/CodeSystem/order-state"
)

// loop is where a referral stands, as its Task says it.
type loop struct {
	state, orderState string
	words             string
	to                string // whom the patient is sent to
	steps             []loopStep
	due               day
	booked            moment // zero if not booked
}

// loopStep is what somebody did for a referral.
type loopStep struct {
	at   moment
	by   *staff
	text string
}

// referrals gives the open referrals of a patient the Tasks that follow them, in different states.
func (p *patient) referrals() {
	if o := p.lately(); o != nil {
		p.orders = append(p.orders, o)
	}
	for i, o := range p.orders {
		if !o.procedure.referral || o.done != 0 || o.cancelled || o.on.after(p.now) || o.on.day < p.today-400 {
			continue
		}
		nurse := &employees[4+p.k%2]
		l := &loop{to: o.procedure.where.name}
		sent := (o.on.day + 1).workday().at(9*60 + p.k%200)
		if sent.after(p.now) {
			l.state, l.orderState, l.words, l.due = "ordered", "ordered", "To be sent", o.on.day+2
		} else {
			l.state, l.orderState, l.words, l.due = "sent", "ordered", "Sent", sent.day+7
			l.steps = append(l.steps, loopStep{sent, nurse, "Sent: faxed by hand, to " + o.procedure.where.name + "."})
		}
		booked := (sent.day + 4).workday().at(11 * 60)
		if turn := (p.k/2 + i) % 4; turn > 0 && l.state == "sent" && !booked.after(p.now) && p.part == nil {
			l.booked = (booked.day + day(5+p.k%30)).workday().at(10*60 + 30)
			l.state, l.orderState, l.words, l.due = "booked", "collected", "Booked", l.booked.day
			l.steps = append(l.steps, loopStep{booked, nurse, "Booked for " + l.booked.day.human() + "."})
			if seen := l.booked.plus(26 * 60); !seen.after(p.now) && turn > 1 {
				l.state, l.words, l.due = "seen", "Seen, report to come", seen.day+14
				l.steps = append(l.steps, loopStep{seen, nurse, "Patient was seen on " + l.booked.day.human() + "."})
				if came := (seen.day + 6).workday().at(15 * 60); !came.after(p.now) && (turn > 2 || o.by == &employees[0]) { // who signs in to look around has one to review
					l.state, l.orderState, l.words, l.due = "report", "resulted", "Report here, to review", came.day+3
					l.steps = append(l.steps, loopStep{came, nurse, "Report came. On paper: no change of treatment advised."})
				}
			}
		}
		p.tasks = append(p.tasks, &task{kind: followReferralTask, text: o.procedure.code.text, made: o.on, owner: o.by, order: o, urgent: o.urgency(), loop: l})
	}
}

// lately is a referral of a recent visit that some patients have, so that a day at the practice shows every state.
func (p *patient) lately() *order {
	if p.part != nil || p.child(p.today) || p.k%2 != 0 {
		return nil
	}
	for i := len(p.visits) - 1; i >= 0; i-- {
		v := p.visits[i]
		if v.at.day >= p.today || v.state != visitDone || v.kind.elsewhere() || v.kind.nurse {
			continue
		}
		if v.at.day < p.today-120 {
			return nil
		}
		x := []*examination{cardioReferral, neurologyReferral, physicalTherapy, gastroReferral}[p.k/2%4]
		return &order{procedure: x, on: v.at.plus(v.minutes - 4), visit: v, by: v.by, due: v.at.day + 28, urgent: p.k%12 == 0}
	}
	return nil
}

func (o *order) urgency() string {
	if o.urgent {
		return "urgent"
	}
	return "routine"
}

// loop writes the state, the steps and the due day of a referral. (Elements of Task; before comes what stands before intent.)
func (w *writer) loopState(l *loop) {
	w.raw("businessStatus", `{"coding":[`+coding(referralStates, l.state, l.words)+`,{"system":"`+orderStates+`","code":"`+l.orderState+`"}],"text":"`+l.words+`"}`)
}

func (w *writer) loopSteps(l *loop) {
	if len(l.steps) > 0 {
		w.array("note")
		for _, s := range l.steps {
			w.object("")
			w.raw("authorReference", s.by.who)
			w.time("time", s.at)
			w.text("text", s.text)
			w.end()
		}
		w.endArray()
	}
	w.restriction(l.due)
	w.array("input")
	w.object("")
	w.concept("type", words("refer to"))
	w.text("valueString", l.to)
	w.end()
	w.endArray()
	if l.booked.day != 0 {
		w.array("output")
		w.object("")
		w.concept("type", words("booked"))
		w.time("valueDateTime", l.booked)
		w.end()
		w.endArray()
	}
}

func (w *writer) restriction(due day) {
	w.object("restriction")
	w.object("period")
	w.date("end", due)
	w.end()
	w.end()
}

// notice is a stay in hospital of which the practice was told, and which is to be followed up.
type notice struct {
	from, until day
	reason      string
	reached     string // what was said when the patient was reached; "" = not yet
}

// hospitalNotice writes the stay and the Task that follows it.
func (w *writer) hospitalNotice(p *patient, n *notice) {
	id := p.newID("stay")
	w.resource("Encounter", id, "us-core-encounter")
	w.text("status", "finished")
	w.raw("class", inpatient)
	w.concepts("type", words("Hospital stay"))
	w.subject("subject", p)
	w.object("period")
	w.date("start", n.from)
	w.date("end", n.until)
	w.end()
	w.concepts("reasonCode", words(n.reason))
	w.object("hospitalization")
	w.concept("dischargeDisposition", tho("discharge-disposition", "home", "Home"))
	w.end()
	w.referenceTo("serviceProvider", countyHospital.ref(), countyHospital.name)
	w.finish()

	made := (n.until + 1).at(9 * 60)
	if made.after(p.now) {
		made = p.now
	}
	w.resource("Task", p.newID("task"), "")
	w.text("status", "in-progress")
	w.text("intent", "order")
	w.text("priority", "urgent")
	w.concept("code", transitionTask)
	w.text("description", "Home from "+countyHospital.name)
	w.reference("focus", "Encounter/"+id)
	w.referenceTo("for", p.ref, p.display())
	w.time("authoredOn", made)
	w.time("lastModified", made)
	w.raw("requester", employees[4].who)
	w.array("performerType")
	w.raw("", `{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task-pool","code":"nurses","display":"All nurses"}]}`)
	w.endArray()
	w.array("note")
	w.object("")
	w.raw("authorReference", employees[4].who)
	w.time("time", made)
	w.text("text", "Notice came: fax.")
	w.end()
	w.endArray()
	w.restriction(n.until + 7)
	w.array("input")
	w.object("")
	w.concept("type", words("discharged"))
	w.date("valueDateTime", n.until)
	w.end()
	w.endArray()
	if n.reached != "" {
		w.array("output")
		w.object("")
		w.concept("type", words("contact"))
		w.time("valueDateTime", made)
		w.end()
		w.endArray()
	}
	w.finish()
}

// referralsIn writes referrals to the practice that wait to be decided: of people who are not known here.
func (w *writer) referralsIn(today day, now moment) {
	for i, x := range []struct {
		name, born, referrer, reason string
		ago                          int
	}{
		{"Eleanor Marsh", "04-Feb-1961", "Dr Paul Hines, Pine Street Urgent Care", "New diabetes, HbA1c 9.1 %. Needs a primary care practice.", 1},
		{"Tomas Rivera", "19-Sep-1988", "County Hospital, emergency department", "Blood pressure 188/112 on two visits, no primary care.", 5},
	} {
		at := (today - day(x.ago)).at(10 * 60)
		if at.after(now) {
			at = now
		}
		w.resource("Task", fmt.Sprintf("referral-in-%d", i+1), "")
		w.text("status", "requested")
		w.raw("businessStatus", `{"coding":[`+coding(referralStates, "received", "Came in, to decide")+`]}`)
		w.text("intent", "order")
		w.text("priority", "routine")
		w.concept("code", referralInTask)
		w.text("description", "Referral from "+x.referrer)
		w.time("authoredOn", at)
		w.time("lastModified", at)
		w.raw("requester", `{"display":"`+x.referrer+`"}`)
		w.array("performerType")
		w.raw("", `{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task-pool","code":"clinicians","display":"All clinicians"}]}`)
		w.endArray()
		w.restriction(at.day + 2)
		w.array("input")
		for _, part := range [][2]string{{"patient name", x.name}, {"birth date", x.born}, {"reason", x.reason}, {"came by", "Fax"}} {
			w.object("")
			w.concept("type", words(part[0]))
			w.text("valueString", part[1])
			w.end()
		}
		w.endArray()
		w.finish()
	}
}
