// Package load reads the release files of code systems into a library: as their publishers hand them out, zipped or
// unpacked.
//
//	ICD-10-CM     the order file, alone or in the zip of code descriptions
//	ICD-10-PCS    the codes or order file
//	CVX, MVX      CDC's XML files
//	HCPCS         CMS's alpha-numeric file of 320 columns
//	RxNorm        RXNCONSO.RRF with RXNREL.RRF and RXNSAT.RRF, full or prescribable
//	LOINC         Loinc.csv, with the component hierarchy if it is there
//	SNOMED CT     an RF2 snapshot of any edition, with reference sets and the map to ICD-10-CM
//	FHIR          CodeSystem and ConceptMap resources, in files, bundles and packages
//
// Large files are read line by line. What was read appears in the library whole or not at all, so a load that was
// interrupted is simply started again: nothing needs to be cleaned up, and the version before stays in use until then.
//
// The package holds no content of these systems. Whoever loads one answers for the licence.
package load
