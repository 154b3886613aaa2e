package ccda

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// Document is what a clinical document says, as far as a list of medicines, allergies or problems can be reconciled with it.
type Document struct {
	Title   string
	Made    fhir.DateTime
	From    string // who keeps or wrote it
	Patient Person

	Allergies, Medicines, Problems Section
}

// Person is who the document is about.
type Person struct {
	Names       []fhir.HumanName
	Gender      string    // of FHIR's administrative-gender; "" if it is not said
	Birth       fhir.Date // to the precision that is given
	Identifiers []fhir.Identifier
}

// Section is one list of the document.
type Section struct {
	Found   bool   // the document has this section
	Without string // why there are no entries, in words: "No information"; "" if nothing is said
	Entries []Entry
	// Text is the narrative, given where nothing else was understood of a section that has words.
	Text string
}

// Kind is what an entry says.
type Kind string

// The kinds of entry.
const (
	Says    Kind = "says"    // the patient has or takes it
	Denies  Kind = "denies"  // the patient has or takes it not
	None    Kind = "none"    // there is nothing of the section's kind at all: no known allergies
	Unknown Kind = "unknown" // what it says could not be understood: see Text
)

// Entry is a medicine, an allergy or a problem.
type Entry struct {
	Kind Kind
	Code fhir.CodeableConcept // with its translations; never without text unless Kind is Unknown
	Text string               // the words of the document about this entry; "" if there are none
	// State is active, on-hold, inactive, resolved, completed, stopped, or "" if it is not said.
	State string
	Start fhir.DateTime
	End   fhir.DateTime
	// Doubts are what could not be understood or contradicts itself, as sentences.
	Doubts []string

	Dosage      fhir.Dosage // of a medicine; Text is never empty if anything is known
	Category    string      // of an allergy: food, medication, environment, biologic; "" if it is not said
	Type        string      // of an allergy: allergy or intolerance; "" if it is not said
	Criticality string      // of an allergy: low, high, unable-to-assess
	Reactions   []Reaction  // of an allergy
}

// Reaction is how an allergy showed.
type Reaction struct {
	Manifestation fhir.CodeableConcept
	Severity      string // mild, moderate, severe; "" if it is not said
}

func (e *Entry) doubt(sentence string) { e.Doubts = append(e.Doubts, sentence) }

// The sections and what stands in them, by template. (C-CDA R2.1; versions are told apart by an extension, which is not looked at.)
const (
	sectionTemplates = "2.16.840.1.113883.10.20.22.2."
	entryTemplates   = "2.16.840.1.113883.10.20.22.4."
)

// Read reads a document. The error is a [*Refused].
func Read(data []byte) (*Document, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	d := &Document{Title: root.get("title").text(), Patient: person(root.get("recordTarget", "patientRole"))}
	d.Made, _ = moment(root.get("effectiveTime").attr("value"))
	d.From = root.get("custodian", "assignedCustodian", "representedCustodianOrganization", "name").text()
	if d.From == "" {
		d.From = root.get("author", "assignedAuthor", "representedOrganization", "name").text()
	}
	if root.get("recordTarget", "patientRole", "patient") == nil {
		return nil, &Refused{Why: "it does not say which patient it is about"}
	}
	body := root.get("component", "structuredBody")
	if body == nil {
		return nil, &Refused{Why: "it holds no sections that a program can read: open it and read it as a document"}
	}
	d.sections(body)
	return d, nil
}

// sections reads the sections, those within sections too.
func (d *Document) sections(n *node) {
	for _, c := range n.all("component") {
		s := c.get("section")
		if s == nil {
			continue
		}
		code := s.get("code").attr("code")
		switch {
		case code == "48765-2" || s.is(sectionTemplates+"6", sectionTemplates+"6.1"):
			d.Allergies.read(s, allergy)
		case code == "10160-0" || code == "10183-2" || code == "42346-7" || s.is(sectionTemplates+"1", sectionTemplates+"1.1", sectionTemplates+"11", sectionTemplates+"11.1"):
			d.Medicines.read(s, medicine)
		case code == "11450-4" || s.is(sectionTemplates+"5", sectionTemplates+"5.1"):
			d.Problems.read(s, problem)
		}
		d.sections(s)
	}
}

// read reads one section with its narrative.
func (s *Section) read(n *node, one func(n *node, words narrative) []Entry) {
	s.Found = true
	words := narrative{}
	n.get("text").ids(words)
	was := len(s.Entries)
	for _, e := range n.all("entry") {
		if len(e.kids) == 0 {
			continue
		}
		found := one(e, words)
		if len(found) == 0 {
			x := Entry{Kind: Unknown, Text: words.all(e)}
			x.doubt("This entry could not be understood.")
			found = []Entry{x}
		}
		s.Entries = append(s.Entries, found...)
	}
	if flavor := n.attr("nullFlavor"); flavor != "" {
		s.Without = noValue(flavor)
	}
	if len(s.Entries) == was {
		s.Text = strings.TrimSpace(s.Text + " " + n.get("text").text())
	}
}

// narrative finds words by the ID that references name.
type narrative map[string]*node

// of are the words that an element holds or refers to.
func (w narrative) of(n *node) string {
	if n == nil {
		return ""
	}
	if ref := n.get("reference").attr("value"); ref != "" {
		if at := w[strings.TrimPrefix(ref, "#")]; at != nil {
			return strings.Trim(at.text(), " ·")
		}
	}
	return n.text()
}

// all are the words of an entry: those of its own text, or of the first one within.
func (w narrative) all(n *node) string {
	if t := n.get("text"); t != nil {
		if s := w.of(t); s != "" {
			return s
		}
	}
	for _, k := range n.kids {
		if s := w.all(k); s != "" {
			return s
		}
	}
	return ""
}

func noValue(flavor string) string {
	switch flavor {
	case "NI", "NASK", "ASKU", "UNK", "NAV":
		return map[string]string{"NI": "No information", "NASK": "Not asked", "ASKU": "Asked, but not known", "UNK": "Not known", "NAV": "Not available now"}[flavor]
	case "MSK":
		return "Withheld"
	case "NA":
		return "Does not apply"
	}
	return "Not given"
}

func person(role *node) Person {
	var p Person
	patient := role.get("patient")
	for _, n := range patient.all("name") {
		var h fhir.HumanName
		for _, k := range n.kids {
			text := k.text()
			if text == "" {
				continue
			}
			switch k.name {
			case "family":
				h.Family = strings.TrimSpace(h.Family + " " + text)
			case "given":
				h.Given = append(h.Given, text)
			case "prefix":
				h.Prefix = append(h.Prefix, text)
			case "suffix":
				h.Suffix = append(h.Suffix, text)
			}
		}
		if len(n.kids) == 0 {
			h.Text = n.text()
		}
		if !h.IsZero() {
			p.Names = append(p.Names, h)
		}
	}
	p.Gender = map[string]string{"F": "female", "M": "male", "UN": "other"}[patient.get("administrativeGenderCode").attr("code")]
	if t, ok := moment(patient.get("birthTime").attr("value")); ok {
		p.Birth = t.Date()
	}
	for _, id := range role.all("id") {
		if root := id.attr("root"); root != "" && id.attr("extension") != "" {
			p.Identifiers = append(p.Identifiers, fhir.Identifier{System: "urn:oid:" + root, Value: id.attr("extension")})
		}
	}
	return p
}
