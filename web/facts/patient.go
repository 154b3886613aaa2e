package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
)

// Patient is the view of a Patient by which pages identify a person.
type Patient struct {
	ID            string
	Meta          fhir.Meta
	Identifiers   []fhir.Identifier `fhir:"identifier"`
	Active        *bool
	Names         []fhir.HumanName `fhir:"name"`
	Gender        string
	Birth         fhir.Date    `fhir:"birthDate"`
	BirthElement  fhir.Element `fhir:"_birthDate"`
	Deceased      fhir.Choice  `fhir:"deceased[x]"`
	Communication []struct {
		Language  fhir.CodeableConcept
		Preferred bool
	}
	GeneralPractitioner []fhir.Reference
	Telecom             []fhir.ContactPoint
	Extension           []fhir.Extension
}

// Name is the name to show.
func (p Patient) Name(now time.Time) format.PersonName { return Name(p.Names, now) }

// MRN is the medical record number: the identifier of that type, else the first that is not a national one.
func (p Patient) MRN() string {
	for _, id := range p.Identifiers {
		if id.Type.In("http://terminology.hl7.org/CodeSystem/v2-0203") == "MR" {
			return id.Value
		}
	}
	for _, id := range p.Identifiers {
		switch id.Type.In("http://terminology.hl7.org/CodeSystem/v2-0203") {
		case "SS", "DL", "PPN", "TAX":
			continue
		}
		if id.System != "http://hl7.org/fhir/sid/us-ssn" && id.Value != "" {
			return id.Value
		}
	}
	return ""
}

// Born is the birth date, with the time of birth where it was recorded.
func (p Patient) Born(zone *time.Location) format.Partial {
	if e, ok := fhir.FindExtension(p.BirthElement.Extension, "http://hl7.org/fhir/StructureDefinition/patient-birthTime"); ok {
		if t, ok := fhir.ChoiceValue[fhir.DateTime](e.Value); ok && t.HasTime() {
			return format.Partial{Time: t.Time(zone).In(zone), Precision: format.Instant}
		}
	}
	return Partial(p.Birth, zone)
}

// Sex is the administrative gender as it is written: Female.
func (p Patient) Sex() string {
	switch p.Gender {
	case "female", "male", "other":
		return strings.ToUpper(p.Gender[:1]) + p.Gender[1:]
	}
	return ""
}

// Pronouns are those the person wants: she/her.
func (p Patient) Pronouns() string {
	for _, e := range p.Extension {
		if !strings.HasSuffix(e.URL, "/individual-pronouns") && !strings.HasSuffix(e.URL, "/individual-recordedPronouns") {
			continue
		}
		value := e.Value
		if inner, ok := fhir.FindExtension(e.Extension, "value"); ok {
			value = inner.Value
		}
		if c, ok := fhir.ChoiceValue[fhir.CodeableConcept](value); ok {
			// LOINC writes she/her/her/hers/herself; the first two tell them.
			parts := strings.Split(strings.ToLower(Concept(c)), "/")
			return strings.Join(parts[:min(2, len(parts))], "/")
		}
	}
	return ""
}

// Language is the one preferred, by its name.
func (p Patient) Language() string {
	for _, c := range p.Communication {
		if c.Preferred || len(p.Communication) == 1 {
			return Concept(c.Language)
		}
	}
	return ""
}

// Died reports whether the person is dead and, where known, when.
func (p Patient) Died() (bool, fhir.DateTime) {
	switch v := p.Deceased.Value().(type) {
	case bool:
		return v, fhir.DateTime{}
	case fhir.DateTime:
		return true, v
	}
	return false, fhir.DateTime{}
}

// Restricted reports whether the record carries a label that asks for more than ordinary care.
func (p Patient) Restricted() bool {
	return slices.ContainsFunc(p.Meta.Security, func(c fhir.Coding) bool {
		return c.System == "http://terminology.hl7.org/CodeSystem/v3-Confidentiality" && (c.Code == "R" || c.Code == "V")
	})
}

// Banner is the part of the banner that stands in the Patient itself.
func (p Patient) Banner(now time.Time, zone *time.Location) clinical.Banner {
	b := clinical.Banner{
		Href: "/patients/" + p.ID, Name: p.Name(now), Birth: p.Born(zone), Now: now.In(zone),
		Sex: p.Sex(), Pronouns: p.Pronouns(), MRN: p.MRN(), Subtitle: p.Language(), Restricted: p.Restricted(),
	}
	if dead, at := p.Died(); dead {
		b.Deceased = true
		if !at.IsZero() {
			b.DeathDate, b.DeathAt = Day(at, zone), at.Time(zone).In(zone)
		}
	}
	return b
}

// Age is the age for lists, or the age at death.
func (p Patient) Age(now time.Time, zone *time.Location) string {
	born := p.Born(zone)
	if dead, at := p.Died(); dead {
		if at.IsZero() {
			return "deceased"
		}
		return format.AgeAtDeath(born, at.Time(zone))
	}
	if born.Precision == format.Day {
		return format.AgeShort(born.Time, now.In(zone))
	}
	return format.PartialAge(born, now.In(zone))
}

// BornLine is the birth date with the age, for lists: 14-Jul-1968 (58 y).
func (p Patient) BornLine(now time.Time, zone *time.Location) string {
	born := p.Born(zone)
	if born.Precision == 0 {
		return format.NotKnown
	}
	return born.String() + " (" + p.Age(now, zone) + ")"
}
