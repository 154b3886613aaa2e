package imaging

import (
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/web/format"
)

// How old facts may be, in days.
const (
	// TestHolds is for how long a negative pregnancy test, or the answer that the patient is not pregnant, is taken for today's.
	TestHolds = 7
	// FiltrationHolds is how old an eGFR may be where the kidneys are at risk; FiltrationHoldsElse for all others.
	FiltrationHolds     = 30
	FiltrationHoldsElse = 365
)

// Limits of eGFR, in mL/min/1.73 m2.
const (
	severe   = 30
	moderate = 45
	label    = 60
)

// pregnancy checks radiation, and gadolinium, against pregnancy, known or possible.
func (r *run) pregnancy() string {
	s, p := r.study, r.p
	if !s.Ionizing() && !s.Gadolinium() || p.Pregnant == nil && p.Bearing == No {
		return notConcerned
	}
	if p.Pregnant != nil {
		against := p.fact(p.Pregnant)
		switch {
		case s.Gadolinium():
			severity, text := r.perhaps(drugs.Stop, "gadolinium crosses the placenta and stays in the amniotic fluid")
			r.find(ruleGadoPregnant, severity, against, text, "Only where the picture is needed now and cannot be made without; talk with the radiologist and the patient.")
		case s.Modality == Density:
			r.find(rulePregnantFar, drugs.Caution, against, "bone density is mostly put off until after pregnancy")
		case s.Near:
			r.find(rulePregnant, drugs.Stop, against, "the embryo or fetus may lie in the beam", "Consider ultrasound or MRI without contrast; if it must be done, agree on it with the radiologist and the patient.")
		default:
			r.find(rulePregnantFar, drugs.Note, against, "the dose to the embryo or fetus is very small this far from the uterus", "Tell the patient, and the radiographers.")
		}
		return ""
	}
	if s.Modality == Density || s.Ionizing() && !s.Near {
		return notConcerned
	}
	switch {
	case p.Excluded != nil:
		return p.fact(p.Excluded)
	case !p.may():
		return "Does not apply at this age"
	case p.NotPregnant != nil && p.days(p.NotPregnant.At) >= 0 && p.days(p.NotPregnant.At) <= TestHolds:
		return p.fact(p.NotPregnant)
	}
	why := "Pregnancy is not ruled out: no test, sterilization or menopause is recorded"
	if p.NotPregnant != nil {
		why = p.fact(p.NotPregnant) + ", which is more than " + format.Count(TestHolds, "day", "days") + " old"
	}
	if age, ok := p.age(); !ok {
		why += "; the birth date is not known"
	} else {
		why += "; age " + strconv.Itoa(age)
	}
	if p.Bearing == NotKnown {
		why += "; sex is not recorded"
	}
	text, advice := "the uterus may lie in the beam", "Ask, and test if in doubt, before the picture is made."
	if s.Gadolinium() {
		text, advice = "gadolinium crosses the placenta", "Ask before contrast is given."
	}
	r.find(rulePerhapsPregnant, drugs.Caution, why, text, advice)
	return ""
}

// allergies checks contrast against what the patient reacted to.
func (r *run) allergies() string {
	s := r.study
	var medium Medium
	switch {
	case s.Iodinated():
		medium = Iodinated
	case s.Gadolinium():
		medium = Gadolinium
	default:
		return notConcerned
	}
	for _, a := range r.p.Allergies {
		against := "Allergy to " + a.Name
		if a.Reaction != "" {
			against += " (" + a.Reaction + ")"
		}
		switch {
		case a.To&medium != 0:
			severity := drugs.Caution
			if a.Grave {
				severity = drugs.Stop
			}
			severity, text := r.perhaps(severity, "a reaction to contrast of the same kind may come again, and be worse")
			advice := "Ask what happened; consider another study or another agent, and premedication with the radiologist."
			if a.To == Iodinated|Gadolinium {
				advice = "Which kind of contrast it was is not recorded. " + advice
			}
			r.find(ruleAllergy, severity, against, text, advice)
		case a.To&Iodine != 0 && medium == Iodinated:
			_, text := r.perhaps(drugs.Caution, "this may mean a contrast medium, or what is put on the skin, which does not matter here")
			r.find(ruleIodine, drugs.Caution, against, text, "Ask which it was, and correct the entry.")
		}
	}
	if !r.p.AllergiesAsked {
		r.gap(ContrastAllergy, "No allergies are recorded, and not that there are none. Ask about earlier reactions to contrast.")
	}
	return "No reaction to contrast recorded"
}

// kidneys checks contrast against kidney function.
func (r *run) kidneys() string {
	s := r.study
	if !s.Iodinated() && !s.Gadolinium() {
		return notConcerned
	}
	f := r.filtration()
	low := f != nil && f.Value < severe
	switch {
	case s.Gadolinium():
		r.gadolinium(f, low)
	case r.p.Dialysis != nil:
		r.find(ruleKidneys, drugs.Caution, r.p.fact(r.p.Dialysis), "contrast can take what function is left, and is a load of fluid", "Plan it with the dialysis unit if urine is still made.")
	case low:
		severity, text := r.perhaps(drugs.Stop, "contrast can injure kidneys this weak further")
		r.find(ruleKidneys, severity, r.filtrationWords(f), text, "Do without contrast if that answers the question; else saline before it, and talk with the radiologist.")
	case r.p.AKI != nil:
		severity, text := r.perhaps(drugs.Caution, "contrast can worsen an acute kidney injury, and eGFR does not hold meanwhile")
		against := r.p.fact(r.p.AKI)
		if f != nil {
			against += "; " + r.filtrationWords(f)
		}
		r.find(ruleKidneys, severity, against, text, "Do without contrast if that answers the question, or wait; else saline before it.")
	case f != nil && f.Value < moderate:
		r.find(ruleKidneys, drugs.Note, r.filtrationWords(f), "the risk from contrast is small unless an acute kidney injury or other risks are there")
	}
	if f == nil {
		return ""
	}
	return r.filtrationWords(f)
}

