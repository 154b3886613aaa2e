package ordering

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/ordering/imaging"
)

// Alerts are the rules of orders that are counted, and tuned, with those of medicines.
func Alerts() (out []slice.AlertRule) {
	for _, r := range imaging.Rules() {
		out = append(out, slice.AlertRule{Name: r.Name, Check: string(r.Check), Severity: r.Severity.String(), Source: r.Source.Title, Version: r.Source.Version, Text: r.Text, Fixed: r.Fixed})
	}
	return out
}

// study is an order of the basket, if it is for imaging. Tests of the laboratory and referrals are none, whatever they are called.
func (it item) study(f *web.Form, place int) (imaging.Study, bool) {
	if it.Kind == Lab || it.Kind == Referral || it.Kind == Nursing {
		return imaging.Study{}, false
	}
	s, ok := imaging.Recognize(it.Code, it.Name, f.Text(it.field("note")), it.Kind == Imaging)
	s.Place = place
	return s, ok
}

// checkBasket checks the imaging of a basket, and notes what the form has shown before.
func (e *desk) checkBasket(ctx context.Context, s *record.Session, patient string, b *basket, f *web.Form) {
	var studies []imaging.Study
	for i, it := range b.Items {
		if study, ok := it.study(f, i); ok {
			studies = append(studies, study)
		}
	}
	b.Fired, b.Shown = remembered(f, "fired"), remembered(f, "shown")
	if len(studies) > 0 {
		b.Report = e.checkImaging(ctx, s, patient, studies)
	}
}

// remembered is what a form remembers to have shown; no more than a form of this kind can have.
func remembered(f *web.Form, name string) []string {
	all := f.All(name)
	return all[:min(len(all), 200)]
}

// checkImaging checks studies against what the session may see of the patient.
func (e *desk) checkImaging(ctx context.Context, s *record.Session, patient string, studies []imaging.Study) imaging.Report {
	return e.imagingChecker(ctx).Check(readPictured(ctx, s, patient).snapshot(e.medicines, e.d.Shell.Clock()), studies)
}

// imagingChecker is the checker as the practice has set it. What was set and cannot be read is left aside: every rule then weighs what it
// ships with.
func (e *desk) imagingChecker(ctx context.Context) imaging.Checker {
	c := imaging.Checker{Tuning: map[string]imaging.Mode{}}
	modes, err := facts.AlertModes(ctx, e.d.Program("imaging-safety"))
	if err != nil {
		e.d.Log.ErrorContext(ctx, "how alerts are set could not be read: all weigh what they ship with", "error", err.Error())
		return c
	}
	for rule, mode := range modes {
		c.Tuning[rule] = map[string]imaging.Mode{"off": imaging.Off, "passive": imaging.Passive, "interruptive": imaging.Interruptive}[mode]
	}
	return c
}

// mustSee are the findings to weigh and graver, and the gaps, by which a form tells whether it has shown them.
func (b basket) mustSee() (keys []string) {
	for _, f := range b.Report.Findings {
		if f.Severity != drugs.Note {
			keys = append(keys, f.Key())
		}
	}
	for _, g := range b.Report.Gaps {
		keys = append(keys, g.Study+"|"+g.Text)
	}
	return keys
}

// rules are those that the form shows findings of, or has shown.
func (b basket) rules() []string {
	out := slices.Clone(b.Fired)
	for _, f := range b.Report.Findings {
		if f.Severity != drugs.Note && !slices.Contains(out, f.Rule) {
			out = append(out, f.Rule)
		}
	}
	return out
}

// answer makes sure that what was found was seen, and that what stops an order was answered.
func (b basket) answer(f *web.Form) {
	for _, key := range b.mustSee() {
		if !slices.Contains(b.Shown, key) {
			f.Wrong("seen", "Look at what the checks found, and sign again.")
			break
		}
	}
	if len(b.Report.Stops()) == 0 {
		return
	}
	code := f.Text("answer")
	if !slices.ContainsFunc(facts.AlertReasons(), func(a facts.AlertReason) bool { return a.Code == code }) {
		f.Wrong("answer", "Say why it is ordered all the same, or take it out.")
	}
	if code == facts.AlertOther && f.Text("why") == "" {
		f.Wrong("why", "Write the reason.")
	}
}

// kinds are HL7's codes of what the checks find. (v3-ActCode.)
var kinds = map[imaging.Check][2]string{
	imaging.Pregnancy: {"PREG", "Pregnancy Alert"}, imaging.ContrastAllergy: {"ALGY", "Allergy Alert"}, imaging.Kidneys: {"LAB", "Lab Alert"},
	imaging.Metformin: {"DRG", "Drug Interaction Alert"}, imaging.Implants: {"COND", "Condition Alert"},
}

