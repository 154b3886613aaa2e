package careplans_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/careplans"
)

func site(t testing.TB) (*slicetest.Site, *time.Time) {
	t.Helper()
	s := slicetest.New(t)
	now := slicetest.Now
	s.Deps.Shell.Now = func() time.Time { return now }
	s.Put(`{"resourceType":"Practitioner","id":"lin","active":true,"name":[{"family":"Lin","given":["Mei"]}]}`,
		`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`,
		`{"resourceType":"RelatedPerson","id":"obi","patient":{"reference":"Patient/ada"},"name":[{"family":"Okafor","given":["Obi"]}],"relationship":[{"text":"Husband"}]}`,
		`{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}],"text":"Diabetes, type 2"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"I10"}],"text":"Hypertension"},"subject":{"reference":"Patient/ada"}}`)
	s.Serve(careplans.Slice(s.Deps))
	return s, &now
}

const plans = "/patients/ada/careplans"

// makePlan makes a plan with two goals for the problems, and gives its address.
func makePlan(t testing.TB, s *slicetest.Site) string {
	t.Helper()
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(plans+"/new").Want(200).Says("Goals that suit these problems", "HbA1c below 7 %, for Diabetes, type 2", "Blood pressure below 130/80")
	form.Hides("PHQ-9")
	send := []string{"once", form.Value("once"), "title", "Diabetes & pressure", "problem", "c1", "problem", "c2", "goal", "a1c7", "goal", "bp130", "note", "Review in spring"}
	rao.Edit(plans, send...).Want(200).Says("Diabetes & pressure made for OKAFOR, Adaeze.")
	rao.Edit(plans, send...).Want(200) // the answer was lost
	return plans + "/" + s.One("CarePlan").ID()
}

func observation(id, day, code, value, unit string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"` + code + `"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"` + day + `","valueQuantity":{"value":` + value + `,"unit":"` + unit + `","system":"http://unitsofmeasure.org","code":"` + unit + `"}}`
}

func pressure(id, day, high, low string) string {
	part := func(code, value string) string {
		return `{"code":{"coding":[{"system":"http://loinc.org","code":"` + code + `"}]},"valueQuantity":{"value":` + value + `,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}`
	}
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"` + day + `","component":[` + part("8480-6", high) + `,` + part("8462-4", low) + `]}`
}

func TestGoalsAreMeasured(t *testing.T) {
	s, now := site(t)
	makePlan(t, s)
	if n := len(s.All("Goal")); n != 2 {
		t.Fatalf("%d goals", n)
	}
	s.All("CarePlan") // valid
	rao := s.By(access.Clinician)
	rao.Get(plans).Want(200).Says("Diabetes & pressure", "since 23-Nov-2026", "HbA1c below 7 %", "No data", "Nothing was measured.", "by 23-May-2027", "Review in spring")
	s.Put(observation("o1", "2026-11-20", "4548-4", "8.4", "%"), pressure("b1", "2026-11-20", "148", "92"))
	rao.Get(plans).Says("8.4 %, 20-Nov-2026", "Nothing was measured since the goal was set.")
	*now = time.Date(2027, 2, 23, 10, 0, 0, 0, time.UTC)
	s.Put(observation("o2", "2027-02-20", "4548-4", "6.8", "%"), pressure("b2", "2027-02-20", "126", "91"))
	page := rao.Get(plans).Want(200)
	page.Says("HbA1c below 7 % Met", "6.8 %, 20-Feb-2027", "8.4 %, 20-Nov-2026", "closer to the target", "Blood pressure below 130/80 Behind", "91 mmHg, 20-Feb-2027")
	*now = time.Date(2027, 5, 24, 0, 0, 0, 0, time.UTC)
	rao.Get(plans).Says("was due 23-May-2027", "The due day is over.")
}

