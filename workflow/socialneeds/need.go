package socialneeds

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

const (
	usCore    = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
	topicCode = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category"
	// concern is US Core's system of the category that R4's lacks.
	concern = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
	icd10   = "http://hl7.org/fhir/sid/icd-10-cm"
	// screened is the system of what the screening asks about. (workflow/instruments/builtin/social-needs.json)
	screened = "https://osler.example/fhir/CodeSystem/social-need"
)

// sdoh is the category of what is about social determinants of health.
func sdoh() fhir.CodeableConcept { return fhir.Concept(topicCode, "sdoh", "SDOH") }

// domain is a field of life in which something may be lacking.
type domain struct {
	code    string // of the screening; "" = it is not asked about by itself
	name    string
	icd     string // ICD-10-CM, fiscal year 2026; "" where no code says it
	display string
}

var domains = []domain{
	{"food", "Food insecurity", "Z59.41", "Food insecurity"},
	{"housing", "Housing instability", "Z59.819", "Housing instability, housed unspecified"},
	{"", "Homelessness", "Z59.00", "Homelessness unspecified"},
	{"utilities", "Utilities cut off or about to be", "Z59.12", "Inadequate housing utilities"},
	{"transport", "Lack of transportation", "Z59.82", "Transportation insecurity"},
	{"money", "Financial insecurity", "Z59.86", "Financial insecurity"},
	{"employment", "Unemployment", "Z56.0", "Unemployment, unspecified"},
	{"education", "Education and literacy", "Z55.9", "Problems related to education and literacy, unspecified"},
	{"loneliness", "Loneliness", "", ""},
	{"safety", "Not safe at home", "", ""},
}

func (d domain) concept() fhir.CodeableConcept {
	c := fhir.CodeableConcept{Text: d.name}
	if d.icd != "" {
		c.Coding = []fhir.Coding{{System: icd10, Code: d.icd, Display: d.display}}
	}
	return c
}

