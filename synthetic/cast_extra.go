package synthetic

// What the script adds to a chart after its visits: results, messages and work of today.

// wardExtra asks for warfarin, outside the protocol.
func wardExtra(p *patient) {
	p.notice = &notice{from: p.today - 9, until: p.today - 4, reason: "Atrial fibrillation with rapid rate"}
	if r := p.taking(warfarin5); r != nil {
		p.tasks = append(p.tasks, &task{kind: refillTask, text: "Refill: warfarin 5 mg. Outside protocol: INR above range", made: p.earlier(8*60 + 25), owner: &employees[0], drug: r, urgent: "urgent"})
	}
}

// patelExtra asks for the tablets that are nearly used up, within every protocol, and his pharmacy for others.
func patelExtra(p *patient) {
	if r := p.taking(omeprazole20); r != nil {
		p.tasks = append(p.tasks, &task{kind: refillTask, text: "Refill: " + r.drug.brief(r.sig), made: p.earlier(7*60 + 50), owner: &employees[0], drug: r, pharmacy: true, urgent: "routine"})
	}
	if r := p.taking(atorvastatin20); r != nil {
		p.tasks = append(p.tasks, &task{kind: refillTask, text: "Refill: " + r.drug.brief(r.sig), made: p.earlier(7*60 + 40), owner: &employees[0], drug: r, urgent: "routine"})
	}
}

// haqExtra: his pharmacy asks for him.
func haqExtra(p *patient) {
	if r := p.taking(amlodipine10); r != nil {
		p.tasks = append(p.tasks, &task{kind: refillTask, text: "Refill: " + r.drug.brief(r.sig), made: p.earlier(7*60 + 55), owner: &employees[0], drug: r, pharmacy: true, urgent: "routine"})
	}
}

// cohenExtra is the rapid strep test of this morning.
func cohenExtra(p *patient) {
	at := p.earlier(8*60 + 38)
	v := p.lastVisit()
	if v == nil || v.at.day != at.day || at.minute < v.at.minute {
		return
	}
	s := &sample{at: at, ordered: at.plus(-3), issued: at.plus(10), by: &employees[0], order: v, visit: v, unread: true}
	s.results = []result{{panel: strepTest, words: []string{"Negative"}}}
	p.samples = append(p.samples, s)
}

// okaforExtra: the nurse's answer about ibuprofen in October, the referral that is not booked, and the papers of the pictures.
func okaforExtra(p *patient) {
	asked := (p.today - 42).at(8*60 + 12)
	m := &message{sent: asked, topic: "Ibuprofen for knee pain", text: "Is ibuprofen safe for my knee? It hurts more since the weather changed.", by: &employees[5]}
	p.messages = append(p.messages, m, &message{sent: asked.plus(3 * 60), topic: m.topic, text: "Please avoid ibuprofen because of your kidneys. Acetaminophen is fine, up to 3,000 mg a day. Javier Ortiz, RN", fromUs: true, by: &employees[5], answered: m})
	c := p.has(diabetes, p.today)
	v := p.visits[len(p.visits)-1]
	for _, x := range p.visits {
		if x.at.day == p.sceneDay(91) {
			v = x
		}
	}
	p.orders = append(p.orders,
		&order{procedure: eyeExam, on: v.at.plus(25), visit: v, by: &employees[0], c: c, due: p.today - 82},
		&order{procedure: colonoscopy, on: v.at.plus(26), visit: v, by: &employees[0], c: p.has(ironDeficiency, p.today), due: p.today + 21},
		&order{procedure: albuminOrder, on: v.at.plus(27), visit: v, by: &employees[0], c: c, due: p.today + 6})
	p.papers = append(p.papers,
		&paper{title: "Knee X-ray report, Harbor Imaging", kind: loinc("18748-4", "Diagnostic imaging study", "Imaging report"), on: (p.today - 40).at(11 * 60), from: harborImaging, clinic: true,
			pages: []string{"Harbor Imaging", "Re: Adaeze Okafor, born 14-Jul-1968", "Right knee, three views.", "Medial joint space narrowing, marginal osteophytes, small effusion. No fracture.", "Moderate osteoarthritis."}},
		&paper{title: "Eye examination, Harbor Eye", kind: eyeLetter, on: (p.today - 447).at(15 * 60), from: harborEye, clinic: true,
			pages: []string{"Harbor Eye", "Re: Adaeze Okafor, born 14-Jul-1968", "Dilated fundus examination of both eyes.", "No diabetic retinopathy, no macular edema. Visual acuity 20/25 both eyes.", "Return in one year."}})
	p.booked = append(p.booked,
		&appointment{kind: followUpVisit, title: "Diabetes follow-up", reason: words("Diabetes follow-up"), state: stillBooked, at: (p.today + 91).workday().at(9*60 + 40), minutes: 30, by: &employees[0], room: rooms[0][0], made: v.at.plus(30)})
}

