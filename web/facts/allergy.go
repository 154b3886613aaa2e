package facts

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/clinical"
)

// Allergy is the view of an AllergyIntolerance.
type Allergy struct {
	ID           string
	Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept `fhir:"verificationStatus"`
	Type         string
	Category     []string
	Criticality  string
	Code         fhir.CodeableConcept
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
	Reactions    []struct {
		Substance     fhir.CodeableConcept
		Manifestation []fhir.CodeableConcept
		Severity      string
		Onset         fhir.DateTime
	} `fhir:"reaction"`
}

// noAllergy are the SNOMED CT codes by which somebody recorded that nothing is known. Those that speak of drugs or food alone do not
// make the whole list empty.
const noKnownAllergy = "716186003"

var noKnownOfAKind = []string{"409137002", "428607008", "429625007", "428197003"}

// Substance is what the person reacts to.
func (a Allergy) Substance() string {
	if s := Concept(a.Code); s != "" {
		return s
	}
	for _, r := range a.Reactions {
		if s := Concept(r.Substance); s != "" {
			return s
		}
	}
	return "Substance not recorded"
}

// Reaction is how it shows: the manifestation of the worst reaction, in lower case as it stands within a line.
func (a Allergy) Reaction() string {
	worst := -1
	var shown string
	for _, r := range a.Reactions {
		if rank := severityRank(r.Severity); rank > worst {
			if s := First(r.Manifestation); s != "" {
				worst, shown = rank, lowerFirst(s)
			}
		}
	}
	return shown
}

// Severity is that of the worst reaction: severe, moderate, mild, or empty.
func (a Allergy) Severity() string {
	var worst string
	for _, r := range a.Reactions {
		if severityRank(r.Severity) > severityRank(worst) {
			worst = r.Severity
		}
	}
	return worst
}

// High reports whether the next exposure may be a danger to life.
func (a Allergy) High() bool { return a.Criticality == "high" }

// Stands reports whether the allergy is to be heeded: not refuted, not entered in error, not resolved or inactive. What has no status is
// heeded.
func (a Allergy) Stands() bool {
	switch Code(a.Verification, AllergyVerification) {
	case "refuted", "entered-in-error":
		return false
	}
	switch Code(a.Clinical, AllergyClinical) {
	case "inactive", "resolved":
		return false
	}
	return !a.Denies()
}

// Denies reports whether the entry says that no allergy, or none of a kind, is known.
func (a Allergy) Denies() bool {
	code := a.Code.In(SNOMED)
	return code == noKnownAllergy || slices.Contains(noKnownOfAKind, code)
}

// Unconfirmed reports whether the entry is a suspicion.
func (a Allergy) Unconfirmed() bool {
	return Code(a.Verification, AllergyVerification) == "unconfirmed"
}

func severityRank(s string) int {
	return map[string]int{"mild": 1, "moderate": 2, "severe": 3}[s]
}

func (a Allergy) weight() int {
	w := severityRank(a.Severity())
	if a.High() {
		w += 10
	}
	return w
}

// Allergies are a patient's allergies that stand, worst first, and which of the four states they are in. The error is that of the
// record; the state is then AllergiesUnavailable.
func Allergies(ctx context.Context, s *record.Session, patient string) ([]Allergy, clinical.AllergyState, error) {
	all, err := FindAll[Allergy](ctx, s, "AllergyIntolerance", patient, search.Param{Name: "_count", Value: "200"})
	if err != nil {
		return nil, clinical.AllergiesUnavailable, err
	}
	list, state := Sort(all)
	return list, state, nil
}

// Sort picks the allergies that stand, worst first, and tells the state of the whole list.
func Sort(all []Allergy) ([]Allergy, clinical.AllergyState) {
	var list []Allergy
	none := false
	for _, a := range all {
		switch {
		case a.Stands():
			list = append(list, a)
		case a.Code.In(SNOMED) == noKnownAllergy && valid(a):
			none = true
		}
	}
	slices.SortStableFunc(list, func(a, b Allergy) int {
		return cmp.Or(b.weight()-a.weight(), strings.Compare(a.Substance(), b.Substance()))
	})
	switch {
	case len(list) > 0:
		return list, clinical.KnownAllergies
	case none:
		return nil, clinical.NoKnownAllergies
	}
	return nil, clinical.AllergiesNotRecorded
}

// valid reports whether a denial itself still holds.
func valid(a Allergy) bool {
	a.Code = fhir.CodeableConcept{}
	return a.Stands()
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
