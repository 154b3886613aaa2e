package charting

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/web/format"
)

func shippedTemplates(t testing.TB) *notes {
	t.Helper()
	all, err := readTemplates()
	if err != nil {
		t.Fatal(err)
	}
	return &notes{templates: all}
}

// TestAppointmentsChooseTheirTemplate: the most precise words win, and words that only look alike choose nothing of a specialty.
func TestAppointmentsChooseTheirTemplate(t *testing.T) {
	n := shippedTemplates(t)
	for _, c := range []struct{ words, want string }{
		{"", "acute"},
		{"New patient", "acute"},
		{"Cough and fever", "acute"},
		{"Follow-up visit Diabetes", "followup"},
		{"Annual physical", "physical"},
		{"Physical therapy", "therapy-visit"},
		{"Physical therapy evaluation, left knee", "therapy-evaluation"},
		{"Well-child visit 4 months", "wellchild"},
		{"Medicare annual wellness visit", "wellness"},
		{"Phone call about results", "telephone"},
		{"Calls for refill", "acute"},
		{"Recall of device", "acute"},
		{"Cataract extraction planned", "acute"},
		{"Tooth extraction", "dental-treatment"},
		{"Foreign body extraction, pain", "acute"},
		{"Dental cleaning", "dental-exam"},
		{"House cleaning injury, pain", "acute"},
		{"Insulin dose adjustment", "acute"},
		{"Chiropractic adjustment", "chiropractic-visit"},
		{"Initial chiropractic visit", "chiropractic-initial"},
		{"Acute visit eye pain", "acute"},
		{"Diabetic eye exam", "eye-complete"},
		{"Filling of forms", "acute"},
		{"Nutrition counseling", "acute"},
		{"Medication management", "acute"},
		{"Psychotherapy", "behavioral-dap"},
		{"Mental health follow-up", "behavioral-soap"},
		{"Psychiatric intake", "behavioral-intake"},
		{"Radical prostatectomy", "acute"},
		{"Skin biopsy", "procedure"},
	} {
		if got := n.suited(c.words); got != c.want {
			t.Errorf("%q chooses %s, want %s", c.words, got, c.want)
		}
	}
}

// TestTemplates looks at what every template must have.
func TestTemplates(t *testing.T) {
	n := shippedTemplates(t)
	names, displays := map[string]bool{}, map[string]string{}
	for _, x := range n.templates {
		if names[x.ID] || names[x.Name] {
			t.Errorf("%s is there twice", x.ID)
		}
		names[x.ID], names[x.Name] = true, true
		codes := []coded{x.Type}
		seen := map[string]bool{}
		for _, s := range x.Sections {
			if seen[s.Code] {
				t.Errorf("%s has two sections %s, whose text would be one", x.ID, s.Code)
			}
			seen[s.Code] = true
			codes = append(codes, coded{s.Code, s.Display})
			for _, text := range s.texts() {
				if left := s.answered(text); strings.Contains(left, blank) && len(s.Required) == 0 {
					t.Errorf("%s, %s: untouched it blocks with %q, and nothing is required", x.ID, s.Title, left)
				} else if !strings.Contains(left, blank) && left != "" {
					t.Errorf("%s, %s: untouched it claims %q", x.ID, s.Title, left)
				}
				for line := range strings.SplitSeq(text, "\n") {
					if line != strings.TrimSpace(line) {
						t.Errorf("%s, %s: space around %q", x.ID, s.Title, line)
					}
				}
			}
			for i := 1; i < len(s.Ages); i++ {
				if s.Ages[i-1].Below >= s.Ages[i].Below {
					t.Errorf("%s, %s: ages do not rise", x.ID, s.Title)
				}
			}
		}
		for _, c := range codes {
			if !luhn(c.Code) {
				t.Errorf("%s: LOINC %s has a wrong check digit", x.ID, c.Code)
			}
			if d := displays[c.Code]; d != "" && d != c.Display {
				t.Errorf("LOINC %s is called %q and %q", c.Code, d, c.Display)
			}
			displays[c.Code] = c.Display
		}
	}
}

