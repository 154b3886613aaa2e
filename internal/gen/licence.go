package main

import "strings"

// withheld names the code systems whose codes must not be handed on with Osler: their owners license them to each
// user. A value set that lists such codes keeps the name of the system and says that its codes are missing.
var withheld = map[string]string{
	"http://snomed.info/sct":                                          "SNOMED International: by member country or affiliate licence",
	"http://www.ama-assn.org/go/cpt":                                  "American Medical Association",
	"http://www.ada.org/cdt":                                          "American Dental Association",
	"http://nucc.org/provider-taxonomy":                               "National Uniform Claim Committee",
	"http://www.nubc.org/patient-discharge":                           "National Uniform Billing Committee",
	"http://terminology.hl7.org/CodeSystem/ex-diagnosis-on-admission": "National Uniform Billing Committee",
	"http://terminology.hl7.org/CodeSystem/ex-revenue-center":         "National Uniform Billing Committee",
	"http://hl7.org/fhir/sid/icd-10":                                  "World Health Organization",
	"urn:oid:1.2.36.1.2001.1001.101.104.16592":                        "National E-Health Transition Authority",
	"urn:oid:1.2.36.1.2001.1005.17":                                   "National E-Health Transition Authority",
}

func isWithheld(system string) bool {
	_, yes := withheld[strings.SplitN(system, "|", 2)[0]]
	return yes
}