// need is a Condition as the form reads and writes it.
type need struct {
	ID           string
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Subject      fhir.Reference
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Abatement    fhir.Choice   `fhir:"abatement[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
	Recorder     fhir.Reference
	Evidence     []evidence
	Note         []fhir.Annotation
}

type evidence struct{ Detail []fhir.Reference }

func (n need) social() bool {
	return slices.ContainsFunc(n.Category, func(c fhir.CodeableConcept) bool { return c.In(topicCode) == "sdoh" })
}

func (n need) struck() bool {
	return facts.Code(n.Verification, facts.ConditionVerification) == "entered-in-error"
}

func (n need) active() bool {
	switch facts.Code(n.Clinical, facts.ConditionClinical) {
	case "inactive", "resolved", "remission":
		return false
	}
	return n.Abatement.IsZero()
}

func (n need) name() string {
	if s := facts.Concept(n.Code); s != "" {
		return s
	}
	return "Need not named"
}

func (n need) note() string {
	if len(n.Note) == 0 {
		return ""
	}
	return n.Note[len(n.Note)-1].Text
}

// goal is a Goal as it is read and written here.
type goal struct {
	ID          string
	Meta        fhir.Meta
	Identifier  []fhir.Identifier
	Lifecycle   string                 `fhir:"lifecycleStatus"`
	Achievement fhir.CodeableConcept   `fhir:"achievementStatus"`
	Category    []fhir.CodeableConcept `fhir:"category"`
	Description fhir.CodeableConcept
	Subject     fhir.Reference
	Start       fhir.Choice `fhir:"start[x]"`
	Target      []target
	StatusDate  fhir.Date
	Expressed   fhir.Reference `fhir:"expressedBy"`
	Addresses   []fhir.Reference
	Note        []fhir.Annotation
}

type target struct {
	Due fhir.Choice `fhir:"due[x]"`
}

func (g goal) due(zone *time.Location) string {
	for _, t := range g.Target {
		if d, ok := fhir.ChoiceValue[fhir.Date](t.Due); ok {
			if at, err := fhir.ParseDateTime(d.String()); err == nil {
				return facts.Day(at, zone)
			}
		}
	}
	return ""
}

// referral is a ServiceRequest as it is read and written here.
type referral struct {
	ID              string
	Meta            fhir.Meta
	Identifier      []fhir.Identifier
	Status          string
	Intent          string
	Category        []fhir.CodeableConcept
	Code            fhir.CodeableConcept
	Subject         fhir.Reference
	Occurrence      fhir.Choice   `fhir:"occurrence[x]"`
	Authored        fhir.DateTime `fhir:"authoredOn"`
	Requester       fhir.Reference
	Performer       []fhir.Reference
	ReasonReference []fhir.Reference
	Note            []fhir.Annotation
}

// answer is the newest answer of a screening about one domain.
type answer struct {
	domain  domain
	said    string
	yes     bool
	ref     string
	when    fhir.DateTime
	addHref string // adds it as a need; "" where it is one, or the person may not
}

// observed is the view of an answer.
type observed struct{ facts.Observation }

// Needs is all that is known of a patient's social needs.
type Needs struct {
	Active, Past  []need
	Goals         []goal
	Referrals     []referral
	Answers       []answer
	Href, AddHref string
	zone          *time.Location
}

func readNeeds(ctx context.Context, s *record.Session, patient string, zone *time.Location) (Needs, error) {
	l := Needs{zone: zone}
	var conditions []need
	var goals []goal
	var referrals []referral
	var found []observed
	errs := make([]error, 4)
	visible := func(err error) error {
		if record.KindOf(err) == record.KindForbidden {
			return nil
		}
		return err
	}
	facts.Together(
		func() {
			conditions, errs[0] = facts.FindAll[need](ctx, s, "Condition", patient, facts.Params("category", topicCode+"|sdoh", "_count", "200")...)
		},
		func() {
			goals, errs[1] = facts.FindAll[goal](ctx, s, "Goal", patient, facts.Params("category", topicCode+"|sdoh", "_count", "100")...)
			errs[1] = visible(errs[1])
		},
		func() {
			referrals, errs[2] = facts.FindAll[referral](ctx, s, "ServiceRequest", patient, facts.Params("category", topicCode+"|sdoh", "_sort", "-authored", "_count", "100")...)
			errs[2] = visible(errs[2])
		},
		func() {
			found, errs[3] = facts.FindAll[observed](ctx, s, "Observation", patient, facts.Params("category", topicCode+"|sdoh", "_sort", "-date", "_count", "300")...)
			errs[3] = visible(errs[3])
		},
	)
	for _, err := range errs {
		if err != nil {
			return l, err
		}
	}
	for _, n := range conditions {
		switch {
		case !n.social() || n.struck():
		case n.active():
			l.Active = append(l.Active, n)
		default:
			l.Past = append(l.Past, n)
		}
	}
	for _, g := range goals {
		if g.Lifecycle != "entered-in-error" {
			l.Goals = append(l.Goals, g)
		}
	}
	for _, r := range referrals {
		if r.Status != "entered-in-error" {
			l.Referrals = append(l.Referrals, r)
		}
	}
	l.Answers = answersOf(found)
	return l, nil
}

// answersOf are the newest answers about each domain; found is newest first.
func answersOf(found []observed) (out []answer) {
	for _, d := range domains {
		for _, o := range found {
			if d.code == "" || !o.Valid() || !o.Code.Has(screened, d.code) {
				continue
			}
			c, _ := fhir.ChoiceValue[fhir.CodeableConcept](o.Value)
			out = append(out, answer{domain: d, said: facts.Concept(c), yes: c.In(screened) == "yes", ref: o.ID, when: o.At()})
			break
		}
	}
	return out
}

// unmet are the answers that name a need which is not in the list.
func (l Needs) unmet() (out []answer) {
	for _, a := range l.Answers {
		listed := slices.ContainsFunc(l.Active, func(n need) bool {
			return facts.Concept(n.Code) == a.domain.name || a.domain.icd != "" && n.Code.Has(icd10, a.domain.icd)
		})
		if a.yes && !listed {
			if l.AddHref != "" {
				a.addHref = l.AddHref + "?domain=" + url.QueryEscape(a.domain.code)
			}
			out = append(out, a)
		}
	}
	return out
}
