package documents

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// kind is what a document is, as people choose it.
type kind struct {
	key, label string
	loinc      string // code of DocumentReference.type; "" = not known
	clinical   bool   // a clinical note as US Core's category has it
	desk       bool   // the front desk sees it in a chart, as the record lets it
	words      string // of titles by which it is guessed, in lower case, one space between
}

// kinds in the order in which they are offered. Codes are LOINC's of the document ontology.
var kinds = []kind{
	{"consult", "Specialist letter", "11488-4", true, false, "consult consultation specialist letter cardiology dermatology eye"},
	{"discharge", "Discharge summary", "18842-5", true, false, "discharge"},
	{"emergency", "Emergency department note", "34111-5", true, false, "emergency ed er"},
	{"imaging", "Imaging report", "18748-4", true, false, "imaging x-ray xray radiograph ct mri ultrasound mammogram radiology"},
	{"laboratory", "Laboratory report", "11502-2", true, false, "lab laboratory labs results"},
	{"pathology", "Pathology report", "11526-1", true, false, "pathology biopsy cytology"},
	{"procedure", "Procedure or operation", "28570-0", true, false, "procedure operative operation surgery colonoscopy endoscopy"},
	{"history", "History and physical", "34117-2", true, false, "h&p"},
	{"progress", "Visit note of another practice", "11506-3", true, false, "visit progress"},
	{"referral", "Referral letter", "57133-1", true, false, "referral"},
	{"summary", "Summary of care", "34133-9", true, false, "ccd c-cda ccda"},
	{"immunization", "Immunization record", "11369-6", true, false, "immunization immunizations vaccine vaccination"},
	{"photo", "Photograph", "72170-4", true, false, "photo photograph"},
	{"questionnaire", "Questionnaire, filled in", "74465-6", false, false, "questionnaire"},
	{"directive", "Advance directive", "42348-3", false, false, "directive directives"},
	{"consent", "Consent", "59284-0", false, true, "consent"},
	{"card", "Insurance card", "64290-0", false, true, "insurance card"},
	{"identification", "Identification", "", false, true, "license passport identification"},
	{"other", "Other document", "", false, false, ""},
}

const (
	categorySystem = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
	ownCategory    = "https://osler.example/fhir/CodeSystem/document-category"
	sourceSystem   = "https://osler.example/fhir/CodeSystem/document-source"
	nullFlavor     = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
)

// kindOf finds a kind by its key.
func kindOf(key string) (kind, bool) {
	for _, k := range kinds {
		if k.key == key {
			return k, true
		}
	}
	return kind{}, false
}

// concept is the type of a document of the kind.
func (k kind) concept() fhir.CodeableConcept {
	system, code := facts.LOINC, k.loinc
	switch {
	case k.key == "identification":
		system, code = record.DeskDocument, k.key
	case code == "":
		system, code = nullFlavor, "UNK"
	}
	c := fhir.Concept(system, code, "")
	c.Text = k.label
	return c
}

// category is where documents of the kind are put.
func (k kind) category() fhir.CodeableConcept {
	if k.clinical {
		return fhir.Concept(categorySystem, "clinical-note", "Clinical Note")
	}
	c := fhir.Concept(ownCategory, "administrative", "Administrative")
	c.Text = "Administrative"
	return c
}

// kindFor is the kind that a document's type says; "" for another type.
func kindFor(c fhir.CodeableConcept) string {
	code := c.In(facts.LOINC)
	for _, k := range kinds {
		if code != "" && k.loinc == code {
			return k.key
		}
	}
	if c.In(record.DeskDocument) == "identification" {
		return "identification"
	}
	if c.In(nullFlavor) == "UNK" {
		return "other"
	}
	return ""
}

// guess is the kind that a title speaks of; "" if it speaks of none, or of several.
func guess(title string) string {
	found := ""
	for word := range strings.FieldsFuncSeq(strings.ToLower(title), func(r rune) bool { return strings.ContainsRune(" ,.;:/()_", r) }) {
		for _, k := range kinds {
			for w := range strings.FieldsSeq(k.words) {
				if w != word || found == k.key {
					continue
				}
				if found != "" {
					return ""
				}
				found = k.key
			}
		}
	}
	return found
}

// kindOptions are the kinds for a field, beginning with the one that asks.
func kindOptions(blank string) []ui.Option {
	out := []ui.Option{{Value: "", Label: blank}}
	for _, k := range kinds {
		out = append(out, ui.Option{Value: k.key, Label: k.label})
	}
	return out
}

// deskKinds are those that the front desk puts straight into a chart.
func deskKinds(blank string) []ui.Option {
	return slices.DeleteFunc(kindOptions(blank), func(o ui.Option) bool {
		k, ok := kindOf(o.Value)
		return ok && !k.desk
	})
}

// clerk reports whether somebody files as the front desk: reads files by their documents alone, and no clinical ones in a chart.
func clerk(s *record.Session) bool { return !s.May(access.Read, "Binary") }

// sources are the ways by which documents come in.
var sources = []ui.Option{{Value: "fax", Label: "Fax"}, {Value: "mail", Label: "Mail"}, {Value: "scan", Label: "Scan"}}

// sourceName is a way in words; "" for what is none.
func sourceName(code string) string {
	for _, o := range sources {
		if o.Value == code {
			return o.Label
		}
	}
	return ""
}

// sourceConcept is the category that says by which way a document came.
func sourceConcept(code string) fhir.CodeableConcept {
	return fhir.Concept(sourceSystem, code, sourceName(code))
}

// source is the way by which a document came, in words; "" if nothing says.
func (d document) source() string {
	for _, c := range d.Category {
		if code := c.In(sourceSystem); code != "" {
			return sourceName(code)
		}
	}
	return ""
}