func TestAGoalIsAddedChangedAndEnded(t *testing.T) {
	s, _ := site(t)
	plan := makePlan(t, s)
	rao := s.By(access.Clinician).Beside()
	if !strings.Contains(rao.Get(plans+"/goals?q=weight").Want(200).Body, `data-value="weight"`) {
		t.Error("not offered")
	}
	rao.Edit(plan+"/goals", "goal", "Reach a weight", "key", "weight").Want(422).Says("Say what is to be reached")
	rao.Edit(plan+"/goals", "goal", "", "due", "6 months").Want(422).Says("Say what is to be reached.")
	rao.Edit(plan+"/goals", "goal", "Lose weight", "measure0", "weight", "target0", "< 80 cm", "due", "6 months").Want(422).Says("cannot be converted")
	rao.Edit(plan+"/goals", "goal", "Lose weight", "measure0", "weight", "target0", "< 80 kg").Want(422).Says("Say until when.")
	rao.Edit(plan+"/goals", "goal", "Lose weight", "measure0", "weight", "target0", "< 80 kg", "due", "01-Nov-2026").Want(422).Says("Not a day to come.")
	form := rao.Get(plan + "/goals/new").Want(200)
	send := []string{"once", form.Value("once"), "goal", "Lose weight", "measure0", "weight", "target0", "< 180 lb", "due", "6 months", "problem", "c1"}
	rao.Edit(plan+"/goals", send...).Want(200).Says("Lose weight added to the plan.")
	rao.Edit(plan+"/goals", send...).Want(200)
	all := s.All("Goal")
	if len(all) != 3 || s.One("CarePlan").Get("goal").Len() != 3 {
		t.Fatalf("%d goals, %s", len(all), s.One("CarePlan").Bytes())
	}
	id := ""
	for _, g := range all {
		if strings.Contains(string(g.Bytes()), "Lose weight") {
			id = g.ID()
			if !strings.Contains(string(g.Bytes()), `"value":81.6`) || !strings.Contains(string(g.Bytes()), `"comparator":"<"`) {
				t.Errorf("%s", g.Bytes())
			}
		}
	}
	open := rao.Get(plan + "/goals/" + id).Want(200)
	if open.Value("target0") != "< 81.6 kg" || open.Value("due") != "23-May-2027" {
		t.Errorf("shows %q by %q", open.Value("target0"), open.Value("due"))
	}
	version := open.Value("version")
	rao.Edit(plan+"/goals/"+id, "version", version, "goal", "Lose weight", "measure0", "weight", "target0", "< 78 kg", "due", "23-May-2027", "do", "save").Want(200)
	rao.Edit(plan+"/goals/"+id, "version", version, "goal", "Gain weight", "measure0", "weight", "target0", "> 78 kg", "due", "23-May-2027", "do", "save").Want(409).Says("nothing of yours was saved")
	rao.Edit(plan+"/goals/"+id, "do", "reached", "goal", "Lose weight").Want(422).Says("What was measured does not say so.")
	rao.Edit(plan+"/goals/"+id, "do", "end", "goal", "Lose weight").Want(422).Says("Say why")
	rao.Edit(plan+"/goals/"+id, "do", "end", "goal", "Lose weight", "reason", "Not wanted by the patient").Want(200)
	s.By(access.Clinician).Get(plans).Says("Over 1", "Not wanted by the patient")
}

func TestAPlanEndsWithItsGoals(t *testing.T) {
	s, _ := site(t)
	plan := makePlan(t, s)
	s.Put(observation("o1", "2026-11-23", "4548-4", "6.4", "%"))
	rao := s.By(access.Clinician).Beside()
	rao.Edit(plan, "do", "end", "title", "x").Want(422).Says("Say why")
	rao.Edit(plan, "do", "end", "title", "x", "reason", "Moved away").Want(200).Says("ended.")
	p := s.One("CarePlan")
	if p.Get("status").Text() != "completed" || p.Get("period").Get("end").Text() != "2026-11-23" || !strings.Contains(string(p.Bytes()), "Ended: Moved away") {
		t.Errorf("%s", p.Bytes())
	}
	states := map[string]string{}
	for _, g := range s.All("Goal") {
		states[g.Get("description").Get("text").Text()] = g.Get("lifecycleStatus").Text()
	}
	if states["HbA1c below 7 %"] != "completed" || states["Blood pressure below 130/80"] != "cancelled" {
		t.Errorf("%v", states)
	}
	rao.Edit(plan+"/goals", "goal", "More", "due", "6 months").Want(409).Says("This plan has ended")
	s.By(access.Clinician).Get(plans).Says("No active care plan", "Ended plans 1")
}