// bakerExtra: the culture of the bladder infection is resistant to what was prescribed.
func bakerExtra(p *patient) {
	for _, s := range p.samples {
		for i := range s.results {
			if s.results[i].panel == urineCulture && s.at.day > p.today-9 {
				s.finding(urineCulture, 0, "Escherichia coli, more than 100,000 CFU/mL, resistant to nitrofurantoin, susceptible to cephalexin and trimethoprim-sulfamethoxazole")
				s.unread, s.pending = true, false
				s.issued = p.earlier(9*60 + 15)
				s.comment = "Resistant to the prescribed nitrofurantoin"
			}
		}
	}
}

// nguyenExtra: a rash on the third day of amoxicillin.
func nguyenExtra(p *patient) {
	at := p.earlier(9*60 + 24)
	m := &message{sent: at, topic: "Rash since starting amoxicillin", text: "I have a red itchy rash on my arms and belly since last night. I take the antibiotic for my throat since Wednesday. No swelling, I breathe normally. Should I stop it?", by: &employees[0], open: true}
	p.messages = append(p.messages, m, &message{sent: at.plus(1), topic: m.topic, text: "Called her: no swelling of lips or tongue, breathing normal. I put her on the list of this afternoon. Please decide about the antibiotic.", fromUs: true, internal: true, by: &employees[5], answered: m})
	p.tasks = append(p.tasks, &task{kind: messageTask, text: "Rash since starting amoxicillin. Nurse triage: no swelling, breathing normal", made: at, owner: &employees[0], message: m, urgent: "urgent"})
	p.tasks = append(p.tasks, &task{kind: todoTask, text: "Tell the pharmacy of the rash with amoxicillin once it is confirmed", made: p.earlier(9*60 + 30), owner: &employees[0], urgent: "routine"})
}

// meyerExtra: the vitamin B12 result, normal.
func meyerExtra(p *patient) {
	p.tasks = append(p.tasks, &task{kind: todoTask, text: "Ask County Hospital for the chest CT report of last year", made: p.earlier(8*60 + 40), owner: &employees[4], urgent: "routine"})
	s := &sample{at: (p.today - 1).at(8*60 + 10), issued: p.earlier(3*60 + 20), ordered: (p.today - 30).at(10 * 60), by: &employees[0], order: p.lastVisit(), unread: true}
	s.results = []result{{panel: b12Test, values: []float64{412}}}
	p.samples = append(p.samples, s)
	p.orders = append(p.orders, &order{procedure: lungScan, on: p.lastVisit().at.plus(20), visit: p.lastVisit(), by: &employees[0], c: p.has(copd, p.today), due: p.today - 2})
}

// leeExtra: a critical potassium, corrected by the laboratory after a second tube.
func leeExtra(p *patient) {
	if len(p.visits) == 0 {
		return
	}
	at := p.today.at(8*60 + 20)
	issued := p.today.at(9*60 + 58)
	if issued.after(p.now) {
		at.day--
		issued.day--
	}
	last := p.lastVisit()
	s := &sample{at: at, issued: issued, ordered: last.at.plus(20), by: &employees[0], order: last, unread: true, comment: "Critical value telephoned at 09:44, read back by J. Ortiz, RN. First report of hemolyzed tube: potassium 6.8 mmol/L; corrected from a second tube."}
	r := result{panel: basicPanel, values: p.measurePanel(basicPanel, at.day), c: p.has(heartFailure, p.today), first: map[analyte]float64{potassium: 6.8}}
	for i, a := range basicPanel.members {
		switch a {
		case potassium:
			r.values[i] = 6.4
		case creatinine:
			r.values[i] = 1.6
		case egfr:
			r.values[i] = 45
		case sodium:
			r.values[i] = 138
		case glucose:
			r.values[i] = 104
		}
	}
	s.results = []result{r}
	p.samples = append(p.samples, s)
	p.booked = append(p.booked, &appointment{kind: followUpVisit, title: "Heart failure follow-up", reason: words("Heart failure follow-up"), state: stillBooked, at: (p.today + 7).workday().at(10 * 60), minutes: 30, by: &employees[0], room: rooms[0][0], made: last.at.plus(30)})
}

func (p *patient) lastVisit() *visit {
	if len(p.visits) == 0 {
		return nil
	}
	return p.visits[len(p.visits)-1]
}
