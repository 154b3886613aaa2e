package reconciliation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/wire/ccda"
)

// change is what taking the document's words into an entry of the chart changes of it.
type change struct{ What, Before, After string }

func (c change) String() string {
	return c.What + ": " + cmp.Or(c.Before, "not recorded") + " here, becomes " + cmp.Or(c.After, "not recorded")
}

// changed is an entry of the chart with what the document says of it, and what that changes. What the document does not say stays.
func changed(ours *fhir.Resource, x *ccda.Entry) (doc *fhir.Resource, changes []change, err error) {
	set := func(what, before, after string) {
		changes = append(changes, change{what, before, after})
	}
	if ours.Type() == "AllergyIntolerance" {
		a, err := fhir.View[allergyIntolerance](ours)
		if err != nil {
			return nil, nil, err
		}
		if a.state(x.State, set); x.Criticality != "" && x.Criticality != a.Criticality {
			set("Criticality", a.Criticality, x.Criticality)
			a.Criticality = x.Criticality
		}
		began(&a.Onset, x, set)
		a.react(x.Reactions, set)
		doc, err = fhir.Merge(ours, a)
		return doc, changes, err
	}
	p, err := fhir.View[condition](ours)
	if err != nil {
		return nil, nil, err
	}
	before := p
	p.state(x.State, set)
	began(&p.Onset, x, set)
	stands := slices.Contains([]string{"", "active", "recurrence", "relapse"}, facts.Code(p.Clinical, facts.ConditionClinical))
	switch {
	case stands && !p.Abatement.IsZero(): // con-4: what has ended is not active
		set("Ended", facts.OnsetText(before.Abatement, nowhere), "")
		p.Abatement = fhir.Choice{}
	case !stands && !x.End.IsZero() && facts.OnsetText(p.Abatement, nowhere) != asWritten(x.End):
		set("Ended", facts.OnsetText(p.Abatement, nowhere), asWritten(x.End))
		p.Abatement = fhir.ChoiceOf(x.End)
	}
	doc, err = fhir.Merge(ours, p)
	return doc, changes, err
}

// began takes over since when something holds.
func began(onset *fhir.Choice, x *ccda.Entry, set func(what, before, after string)) {
	if x.Start.IsZero() {
		return
	}
	was, is := facts.OnsetText(*onset, nowhere), asWritten(x.Start)
	if was == is {
		return
	}
	set("Began", was, is)
	*onset = fhir.ChoiceOf(x.Start)
}

// over reports whether a clinical status says that something does not stand any more.
func over(state string) bool {
	return state == "inactive" || state == "resolved" || state == "remission"
}

// state takes over whether it stands. An allergy that was refuted here and stands there is confirmed with it.
func (a *allergyIntolerance) state(there string, set func(what, before, after string)) {
	was := facts.Code(a.Clinical, facts.AllergyClinical)
	if there != "active" && !over(there) || there == "active" && (was == "active" || was == "") && facts.Code(a.Verification, facts.AllergyVerification) != "refuted" || over(there) && over(was) {
		return
	}
	if v := facts.Code(a.Verification, facts.AllergyVerification); v == "refuted" && there == "active" {
		set("Verification", v, "confirmed")
		a.Verification = fhir.Concept(facts.AllergyVerification, "confirmed", "")
	} else if v == "refuted" { // neither stands
		return
	}
	if was != there {
		set("State", cmp.Or(was, "active"), there)
		a.Clinical = fhir.Concept(facts.AllergyClinical, there, "")
	}
}

func (p *condition) state(there string, set func(what, before, after string)) {
	was := facts.Code(p.Clinical, facts.ConditionClinical)
	if there != "active" && !over(there) || there == "active" && !over(was) || over(there) && over(was) {
		return
	}
	set("State", cmp.Or(was, "active"), there)
	p.Clinical = fhir.Concept(facts.ConditionClinical, there, "")
}

// react takes over reactions that are not recorded here, and severities of those that are.
func (a *allergyIntolerance) react(theirs []ccda.Reaction, set func(what, before, after string)) {
	for _, r := range theirs {
		name := facts.Concept(r.Manifestation)
		named := len(r.Manifestation.Coding) > 0 || name != "Reaction not named"
		at := slices.IndexFunc(a.Reactions, func(o reaction) bool {
			return slices.ContainsFunc(o.Manifestation, func(m fhir.CodeableConcept) bool {
				return sharedCode(m, r.Manifestation) || plain(facts.Concept(m)) == plain(name)
			})
		})
		if at < 0 && !named && len(a.Reactions) == 1 { // a severity of the allergy as a whole is that of its one reaction
			at, name = 0, facts.First(a.Reactions[0].Manifestation)
		}
		switch {
		case at < 0:
			set("Reaction", "", strings.TrimSpace(r.Severity+" "+name))
			a.Reactions = append(a.Reactions, reaction{[]fhir.CodeableConcept{r.Manifestation}, r.Severity})
		case r.Severity != "" && r.Severity != a.Reactions[at].Severity:
			set("Severity of "+name, a.Reactions[at].Severity, r.Severity)
			a.Reactions[at].Severity = r.Severity
		}
	}
}

// changing is an entry of the chart as a row makes it.
func (e *editor) changing(ctx context.Context, c *comparison, row *Row) (*fhir.Resource, error) {
	doc, _, err := changed(row.ours.doc, row.entry)
	if err != nil {
		return nil, err
	}
	v, err := fhir.View[struct{ Note []fhir.Annotation }](doc)
	if err != nil {
		return nil, err
	}
	v.Note = append(v.Note, e.remark(ctx, c, row)...)
	return fhir.Merge(doc, v)
}
