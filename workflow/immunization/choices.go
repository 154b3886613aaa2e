package immunization

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms/tables"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/ui"
)

// choice is one of a short list of codes.
type choice struct{ code, words string }

// The lists of the forms, with the HL7 v3 codes that R4's value sets take theirs from.
var (
	sites = []choice{
		{"LD", "Left deltoid"}, {"RD", "Right deltoid"}, {"LVL", "Left thigh (vastus lateralis)"}, {"RVL", "Right thigh (vastus lateralis)"},
		{"LUA", "Left upper arm"}, {"RUA", "Right upper arm"}, {"LT", "Left thigh"}, {"RT", "Right thigh"},
	}
	routes  = []choice{{"IM", "Into the muscle"}, {"SQ", "Under the skin"}, {"IDINJ", "Into the skin"}, {"NASINHLC", "Into the nose"}, {"PO", "By mouth"}}
	refused = []choice{{"PATOBJ", "Patient objects"}, {"RELIG", "Religious objection"}, {"PHILISOP", "Philosophical objection"}, {"VACSAF", "Worried about safety"}, {"VACEFF", "Doubts that it works"}, {"MEDPREC", "Medical reason"}, {"IMMUNE", "Immune already"}, {"OSTOCK", "Out of stock"}}
	origins = []choice{{"provider", "Another practice or pharmacy"}, {"record", "Vaccination card or paper record"}, {"recall", "Told by patient or parent"}, {"school", "School record"}, {"jurisdiction", "State registry"}}
	// eligible are the categories of the Vaccines for Children program. (HL7 table 0064.)
	eligible = []choice{{"V02", "Eligible: Medicaid"}, {"V03", "Eligible: not insured"}, {"V04", "Eligible: American Indian or Alaska Native"}, {"V05", "Eligible: underinsured, at a federally qualified health center"}, {"V01", "Not eligible"}}
)

const (
	siteSystem   = "http://terminology.hl7.org/CodeSystem/v3-ActSite"
	routeSystem  = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"
	reasonSystem = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	originSystem = "http://terminology.hl7.org/CodeSystem/immunization-origin"
	vfcSystem    = "http://terminology.hl7.org/CodeSystem/v2-0064"
)

// options are a list for a select, with what the empty choice says; "" = there is no empty choice.
func options(list []choice, none string) (out []ui.Option) {
	if none != "" {
		out = append(out, ui.Option{Label: none})
	}
	for _, c := range list {
		out = append(out, ui.Option{Value: c.code, Label: c.words})
	}
	return out
}

// chosen is the concept of a code of a list; ok is false for one that is not in it.
func chosen(list []choice, system, code string) (fhir.CodeableConcept, bool) {
	for _, c := range list {
		if c.code == code {
			out := fhir.Concept(system, code, "")
			out.Text = c.words
			return out, true
		}
	}
	return fhir.CodeableConcept{}, false
}

// offered is a vaccine as the forms offer it.
type offered struct {
	cvx, name, also string
	words           string // lower case, for searching
	active          bool
}

// vaccinesOffered are all of CVX with their trade names, those in use first.
var vaccinesOffered = sync.OnceValue(func() []offered {
	trade := map[string][]string{}
	for _, p := range tables.Products() {
		if !slices.Contains(trade[p.CVX], p.Name) {
			trade[p.CVX] = append(trade[p.CVX], p.Name)
		}
	}
	var out []offered
	for _, v := range tables.CVX() {
		o := offered{cvx: v.Code, name: v.Short, also: strings.Join(trade[v.Code], ", "), active: v.Status == "Active"}
		o.words = strings.ToLower(strings.Join([]string{v.Short, v.Full, o.also, v.Code, strings.Join(v.Groups, " ")}, " "))
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b offered) int {
		switch {
		case a.active == b.active:
			return 0
		case a.active:
			return -1
		}
		return 1
	})
	return out
})

// mostVaccines is how many vaccines are offered at once.
const mostVaccines = 12

// vaccineOptions answers what was typed of a vaccine: words of its name or trade name, or the CVX code.
func vaccineOptions(r *http.Request) (web.View, error) {
	parts := strings.Fields(strings.ToLower(r.FormValue("q")))
	var list []web.Option
	for _, o := range vaccinesOffered() {
		if len(parts) == 0 || slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(o.words, p) }) {
			continue
		}
		option := web.Option{Value: o.cvx, Label: o.name, Note: "CVX " + o.cvx, Sub: o.also}
		if !o.active {
			option.Note += ", no longer used"
		}
		if len(list) == mostVaccines {
			return web.FirstOptions(list, "More vaccines are called so: type more of the name."), nil
		}
		list = append(list, option)
	}
	return web.Options(list, "No vaccine of CVX is called so."), nil
}

// vaccineOf is the vaccine of a CVX code.
func vaccineOf(code string) (fhir.CodeableConcept, bool) {
	for _, o := range vaccinesOffered() {
		if o.cvx == code {
			c := fhir.Concept(cvx, code, o.name)
			c.Text = o.name
			return c, true
		}
	}
	return fhir.CodeableConcept{}, false
}

// vaccineField takes the vaccine that a form names, and notes it as wrong if there is none.
func vaccineField(f *web.Form) fhir.CodeableConcept {
	c, ok := vaccineOf(f.Text("cvx"))
	if !ok || f.Text("vaccine") == "" {
		f.Wrong("vaccine", "Say which vaccine: type a word of it and choose from the list.")
	}
	return c
}

// makerOf is the manufacturer of a vaccine where the trade names know one alone.
func makerOf(code string) (mvxCode, name string) {
	for _, p := range tables.Products() {
		if p.CVX != code {
			continue
		}
		if mvxCode != "" && mvxCode != p.MVX {
			return "", ""
		}
		mvxCode = p.MVX
	}
	for _, m := range tables.MVX() {
		if m.Code == mvxCode {
			return mvxCode, cmp.Or(m.Name, m.Code)
		}
	}
	return "", ""
}

// packageOf is the package code and the vaccine that a product number stands for; ok is false if it is not known, or not for one alone.
func packageOf(ndcs []string) (ndcCode, cvxCode string, ok bool) {
	for _, n := range ndcs {
		if c := packages()[n]; c != "" {
			if ok && c != cvxCode {
				return "", "", false
			}
			ndcCode, cvxCode, ok = n[:5]+"-"+n[5:9]+"-"+n[9:], c, true
		}
	}
	return ndcCode, cvxCode, ok
}
