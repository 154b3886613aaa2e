package transfer_test

// What is refused of the sample data, by file, with a part of the reason. A file that is loaded after all, or
// refused for another reason, fails the test.
var (
	refusedUSCore = map[string]string{
		"diagnosticreport-cbc.json": "DiagnosticReport.text.div: R4 requires this element", // a narrative with a status alone
	}
	refusedUSCore6 = map[string]string{
		// One transaction, all or nothing, of which entry 26 is wrong: its encounter is an Organization.
		"USCore6-resource-bundle.json": "Bundle.entry[26].resource.encounter.reference",
	}
	refusedBulk = map[string]string{
		"log.ndjson": "the property resourceType is missing", // the log of the server that made the export
	}
	refusedR4 = map[string]string{
		"bundle-response-medsallergies.json": "a bundle of type \"batch-response\" cannot be loaded",
		"bundle-response-simplesummary.json": "a bundle of type \"batch-response\" cannot be loaded",
		"parameters-example.json":            "is not a FHIR id", // Parameters without an id

		// Their patients are not among the examples that we have.
		"allergyintolerance-nka.json":                        noPatient,
		"diagnosticreport-example-f001-bloodexam.json":       noPatient,
		"diagnosticreport-hla-genetics-results-example.json": noPatient,
		"careplan-example-GPVisit.json":                      noPatient,
		"composition-example-mixed.json":                     noPatient,
		"condition-example-f001-heart.json":                  noPatient,
		"condition-example-f003-abscess.json":                noPatient,
		"consent-example-notOrg.json":                        noPatient,
		"consent-example-signature.json":                     noPatient,
		"pcd-example-notAuthor.json":                         noPatient,
		"pcd-example-notThis.json":                           noPatient,
		"coverageeligibilityresponse-example-benefits.json":  noPatient,
		"coverageeligibilityresponse-example.json":           noPatient,
		"encounter-example-f001-heart.json":                  noPatient,
		"encounter-example-f003-abscess.json":                noPatient,
		"explanationofbenefit-example-2.json":                noPatient,
		"familymemberhistory-example-mother.json":            noPatient,
		"medicationadministration0301.json":                  noPatient,
		"medicationadministration0305.json":                  noPatient,
		"medicationadministration0306.json":                  noPatient,
		"medicationadministration0308.json":                  noPatient,
		"medicationadministration0313.json":                  noPatient,
		"medicationadministrationexample3.json":              noPatient,
		"medicationdispense0303.json":                        noPatient,
		"medicationdispense0304.json":                        noPatient,
		"medicationdispense0308.json":                        noPatient,
		"medicationdispense0312.json":                        noPatient,
		"medicationdispense0318.json":                        noPatient,
		"medicationdispense0326.json":                        noPatient,
		"medicationdispense0327.json":                        noPatient,
		"medicationdispense0329.json":                        noPatient,
		"medicationdispense0330.json":                        noPatient,
		"medicationrequest0301.json":                         noPatient,
		"medicationrequest0303.json":                         noPatient,
		"medicationrequest0305.json":                         noPatient,
		"medicationrequest0306.json":                         noPatient,
		"medicationrequest0307.json":                         noPatient,
		"medicationrequest0308.json":                         noPatient,
		"medicationrequest0313.json":                         noPatient,
		"medicationrequest0315.json":                         noPatient,
		"medicationrequest0318.json":                         noPatient,
		"medicationrequest0319.json":                         noPatient,
		"medicationrequest0320.json":                         noPatient,
		"medicationrequest0321.json":                         noPatient,
		"observation-example-bgpanel.json":                   noPatient,
		"observation-example-bloodgroup.json":                noPatient,
		"procedure-example-f003-abscess.json":                noPatient,
		"servicerequest-example-pgx.json":                    noPatient,
	}
)

const noPatient = "the patient it is about does not exist"
