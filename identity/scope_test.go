package identity

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func scopes(t testing.TB, list string) Scopes {
	t.Helper()
	s, err := ParseScopes(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestScopesAllow(t *testing.T) {
	for _, c := range []struct {
		scopes string
		allows string // "Type.letters", of what is allowed without limit
		not    string
	}{
		{"system/*.cruds", "Patient.cruds Observation.cruds", ""},
		{"system/*.*", "Patient.cruds", ""},
		{"patient/*.read", "Patient.rs Observation.rs", "Patient.c Patient.u Patient.d"},
		{"user/Observation.write", "Observation.cud", "Observation.r Observation.s Patient.c"},
		{"user/Observation.rs", "Observation.rs", "Observation.c Obs.r ObservationX.r observation.r *.r"},
		{"user/Observation.c user/Patient.r", "Observation.c Patient.r", "Observation.r Patient.c"},
		{"user/Observation.rs?category=laboratory", "", "Observation.r Observation.s"},
		{"user/Observation.rs?category=laboratory user/Observation.r", "Observation.r", "Observation.s"},
		{"openid fhirUser launch/patient offline_access", "", "Patient.r Observation.r"},
		{"", "", "Patient.r Patient.c Patient.s"},
	} {
		s := scopes(t, c.scopes)
		check := func(list string, want bool) {
			for _, word := range strings.Fields(list) {
				typ, letters, _ := strings.Cut(word, ".")
				for _, letter := range letters {
					a, _ := parseActions(string(letter))
					if s.Allows(typ, a) != want {
						t.Errorf("%q on %s.%c: %v", c.scopes, typ, letter, !want)
					}
				}
			}
		}
		check(c.allows, true)
		check(c.not, false)
	}
	if scopes(t, "system/*.rs").Allows("Patient", Read|Update) {
		t.Error("two actions are allowed where one is")
	}
	if scopes(t, "system/*.cruds").Allows("Patient", 0) {
		t.Error("doing nothing in particular is allowed")
	}
}

func TestScopesThatAreRefused(t *testing.T) {
	for _, list := range []string{
		"patient", "patient/", "patient/*", "patient/Observation", "patient/Observation.", "patient/.rs",
		"patient/Observation.sr", "patient/Observation.rr", "patient/Observation.x", "patient/Observation.rsx",
		"patient/Observation.READ", "Patient/Observation.rs", "practitioner/Observation.rs", "/Observation.rs",
		"patient/observation.rs", "patient/Obs*.rs", "patient/Obser vation.rs", "patient/**.rs", "patient/../Patient.rs",
		"patient/Observation.rs?", "patient/Observation.rs?x", "patient/Observation.rs?=y", "patient/Observation.rs?a=%zz",
		"patient/Observation.rs?a=1;b=2", "patient/Observation.read.write", "openid2", "OPENID", "launch/practitioner", "*",
		"patient/Observation.rs,patient/Patient.rs", "system/*.cruds\x00", strings.Repeat("user/Patient.r ", 201),
	} {
		if s, err := ParseScopes(list); err == nil {
			t.Errorf("%q was read as %+v", list, s)
		} else if len(err.Error()) > 300 {
			t.Errorf("%q: an error of %d characters", list, len(err.Error()))
		}
	}
}

func TestScopesThatCoverWithinLimits(t *testing.T) {
	s := scopes(t, "user/Observation.rs?category=laboratory user/*.r?_tag=x user/Observation.c")
	got := s.Covering("Observation", Read)
	if len(got) != 2 || got[0].Limit.Get("category") != "laboratory" || got[1].Limit.Get("_tag") != "x" {
		t.Errorf("got %v", got)
	}
	if got := s.Covering("Patient", Search); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// A22: a token never gets more than was granted.
func TestA22_ScopeEscalation(t *testing.T) {
	for _, c := range []struct {
		asked, granted string
		want           bool
	}{
		{"user/Observation.r", "user/Observation.rs", true},
		{"user/Observation.rs", "user/Observation.r user/Observation.s", true},
		{"user/Observation.rs", "user/*.read", true},
		{"user/Observation.rs?category=a", "user/Observation.rs", true},
		{"user/Observation.rs?category=a", "user/Observation.rs?category=a", true},
		{"user/Observation.rs?a=1&b=2", "user/Observation.rs?b=2&a=1", true},
		{"launch openid", "openid launch fhirUser", true},
		{"", "", true},
		{"user/Observation.rs", "user/Observation.rs?category=a", false},
		{"user/Observation.rs?category=b", "user/Observation.rs?category=a", false},
		{"user/*.r", "user/Observation.r user/Patient.r", false},
		{"user/Observation.rs", "patient/Observation.rs", false},
		{"system/Observation.rs", "user/*.cruds", false},
		{"user/Observation.write", "user/Observation.read", false},
		{"offline_access", "openid", false},
		{"user/Patient.r", "", false},
	} {
		if got := scopes(t, c.asked).Within(scopes(t, c.granted)); got != c.want {
			t.Errorf("%q within %q: %v", c.asked, c.granted, got)
		}
	}
}

func drawScopes(t *rapid.T) Scopes {
	var s Scopes
	for range rapid.IntRange(0, 6).Draw(t, "n") {
		r := Scope{
			Level:   rapid.SampledFrom([]Level{PatientLevel, UserLevel, SystemLevel}).Draw(t, "level"),
			Type:    rapid.SampledFrom([]string{"*", "Patient", "Observation", "MedicationRequest"}).Draw(t, "type"),
			Actions: Action(rapid.IntRange(1, int(allActions)).Draw(t, "actions")),
		}
		if rapid.Bool().Draw(t, "limited") {
			r.Limit = url.Values{"category": {rapid.StringMatching(`[a-z|:/ &+%?=]{1,12}`).Draw(t, "limit")}}
		}
		s.Resources = append(s.Resources, r)
	}
	if rapid.Bool().Draw(t, "openid") {
		s.Others = []string{"openid"}
	}
	return s
}

func TestScopesAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScopes(t)
		got, err := ParseScopes(s.String())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(s, got); d != "" {
			t.Fatal(d)
		}
	})
}

// What is within something never allows what that does not.
func TestA22_WithinNeverWidens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asked, granted := drawScopes(t), drawScopes(t)
		if !asked.Within(granted) {
			return
		}
		for _, typ := range []string{"Patient", "Observation", "MedicationRequest", "Other"} {
			for i := range actionLetters {
				a := Action(1 << i)
				if asked.Allows(typ, a) && !granted.Allows(typ, a) {
					t.Fatalf("%v is within %v, but allows %s.%v", asked, granted, typ, a)
				}
				if len(asked.Covering(typ, a)) > 0 && len(granted.Covering(typ, a)) == 0 {
					t.Fatalf("%v is within %v, but covers %s.%v", asked, granted, typ, a)
				}
			}
		}
	})
}

func FuzzParseScopes(f *testing.F) {
	f.Add("user/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory openid")
	f.Add("patient/*.read system/*.cruds launch/patient")
	f.Fuzz(func(t *testing.T, list string) {
		s, err := ParseScopes(list)
		if err != nil {
			return
		}
		again, err := ParseScopes(s.String())
		if err != nil {
			t.Fatalf("%q was written as %q, which is refused: %v", list, s, err)
		}
		if d := cmp.Diff(s, again); d != "" {
			t.Fatal(d)
		}
	})
}
