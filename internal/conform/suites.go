package main

// suite is one row of the page.
type suite struct {
	title  string
	source string // where the cases come from
	pkg    string
	test   string // a regular expression for go test -run
}

var suites = []suite{
	{"FHIRPath", "HL7's test cases for R4 (fhir-test-cases, r4/fhirpath)", "./fhir/path", "^TestOfficialSuite$"},
	{"FHIRPath Patch", "HL7's test cases for R4 (fhir-test-cases, r4/patch)", "./fhir/patch", "^TestOfficialFHIRPathPatch$"},
	{"JSON Patch", "HL7's test cases for R4 (fhir-test-cases, r4/patch)", "./fhir/patch", "^TestOfficialJSONPatch$"},
	{"XML Patch", "HL7's test cases for R4 (fhir-test-cases, r4/patch)", "./fhir/patch", "^TestOfficialXMLPatch$"},
	{"XML and JSON", "the examples of the R4 specification: written as XML and read back; read as XML and compared with the JSON", "./fhir/xml", "^(TestExamplesRoundTrip|TestXMLExamples)$"},
	{"Documents survive", "every sample document, read and written: nothing is lost", "./fhir", "^TestRealDocumentsSurvive$"},
	{"Validation: the rules of R4", "the examples of R4, the packages of US Core, records by Synthea: none may be found fault with wrongly", "./fhir/validate", "^(TestR4Examples|TestUSCorePackages|TestSynthea)$"},
	{"Validation: profiles", "the same, held against the profiles that they claim", "./fhir/validate", "^(TestUSCoreExamplesFollowTheirProfiles|TestR4ExamplesFollowTheirProfiles|TestSyntheaFollowsItsProfiles)$"},
	{"Validation: damaged documents", "documents that are right, damaged in one place each: every finding, and no other, at the path where the damage is", "./fhir/validate", "^(TestDamages|TestInvariantDamages|TestProfileDamages|TestProfileInvariants)$"},
	{"Validation: what references lead to", "the examples of US Core, each with all the others at hand: no reference leads to what its profile does not allow; and documents whose references do", "./fhir/validate", "^(TestTargetsAreLookedUp|TestUSCoreExamplesLeadToWhatTheirProfilesAsk)$"},
	{"US Core: what the server states", "what the CapabilityStatement for servers in US Core 6.1.0 and 7.0.0 names of types, profiles, interactions, parameters and includes, in the statement at /fhir/metadata", "./exchange/rest", "^TestStatementHonoursUSCore$"},
	{"US Core 3.1.1", "a list of the searches that US Core 3.1.1 says a server shall or should know, and of its profiles; its package is not among the sample data, so the searches are tried as those of 6.1.0, next row", "./exchange/rest", "^(TestUSCore311Searches|TestUSCore311Profiles)$"},
	{"US Core searches", "every search of the server's CapabilityStatement in US Core 6.1.0 and 7.0.0, on real data through HTTP, in all forms, on both stores", "./exchange/rest", "^TestUSCoreSearches$"},
	{"Searches at random", "random searches by all parameters of R4, compared with a slow evaluation that shares no code", "./record/searchtest", "^TestSearchesAgreeWithSlowOnes$"},
	{"Operations", "every operation that the statement at /fhir/metadata names, by GET, POST and methods that it does not take, with and without a body", "./cmd/osler", "^TestOperationsAsStated$"},
	{"GraphQL", "HL7's test cases for R4 (fhir-test-cases, r4/graphql): what queries answer, and the syntax", "./exchange/graphql", "^(TestOfficialCases|TestOfficialSyntax)$"},
	{"Immunization forecast", "CDC's test cases for Clinical Decision Support for Immunization (CDSi), childhood and underlying conditions, with supporting data 4.64", "./workflow/immunization/forecast", "^TestCDCTestCases$"},
	{"Storage in SQLite", "our own suite for storage engines (store/storetest)", "./store/sqlite", "^TestStore$"},
	{"Storage in PostgreSQL", "our own suite for storage engines (store/storetest)", "./store/postgres", "^TestStore$"},
}
