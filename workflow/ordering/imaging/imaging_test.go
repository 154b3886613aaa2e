package imaging

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

func ago(days int) time.Time { return now.AddDate(0, 0, -days) }

// TestRecognize: how a study is done, whether the uterus may be in the beam, and whether contrast is given, by code and by words.
func TestRecognize(t *testing.T) {
	for _, c := range []struct {
		code, name, note string
		imaging          bool
		want             string // modality, near or far, contrast; "" = no imaging
	}{
		{"BW211ZZ", "", "", true, "CT near with"},
		{"BW21ZZZ", "", "", true, "CT near none"},
		{"BW21ZZZ", "", "with IV contrast please", true, "CT near with"},
		{"BW21ZZZ", "", "no allergy to contrast", true, "CT near none"},
		{"BW281ZZ", "", "", true, "CT far with"},
		{"BW28ZZZ", "", "", true, "CT far none"},
		{"BW03ZZZ", "", "", true, "X-ray far none"},
		{"BR09ZZZ", "", "", true, "X-ray near none"},
		{"BR00ZZZ", "", "", true, "X-ray far none"},
		{"BQ07ZZZ", "", "", true, "X-ray far none"},
		{"BQ00ZZ1", "", "", true, "bone density near none"},
		{"BH02ZZZ", "", "", true, "mammography far none"},
		{"BW40ZZZ", "", "", true, "ultrasound near none"},
		{"B030YZZ", "", "", true, "MRI far with"},
		{"B030ZZZ", "", "", true, "MRI far none"},
		{"CP151ZZ", "", "", true, "nuclear medicine near none"},
		{"0DTJ4ZZ", "Appendectomy", "", false, ""},
		{"", "CT abdomen and pelvis with and without contrast", "", false, "CT near with"},
		{"", "CT Chest WO contrast", "", false, "CT far none"},
		{"", "CT Chest W contrast IV", "", false, "CT far with"},
		{"", "CT Abdomen WO and W contrast IV", "", false, "CT near with"},
		{"", "CT head without IV contrast", "", false, "CT far none"},
		{"", "CT abdomen with oral contrast", "", false, "CT near perhaps"},
		{"", "CT abdomen", "", false, "CT near perhaps"},
		{"", "CTA chest", "", false, "CT far with"},
		{"", "MRI brain", "", false, "MRI far perhaps"},
		{"", "MR angiography of the renal arteries with gadodiamide", "", false, "MRI near with"},
		{"", "X-ray of the left hip", "", false, "X-ray near none"},
		{"", "Plain film of something", "", false, "X-ray near none"},
		{"", "Bone scan", "", false, "nuclear medicine near none"},
		{"", "Ultrasound of the pelvis", "", false, "ultrasound near none"},
		{"", "Sleep diary", "", false, ""},
		{"", "Special picture", "", true, " near none"},
	} {
		concept := fhir.CodeableConcept{}
		if c.code != "" {
			concept = fhir.Concept(ICD10PCS, c.code, "")
		}
		s, ok := Recognize(concept, c.name, c.note, c.imaging)
		got := ""
		if ok {
			got = string(s.Modality) + map[bool]string{true: " near", false: " far"}[s.Near] + map[Contrast]string{NoContrast: " none", PerhapsContrast: " perhaps", WithContrast: " with"}[s.Contrast]
		}
		if got != c.want {
			t.Errorf("%s %q %q: %q, want %q", c.code, c.name, c.note, got, c.want)
		}
	}
}

// woman is thirty, with nothing else known.
func woman() Patient {
	return Patient{Now: now, Born: now.AddDate(-30, 0, 0), Bearing: Yes, Unread: map[Check][]string{}}
}

