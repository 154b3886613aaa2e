package prescribing

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// Rx is a prescription as a page shows it.
type Rx struct {
	Medication clinical.Medication
	Words      string // on the label
	Facts      [][2]string
	Active     bool
}

func (v Rx) line() templ.Component { return clinical.MedLineOne(v.Medication) }

// rxOf is a prescription with what a pharmacy needs.
func rxOf(m clinical.Medication, p prescription, zone *time.Location) Rx {
	v := Rx{Medication: m, Active: p.Status == "active" || p.Status == "on-hold"}
	var words []string
	for _, d := range p.Dosage {
		words = append(words, clinical.Expand(spoken(d)))
	}
	v.Words = strings.Join(words, "; then ")
	add := func(name, value string) {
		if value != "" {
			v.Facts = append(v.Facts, [2]string{name, value})
		}
	}
	add("Label", v.Words)
	add("Quantity", quantityWords(p.Dispense.Quantity))
	if p.Dispense.Repeats != nil {
		add("Refills", strconv.Itoa(*p.Dispense.Repeats))
	}
	if s := p.Dispense.Supply; !s.Value.IsZero() {
		add("Lasts", format.DoseNumber(s.Value.String())+" "+cmp.Or(s.Unit, s.Code))
	}
	if len(p.Reason) > 0 {
		add("For", facts.Concept(p.Reason[0]))
	}
	add("Written", facts.Day(p.Authored, zone))
	add("By", p.Requester.Display)
	state := strings.ReplaceAll(p.Status, "-", " ")
	if why := facts.Concept(p.StatusReason); why != "" {
		state += ": " + why
	}
	add("State", state)
	add("Not taken since", facts.Day(facts.StoppedOn(p.Extension), zone))
	return v
}

// quantityWords are what is dispensed: 90 tablets.
func quantityWords(q fhir.Quantity) string {
	if q.Value.IsZero() {
		return ""
	}
	unit := cmp.Or(q.Unit, q.Code)
	if unit == "tablet" || unit == "capsule" || unit == "patch" || unit == "puff" || unit == "drop" || unit == "application" {
		if q.Value.Compare(fhir.DecimalFromInt(1)) > 0 {
			unit += "s"
			unit = strings.Replace(unit, "patchs", "patches", 1)
		}
	}
	return drugs.Number(q.Value.Rat()) + " " + unit
}

// sourceWords are the source of a finding with its version.
func sourceWords(s drugs.Source, now time.Time) string {
	if s.Title == "FDA label" {
		return s.Title
	}
	return s.Title + ", " + s.Version
}

// sourcesWords tell which rules were applied, and how old they are.
func sourcesWords(r safety.Report, now time.Time) string {
	var out []string
	for _, s := range append([]drugs.Source{drugs.RxNormSource}, r.Sources...) {
		text := s.Title + " (" + s.Version
		if age := s.Age(now); age >= 365 {
			text += ", " + format.Count(age/365, "year", "years") + " old"
		} else if age >= 1 {
			text += ", " + format.Count(age, "day", "days") + " old"
		}
		out = append(out, text+")")
	}
	return "Rules: " + strings.Join(out, "; ") + ". A starter set: what is not found is not thereby safe."
}
