package prescribing_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

const ruleForm = "/reports/medication-alerts/rule"

func TestAnAlertIsTuned(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, `{"resourceType":"MedicationRequest","id":"m2","status":"active","intent":"order","medicationCodeableConcept":{"text":"losartan potassium 50 MG Oral Tablet"},"subject":{"reference":"Patient/ada"}}`)
	rao, boss := s.By(access.Clinician).Beside(), s.By(access.Administrator).Beside()
	check := func() string { return rao.Post(at+"/check", lisinopril("")...).Want(200).Text() }
	if got := check(); !strings.Contains(got, "losartan: another renin-angiotensin blocker") || strings.Contains(got, "switched off") {
		t.Fatal(got)
	}
	boss.Get(ruleForm+"?rule=duplicate/raas").Want(200).Says("another renin-angiotensin blocker", "Ships as caution", "shown 0, overridden 0, order changed 0", "Off: not shown")
	boss.Post(ruleForm, "rule", "duplicate/raas", "mode", "off").Want(422).Says("Say why it is changed.")
	boss.Post(ruleForm, "rule", "duplicate/raas", "mode", "silent", "why", "x").Want(422).Says("Choose one of these.")
	boss.Post(ruleForm, "rule", "duplicate/raas", "mode", "off", "why", "Always overridden").Want(200).Says("duplicate/raas is off now: Always overridden.")
	got := check()
	if strings.Contains(got, "another renin-angiotensin blocker") || !strings.Contains(got, "1 kind of check is switched off: duplicate/raas by Test administrator on 23-Nov-2026. Here it would have shown 1 finding.") || strings.Contains(got, "Nothing like it is taken") {
		t.Error(got)
	}
	s.By(access.Clinician).Get("/reports/medication-alerts").Want(200).Says("1 kind of check is switched off", "off by Test administrator on 23-Nov-2026: Always overridden").Hides("Change duplicate")
	page := s.By(access.Administrator).Get("/reports/medication-alerts?days=365").Want(200).Says("since 23-Nov-2025", "rules showed nothing in this time", "allergy/same stop")
	if !strings.Contains(page.Body, "Change duplicate/raas") || strings.Contains(page.Body, "Change allergy/same") {
		t.Error("what can be changed is not offered, or what cannot is")
	}
	// Two people at once: the later one is told.
	boss.Post(ruleForm, "rule", "duplicate/raas", "mode", "passive", "why", "x").Want(422).Says("Somebody else changed it meanwhile.")
	boss.Post(ruleForm, "rule", "duplicate/raas", "mode", "interruptive", "why", "A near miss", "version", "1").Want(200)
	if got := check(); !strings.Contains(got, "To prescribe it all the same, say why") {
		t.Error(got)
	}
	boss.Post(ruleForm, "rule", "duplicate/raas", "mode", "as-shipped", "why", "Enough", "version", "2").Want(200).Says("weighs again what it ships with")
	if got := check(); strings.Contains(got, "say why") || !strings.Contains(got, "another renin-angiotensin blocker") {
		t.Error(got)
	}
	boss.Post(ruleForm, "rule", "duplicate/raas", "mode", "off", "why", "Again").Want(200)
	contains(t, s.One("PlanDefinition"), `"code":"off"`, `"purpose":"Again"`, `"code":"eca-rule"`)
}

func TestSevereAlertsStay(t *testing.T) {
	s, _ := site(t)
	s.Put(mould)
	boss := s.By(access.Administrator).Beside()
	for _, rule := range []string{"allergy/class", "allergy/same", "onc-21", "onc-8", "pregnancy/warfarin"} {
		boss.Post(ruleForm, "rule", rule, "mode", "off", "why", "x").Want(422).Says("cannot be lowered or switched off")
	}
	boss.Get(ruleForm + "?rule=nothing").Want(404)
	// Written past the page, it has no effect either.
	s.Put(`{"resourceType":"PlanDefinition","id":"x","identifier":[{"system":"https://osler.example/fhir/CodeSystem/safety-rule","value":"allergy/class"}],"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/plan-definition-type","code":"eca-rule"}]},"status":"active","action":[{"code":[{"coding":[{"system":"https://osler.example/fhir/CodeSystem/alert-mode","code":"off"}]}]}]}`)
	s.By(access.Clinician).Beside().Post(at+"/check", "drug", "amoxicillin 250 mg capsule", "code", "308182", "dose", "2 capsules", "route", "oral", "frequency", "3 times daily").
		Says("amoxicillin is a penicillin", "To prescribe it all the same, say why", "1 kind of check is switched off: allergy/class.")
	for _, role := range []access.Role{access.Clinician, access.Nurse, access.FrontDesk, access.Patient} {
		s.By(role).Get(ruleForm + "?rule=duplicate/raas").Want(404)
		s.By(role).Post(ruleForm, "rule", "duplicate/raas", "mode", "off", "why", "x").Want(404)
	}
}