func TestChecks(t *testing.T) {
	abdomen, enhanced := Study{Name: "CT", Modality: CT, Near: true}, Study{Name: "CT", Modality: CT, Contrast: WithContrast}
	knee, mri := Study{Name: "X-ray", Modality: XRay}, Study{Name: "MRI", Modality: MRI}
	gado := func(agent string) Study {
		return Study{Name: "MRI", Modality: MRI, Contrast: WithContrast, Agent: agent}
	}
	man := func(p Patient) Patient { p.Bearing = No; return p }
	kidneys := func(egfr float64, days int) Patient {
		p := man(woman())
		p.EGFR = &Filtration{Value: egfr, At: ago(days)}
		return p
	}
	with := func(p Patient, f func(*Patient)) Patient { f(&p); return p }
	for name, c := range map[string]struct {
		p    Patient
		s    Study
		want []string // each stands among the lines: severity, rule and what is said
		none []string // none of these does
	}{
		"pregnant":                   {with(woman(), func(p *Patient) { p.Pregnant = &Fact{"Pregnancy", ago(3)} }), abdomen, []string{"stop imaging/pregnancy Pregnancy on 20-Nov-2026, 3 days ago: the embryo"}, nil},
		"pregnant, far":              {with(woman(), func(p *Patient) { p.Pregnant = &Fact{"Pregnancy", ago(3)} }), knee, []string{"note imaging/pregnancy-far"}, []string{"stop"}},
		"pregnant, whatever the age": {with(woman(), func(p *Patient) { p.Born = now.AddDate(-57, 0, 0); p.Pregnant = &Fact{"Pregnancy", ago(3)} }), abdomen, []string{"stop imaging/pregnancy"}, nil},
		"perhaps":                    {woman(), abdomen, []string{"caution imaging/pregnancy-possible Pregnancy is not ruled out: no test, sterilization or menopause is recorded; age 30"}, []string{"stop"}},
		"perhaps, far":               {woman(), knee, nil, []string{"Pregnancy"}},
		"eleven":                     {with(woman(), func(p *Patient) { p.Born = now.AddDate(-12, 0, 1) }), abdomen, []string{"passed Pregnancy Does not apply at this age"}, []string{"caution"}},
		"twelve":                     {with(woman(), func(p *Patient) { p.Born = now.AddDate(-12, 0, 0) }), abdomen, []string{"caution imaging/pregnancy-possible"}, nil},
		"fifty-five":                 {with(woman(), func(p *Patient) { p.Born = now.AddDate(-56, 0, 1) }), abdomen, []string{"caution imaging/pregnancy-possible"}, nil},
		"fifty-six":                  {with(woman(), func(p *Patient) { p.Born = now.AddDate(-56, 0, 0) }), abdomen, nil, []string{"caution"}},
		"age and sex not known":      {Patient{Now: now}, abdomen, []string{"caution imaging/pregnancy-possible", "the birth date is not known; sex is not recorded"}, nil},
		"male":                       {man(woman()), abdomen, nil, []string{"Pregnancy"}},
		"tested":                     {with(woman(), func(p *Patient) { p.NotPregnant = &Fact{"hCG: negative", ago(7)} }), abdomen, []string{"passed Pregnancy hCG: negative on 16-Nov-2026, 7 days ago"}, []string{"caution"}},
		"tested long ago":            {with(woman(), func(p *Patient) { p.NotPregnant = &Fact{"hCG: negative", ago(8)} }), abdomen, []string{"caution imaging/pregnancy-possible hCG: negative on 15-Nov-2026, 8 days ago, which is more than 7 days old"}, []string{"passed Pregnancy"}},
		"sterilized":                 {with(woman(), func(p *Patient) { p.Excluded = &Fact{"Hysterectomy, done", ago(900)} }), abdomen, []string{"passed Pregnancy Hysterectomy"}, []string{"caution"}},

		"eGFR 29":             {kidneys(29.9, 3), enhanced, []string{"stop imaging/contrast-kidneys eGFR 29 on 20-Nov-2026, 3 days ago"}, nil},
		"eGFR 29, perhaps":    {kidneys(29.9, 3), Study{Name: "CT", Modality: CT, Contrast: PerhapsContrast}, []string{"caution imaging/contrast-kidneys", "does not say whether contrast is given; if it is,"}, []string{"stop"}},
		"eGFR 29, none":       {kidneys(29.9, 3), Study{Name: "CT", Modality: CT}, nil, []string{"eGFR"}},
		"eGFR 29, dialysis":   {with(kidneys(9, 3), func(p *Patient) { p.Dialysis = &Fact{"Dialysis", ago(30)} }), enhanced, []string{"caution imaging/contrast-kidneys Dialysis"}, []string{"stop"}},
		"eGFR 30":             {kidneys(30, 3), enhanced, []string{"note imaging/contrast-kidneys"}, []string{"stop", "caution"}},
		"eGFR 40 with injury": {with(kidneys(40, 3), func(p *Patient) { p.AKI = &Fact{"Acute kidney injury", ago(2)} }), enhanced, []string{"caution imaging/contrast-kidneys Acute kidney injury on 21-Nov-2026, 2 days ago; eGFR 40"}, []string{"stop"}},
		"eGFR 45":             {kidneys(45, 3), enhanced, []string{"passed Contrast and kidneys eGFR 45"}, []string{"note"}},
		"no eGFR":             {man(woman()), enhanced, []string{"gap Contrast and kidneys No eGFR or creatinine is recorded. Nothing that raises the risk"}, []string{"passed Contrast and kidneys"}},
		"no eGFR, at risk":    {with(man(woman()), func(p *Patient) { p.RenalRisk = []string{"diabetes", "metformin"} }), enhanced, []string{"A recent one is asked for with diabetes and metformin."}, nil},
		"old, at risk":        {with(kidneys(80, 31), func(p *Patient) { p.RenalRisk = []string{"diabetes"} }), enhanced, []string{"gap Contrast and kidneys eGFR 80 on 23-Oct-2026, 31 days ago is more than 30 days old"}, []string{"passed Contrast and kidneys"}},
		"old, no risk":        {kidneys(80, 300), enhanced, []string{"passed Contrast and kidneys"}, []string{"days old"}},
		"a child":             {with(kidneys(20, 3), func(p *Patient) { p.Born = now.AddDate(-9, 0, 0) }), enhanced, []string{"gap Contrast and kidneys The limits of eGFR are for adults"}, []string{"stop"}},

		"group I":         {kidneys(20, 3), gado("gadodiamide"), []string{"stop imaging/gadolinium-kidneys", "gadodiamide is of group I"}, nil},
		"group II":        {kidneys(20, 3), gado("gadobutrol"), []string{"note imaging/gadolinium-kidneys"}, []string{"stop", "caution"}},
		"group not named": {kidneys(20, 3), gado(""), []string{"caution imaging/gadolinium-kidneys", "The order names no agent"}, []string{"stop"}},
		"group I, well":   {kidneys(60, 3), gado("gadodiamide"), nil, []string{"imaging/gadolinium-kidneys"}},
		"pregnant, gado":  {with(woman(), func(p *Patient) { p.Pregnant = &Fact{"Pregnancy", ago(3)} }), gado(""), []string{"stop imaging/gadolinium-pregnancy"}, nil},

		"reacted":         {with(kidneys(80, 3), func(p *Patient) { p.Allergies = []Allergy{{"Iohexol", Iodinated, "hives", true}} }), enhanced, []string{"stop imaging/contrast-allergy Allergy to Iohexol (hives)"}, nil},
		"reacted, mildly": {with(kidneys(80, 3), func(p *Patient) { p.Allergies = []Allergy{{"Iohexol", Iodinated, "hives", false}} }), enhanced, []string{"caution imaging/contrast-allergy"}, []string{"stop"}},
		"reacted, other": {with(kidneys(80, 3), func(p *Patient) {
			p.Allergies, p.AllergiesAsked = []Allergy{{"Gadobutrol", Gadolinium, "", true}}, true
		}), enhanced, []string{"passed Contrast allergy"}, []string{"imaging/contrast-allergy"}},
		"reacted, to which": {with(kidneys(80, 3), func(p *Patient) { p.Allergies = []Allergy{{"Contrast", Iodinated | Gadolinium, "", true}} }), gado(""), []string{"stop imaging/contrast-allergy", "Which kind of contrast it was is not recorded."}, nil},
		"iodine":            {with(kidneys(80, 3), func(p *Patient) { p.Allergies = []Allergy{{"Iodine", Iodine, "", true}} }), enhanced, []string{"caution imaging/iodine-allergy"}, []string{"stop"}},
		"allergies unknown": {kidneys(80, 3), enhanced, []string{"gap Contrast allergy No allergies are recorded, and not that there are none."}, []string{"passed Contrast allergy"}},

		"metformin 29":       {with(kidneys(29, 3), func(p *Patient) { p.Metformin = "Metformin 500 mg" }), enhanced, []string{"stop imaging/metformin Metformin 500 mg; eGFR 29", "48 hours"}, nil},
		"metformin 40":       {with(kidneys(40, 3), func(p *Patient) { p.Metformin = "Metformin" }), enhanced, []string{"note imaging/metformin-label"}, []string{"stop imaging"}},
		"metformin 60":       {with(kidneys(60, 3), func(p *Patient) { p.Metformin = "Metformin" }), enhanced, []string{"passed Metformin Metformin can go on"}, nil},
		"metformin, no eGFR": {with(man(woman()), func(p *Patient) { p.Metformin = "Metformin" }), enhanced, []string{"gap Metformin Metformin is taken and no eGFR is recorded"}, []string{"passed Metformin"}},
		"no contrast":        {with(kidneys(29, 3), func(p *Patient) { p.Metformin = "Metformin" }), abdomen, nil, []string{"imaging/metformin"}},

		"pacemaker":    {with(man(woman()), func(p *Patient) { p.Implants = []Implant{{Name: "Pacemaker", Active: true}} }), mri, []string{"stop imaging/implant Pacemaker: whether it is safe in the magnet is not recorded"}, nil},
		"unsafe":       {with(man(woman()), func(p *Patient) { p.Implants = []Implant{{Name: "Clip", Magnet: MagnetUnsafe}} }), mri, []string{"stop imaging/implant Clip: its label says MR Unsafe"}, nil},
		"conditional":  {with(man(woman()), func(p *Patient) { p.Implants = []Implant{{Name: "Pacemaker", Active: true, Magnet: MagnetConditional}} }), mri, []string{"caution imaging/implant-conditional"}, []string{"stop"}},
		"safe":         {with(man(woman()), func(p *Patient) { p.Implants = []Implant{{Name: "Lens", Magnet: MagnetSafe}} }), mri, []string{"passed MRI and implants All implants are MR Safe"}, []string{"caution"}},
		"a stent":      {with(man(woman()), func(p *Patient) { p.Implants = []Implant{{Name: "Stent"}} }), mri, []string{"caution imaging/implant-conditional Stent: what its label says of MRI is not recorded"}, []string{"stop"}},
		"nobody asked": {man(woman()), mri, []string{"gap MRI and implants No implants are recorded, and not that there are none."}, []string{"passed MRI"}},
		"none":         {with(man(woman()), func(p *Patient) { p.NoImplants = "None, asked 20-Nov-2026 by Dr Rao" }), mri, []string{"passed MRI and implants None, asked"}, []string{"gap MRI"}},
		"no magnet":    {with(man(woman()), func(p *Patient) { p.Implants = []Implant{{Name: "Pacemaker", Active: true}} }), abdomen, nil, []string{"Pacemaker"}},

		"not understood": {woman(), Study{Name: "Picture"}, []string{"gap Pregnancy It is not understood how Picture is done", "gap MRI and implants"}, []string{"passed"}},
		"unread":         {with(kidneys(80, 3), func(p *Patient) { p.Unread[Kidneys] = []string{"The problems could not be read."} }), enhanced, []string{"gap Contrast and kidneys The problems could not be read."}, []string{"passed Contrast and kidneys"}},
	} {
		got := lines(Checker{}.Check(c.p, []Study{c.s}))
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: without %q:\n%s", name, want, got)
			}
		}
		for _, not := range c.none {
			if strings.Contains(got, not) {
				t.Errorf("%s: with %q:\n%s", name, not, got)
			}
		}
	}
}