func TestActivitiesAndTeam(t *testing.T) {
	s, _ := site(t)
	plan := makePlan(t, s)
	rao, lin := s.By(access.Clinician).Beside(), s.By(access.Clinician).Called("Practitioner/lin", "Dr Mei Lin").Beside()
	a, b := rao.Get(plan+"/activities/new").Value("version"), lin.Get(plan+"/activities/new").Value("version")
	rao.Edit(plan+"/activities/new", "version", a, "what", "Walk after dinner", "who", "The patient", "when", "daily").Want(200)
	lin.Edit(plan+"/activities/new", "version", b, "what", "Swim").Want(409)
	rao.Edit(plan+"/activities/0", "what", "Walk after dinner", "do", "stop").Want(422).Says("Say why")
	rao.Edit(plan+"/activities/0", "what", "Walk after dinner", "do", "done").Want(200)
	rao.Get(plan + "/activities/7").Want(404)
	if !strings.Contains(string(s.One("CarePlan").Bytes()), "completed") {
		t.Errorf("%s", s.One("CarePlan").Bytes())
	}
	team := "/patients/ada/careteam/"
	rao.Get(team+"new").Want(200).Says("Obi", "husband", "Mei Lin")
	rao.Edit(team+"new", "role", "pcp", "member", "Practitioner/rao").Want(200)
	rao.Edit(team+"new", "role", "pcp", "member", "Practitioner/rao").Want(422).Says("Is in the team already.")
	rao.Edit(team+"new", "role", "caregiver", "member", "RelatedPerson/obi").Want(200)
	rao.Edit(team+"new", "role", "specialist").Want(422).Says("Choose somebody from the list, or give the name.")
	rao.Edit(team+"new", "role", "specialist", "name", "Dr Heart, Harbor Heart").Want(200)
	rao.Edit(team+"new", "role", "juggler", "name", "X").Want(422).Says("Choose one of the roles.")
	rao.Edit(team+"new", "role", "pcp", "member", "Practitioner/nobody").Want(422).Says("Choose somebody from the list.")
	s.By(access.Clinician).Get(plans).Says("Care team 3", "Dr Heart, Harbor Heart", "Specialist", "Caregiver")
	rao.Edit(team+"1", "role", "caregiver", "do", "left").Want(200).Says("left the care team.")
	s.By(access.Clinician).Get(plans).Says("Care team 2").Hides("Caregiver")
	s.One("CareTeam") // valid
}

func TestWhoMayNot(t *testing.T) {
	s, _ := site(t)
	plan := makePlan(t, s)
	for _, role := range []access.Role{access.FrontDesk, access.Biller} {
		s.By(role).Get(plans).Want(404)
	}
	for _, role := range []access.Role{access.FrontDesk, access.Biller, access.Patient} {
		s.By(role).Get(plans + "/new").Want(404)
		s.By(role).Edit(plans, "title", "x").Want(404)
		s.By(role).Edit(plan, "do", "end", "reason", "x", "title", "x").Want(404)
		s.By(role).Edit(plan+"/goals", "goal", "x", "due", "6 months").Want(404)
		s.By(role).Edit("/patients/ada/careteam/new", "role", "pcp", "name", "x").Want(404)
	}
	s.By(access.Patient).Get(plans).Want(200).Says("Diabetes & pressure").Hides("Change or end", "Add a goal")
	other := strings.Replace(plan, "/ada/", "/bob/", 1)
	s.By(access.Clinician).Get(other).Want(404)
	s.By(access.Clinician).Edit(other+"/goals", "goal", "x", "due", "6 months").Want(404)
	s.By(access.Clinician).Get(plan + "/goals/nosuch").Want(404)
}

