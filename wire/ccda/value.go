package ccda

import (
	"regexp"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

var stamp = regexp.MustCompile(`^([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})([0-9]{2})?([0-9]{2})?(?:\.[0-9]+)?([+-][0-9]{2})?([0-9]{2})?)?)?)?$`)

// moment reads an HL7 time to the precision that it has. A time of day without its zone is kept as the day: which moment it is nobody knows.
func moment(s string) (fhir.DateTime, bool) {
	m := stamp.FindStringSubmatch(s)
	if m == nil {
		return fhir.DateTime{}, false
	}
	text := m[1]
	for _, part := range m[2:4] {
		if part == "" || part == "00" {
			break
		}
		text += "-" + part
	}
	if len(text) == 10 && m[5] != "" && m[7] != "" && m[8] != "" {
		seconds := m[6]
		if seconds == "" {
			seconds = "00"
		}
		text += "T" + m[4] + ":" + m[5] + ":" + seconds + m[7] + ":" + m[8]
	}
	t, err := fhir.ParseDateTime(text)
	return t, err == nil
}

// systems are the code systems that have an address in FHIR; others keep their OID.
var systems = map[string]string{
	"2.16.840.1.113883.6.88":       "http://www.nlm.nih.gov/research/umls/rxnorm",
	"2.16.840.1.113883.6.96":       "http://snomed.info/sct",
	"2.16.840.1.113883.6.90":       "http://hl7.org/fhir/sid/icd-10-cm",
	"2.16.840.1.113883.6.103":      "http://hl7.org/fhir/sid/icd-9-cm",
	"2.16.840.1.113883.6.1":        "http://loinc.org",
	"2.16.840.1.113883.6.69":       "http://hl7.org/fhir/sid/ndc",
	"2.16.840.1.113883.4.9":        "http://fdasis.nlm.nih.gov",
	"2.16.840.1.113883.3.26.1.5":   "http://va.gov/terminology/medrt",
	"2.16.840.1.113883.6.345":      "http://va.gov/terminology/medrt",
	"2.16.840.1.113883.3.26.1.5.2": "http://hl7.org/fhir/ndfrt",
	"2.16.840.1.113883.6.209":      "http://hl7.org/fhir/ndfrt",
	"2.16.840.1.113883.3.26.1.1":   "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
	"2.16.840.1.113883.12.292":     "http://hl7.org/fhir/sid/cvx",
}

// concept reads a coded value with its translations. The text is what the code is called, else the words that the document gives.
func concept(n *node, words narrative) fhir.CodeableConcept {
	var c fhir.CodeableConcept
	if n == nil {
		return c
	}
	for _, k := range append([]*node{n}, n.all("translation")...) {
		code := k.attr("code")
		if code == "" || k.attr("nullFlavor") != "" {
			continue
		}
		coding := fhir.Coding{Code: code, Display: k.attr("displayName")}
		if oid := k.attr("codeSystem"); systems[oid] != "" {
			coding.System = systems[oid]
		} else if oid != "" {
			coding.System = "urn:oid:" + oid
		}
		c.Coding = append(c.Coding, coding)
	}
	// What the code is called goes first: references to the narrative lead astray more often than displays do.
	c.Text = n.attr("displayName")
	if c.Text == "" {
		c.Text = words.of(n.get("originalText"))
	}
	for _, x := range c.Coding {
		if c.Text == "" {
			c.Text = x.Display
		}
	}
	return c
}

// number reads an amount as it stands; ok is false for what is no number.
func number(s string) (fhir.Decimal, bool) {
	if strings.HasPrefix(s, ".") { // CDA permits it, FHIR does not; the value is the same
		s = "0" + s
	}
	s = strings.TrimPrefix(s, "+")
	d, err := fhir.ParseDecimal(s)
	return d, err == nil && !d.IsZero()
}

// amount reads a physical quantity of something that is given, which is more than nothing. A unit that is 1 counts things.
func amount(n *node) (fhir.Quantity, bool) {
	if n.attr("nullFlavor") != "" {
		return fhir.Quantity{}, false
	}
	v, ok := number(n.attr("value"))
	if !ok || v.Sign() <= 0 {
		return fhir.Quantity{}, false
	}
	q := fhir.Quantity{Value: v}
	if unit := n.attr("unit"); unit != "" && unit != "1" {
		q.Unit = unit
		if ucum[unit] || strings.HasPrefix(unit, "{") && strings.HasSuffix(unit, "}") && !strings.Contains(unit, " ") {
			q.System, q.Code = "http://unitsofmeasure.org", unit
		}
	}
	return q, true
}

func words(q fhir.Quantity) string {
	unit := strings.Trim(q.Unit, "{}")
	return strings.TrimSpace(q.Value.String() + " " + unit)
}

// otherwise doubts a name that the document's own words contradict.
func (e *Entry) otherwise(n *node, w narrative) {
	said := w.of(n.get("originalText"))
	a, b := strings.ToLower(said), strings.ToLower(e.Code.Text)
	if said != "" && b != "" && !strings.Contains(a, b) && !strings.Contains(b, a) {
		e.doubt("The document also calls it “" + said + "”.")
	}
}

// ucum are the units of doses that are codes of UCUM. Any other is kept as it was written, for people.
var ucum = map[string]bool{
	"mg": true, "g": true, "ug": true, "ng": true, "kg": true, "mL": true, "ml": true, "L": true, "l": true, "[iU]": true, "meq": true, "mmol": true, "%": true,
	"mg/mL": true, "mg/kg": true, "ug/kg": true, "mL/h": true, "mg/h": true, "h": true, "min": true, "d": true, "[drp]": true,
}