func lines(r Report) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Severity.String()+" "+f.Rule+" "+f.Line())
	}
	for _, g := range r.Gaps {
		out = append(out, "gap "+string(g.Check)+" "+g.Text)
	}
	for _, p := range r.Passed {
		out = append(out, "passed "+string(p.Check)+" "+p.Text)
	}
	return strings.Join(out, "\n")
}

// TestTuning: a practice lowers and lifts rules, but never a stop that is fixed.
func TestTuning(t *testing.T) {
	p := woman()
	p.Pregnant, p.EGFR = &Fact{"Pregnancy", ago(1)}, &Filtration{Value: 20, At: ago(1)}
	s := []Study{{Name: "CT", Modality: CT, Near: true, Contrast: WithContrast}}
	for mode, want := range map[Mode][2]drugs.Severity{AsShipped: {drugs.Stop, drugs.Stop}, Passive: {drugs.Stop, drugs.Caution}, Off: {drugs.Stop, 0}, Interruptive: {drugs.Stop, drugs.Stop}} {
		r := Checker{Tuning: map[string]Mode{"imaging/pregnancy": mode, "imaging/contrast-kidneys": mode}}.Check(p, s)
		got := map[string]drugs.Severity{}
		for _, f := range r.Findings {
			got[f.Rule] = f.Severity
		}
		if got["imaging/pregnancy"] != want[0] || got["imaging/contrast-kidneys"] != want[1] {
			t.Errorf("mode %d: %v", mode, got)
		}
		if off := len(r.Off) == 1; off != (mode == Off) {
			t.Errorf("mode %d: %d are said to be off", mode, len(r.Off))
		}
		for _, passed := range r.Passed {
			if passed.Check == Kidneys {
				t.Errorf("mode %d: what is switched off has passed", mode)
			}
		}
	}
}

func TestRulesAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Name] || !strings.HasPrefix(r.Name, "imaging/") || r.Source.Title == "" || r.Source.Version == "" || r.Source.Date.IsZero() || r.Text == "" {
			t.Errorf("%+v", r)
		}
		seen[r.Name] = true
	}
}

func TestMeanings(t *testing.T) {
	for _, c := range []struct {
		code, name string
		want       Meaning
	}{
		{"N17.9", "", AcuteKidney}, {"Z99.2", "", OnDialysis}, {"N18.6", "", OnDialysis}, {"N18.31", "", KidneyRisk}, {"E11.9", "", KidneyRisk},
		{"Z90.710", "", Womb}, {"Z90.712", "Absence of cervix", Nothing}, {"Z98.51", "", Sterile}, {"N95.1", "Menopausal symptoms", Nothing}, {"O09.90", "", Expecting}, {"Z95.0", "", ActiveImplant},
		{"", "Chronic kidney disease stage 3a", KidneyRisk}, {"", "Acute kidney injury", AcuteKidney}, {"", "Tubal ligation", Sterile}, {"", "Counseling on tubal ligation", Nothing},
		{"", "Pregnancy", Expecting}, {"", "Ectopic pregnancy in the past", Nothing}, {"", "Family history of pacemaker", Nothing}, {"", "Cardiac pacemaker in place", ActiveImplant}, {"", "Diabetes insipidus", Nothing}, {"", "Hypertension", Nothing},
	} {
		concept := fhir.CodeableConcept{Text: c.name}
		if c.code != "" {
			concept = fhir.Concept("http://hl7.org/fhir/sid/icd-10-cm", c.code, "")
		}
		if got := ProblemMeans(concept, c.name); got != c.want {
			t.Errorf("%s %q: %d, want %d", c.code, c.name, got, c.want)
		}
	}
	for name, want := range map[string]Meaning{"Total abdominal hysterectomy": Sterile, "Bilateral tubal ligation": Sterile, "Reversal of tubal ligation": Nothing, "Appendectomy": Nothing} {
		if got := ProcedureMeans(fhir.CodeableConcept{}, name); got != want {
			t.Errorf("%q: %d", name, got)
		}
	}
	for name, want := range map[string]Medium{"Iohexol": Iodinated, "Iodinated contrast media": Iodinated, "Gadolinium contrast media": Gadolinium, "Contrast dye": Iodinated | Gadolinium, "IV contrast": Iodinated | Gadolinium, "Iodine": Iodine, "Povidone-iodine": 0, "Shellfish": 0, "Penicillin": 0} {
		if got := MediumOf(name); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}

func TestPregnancyResult(t *testing.T) {
	quantity := func(v, comparator string) fhir.Choice {
		d, err := fhir.ParseDecimal(v)
		if err != nil {
			t.Fatal(err)
		}
		return fhir.ChoiceOf(fhir.Quantity{Value: d, Comparator: comparator})
	}
	for _, c := range []struct {
		value    fhir.Choice
		yes, not bool
	}{
		{fhir.ChoiceOf("Negative"), false, true}, {fhir.ChoiceOf("positive"), true, false}, {fhir.ChoiceOf("indeterminate"), false, false},
		{fhir.ChoiceOf(fhir.Concept("http://snomed.info/sct", "60001007", "")), false, true}, {fhir.ChoiceOf(fhir.Concept("http://snomed.info/sct", "77386006", "")), true, false},
		{fhir.ChoiceOf(fhir.CodeableConcept{Text: "Possible pregnancy"}), false, false},
		{quantity("4.9", ""), false, true}, {quantity("5", "<"), false, true}, {quantity("50", "<"), false, false}, {quantity("12", ""), false, false}, {quantity("900", ""), true, false}, {quantity("10", ">"), false, false},
	} {
		if yes, not := PregnancyResult(fhir.CodeableConcept{}, c.value); yes != c.yes || not != c.not {
			t.Errorf("%v: %v %v", c.value.Value(), yes, not)
		}
	}
}

// FuzzRecognize: whatever an order says, it is understood or not, without a panic.
func FuzzRecognize(f *testing.F) {
	f.Add("BW211ZZ", "CT w/o contrast", "with contrast")
	f.Fuzz(func(_ *testing.T, code, name, note string) {
		s, ok := Recognize(fhir.Concept(ICD10PCS, code, name), name, note, true)
		if ok {
			_ = lines(Checker{}.Check(woman(), []Study{s}))
		}
	})
}