// luhn checks the digit of a LOINC code. (LOINC Users' Guide, appendix C: mod 10.)
func luhn(code string) bool {
	body, check, ok := strings.Cut(code, "-")
	if !ok || len(check) != 1 {
		return false
	}
	sum := int(check[0] - '0')
	for i := range len(body) {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

func TestAnswered(t *testing.T) {
	s := Section{Text: "Pain now: *** of 10. Onset: ***.\n\nRisk: ***. Safety plan: ***.\nPupils: right ***, left ***.", Required: []string{"Risk: "}}
	for _, c := range []struct{ name, text, want string }{
		{"untouched", s.Text, "Risk: ***."},
		{"one sentence answered", "Pain now: 3 of 10. Onset: ***.\n\nRisk: none. Safety plan: ***.\nPupils: right ***, left ***.", "Pain now: 3 of 10.\n\nRisk: none."},
		{"the second of a line", "Pain now: *** of 10. Onset: Monday.", "Onset: Monday."},
		{"half of a sentence", "Pupils: right 3 mm, left ***.", "Pupils: right 3 mm, left ***."},
		{"a blank of a phrase", "Takes *** daily.", "Takes *** daily."},
		{"what may be its answer", "Pain now: *** of 10. Onset: ***. Monday night.", "Onset: ***. Monday night."},
		{"text on the next line", "Pain now: *** of 10. Onset: ***.\nWorse at night.", "Worse at night."},
		{"text before it", "Worse at night. Onset: ***.", "Worse at night."},
		{"nothing", "", ""},
		{"text without blanks stays as it is", "One.  Two.\n\n\nThree. ", "One.  Two.\n\n\nThree. "},
	} {
		if got := s.answered(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestAnsweredLosesNothing: whatever is written, no word that a person wrote is left out with the blanks.
func TestAnsweredLosesNothing(t *testing.T) {
	n := shippedTemplates(t)
	rapid.Check(t, func(t *rapid.T) {
		tmpl := rapid.SampledFrom(n.templates).Draw(t, "template")
		s := rapid.SampledFrom(tmpl.Sections).Draw(t, "section")
		text, words := rapid.SampledFrom(s.texts()).Draw(t, "text"), []string{}
		for range rapid.IntRange(0, 6).Draw(t, "count") {
			at := 0
			if places := strings.Count(text, blank); places > 0 {
				for range rapid.IntRange(0, places-1).Draw(t, "blank") {
					at += strings.Index(text[at:], blank) + len(blank)
				}
				at += strings.Index(text[at:], blank)
			}
			word := rapid.StringMatching(`w[0-9]{5}`).Draw(t, "word")
			words = append(words, word)
			if strings.HasPrefix(text[at:], blank) && rapid.Bool().Draw(t, "instead") {
				text = text[:at] + word + text[at+len(blank):]
			} else {
				text = text[:at] + word + " " + text[at:]
			}
		}
		left := s.answered(text)
		for _, w := range words {
			if !strings.Contains(left, w) {
				t.Fatalf("%q is not in %q, of %q", w, left, text)
			}
		}
	})
}

// TestChoicesAreGrouped: general practice is in view, other specialties are folded unless the person works in them or one is chosen.
func TestChoicesAreGrouped(t *testing.T) {
	n := shippedTemplates(t)
	open := func(own []string, chosen string) (out []string) {
		for _, g := range n.choices(own, chosen, nil, -1) {
			if g.Open {
				out = append(out, g.Specialty)
			}
		}
		return out
	}
	all := n.choices(nil, "", nil, -1)
	count := 0
	for _, g := range all {
		count += len(g.Options)
	}
	if count != len(n.templates)-1 || len(all) != 6 || all[0].Specialty != "" {
		t.Errorf("%d templates in %d groups, the first is %q", count, len(all), all[0].Specialty)
	}
	for _, c := range []struct {
		own    []string
		chosen string
		want   []string
	}{
		{nil, "acute", []string{""}},
		{[]string{"Family medicine"}, "acute", []string{""}},
		{[]string{"Optometrist"}, "acute", []string{"Eye care", ""}},
		{[]string{"Family medicine"}, "dental-exam", []string{"", "Dental"}},
		{[]string{"Psychiatry"}, "behavioral-dap", []string{"Behavioral health", ""}},
	} {
		if got := open(c.own, c.chosen); !slices.Equal(got, c.want) {
			t.Errorf("%v, %s chosen: in view are %q, want %q", c.own, c.chosen, got, c.want)
		}
	}
}

// TestChoicesBeginWithTheUsual: what the person uses most stands first in its group, which is then in view; what is for another age stands last.
func TestChoicesBeginWithTheUsual(t *testing.T) {
	n := shippedTemplates(t)
	first := func(used map[string]int, months int) (general, last string, open []string) {
		for _, g := range n.choices(nil, "", used, months) {
			if g.Open {
				open = append(open, g.Specialty)
			}
			if g.Specialty == "" {
				general, last = g.Options[0].Value, g.Options[len(g.Options)-1].Value
			}
		}
		return general, last, open
	}
	if g, last, _ := first(nil, 600); g != "acute" || last != "wellchild" {
		t.Errorf("a man of 50 is offered %s first and %s last", g, last)
	}
	if _, last, _ := first(nil, 6); last == "wellchild" {
		t.Error("a baby is offered the visit of a well child last")
	}
	if g, last, open := first(map[string]int{"telephone": 3, "acute": 1, "wellchild": 9, "dental-exam": 1}, 600); g != "telephone" || last != "wellchild" || !slices.Contains(open, "Dental") {
		t.Errorf("first %s, last %s, in view %q", g, last, open)
	}
}

// TestAgeChoosesTheText: a well child is asked what fits the age in whole months; an age that is not known gets the general questions.
func TestAgeChoosesTheText(t *testing.T) {
	n := shippedTemplates(t)
	i := slices.IndexFunc(n.templates, func(x Template) bool { return x.ID == "wellchild" })
	plan := n.templates[i].Sections[0]
	for _, c := range []struct {
		months int
		says   string
	}{{0, "Bilirubin"}, {1, "Bilirubin"}, {2, "tummy time"}, {6, "(6 months)"}, {9, "(9 months)"}, {12, "Hemoglobin and lead (12 months)"}, {18, "(18 months)"}, {24, "(24 months)"}, {48, "school readiness"}, {120, "Lipids"}, {180, "Depression and suicide"}, {300, "due at this age"}, {-1, "due at this age"}} {
		if got := plan.textAt(c.months); !strings.Contains(got, c.says) {
			t.Errorf("at %d months it does not ask %q: %s", c.months, c.says, got)
		}
	}
	day := func(s string) format.Partial { p, _ := format.Parse(s, time.UTC); return p }
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for born, want := range map[string]int{"2026-11-25": 0, "2026-09-25": 2, "2026-09-26": 1, "2025-11-25": 12, "2025-11-26": 11, "2026-12-01": -1, "2026": -1, "2025-11": -1} {
		if got := ageInMonths(day(born), now); got != want {
			t.Errorf("born %s: %d months, want %d", born, got, want)
		}
	}
}