// What waits says so, what is not to be done says so, and what was entered in error is not there.
func TestAPlanOfAnotherSystem(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"Goal","id":"g1","lifecycleStatus":"on-hold","description":{"text":"Walk a mile"},"subject":{"reference":"Patient/ada"},"target":[{"dueDate":"2026-01-01"}]}`,
		`{"resourceType":"CarePlan","id":"p1","status":"on-hold","intent":"plan","title":"Rehabilitation","subject":{"reference":"Patient/ada"},"goal":[{"reference":"Goal/g1"}],"activity":[`+
			`{"detail":{"status":"in-progress","code":{"text":"Breathing exercises"}}},{"detail":{"status":"in-progress","doNotPerform":true,"description":"Lift heavy loads"}},`+
			`{"detail":{"status":"on-hold","description":"Swimming"}},{"detail":{"status":"entered-in-error","description":"Parachuting"}},{"detail":{"status":"completed","description":"Teaching"}}]}`)
	rao := s.By(access.Clinician)
	page := rao.Get(plans).Want(200)
	page.Says("Rehabilitation", "on hold", "Walk a mile On hold", "Breathing exercises", "Do not: Lift heavy loads", "Swimming on hold", "Teaching completed").Hides("Parachuting", "kept elsewhere", "was due")
	// A change of who does it leaves the code and the prohibition as they are.
	const at = plans + "/p1/activities/"
	if form := rao.Beside().Get(at + "1").Want(200); form.Value("what") != "Lift heavy loads" {
		t.Errorf("shows %q", form.Value("what"))
	}
	rao.Beside().Edit(at+"0", "what", "Breathing exercises", "who", "Physiotherapist", "do", "save").Want(200)
	rao.Beside().Edit(at+"1", "what", "Lift heavy loads", "when", "until May", "do", "save").Want(200)
	doc := string(s.One("CarePlan").Bytes())
	if strings.Contains(doc, `"description":"Breathing`) || !strings.Contains(doc, `"doNotPerform":true`) {
		t.Errorf("%s", doc)
	}
	rao.Beside().Edit(at+"4", "what", "Teaching again", "do", "stop", "reason", "x").Want(409).Says("nothing was saved")
	if !strings.Contains(string(s.One("CarePlan").Bytes()), `"status":"completed","description":"Teaching"`) {
		t.Errorf("what is over was changed: %s", s.One("CarePlan").Bytes())
	}
}

// The form by which the first member is added makes one team with one member, however often it comes.
func TestTheFirstMemberIsAddedOnce(t *testing.T) {
	s, _ := site(t)
	const at = "/patients/ada/careteam/new"
	rao := s.By(access.Clinician).Beside()
	a, b := rao.Get(at).Want(200), rao.Get(at).Want(200)
	if a.Value("once") == "" || a.Value("once") == b.Value("once") {
		t.Fatalf("once is %q and %q", a.Value("once"), b.Value("once"))
	}
	send := []string{"once", a.Value("once"), "version", a.Value("version"), "role", "specialist", "name", "Dr Heart"}
	rao.Edit(at, send...).Want(200)
	rao.Edit(at, send...).Want(200)
	rao.Edit(at, "once", b.Value("once"), "version", b.Value("version"), "role", "specialist", "name", "Dr Lung").Want(409).Says("nothing of yours was saved")
	if n := s.One("CareTeam").Get("participant").Len(); n != 1 {
		t.Errorf("%d members", n)
	}
}

// A goal of somebody who measures every day still shows where it began, and is judged by that.
func TestAGoalMeasuredEveryDay(t *testing.T) {
	s, now := site(t)
	s.Put(`{"resourceType":"Goal","id":"g1","lifecycleStatus":"active","description":{"text":"Lose weight"},"subject":{"reference":"Patient/ada"},"startDate":"2025-11-23","target":[{"measure":{"coding":[{"system":"http://loinc.org","code":"29463-7"}],"text":"Weight"},"detailQuantity":{"value":80,"comparator":"<","unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},"dueDate":"2027-11-23"}]}`,
		observation("first", "2025-11-20", "29463-7", "110", "kg"))
	var daily []string
	day := time.Date(2025, 11, 24, 0, 0, 0, 0, time.UTC)
	for ; day.Before(*now); day = day.AddDate(0, 0, 1) {
		daily = append(daily, observation("w"+day.Format("20060102"), day.Format(time.DateOnly), "29463-7", "90", "kg"))
	}
	s.Put(daily...)
	s.By(access.Clinician).Get(plans).Want(200).Says("90 kg, 23-Nov-2026", "110 kg, 20-Nov-2025", "closer to the target", "On track")
}

