package letters

import "github.com/osler-ehr/osler/fhir"

// template is a kind of letter with the text that it begins with. In the text stand words in braces, which the chart fills in, and *** where
// the writer must say something.
type template struct {
	ID, Name, Title, To string
	Type                fhir.CodeableConcept
	Text                string
}

var (
	letterType   = fhir.Concept("http://loinc.org", "51852-2", "Letter")
	referralType = fhir.Concept("http://loinc.org", "57133-1", "Referral note")
)

// templates are the kinds of letters, in the order in which they are offered.
func templates() []template {
	return []template{
		{"referral", "Referral letter", "Referral", "***", referralType, "Dear colleague,\n\nThank you for seeing {name}, born {born}, for ***.\n\nProblems: {problems}.\nAllergies: {allergies}.\n\nMedications:\n{medications}\n\nRecent results:\n{results}\n\n***\n\nPlease write to us what you found and advise.\n\nWith kind regards"},
		{"result", "Result letter", "Your test results", "{name}", letterType, "Dear {given},\n\nYour test results are back:\n{results}\n\nWhat this means: ***\n\nWhat to do next: ***\n\nIf you have questions, please call {phone}.\n\nWith kind regards"},
		{"work", "Work excuse", "Certificate for work", "To whom it may concern", letterType, "This is to certify that {name}, born {born}, was seen at {practice} on {visit}.\n\nPlease excuse the patient from work from *** up to and including ***.\n\nRestrictions after that: none."},
		{"school", "School excuse", "Certificate for school", "To whom it may concern", letterType, "This is to certify that {name}, born {born}, was seen at {practice} on {visit}.\n\nPlease excuse the student from school from *** up to and including ***.\n\nPhysical education: ***."},
		{"free", "Free letter", "Letter", "***", letterType, "Dear ***,\n\n***\n\nWith kind regards"},
	}
}

func templateNamed(id string) (template, bool) {
	for _, t := range templates() {
		if t.ID == id {
			return t, true
		}
	}
	return template{}, false
}
