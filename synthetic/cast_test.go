package synthetic

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"
)

// chart is one patient's resources by type.
func chart(t *testing.T, o Options, id string) map[string][]*resource {
	t.Helper()
	m := map[string][]*resource{}
	for _, r := range collect(t, o) {
		if r.id == id || strings.HasPrefix(r.id, id+"-") {
			m[r.kind] = append(m[r.kind], r)
		}
	}
	return m
}

// note is the text of a DocumentReference.
func note(t *testing.T, r *resource) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(r.text("content.attachment.data"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Adaeze Okafor's chart shows what the pictures show.
func TestOkafor(t *testing.T) {
	c := chart(t, Options{Patients: 14, Seed: 77}, "p000003")
	if family := c["Patient"][0].text("name.family"); family != "Okafor" {
		t.Fatalf("patient 3 is %s", family)
	}
	problems := map[string]bool{}
	for _, r := range c["Condition"] {
		if r.text("category.coding.code") == "problem-list-item" && r.text("clinicalStatus.coding.code") != "resolved" {
			problems[r.text("code.text")] = true
		}
	}
	for _, want := range []string{"Type 2 diabetes mellitus", "Hypertension", "Chronic kidney disease, stage 3a", "Iron deficiency anemia", "Hyperlipidemia", "Hypothyroidism", "Major depression, recurrent", "Osteoarthritis, right knee"} {
		if !problems[want] {
			t.Errorf("%s is not on the problem list", want)
		}
	}
	takes := map[string]bool{}
	for _, r := range c["MedicationRequest"] {
		if r.text("status") == "active" {
			takes[r.text("dosageInstruction.text")] = true
		}
	}
	for _, want := range []string{
		"Take 1 tablet (1,000 mg) by mouth twice daily with meals.",
		"Take 1 tablet (10 mg) by mouth every morning.",
		"Take 1 tablet (20 mg) by mouth once daily.",
		"Take 1 tablet (5 mg) by mouth once daily.",
		"Take 1 tablet (40 mg) by mouth at bedtime.",
		"Take 1 tablet (75 micrograms) by mouth every morning on an empty stomach.",
		"Take 1 tablet (50 mg) by mouth every morning.",
		"Take 1 tablet (325 mg) by mouth every other day.",
	} {
		if !takes[want] {
			t.Errorf("no active prescription says %q", want)
		}
	}
	last := map[string]any{}
	for _, r := range c["Observation"] {
		if r.text("effectiveDateTime") >= "2026-11-20" {
			last[r.text("code.text")] = valueAt(r.body, "valueQuantity.value")
		}
	}
	for name, want := range map[string]float64{"Potassium": 5.6, "Hemoglobin A1c": 8.1, "Hemoglobin": 10.9, "Ferritin": 9, "Creatinine": 1.2, "eGFR": 52, "LDL cholesterol": 92, "Pulse": 84} {
		if last[name] != want {
			t.Errorf("%s is %v, want %v", name, last[name], want)
		}
	}
	if n := len(c["AllergyIntolerance"]); n != 3 {
		t.Errorf("%d allergies, want 3", n)
	}
	waiting := 0
	for _, r := range c["Encounter"] {
		if r.text("status") == "triaged" {
			waiting++
			if room := r.text("location.location.display"); room != "Room 3" {
				t.Errorf("she waits in %s", room)
			}
		}
	}
	if waiting != 1 {
		t.Errorf("%d visits wait for the clinician, want 1", waiting)
	}
}

// A critical potassium, corrected by the laboratory, waits for its clinician.
func TestCriticalResultWaits(t *testing.T) {
	c := chart(t, Options{Patients: 14, Seed: 1}, "p000012")
	corrected := ""
	for _, r := range c["DiagnosticReport"] {
		if r.text("status") == "corrected" {
			corrected = r.ref()
		}
	}
	if corrected == "" {
		t.Fatal("no corrected report")
	}
	for _, r := range c["Task"] {
		if r.text("focus.reference") == corrected {
			if r.text("priority") != "stat" || r.text("owner.reference") != "Practitioner/rao" {
				t.Errorf("the task is %s for %s", r.text("priority"), r.text("owner.reference"))
			}
			return
		}
	}
	t.Error("no task to review it")
}

// Every note quotes the blood pressure that was measured at its visit.
func TestNotesAgreeWithVitals(t *testing.T) {
	pressure := map[string]string{}
	var notes []*resource
	for _, r := range collect(t, Options{Patients: 60, Seed: 21}) {
		switch {
		case r.kind == "Observation" && r.text("code.coding.code") == "85354-9":
			parts := valueAt(r.body, "component").([]any)
			value := func(i int) string {
				v := valueAt(parts[i], "valueQuantity.value").(float64)
				return itoa(int(v))
			}
			pressure[r.text("encounter.reference")] = value(0) + "/" + value(1) + " mmHg"
		case r.kind == "DocumentReference" && r.text("content.attachment.contentType") == "text/plain":
			notes = append(notes, r)
		}
	}
	checked := 0
	for _, r := range notes {
		text := note(t, r)
		if bp := pressure[r.text("context.encounter.reference")]; bp != "" {
			checked++
			if !strings.Contains(text, "BP "+bp) {
				t.Errorf("%s does not quote %s", r.ref(), bp)
			}
		}
		if strings.Contains(text, "%!") || strings.Contains(text, "  -  ") {
			t.Errorf("%s has a gap:\n%s", r.ref(), text)
		}
	}
	if checked < 300 {
		t.Errorf("only %d notes checked", checked)
	}
}

// states counts today's appointments of the first four clinicians by status.
func states(t *testing.T, o Options) map[string]int {
	n := map[string]int{}
	day := o.withDefaults().Today.Format("2006-01-02")
	for _, r := range collect(t, o, "Appointment") {
		if strings.HasPrefix(r.text("start"), day) {
			n[r.text("status")]++
		}
	}
	return n
}

func TestTheDayGoesOn(t *testing.T) {
	at := func(hour, minute int) Options {
		return Options{Patients: 60, Seed: 1, Today: time.Date(2026, 11, 23, hour, minute, 0, 0, defaultToday.Location())}
	}
	early := states(t, at(5, 0))
	if early["booked"] < 35 || early["fulfilled"]+early["arrived"]+early["checked-in"] > 0 {
		t.Errorf("before opening: %v", early)
	}
	morning := states(t, at(10, 22))
	for status, least := range map[string]int{"booked": 15, "fulfilled": 6, "arrived": 1, "checked-in": 3, "noshow": 1} {
		if morning[status] < least {
			t.Errorf("at 10:22: %d are %s, want %d or more; %v", morning[status], status, least, morning)
		}
	}
	evening := states(t, at(21, 0))
	if evening["fulfilled"] < 25 || evening["checked-in"] < 1 {
		t.Errorf("in the evening: %v", evening)
	}
	sunday := Options{Patients: 60, Seed: 1, Today: time.Date(2026, 11, 22, 10, 22, 0, 0, defaultToday.Location())}
	if n := states(t, sunday); n["fulfilled"] < 6 {
		t.Errorf("on a Sunday: %v", n)
	}
}

// A slot is busy if and only if an appointment holds it, and no two hold one.
func TestSlotsAndAppointmentsAgree(t *testing.T) {
	busy, held := map[string]bool{}, map[string]string{}
	for _, r := range collect(t, Options{Patients: 250, Seed: 8}, "Slot", "Appointment") {
		switch r.kind {
		case "Slot":
			if r.text("status") == "busy" {
				busy["Slot/"+r.id] = true
			}
		case "Appointment":
			if slot := r.text("slot.reference"); slot != "" {
				if held[slot] != "" {
					t.Errorf("%s and %s hold %s", held[slot], r.ref(), slot)
				}
				held[slot] = r.ref()
			}
		}
	}
	for slot := range busy {
		if held[slot] == "" {
			t.Errorf("%s is busy, but nobody holds it", slot)
		}
	}
	for slot, a := range held {
		if !busy[slot] {
			t.Errorf("%s holds %s, which is free", a, slot)
		}
	}
	if len(busy) < 150 {
		t.Errorf("only %d busy slots", len(busy))
	}
}

func TestHeavyPatient(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 35,000 resources")
	}
	n := map[string]int{}
	for item := range Practice(Options{Heavy: true}) {
		if strings.HasPrefix(item.ID, "heavy") {
			n[item.Type]++
		}
	}
	if n["Patient"] != 1 || n["Encounter"] != 1000 || n["Observation"] < 20_000 || n["Observation"] > 22_000 {
		t.Errorf("%v", n)
	}
}

func TestSizeOfAnAdultsChart(t *testing.T) {
	total, adults := 0, map[string]bool{}
	birth := regexp.MustCompile(`"birthDate":"(\d{4})`)
	for item := range Practice(Options{Patients: 600, Seed: 31}) {
		if item.Type == "Patient" && string(birth.FindSubmatch(item.JSON)[1]) < "2008" {
			adults[item.ID] = true
		}
		if id, _, _ := strings.Cut(item.ID, "-"); adults[id] {
			total++
		}
	}
	if mean := total / len(adults); mean < 250 || mean > 380 {
		t.Errorf("an adult has %d resources on average", mean)
	}
}

func TestAccountsAreStaff(t *testing.T) {
	staff := map[string]bool{}
	for item := range Practice(Options{}) {
		staff[item.Type+"/"+item.ID] = true
	}
	roles := map[string]bool{}
	for _, a := range Accounts() {
		roles[a.Role] = true
		if !staff[a.Resource] {
			t.Errorf("%s is %s, which is not there", a.SignInName, a.Resource)
		}
	}
	if !staff["Organization/"+PracticeID] {
		t.Errorf("the practice's organisation is not there")
	}
	for _, role := range []string{"administrator", "clinician", "nurse", "frontdesk", "biller"} {
		if !roles[role] {
			t.Errorf("nobody is %s", role)
		}
	}
}
