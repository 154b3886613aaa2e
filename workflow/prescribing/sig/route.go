package sig

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// Code systems in which other systems write routes: HL7's, and the NCI Thesaurus, which NCPDP SCRIPT and C-CDA use, under the name of
// HL7's registry and under that of US Core's value sets.
const (
	hl7Routes    = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"
	nciThesaurus = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
	nciRoutes    = "http://ncimeta.nci.nih.gov"
)

var hl7Route = map[string]string{
	"PO": "oral", "SL": "sublingual", "IPINHL": "inhaled", "ORINHL": "inhaled", "RESPINHL": "inhaled", "NASINHL": "nasal", "NASINHLC": "nasal", "NASSPRAY": "nasal",
	"TOPICAL": "topical", "SKIN": "topical", "TRNSDERM": "transdermal", "OPTHALTA": "eye", "OPDROP": "eye", "OTIC": "ear", "PR": "rectal", "VAGINS": "vaginal", "VAGCRM": "vaginal",
	"SQ": "injection", "SC": "injection", "IM": "muscle", "IV": "vein", "IVINJ": "vein", "DENT": "dental",
}

var nciRoute = map[string]string{
	"C38288": "oral", "C38300": "sublingual", "C38216": "inhaled", "C38284": "nasal", "C38304": "topical", "C38305": "transdermal", "C38287": "eye", "C38192": "ear",
	"C38295": "rectal", "C38313": "vaginal", "C38299": "injection", "C28161": "muscle", "C38276": "vein", "C38197": "dental",
}

// routeOf is the key of a route by its codes, or by its words where it has none; "" if it is not known here.
func routeOf(c fhir.CodeableConcept) string {
	for key, r := range routes {
		if r.code != "" && c.Has(snomed, r.code) {
			return key
		}
	}
	for _, k := range c.Coding {
		switch strings.TrimSuffix(k.System, "/") {
		case hl7Routes:
			if key, ok := hl7Route[k.Code]; ok {
				return key
			}
		case nciRoutes, nciThesaurus:
			if key, ok := nciRoute[k.Code]; ok {
				return key
			}
		}
	}
	if len(c.Coding) > 0 {
		return ""
	}
	text := strings.ToLower(c.Text)
	for _, r := range Routes() {
		if text == strings.ToLower(r[1]) || text == r[0] {
			return r[0]
		}
	}
	return ""
}
