package main

import (
	"time"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
)

// banners are the variants of the patient banner.
func banners() []clinical.Banner {
	b := func(family, given, born, sex, pronouns, mrn string) clinical.Banner {
		return clinical.Banner{Name: format.PersonName{Family: family, Given: given}, Birth: birth(born), Now: now, Sex: sex, Pronouns: pronouns, MRN: mrn}
	}
	first := okafor()
	first.Payer, first.Subtitle = "", ""
	first.Known = []clinical.BannerAllergy{{Substance: "Penicillin", Reaction: "anaphylaxis"}, {Substance: "Latex"}}
	lee := b("Lee", "Daniel", "1951-03-02", "Male", "he/him", "100377208")
	lee.PhotoURL, lee.Allergies, lee.AllergyCheck = "/photo/lee.svg", clinical.NoKnownAllergies, "02-Nov-2026"
	silva := b("Silva", "Marta", "1975-05-19", "Female", "", "100520441")
	silva.Allergies, silva.Extra = clinical.AllergiesNotRecorded, []clinical.Fact{{Label: "Before prescribing", Value: "Record allergies"}}
	oyelaran := b("Oyelaran", "Tunde", "1947-10-30", "Male", "he/him", "100290655")
	oyelaran.Extra = []clinical.Fact{{Label: "Outside record", Value: "Not reachable since 10:40"}}
	brandt := b("Brandt", "Kai", "1988-12-08", "Male", "they/them", "100411902")
	brandt.Allergies, brandt.Restricted = clinical.NoKnownAllergies, true
	vogel := b("Vogel", "Hanna", "1938-01-12", "Female", "she/her", "100118347")
	vogel.Allergies, vogel.Deceased, vogel.DeathDate, vogel.DeathAt = clinical.NoKnownAllergies, true, "03-Nov-2026", time.Date(2026, 11, 3, 0, 0, 0, 0, now.Location())
	return []clinical.Banner{first, lee, silva, oyelaran, brandt, vogel}
}
