package clinical

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/format"
)

// AllergyState is exactly one of the four things that can be said of a person's allergies. The zero value is the careful one: what was
// not read is unavailable.
type AllergyState int

// The four states.
const (
	AllergiesUnavailable AllergyState = iota
	AllergiesNotRecorded
	NoKnownAllergies
	KnownAllergies
)

// BannerAllergy is one known allergy.
type BannerAllergy struct {
	Substance string
	Reaction  string // drawn after the substance where it is known: anaphylaxis
}

// Fact is one labelled value of the banner.
type Fact struct {
	Label string
	Value string
	Soft  string // drawn lighter after the value: active
}

// Banner identifies the patient on every screen and print-out. Order: photograph, name, birth, sex and pronouns, record number,
// allergies, flags, payer.
type Banner struct {
	Href      string // the chart
	PhotoURL  string // same origin; initials stand in for none
	Name      format.PersonName
	Subtitle  string // English · PCP Dr P. Rao
	Birth     format.Partial
	Now       time.Time // the age is counted to this moment
	Sex       string    // Female
	Pronouns  string    // she/her
	MRN       string
	Allergies AllergyState
	Known     []BannerAllergy // for KnownAllergies, most severe first
	Flags     []string        // code status first: Full code, Fall risk
	Payer     string
	PayerNote string // active
	Extra     []Fact

	Deceased     bool
	DeathDate    string // as written; empty where only the fact is known
	DeathAt      time.Time
	Restricted   bool // a lock stands in place of the photograph; every view is logged and reviewed
	AllergyCheck string
}

// Born is the birth date with the age, as the banner and every signature show it: 14-Jul-1968 (58 y).
func (b Banner) Born() string {
	if b.Birth.Precision == 0 {
		return format.NotKnown
	}
	if b.Deceased {
		if b.DeathAt.IsZero() {
			return b.Birth.String()
		}
		return b.Birth.String() + " (" + format.AgeAtDeath(b.Birth, b.DeathAt) + ")"
	}
	return b.Birth.String() + " (" + format.PartialAge(b.Birth, b.Now) + ")"
}

// SexPronouns is the recorded sex with the pronouns: Female, she/her.
func (b Banner) SexPronouns() string { return b.sex() + ", " + b.pronouns() }

func (b Banner) sex() string {
	if b.Sex == "" {
		return format.NotKnown
	}
	return b.Sex
}

func (b Banner) pronouns() string {
	if b.Pronouns == "" {
		return "not known"
	}
	return b.Pronouns
}

// MRNText is the record number grouped for reading.
func (b Banner) MRNText() string {
	if b.MRN == "" {
		return format.NotKnown
	}
	return format.RecordNumber(b.MRN)
}

// AllergyText is the state of allergies in plain words, for print and screen readers.
func (b Banner) AllergyText() string {
	switch b.Allergies {
	case KnownAllergies:
		var parts []string
		for _, a := range b.Known {
			if a.Reaction != "" {
				parts = append(parts, a.Substance+" ("+a.Reaction+")")
			} else {
				parts = append(parts, a.Substance)
			}
		}
		return strings.Join(parts, ", ")
	case NoKnownAllergies:
		return "No known allergies"
	case AllergiesNotRecorded:
		return "Allergies not recorded"
	}
	return "Allergies unavailable"
}

// allergyLabel stands above or before the allergies.
func (b Banner) allergyLabel() string {
	if b.Allergies == KnownAllergies {
		return "Known allergies"
	}
	return "Allergies"
}

func (b Banner) allergyClass() string {
	switch b.Allergies {
	case KnownAllergies:
		return "fact allergy allergy-known"
	case NoKnownAllergies:
		return "fact allergy allergy-none"
	}
	return "fact allergy allergy-gap"
}

// facts are the labelled values after the allergies.
func (b Banner) facts() []Fact {
	var out []Fact
	switch {
	case b.Deceased && b.DeathDate == "":
		out = append(out, Fact{Label: "Deceased", Value: "Date not known"})
	case b.Deceased:
		out = append(out, Fact{Label: "Deceased", Value: b.DeathDate})
	case len(b.Flags) > 0:
		out = append(out, Fact{Label: "Flags", Value: strings.Join(b.Flags, " • ")})
	}
	if b.Restricted {
		out = append(out, Fact{Label: "Restricted record", Value: "Your view is logged and reviewed"})
	}
	if b.AllergyCheck != "" {
		out = append(out, Fact{Label: "Confirmed", Value: b.AllergyCheck})
	}
	out = append(out, b.Extra...)
	if b.Payer != "" {
		out = append(out, Fact{Label: "Payer", Value: b.Payer, Soft: b.PayerNote})
	}
	return out
}

// phoneLines are the identity in two lines for a narrow screen.
func (b Banner) phoneLines() []string {
	second := "MRN " + b.MRNText()
	for _, f := range b.facts() {
		switch f.Label {
		case "Flags":
			second += ", " + strings.ToLower(strings.ReplaceAll(f.Value, " • ", ", "))
		case "Deceased":
			second += ", deceased " + f.Value
		}
	}
	return []string{"Born " + b.Born() + ", " + strings.ToLower(b.sex()) + ", " + b.pronouns(), second}
}
