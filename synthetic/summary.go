package synthetic

import (
	"fmt"
	"strconv"
	"strings"
)

// hospitalChanges are what the hospital's list of medicines says otherwise than the chart: a dose, or how many hours apart.
var hospitalChanges = map[string]struct {
	dose  float64
	hours int
}{"amlodipine": {dose: 10}, "sertraline": {dose: 100}, "ferrous sulfate": {hours: 24}}

// hospitalSummary writes the C-CDA document of Adaeze Okafor's visit to the hospital's emergency department, which nobody has reconciled
// yet: what she takes by the chart, three things of it different, and one medicine more.
func (w *writer) hospitalSummary(p *patient) {
	if p.part == nil || p.part.family != "Okafor" {
		return
	}
	file := p.summary()
	on := (p.today - 3).at(15*60 + 40)
	w.resource("DocumentReference", p.id+"-hospital-summary", "us-core-documentreference")
	w.text("status", "current")
	w.text("docStatus", "final")
	w.concept("type", loinc("34133-9", "Summary of episode note", "Summary of episode"))
	w.concepts("category", clinicalNote)
	w.subject("subject", p)
	w.time("date", on)
	w.array("author")
	w.referenceTo("", countyHospital.ref(), countyHospital.name)
	w.endArray()
	w.text("description", "Summary of the emergency department")
	w.array("content")
	w.object("")
	w.object("attachment")
	w.text("contentType", "application/xml")
	w.base64("data", file)
	w.int("size", len(file))
	w.text("title", "Summary of the emergency department")
	w.end()
	w.end()
	w.endArray()
	w.object("context")
	w.period("period", on, on)
	w.end()
	w.finish()
}

const cdaRoot = "2.16.840.1.113883."

// summary is the document. (HL7 C-CDA R2.1.)
func (p *patient) summary() string {
	var b strings.Builder
	date := func(d day) string {
		y, m, n := d.date()
		return fmt.Sprintf("%04d%02d%02d", y, m, n)
	}
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="US"/>
<typeId root="%[1]s1.3" extension="POCD_HD000040"/>
<templateId root="%[1]s10.20.22.1.2" extension="2015-08-01"/>
<id root="2.999.1" extension="okafor-emergency"/>
<code code="34133-9" codeSystem="%[1]s6.1" displayName="Summarization of Episode Note"/>
<title>Summary of the emergency department</title>
<effectiveTime value="%[2]s1540"/>
<confidentialityCode code="N" codeSystem="%[1]s5.25"/>
<languageCode code="en-US"/>
<recordTarget><patientRole><id root="2.999.2" extension="CH-55120"/><patient><name use="L"><given>Adaeze</given><family>Okafor</family></name><administrativeGenderCode code="F" codeSystem="%[1]s5.1"/><birthTime value="%[3]s"/></patient></patientRole></recordTarget>
<author><time value="%[2]s"/><assignedAuthor><id root="2.999.3"/><representedOrganization><name>%[4]s</name></representedOrganization></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="2.999.3"/><name>%[4]s</name></representedCustodianOrganization></assignedCustodian></custodian>
<component><structuredBody>
<component><section><templateId root="%[1]s10.20.22.2.1.1" extension="2014-06-09"/><code code="10160-0" codeSystem="%[1]s6.1" displayName="History of medication use"/><title>Medications</title><text>As told by the patient on arrival</text>
`, cdaRoot, date(p.today-3), date(p.birth), countyHospital.name)
	entry := func(code, name string, dose float64, unit string, hours int, asNeeded string) {
		fmt.Fprintf(&b, `<entry typeCode="DRIV"><substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="%[1]s10.20.22.4.16" extension="2014-06-09"/><id root="2.999.4" extension="%[2]s"/><statusCode code="active"/><effectiveTime xsi:type="IVL_TS"><low nullFlavor="UNK"/></effectiveTime><effectiveTime xsi:type="PIVL_TS" operator="A"><period value="%[3]d" unit="h"/></effectiveTime><routeCode code="C38288" codeSystem="%[1]s3.26.1.1" displayName="ORAL"/><doseQuantity value="%[4]s" unit="%[5]s"/><consumable><manufacturedProduct classCode="MANU"><templateId root="%[1]s10.20.22.4.23" extension="2014-06-09"/><manufacturedMaterial><code code="%[2]s" codeSystem="%[1]s6.88" displayName="%[6]s"/></manufacturedMaterial></manufacturedProduct></consumable>`,
			cdaRoot, code, hours, strconv.FormatFloat(dose, 'f', -1, 64), unit, name)
		if asNeeded != "" {
			fmt.Fprintf(&b, `<precondition typeCode="PRCN"><criterion><templateId root="%s10.20.22.4.25" extension="2014-06-09"/><value xsi:type="CD" nullFlavor="OTH"><originalText>%s</originalText></value></criterion></precondition>`, cdaRoot, strings.TrimPrefix(asNeeded, "for "))
		}
		b.WriteString("</substanceAdministration></entry>\n")
	}
	hours := map[string]int{"h": 1, "d": 24, "wk": 168}
	for _, r := range p.medicines {
		if r.end != 0 || !strings.HasSuffix(r.drug.form, "tablet") {
			continue
		}
		dose, apart := r.drug.dose(r.sig), r.sig.period*hours[r.sig.periodUnit]/r.sig.frequency
		if c, ok := hospitalChanges[r.drug.name]; ok {
			if c.dose > 0 {
				dose = c.dose
			}
			if c.hours > 0 {
				apart = c.hours
			}
		}
		entry(r.drug.concept.code, r.drug.concept.text, dose, r.drug.unit.human, apart, r.sig.asNeeded)
	}
	entry("4278", "famotidine", 20, "mg", 24, "")
	b.WriteString("</section></component>\n</structuredBody></component>\n</ClinicalDocument>\n")
	return b.String()
}
