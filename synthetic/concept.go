package synthetic

import "strings"

// Code systems.
const (
	icd10cm  = "http://hl7.org/fhir/sid/icd-10-cm"
	loincURI = "http://loinc.org"
	rxnorm   = "http://www.nlm.nih.gov/research/umls/rxnorm"
	cvxURI   = "http://hl7.org/fhir/sid/cvx"
	snomed   = "http://snomed.info/sct"
	ucum     = "http://unitsofmeasure.org"
	icd10pcs = "http://www.cms.gov/Medicare/Coding/ICD10"
	hcpcs    = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
	thoBase  = "http://terminology.hl7.org/CodeSystem/"
)

// concept is a coded idea, ready to be written: a CodeableConcept as JSON and the words that people use for it.
type concept struct {
	code string
	text string
	json string
}

// coded makes a concept of one code. An empty code gives words alone.
func coded(system, code, display, text string) *concept {
	if text == "" {
		text = display
	}
	b := []byte{'{'}
	if code != "" {
		b = append(b, `"coding":[`...)
		b = append(b, coding(system, code, display)...)
		b = append(b, `],`...)
	}
	b = append(b, `"text":`...)
	b = appendString(b, text)
	b = append(b, '}')
	return &concept{code: code, text: text, json: string(b)}
}

// coding makes a Coding as JSON.
func coding(system, code, display string) string {
	b := append([]byte(nil), `{"system":`...)
	b = appendString(b, system)
	b = append(b, `,"code":`...)
	b = appendString(b, code)
	if display != "" {
		b = append(b, `,"display":`...)
		b = appendString(b, display)
	}
	return string(append(b, '}'))
}

// icd is a diagnosis of ICD-10-CM: its code, its official description, and what a problem list says.
func icd(code, display, text string) *concept { return coded(icd10cm, code, display, text) }

// loinc is a test or a document of LOINC.
func loinc(code, display, text string) *concept { return coded(loincURI, code, display, text) }

// tho is a code of one of HL7's own code systems.
func tho(system, code, display string) *concept { return coded(thoBase+system, code, display, "") }

// words is an idea without a code.
func words(text string) *concept { return coded("", "", "", text) }

// plain is a concept written without text, where a profile compares the whole pattern.
func plain(system, code, display string) *concept {
	return &concept{code: code, text: display, json: `{"coding":[` + coding(system, code, display) + `]}`}
}

func (w *writer) concept(name string, c *concept) { w.raw(name, c.json) }

// concepts writes an array of one concept, as most of FHIR's repeating concepts are.
func (w *writer) concepts(name string, c *concept) {
	w.array(name)
	w.raw("", c.json)
	w.endArray()
}

// unit is a UCUM unit, ready to be written after a quantity's value.
type unit struct {
	human string
	json  string
}

func ucumUnit(human, code string) unit {
	b := append([]byte(nil), `,"unit":`...)
	b = appendString(b, human)
	b = append(b, `,"system":"`+ucum+`","code":`...)
	return unit{human: human, json: string(appendString(b, code))}
}

// lowerFirst is s for the middle of a sentence; abbreviations such as COPD stay.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