// A goal of two plans goes on while one of them does.
// More than one reading of the record brings: nothing is left out, and the goal of a plan that goes on stays open.
func TestManyPlans(t *testing.T) {
	s, _ := site(t)
	var docs []string
	for i := range 120 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"CarePlan","id":"over%d","status":"completed","intent":"plan","title":"Finished %d.","subject":{"reference":"Patient/ada"},"goal":[{"reference":"Goal/g1"}],"period":{"start":"2026-11-20"}}`, i, i),
			fmt.Sprintf(`{"resourceType":"CareTeam","id":"t%d","status":"inactive","subject":{"reference":"Patient/ada"}}`, i))
	}
	s.Put(append([]string{`{"resourceType":"Goal","id":"g1","lifecycleStatus":"active","description":{"text":"Walk a mile"},"subject":{"reference":"Patient/ada"}}`}, docs...)...)
	for i := range 501 {
		s.Put(fmt.Sprintf(`{"resourceType":"Goal","id":"m%d","lifecycleStatus":"active","description":{"text":"Something else"},"subject":{"reference":"Patient/ada"}}`, i))
	}
	s.Put(`{"resourceType":"Goal","id":"z1","lifecycleStatus":"active","description":{"text":"Sleep through"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"CarePlan","id":"p1","status":"active","intent":"plan","title":"Oldest","subject":{"reference":"Patient/ada"},"goal":[{"reference":"Goal/z1"},{"reference":"Goal/g1"}],"period":{"start":"2001-01-01"}}`,
		`{"resourceType":"CarePlan","id":"p2","status":"active","intent":"plan","title":"Another","subject":{"reference":"Patient/ada"},"goal":[{"reference":"Goal/g1"}],"period":{"start":"2001-01-01"}}`,
		`{"resourceType":"CareTeam","id":"zz","status":"active","subject":{"reference":"Patient/ada"},"name":"Diabetes team","participant":[{"member":{"display":"Obi the nurse"}}]}`)
	rao := s.By(access.Clinician)
	rao.Get(plans).Want(200).Says("Oldest", "Another", "Sleep through", "Walk a mile", "Finished 0.", "Finished 119.", "Obi the nurse")
	rao.Beside().Edit(plans+"/p2", "do", "end", "title", "Another", "reason", "Moved away").Want(200)
	for _, g := range s.All("Goal") {
		if g.ID() == "g1" && g.Get("lifecycleStatus").Text() != "active" {
			t.Error("the goal of a plan that goes on was ended with the other")
		}
	}
}

func TestAGoalOfTwoPlans(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"Goal","id":"g1","lifecycleStatus":"active","description":{"text":"Walk a mile"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Goal","id":"g2","lifecycleStatus":"active","description":{"text":"Swim"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"CarePlan","id":"p1","status":"active","intent":"plan","title":"One","subject":{"reference":"Patient/ada"},"goal":[{"reference":"Goal/g1"},{"reference":"Goal/g2"}]}`,
		`{"resourceType":"CarePlan","id":"p2","status":"active","intent":"plan","title":"Two","subject":{"reference":"Patient/ada"},"goal":[{"reference":"Goal/g1"}]}`)
	states := func() string {
		out := map[string]string{}
		for _, g := range s.All("Goal") {
			out[g.ID()] = g.Get("lifecycleStatus").Text()
		}
		return out["g1"] + " " + out["g2"]
	}
	rao := s.By(access.Clinician).Beside()
	rao.Edit(plans+"/p1", "do", "mistake", "title", "One", "reason", "Of somebody else").Want(200)
	if got := states(); got != "active entered-in-error" {
		t.Errorf("after the first plan: %s", got)
	}
	rao.Edit(plans+"/p2", "do", "end", "title", "Two", "reason", "Moved away").Want(200)
	if got := states(); got != "cancelled entered-in-error" {
		t.Errorf("after both: %s", got)
	}
}
