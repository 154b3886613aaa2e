package patients

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/mpi"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// demographics is a Patient as the form reads and writes it.
type demographics struct {
	Meta          fhir.Meta
	Extension     []fhir.Extension
	Identifier    []fhir.Identifier
	Active        *bool
	Name          []fhir.HumanName
	Telecom       []fhir.ContactPoint
	Gender        string
	Birth         fhir.Date    `fhir:"birthDate"`
	BirthElement  fhir.Element `fhir:"_birthDate"`
	Address       []fhir.Address
	MultipleBirth fhir.Choice `fhir:"multipleBirth[x]"`
	Contact       []contact
	Communication []communication
}

type contact struct {
	Relationship []fhir.CodeableConcept
	Name         fhir.HumanName
	Telecom      []fhir.ContactPoint
}

type communication struct {
	Language  fhir.CodeableConcept
	Preferred bool
}

// profile is what a registered patient claims to be. (US Core 6.1.0 and 7.0.0.)
const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"

const (
	birthTime   = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
	absent      = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
	interpreter = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
	roleCode    = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
	contactRole = "http://terminology.hl7.org/CodeSystem/v2-0131"
)

// begin is a patient of whom nothing is known yet.
func begin() demographics {
	yes := true
	return demographics{Meta: fhir.Meta{Profile: []string{profile}}, Active: &yes}
}

// fill takes what the form says into the patient, and notes in the form what is wrong. What the form does not ask stays.
func (p *demographics) fill(f *web.Form, now time.Time) {
	p.named(f, now)
	p.born(f, now)
	switch p.Gender = f.Text("sex"); p.Gender {
	case "female", "male", "other", "unknown":
	default:
		f.Wrong("sex", "Choose one; “Unknown” if it is not known yet.")
	}
	p.reached(f, now)
	p.lives(f)
	p.speaks(f)
	p.asked(f)
	p.emergency(f)
}

// form shows the patient.
func (p *demographics) form(f *web.Form, zone *time.Location, now time.Time) {
	if n := p.shown(now); n != nil {
		f.Set("family", n.Family)
		if len(n.Given) > 0 {
			f.Set("given", n.Given[0])
			f.Set("middle", strings.Join(n.Given[1:], " "))
		}
		if n.Family == "" && len(n.Given) == 0 {
			f.Set("given", n.Text)
		}
		f.Set("suffix", strings.Join(n.Suffix, " "))
	}
	f.Set("preferred", p.preferred(now))
	f.Set("born", bornText(p.Birth, zone))
	if p.Birth.IsZero() && p.unknownBirth() {
		f.Set("born-unknown", "yes")
	}
	f.Set("born-at", p.bornAt(zone))
	f.Set("sex", p.Gender)
	f.Set("mobile", p.number("phone", "mobile"))
	f.Set("home", p.number("phone", "home"))
	f.Set("email", p.number("email", ""))
	if p.mayText(f.Text("mobile")) {
		f.Set("texts", "yes")
	}
	if a := p.address(); a != nil {
		f.Set("line", strings.Join(a.Line, ", "))
		f.Set("city", a.City)
		f.Set("state", a.State)
		f.Set("zip", a.PostalCode)
	}
	if c := p.language(); c != nil {
		f.Set("language", code(c.Language))
	}
	if e, ok := fhir.FindExtension(p.Extension, interpreter); ok {
		if yes, _ := fhir.ChoiceValue[bool](e.Value); yes {
			f.Set("interpreter", "yes")
		}
	}
	p.answers(f)
	if len(p.Contact) > 0 {
		c := p.Contact[0]
		f.Set("contact", c.Name.String())
		f.Set("relation", relationOf(c.Relationship))
		for _, t := range c.Telecom {
			if t.System == "phone" {
				f.Set("contact-phone", t.Value)
				break
			}
		}
	}
}

// person is the patient as others are compared with.
func (p *demographics) person() mpi.Person {
	return mpi.Person{Name: p.Name, Telecom: p.Telecom, Gender: p.Gender, BirthDate: p.Birth, Address: p.Address}
}

// number is the way to reach the patient of a system and use; "" if there is none.
func (p *demographics) number(system, use string) string {
	if t := p.point(system, use); t != nil {
		return t.Value
	}
	return ""
}

func (p *demographics) point(system, use string) *fhir.ContactPoint {
	for i := range p.Telecom {
		t := &p.Telecom[i]
		if t.System == system && t.Use != "old" && (use == "" || t.Use == use || t.Use == "" && use == "mobile") {
			return t
		}
	}
	return nil
}

// reached takes how the patient can be reached. Consent to text messages is a contact point of its own, for the same number, from the day
// on which it was given: without it no message is sent.
func (p *demographics) reached(f *web.Form, now time.Time) {
	had := p.number("phone", "mobile")
	set := func(field, system, use string) {
		text := f.Text(field)
		if text == p.number(system, use) {
			return
		}
		at := p.point(system, use)
		switch {
		case text == "":
			gone := *at // of this use alone: one number may be that of the house and that in the pocket
			p.Telecom = slices.DeleteFunc(p.Telecom, func(t fhir.ContactPoint) bool {
				return t.System == system && t.Use == gone.Use && t.Value == gone.Value
			})
		case at != nil:
			at.Value = text
		default:
			p.Telecom = append(p.Telecom, fhir.ContactPoint{System: system, Value: text, Use: use})
		}
	}
	for _, field := range []string{"mobile", "home", "contact-phone"} {
		if text := f.Text(field); text != "" && len(digits(text)) < 7 {
			f.Wrong(field, "This is too short for a telephone number.")
		}
	}
	if text := f.Text("email"); text != "" && (!strings.Contains(text, "@") || strings.ContainsAny(text, " ,;")) {
		f.Wrong("email", "Not an email address: it has an @ and no spaces.")
	}
	set("mobile", "phone", "mobile")
	set("home", "phone", "home")
	set("email", "email", "")
	mobile := f.Text("mobile")
	if f.Has("texts") && mobile == "" {
		f.Wrong("mobile", "Text messages need a mobile number.")
	}
	if f.Has("texts") == p.mayText(mobile) && mobile == had {
		return
	}
	p.Telecom = slices.DeleteFunc(p.Telecom, func(t fhir.ContactPoint) bool { return t.System == "sms" })
	if f.Has("texts") && mobile != "" {
		p.Telecom = append(p.Telecom, fhir.ContactPoint{System: "sms", Value: mobile, Use: "mobile", Period: fhir.Period{Start: fhir.DateTimeOf(now, fhir.Day)}})
	}
}

