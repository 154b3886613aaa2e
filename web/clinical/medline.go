package clinical

import (
	"strings"

	"github.com/osler-ehr/osler/web/format"
)

// separator stands between the attributes of a medication line; a dash cannot be taken for part of a number beside it.
const separator = " — "

// Medication is what a medication line shows. Empty parts are left out, and nothing is ever cut off.
type Medication struct {
	Generic  string // ingredient; drawn bold, in lower case with tall-man letters, and first
	Brand    string // drawn in capitals after the generic name
	Product  string // the name as it was received, where it could not be told apart into ingredient, form and strength; drawn as it is
	Strength string // 500 mg, drawn after the name where the dose does not say it
	Form     string // tablet, oral solution

	DoseNumber string // a plain decimal, or whatever was received
	DoseUnit   string
	Route      string // by mouth
	Frequency  string // twice daily
	AsNeeded   string // as needed, as needed for pain
	Text       string // instructions as received, shown where there is no dose, route and frequency

	Status string // on hold, stopped; empty while in use
	Href   string // where the medication is shown whole
	Beside bool   // Href opens beside the page: see web.Opens
}

// name is the bold part: what the drug is called.
func (m Medication) name() string {
	if m.Generic != "" {
		return TallMan(m.Generic)
	}
	return TallManWithin(m.Product)
}

// brand is the trade name as labels write it.
func (m Medication) brand() string { return strings.ToUpper(m.Brand) }

// more is what follows the bold name on the first line: brand and strength.
func (m Medication) more() string {
	s := m.brand()
	if m.Strength != "" {
		s += " " + m.Strength
	}
	return strings.TrimSpace(s)
}

// dose is the amount with its unit.
func (m Medication) dose() string {
	if m.DoseNumber == "" {
		return ""
	}
	return format.Dose(m.DoseNumber, m.DoseUnit)
}

// directions are the attributes after the dose, in the order of the line.
func (m Medication) directions() []string {
	var out []string
	for _, s := range []string{m.Route, m.Frequency, m.AsNeeded} {
		if s != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 && m.Text != "" {
		out = append(out, m.Text)
	}
	return out
}

// Line is the medication as plain text, the same words in the same order as on the page:
//
//	metFORMIN — tablet — DOSE 1,000 mg — by mouth — twice daily
func (m Medication) Line() string {
	name := m.name()
	if b := m.more(); b != "" {
		name += " " + b
	}
	parts := []string{name}
	if m.Form != "" {
		parts = append(parts, m.Form)
	}
	if d := m.dose(); d != "" {
		parts = append(parts, "DOSE "+d)
	}
	parts = append(parts, m.directions()...)
	if m.Status != "" {
		parts = append(parts, m.Status)
	}
	return strings.Join(parts, separator)
}