// issues keep what was found of a basket, with what was said to it: one for each finding to weigh and graver, and one for each rule that was
// shown and does not apply any more. made are the references of the orders.
func (b basket) issues(f *web.Form, patient string, made []fhir.Reference, author fhir.Reference, e *desk) ([]record.Op, error) {
	now := e.d.Shell.Clock()
	var ops []record.Op
	add := func(a facts.Alert, key string) error {
		op := record.Op{Verb: record.Create, Type: "DetectedIssue"}
		a.Identifier, op.Condition = facts.Once(f, key)
		var err error
		op.Resource, err = fhir.New("DetectedIssue", a)
		ops = append(ops, op)
		return err
	}
	present := map[string]bool{}
	for n, x := range b.Report.Findings {
		present[x.Rule] = true
		if x.Severity == drugs.Note {
			continue
		}
		found := facts.Found{Kind: kinds[x.Check][0], KindName: kinds[x.Check][1], Check: string(x.Check), Rule: x.Rule, Source: x.Source.Title, Version: x.Source.Version, Severity: "moderate", Detail: x.Study + " — " + x.Line()}
		code, why := "", ""
		if x.Severity == drugs.Stop {
			found.Severity, code, why = "high", f.Text("answer"), f.Text("why")
		}
		if err := add(facts.NewAlert(found, patient, made[x.Place].Reference, code, why, author, now), "finding"+strconv.Itoa(n)); err != nil {
			return nil, err
		}
	}
	for n, rule := range b.Fired {
		i := slices.IndexFunc(imaging.Rules(), func(r imaging.Rule) bool { return r.Name == rule })
		if i < 0 || present[rule] {
			continue
		}
		r := imaging.Rules()[i]
		found := facts.Found{Kind: kinds[r.Check][0], KindName: kinds[r.Check][1], Check: string(r.Check), Rule: rule, Source: r.Source.Title, Version: r.Source.Version, Severity: "moderate", Detail: "It was shown while orders were written, and no longer applies to what was signed."}
		if err := add(facts.NewAlert(found, patient, made[0].Reference, facts.AlertChanged, "", author, now), "gone"+strconv.Itoa(n)); err != nil {
			return nil, err
		}
	}
	return ops, nil
}

// imagingRule is the same for the orders of other systems.
func (e *desk) imagingRule(right slice.Right) slice.Rule {
	return slice.Rule{
		Name: "imaging-safety", Title: "Imaging safety",
		Description: "Checks imaging that is about to be ordered against pregnancy, kidney function, allergies to contrast, metformin and implants, and says what could not be checked.",
		Right:       right, Check: e.checkPictures,
	}
}

// checkPictures is what the checks of imaging say of drafts of services. What was not checked is a card of its own, so that silence is never
// taken for safety.
func (e *desk) checkPictures(ctx context.Context, s *record.Session, patient string, drafts []*fhir.Resource) ([]slice.Advice, error) {
	var studies []imaging.Study
	for place, d := range drafts {
		if d.Type() != "ServiceRequest" {
			continue
		}
		o, err := fhir.View[struct {
			order
			Never bool `fhir:"doNotPerform"`
		}](d)
		if err != nil {
			return nil, err
		}
		kind := e.catalogue.kind(o.order)
		if o.Never || kind == Lab || kind == Referral || kind == Nursing {
			continue
		}
		notes := o.Instruction
		for _, n := range o.Note {
			notes += " | " + n.Text
		}
		if study, ok := imaging.Recognize(o.Code, o.name(), notes, kind == Imaging); ok {
			study.Place = place
			studies = append(studies, study)
		}
	}
	if len(studies) == 0 {
		return nil, nil
	}
	report := e.checkImaging(ctx, s, patient, studies)
	var out []slice.Advice
	for _, f := range report.Findings {
		urgency := slice.Info
		switch f.Severity {
		case drugs.Stop:
			urgency = slice.Critical
		case drugs.Caution:
			urgency = slice.Warning
		}
		out = append(out, slice.Advice{Summary: clipped(f.Study + " — " + f.Against + ": " + f.Text), Detail: f.Study + " — " + f.Line(), Urgency: urgency, Source: f.Source.Title + ", " + f.Source.Version, Draft: drafts[f.Place]})
	}
	if len(report.Gaps) > 0 {
		var why []string
		for _, g := range report.Gaps {
			why = append(why, g.Study+", "+string(g.Check)+": "+g.Text)
		}
		out = append(out, slice.Advice{Summary: "Data is missing: not everything was checked", Detail: strings.Join(why, "\n"), Urgency: slice.Warning, Source: "Osler"})
	}
	if len(report.Off) > 0 {
		out = append(out, slice.Advice{Summary: "A rule that is switched off here would have shown something", Detail: offRules(report.Off), Urgency: slice.Info, Source: "Osler"})
	}
	return out, nil
}

// offRules names the rules of findings that are not shown.
func offRules(off []imaging.Finding) string {
	var names []string
	for _, f := range off {
		if !slices.Contains(names, f.Rule) {
			names = append(names, f.Rule)
		}
	}
	return "Switched off here: " + strings.Join(names, ", ") + "."
}