func (p *demographics) mayText(mobile string) bool {
	return mobile != "" && slices.ContainsFunc(p.Telecom, func(t fhir.ContactPoint) bool {
		return t.System == "sms" && t.Use != "old" && digits(t.Value) == digits(mobile)
	})
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// address is where the patient lives: the first that is no longer an old one.
func (p *demographics) address() *fhir.Address {
	for i := range p.Address {
		if a := &p.Address[i]; a.Use != "old" && a.Use != "billing" {
			return a
		}
	}
	return nil
}

// lives takes the address. Where it changes, the one before stays as an old one: letters come back, and people are looked for by it.
func (p *demographics) lives(f *web.Form) {
	was := p.address()
	if was != nil && f.Text("line") == strings.Join(was.Line, ", ") && f.Text("city") == was.City && f.Text("state") == was.State && f.Text("zip") == was.PostalCode {
		return
	}
	a := fhir.Address{Use: "home", City: f.Text("city"), State: f.Text("state"), PostalCode: f.Text("zip")}
	if line := f.Text("line"); line != "" {
		a.Line = []string{line}
	}
	switch {
	case a.City == "" && a.State == "" && a.PostalCode == "" && a.Line == nil:
		if was == nil {
			return
		}
		was.Use = "old"
	case was == nil:
		p.Address = append(p.Address, a)
	default:
		old := *was
		old.Use = "old"
		*was = a
		p.Address = append(p.Address, old)
	}
}

func (p *demographics) language() *communication {
	for i := range p.Communication {
		if p.Communication[i].Preferred || len(p.Communication) == 1 {
			return &p.Communication[i]
		}
	}
	return nil
}

// speaks takes the language, and whether an interpreter is needed.
func (p *demographics) speaks(f *web.Form) {
	chosen, was := f.Text("language"), p.language()
	switch {
	case chosen == "":
		if was != nil {
			was.Preferred = false
			if len(p.Communication) == 1 {
				p.Communication = nil
			}
		}
	case was != nil && code(was.Language) == chosen:
	default:
		name, ok := languageName(chosen)
		if !ok {
			f.Wrong("language", "Choose a language from the list.")
			return
		}
		for i := range p.Communication {
			p.Communication[i].Preferred = false
		}
		p.Communication = append([]communication{{Language: fhir.CodeableConcept{Coding: []fhir.Coding{{System: "urn:ietf:bcp:47", Code: chosen, Display: name}}, Text: name}, Preferred: true}},
			slices.DeleteFunc(p.Communication, func(c communication) bool { return code(c.Language) == chosen })...)
	}
	e, had := fhir.FindExtension(p.Extension, interpreter)
	was2, _ := fhir.ChoiceValue[bool](e.Value)
	if needed := f.Has("interpreter"); needed != was2 || needed != had && needed {
		p.extend(interpreter, fhir.Extension{URL: interpreter, Value: fhir.ChoiceOf(needed)})
	}
}

// emergency takes whom to call.
func (p *demographics) emergency(f *web.Form) {
	name, phone, relation := f.Text("contact"), f.Text("contact-phone"), f.Text("relation")
	if len(p.Contact) > 0 {
		c := &p.Contact[0]
		had := ""
		for _, t := range c.Telecom {
			if t.System == "phone" {
				had = t.Value
				break
			}
		}
		if name == c.Name.String() && phone == had && relation == relationOf(c.Relationship) {
			return
		}
	}
	if name == "" && phone == "" {
		if len(p.Contact) > 0 {
			p.Contact = p.Contact[1:]
		}
		return
	}
	if name == "" {
		f.Wrong("contact", "Say who answers this number.")
		return
	}
	c := contact{Name: fhir.HumanName{Text: name}, Relationship: []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: contactRole, Code: "C", Display: "Emergency Contact"}}, Text: "Emergency contact"}}}
	if r, ok := relationConcept(relation); ok {
		c.Relationship = append(c.Relationship, r)
	}
	if phone != "" {
		c.Telecom = []fhir.ContactPoint{{System: "phone", Value: phone}}
	}
	if len(p.Contact) > 0 {
		p.Contact[0] = c
	} else {
		p.Contact = []contact{c}
	}
}

// extend sets the extension of an address, or removes it where the new one is empty; the others stay as they are.
func (p *demographics) extend(url string, e fhir.Extension) {
	i := slices.IndexFunc(p.Extension, func(x fhir.Extension) bool { return x.URL == url })
	switch {
	case e.URL == "" && i >= 0:
		p.Extension = slices.Delete(p.Extension, i, i+1)
	case e.URL == "":
	case i >= 0:
		p.Extension[i] = e
	default:
		p.Extension = append(p.Extension, e)
	}
}

func code(c fhir.CodeableConcept) string { return facts.Code(c, "urn:ietf:bcp:47") }
