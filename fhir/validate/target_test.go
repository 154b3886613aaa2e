package validate

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// shelf is a record of documents, by "Type/id", that counts how often it is asked.
type shelf struct {
	docs  map[string]*fhir.Resource
	looks int
}

func (s *shelf) resolve(reference string) (fhir.Node, bool) {
	s.looks++
	r, ok := s.docs[reference]
	if !ok {
		return fhir.Node{}, false
	}
	return r.Root(), true
}

func shelfOf(t *testing.T, docs ...string) *shelf {
	s := &shelf{docs: map[string]*fhir.Resource{}}
	for _, d := range docs {
		r := parsed(t, "a document", []byte(d))
		s.docs[r.Type()+"/"+r.ID()] = r
	}
	return s
}

// What a reference leads to decides rules with resolve(), and whether the profile of the target is followed.
func TestTargetsAreLookedUp(t *testing.T) {
	const (
		good         = `{"resourceType":"Patient","id":"good","identifier":[{"system":"urn:mrn","value":"1"}],"name":[{"family":"Hale"}],"gender":"female"}`
		nameless     = `{"resourceType":"Patient","id":"nameless","identifier":[{"system":"urn:mrn","value":"2"}],"gender":"female"}`
		practitioner = `{"resourceType":"Practitioner","id":"doc","identifier":[{"system":"urn:x","value":"1"}],"name":[{"family":"Rui"}]}`
		organization = `{"resourceType":"Organization","id":"org","active":true,"name":"Clinic"}`
	)
	provenance := func(who, behalf string) string {
		if behalf != "" {
			behalf = `,"onBehalfOf":{"reference":"` + behalf + `"}`
		}
		return `{"resourceType":"Provenance","meta":{"profile":["` + usCore + `us-core-provenance"]},"target":[{"reference":"Patient/good"}],"recorded":"2026-11-01T10:00:00Z",` +
			`"agent":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/provenance-participant-type","code":"author"}]},"who":{"reference":"` + who + `"}` + behalf + `}]}`
	}
	condition := func(subject string) string {
		return `{"resourceType":"Condition","meta":{"profile":["` + usCore + `us-core-condition-encounter-diagnosis"]},` +
			`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis"}]}],` +
			`"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]},"subject":{"reference":"` + subject + `"}}`
	}
	in := func(doc, fullURL, other string) string {
		return `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":` + doc + `},{"fullUrl":"` + fullURL + `","resource":` + other + `}]}`
	}
	const uuid = "urn:uuid:9c3151bd-1cbf-4d64-b04d-cd9187a4c6e9"
	wrong, total := 0, 0
	for _, tt := range []struct{ name, doc, want string }{
		{"an agent who is a practitioner, for nobody", provenance("Practitioner/doc", ""), "error Provenance.agent[0]"},
		{"for an organization", provenance("Practitioner/doc", "Organization/org"), ""},
		{"an organization acts for itself", provenance("Organization/org", ""), ""},
		{"an agent who is not there", provenance("Practitioner/absent", ""), ""},
		{"a patient as the profile asks", condition("Patient/good"), ""},
		{"a patient without a name", condition("Patient/nameless"), "warning Condition.subject.reference"},
		{"a patient who is not there", condition("Patient/absent"), ""},
		{"another type, told by the reference", condition("Group/g"), "error Condition.subject.reference"},
		{"a type that only the target tells, wrong", in(condition(uuid), uuid, organization), "error Condition.subject.reference"},
		{"a type that only the target tells, right", in(condition(uuid), uuid, good), ""},
		{"in a Bundle, without a name", in(condition(uuid), uuid, nameless), "warning Condition.subject.reference"},
	} {
		s := shelfOf(t, good, nameless, practitioner, organization)
		r := parsed(t, tt.name, []byte(tt.doc))
		c := Checker{Resolve: s.resolve, Targets: true}
		if r.Type() == "Bundle" {
			c, r = c.Within(r), r.Get("entry").First().Get("resource").Resource()
		}
		total++
		if got := briefly(c.Claimed(r)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			wrong++
		}
		// On the way into the record only what is wrong with the document itself is of interest.
		c.Targets = false
		if got, want := briefly(c.Claimed(r)), tt.want; got != want && !strings.HasPrefix(want, "warning") || strings.HasPrefix(want, "warning") && got != "" {
			t.Errorf("%s, without targets: %q", tt.name, got)
		}
	}
	t.Logf("conformance: %d of %d documents", total-wrong, total)
}

// However many references a document has, few are looked up.
func TestLooksAreBounded(t *testing.T) {
	agent := `{"type":{"text":"x"},"who":{"reference":"Practitioner/doc"},"onBehalfOf":{"reference":"Organization/org"}}`
	r := parsed(t, "a document", []byte(`{"resourceType":"Provenance","meta":{"profile":["`+usCore+`us-core-provenance"]},"target":[{"reference":"Patient/good"}],"recorded":"2026-11-01T10:00:00Z",`+
		`"agent":[`+agent+strings.Repeat(","+agent, 999)+`]}`))
	s := shelfOf(t)
	Checker{Resolve: s.resolve, Targets: true}.Claimed(r)
	if s.looks == 0 || s.looks > maxFollowed {
		t.Errorf("%d looks", s.looks)
	}
}

// The examples of US Core, each looked at with all the others at hand: none leads to what its profile does not allow.
func TestUSCoreExamplesLeadToWhatTheirProfilesAsk(t *testing.T) {
	s := &shelf{docs: map[string]*fhir.Resource{}}
	eachJSON(t, sampleData(t, "packages"), func(name string, data []byte) {
		if r, err := fhir.Parse(data); err == nil && strings.HasPrefix(name, "package/example/") {
			s.docs[r.Type()+"/"+r.ID()] = r
		}
	})
	clean := len(s.docs)
	for name, r := range s.docs {
		wrong := false
		for _, i := range (Checker{Resolve: s.resolve, Targets: true}).Claimed(r) {
			if i.Severity == fhir.SeverityError || i.Diagnostics == "rule: "+ruleReference {
				t.Errorf("%s: %s %s %s %s", name, i.Severity, i.Expression[0], i.Diagnostics, i.Details.Text)
				wrong = true
			}
		}
		if wrong {
			clean--
		}
	}
	t.Logf("conformance: %d of %d examples", clean, len(s.docs))
	if len(s.docs) < 200 || s.looks < 400 {
		t.Errorf("only %d examples with %d looks", len(s.docs), s.looks)
	}
}