// gadolinium checks against nephrogenic systemic fibrosis.
func (r *run) gadolinium(f *Filtration, low bool) {
	against := ""
	switch {
	case r.p.Dialysis != nil:
		against = r.p.fact(r.p.Dialysis)
	case low:
		against = r.filtrationWords(f)
	case r.p.AKI != nil:
		against = r.p.fact(r.p.AKI)
	default:
		return
	}
	switch {
	case slices.Contains(groupOne, r.study.Agent):
		r.find(ruleGado, drugs.Stop, against, r.study.Agent+" is of group I and must not be given: nephrogenic systemic fibrosis", "Ask for an agent of group II.")
	case r.study.Agent == "" || r.study.Agent == "gadolinium":
		_, text := r.perhaps(drugs.Caution, "agents of group I (gadodiamide, gadopentetate, gadoversetamide) must not be given")
		r.find(ruleGado, drugs.Caution, against, text, "The order names no agent: write on it that one of group II is to be used.")
	default:
		r.find(ruleGado, drugs.Note, against, "the risk of nephrogenic systemic fibrosis with "+r.study.Agent+" is very low; use the smallest dose that serves")
	}
}

// filtration is the eGFR, with a gap where it is missing or too old.
func (r *run) filtration() *Filtration {
	f := r.p.EGFR
	if age, ok := r.p.age(); ok && age < 18 {
		r.gap(Kidneys, "The limits of eGFR are for adults: kidney function was not checked.")
		return nil
	}
	holds, why := FiltrationHoldsElse, ""
	if risk := r.p.RenalRisk; len(risk) > 0 {
		holds, why = FiltrationHolds, " A recent one is asked for with "+listed(risk)+"."
	}
	switch {
	case f == nil && why == "":
		r.gap(Kidneys, "No eGFR or creatinine is recorded. Nothing that raises the risk is recorded either: ask about kidney disease.")
	case f == nil:
		r.gap(Kidneys, "No eGFR or creatinine is recorded."+why)
	case r.p.days(f.At) > holds || f.At.IsZero():
		r.gap(Kidneys, r.filtrationWords(f)+" is more than "+format.Count(holds, "day", "days")+" old; it was used all the same."+why)
	}
	return f
}

func (r *run) filtrationWords(f *Filtration) string {
	s := "eGFR " + f.whole()
	if f.From != "" {
		s += " from " + f.From
	}
	return s + " " + r.p.on(f.At)
}

// metformin checks iodinated contrast for who takes metformin.
func (r *run) metformin() string {
	if !r.study.Iodinated() {
		return notConcerned
	}
	f, name := r.p.EGFR, r.p.Metformin
	if name == "" {
		if len(r.p.Unread[Metformin]) > 0 {
			return "" // it is said that medicines could not be read
		}
		return notConcerned
	}
	hold := "Stop it for the study and 48 hours after, and begin again once eGFR was measured and is as before."
	switch {
	case f != nil && f.Value < severe:
		severity, text := r.perhaps(drugs.Stop, "lactic acidosis is possible")
		r.find(ruleMetformin, severity, name+"; "+r.filtrationWords(f), text, hold)
	case r.p.AKI != nil:
		severity, text := r.perhaps(drugs.Caution, "lactic acidosis is possible")
		r.find(ruleMetformin, severity, name+"; "+r.p.fact(r.p.AKI), text, hold)
	case f == nil:
		r.gap(Metformin, name+" is taken and no eGFR is recorded: whether it must be stopped for contrast is not known.")
	case f.Value < label:
		_, text := r.perhaps(drugs.Note, "the label asks to stop it for the study and 48 hours after; the ACR does not at 30 and more without acute kidney injury")
		r.find(ruleMetforminLabel, drugs.Note, name+"; "+r.filtrationWords(f), text)
	}
	return name + " can go on"
}

// implants checks the magnet against what is in the body.
func (r *run) implants() string {
	if r.study.Modality != MRI {
		return notConcerned
	}
	for _, i := range r.p.Implants {
		against := i.Name
		if !i.At.IsZero() {
			against += " of " + format.Date(i.At)
		}
		switch {
		case i.Magnet == MagnetUnsafe:
			r.find(ruleMagnet, drugs.Stop, against, "its label says MR Unsafe", "Choose another study.")
		case i.Magnet == MagnetConditional:
			r.find(ruleMagnetOther, drugs.Caution, against, "its label says MR Conditional: only with the field and settings that the label names", "Write make and model on the order.")
		case i.Magnet == MagnetSafe:
		case i.Active:
			r.find(ruleMagnet, drugs.Stop, against, "whether it is safe in the magnet is not recorded", "Find out make and model and what the label says of MRI before it is booked.")
		default:
			r.find(ruleMagnetOther, drugs.Caution, against, "what its label says of MRI is not recorded", "Write on the order that it is there.")
		}
	}
	if len(r.p.Implants) > 0 {
		return "All implants are MR Safe"
	}
	if r.p.NoImplants == "" {
		r.gap(Implants, "No implants are recorded, and not that there are none. Ask about pacemakers, clips, stimulators, pumps and metal in the eyes.")
		return ""
	}
	return r.p.NoImplants
}

func listed(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		out := words[0]
		for _, w := range words[1 : n-1] {
			out += ", " + w
		}
		return out + " and " + words[n-1]
	}
}
