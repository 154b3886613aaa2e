package drugs

import (
	_ "embed"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Tables of the rules.
var (
	//go:embed tables/interactions.txt
	interactionTable string
	//go:embed tables/onc_qt.txt
	qtTable string
	//go:embed tables/onc_low.txt
	lowTable string
	//go:embed tables/doses.txt
	doseTable string
	//go:embed tables/kidneys.txt
	kidneyTable string
	//go:embed tables/pregnancy.txt
	pregnancyTable string
	//go:embed tables/ages.txt
	ageTable string
	//go:embed tables/conditions.txt
	conditionTable string
	//go:embed tables/sidechains.txt
	sideChainTable string
)

func (l *Library) readRules(added []*Added) (Rules, error) {
	r := ruleReader{l: l, ids: map[string]bool{}, out: Rules{SideChains: map[string][]*Ingredient{}}}
	for _, step := range []struct {
		table string
		text  string
		n     int
		read  func([]string) error
	}{
		{"interactions", interactionTable, 7, r.interaction}, {"onc_qt", qtTable, 1, r.qtIngredient}, {"onc_low", lowTable, 2, r.lowPairs}, {"doses", doseTable, 9, r.dose}, {"kidneys", kidneyTable, 6, r.kidney},
		{"pregnancy", pregnancyTable, 4, r.pregnant}, {"ages", ageTable, 6, r.age}, {"conditions", conditionTable, 7, r.condition}, {"sidechains", sideChainTable, 2, r.sideChain},
	} {
		if err := rows(step.text, step.n, step.read); err != nil {
			return Rules{}, fmt.Errorf("table %s: %w", step.table, err)
		}
	}
	if len(r.qt.has) > 0 {
		r.out.Interactions = append(r.out.Interactions, &Interaction{
			ID: "onc-21", Severity: Stop, Source: ONC, A: r.qt, B: r.qt,
			Effect: "both prolong the QT interval: torsades de pointes", Advice: "Avoid. If it must be, check ECG, potassium and magnesium before and after.",
		})
	}
	if r.low.pairs != nil {
		r.out.Interactions = append(r.out.Interactions, &r.low)
	}
	if err := r.added(added); err != nil {
		return Rules{}, err
	}
	r.out.index()
	return r.out, nil
}

// ruleReader reads the rows of the tables of rules.
type ruleReader struct {
	l   *Library
	out Rules
	ids map[string]bool // of interactions
	qt  Set
	low Interaction
}

// set reads ingredients and @classes between semicolons.
func (r *ruleReader) set(s string) (Set, error) {
	out := Set{Text: s, has: map[*Ingredient]bool{}}
	for _, name := range list(s) {
		if id, ok := strings.CutPrefix(name, "@"); ok {
			c, ok := r.l.classes[id]
			if !ok || len(c.Members) == 0 {
				return Set{}, fmt.Errorf("class %q is not in the table of classes, or nothing belongs to it", id)
			}
			for _, i := range c.Members {
				out.has[i] = true
			}
			continue
		}
		i, ok := r.l.named[name]
		if !ok {
			return Set{}, fmt.Errorf("ingredient %q is not in the table of ingredients", name)
		}
		out.has[i] = true
	}
	if len(out.has) == 0 {
		return Set{}, fmt.Errorf("a rule needs an ingredient or class")
	}
	return out, nil
}

func ratio(s string) (*big.Rat, error) {
	if s == "" {
		return nil, nil
	}
	v, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%q is no number", s)
	}
	return v, nil
}

func source(id string) (Source, error) {
	for _, s := range []Source{ONC, ONCLow, Label, Beers, Allergy} {
		if s.ID == id {
			return s, nil
		}
	}
	return Source{}, fmt.Errorf("%q is no source", id)
}

// head reads what every rule has.
func (r *ruleReader) head(set, severity, src string) (Set, Severity, Source, error) {
	s, err := r.set(set)
	if err != nil {
		return Set{}, 0, Source{}, err
	}
	v, err := ParseSeverity(severity)
	if err != nil {
		return Set{}, 0, Source{}, err
	}
	from, err := source(src)
	return s, v, from, err
}

func (r *ruleReader) interaction(f []string) (err error) {
	i := &Interaction{ID: f[0], Effect: f[5], Advice: f[6]}
	if i.A, i.Severity, i.Source, err = r.head(f[3], f[1], f[2]); err != nil {
		return err
	}
	if i.B, err = r.set(f[4]); err != nil {
		return err
	}
	if r.ids[i.ID] {
		return fmt.Errorf("the rule %s stands here twice", i.ID)
	}
	r.ids[i.ID] = true
	r.out.Interactions = append(r.out.Interactions, i)
	return nil
}

func (r *ruleReader) qtIngredient(f []string) error {
	s, err := r.set(f[0])
	if err != nil {
		return err
	}
	if r.qt.has == nil {
		r.qt = Set{Text: "medicines that prolong the QT interval", has: map[*Ingredient]bool{}}
	}
	for i := range s.has {
		r.qt.has[i] = true
	}
	return nil
}

func (r *ruleReader) lowPairs(f []string) error {
	a, err := r.set(f[0])
	if err != nil {
		return err
	}
	b, err := r.set(f[1])
	if err != nil {
		return err
	}
	if r.low.pairs == nil {
		r.low = Interaction{ID: "onc-low", Severity: Note, Source: ONCLow, Effect: "minor interaction", Advice: "Listed as one that needs no interruption.", pairs: map[*Ingredient]map[*Ingredient]bool{}}
	}
	for i := range a.has {
		r.low.pairs[i] = b.has
	}
	return nil
}

func (r *ruleReader) limit(s string) (Limit, error) {
	number, perKg := strings.CutSuffix(s, "/kg")
	v, err := ratio(number)
	return Limit{v, perKg}, err
}

func (r *ruleReader) ages(from, below string) (a Ages, err error) {
	if a.From, err = ratio(from); err != nil {
		return a, err
	}
	a.Below, err = ratio(below)
	return a, err
}

func (r *ruleReader) dose(f []string) (err error) {
	i, ok := r.l.named[f[0]]
	if !ok {
		return fmt.Errorf("ingredient %q is not in the table of ingredients", f[0])
	}
	d := &DoseLimit{Ingredient: i, Route: f[1], Unit: f[6], Period: f[7], ID: "dose/" + strings.Join(slices.DeleteFunc(slices.Clone(f[:4]), func(s string) bool { return s == "" }), "-")}
	if d.Ages, err = r.ages(f[2], f[3]); err != nil {
		return err
	}
	if d.Once, err = r.limit(f[4]); err != nil {
		return err
	}
	if d.Most, err = r.limit(f[5]); err != nil {
		return err
	}
	if d.Once.Amount == nil && d.Most.Amount == nil || d.Period != "day" && d.Period != "week" {
		return fmt.Errorf("%s: a limit needs an amount, and a day or week", f[0])
	}
	if d.Source, err = source(f[8]); err != nil {
		return err
	}
	r.out.Doses = append(r.out.Doses, d)
	return nil
}

func (r *ruleReader) kidney(f []string) (err error) {
	k := &KidneyRule{ID: "kidney/" + f[0] + "-" + f[1] + "-" + f[2], Measure: f[1], Text: f[4]}
	if k.Set, k.Severity, k.Source, err = r.head(f[0], f[3], f[5]); err != nil {
		return err
	}
	if k.Below, err = ratio(f[2]); err != nil || k.Below == nil || f[1] != "egfr" && f[1] != "crcl" {
		return fmt.Errorf("%s: a rule of kidney function needs egfr or crcl, and a number", f[0])
	}
	r.out.Kidneys = append(r.out.Kidneys, k)
	return nil
}

func (r *ruleReader) pregnant(f []string) (err error) {
	p := &PregnancyRule{ID: "pregnancy/" + f[0], Text: f[2]}
	if p.Set, p.Severity, p.Source, err = r.head(f[0], f[1], f[3]); err != nil {
		return err
	}
	r.out.Pregnancy = append(r.out.Pregnancy, p)
	return nil
}

func (r *ruleReader) age(f []string) (err error) {
	a := &AgeRule{ID: "age/" + f[0] + "-" + f[1] + "-" + f[2], Text: f[4]}
	if a.Set, a.Severity, a.Source, err = r.head(f[0], f[3], f[5]); err != nil {
		return err
	}
	if a.Ages, err = r.ages(f[1], f[2]); err != nil {
		return err
	}
	if !a.Ages.Limited() {
		return fmt.Errorf("%s: a rule of age needs an age", f[0])
	}
	r.out.Ages = append(r.out.Ages, a)
	return nil
}

func (r *ruleReader) condition(f []string) (err error) {
	c := &ConditionRule{ICD10: list(f[1]), Words: list(f[2]), Condition: f[4], ID: "condition/" + f[0] + "-" + strings.ReplaceAll(f[4], " ", "-")}
	c.Text = f[5]
	if c.Set, c.Severity, c.Source, err = r.head(f[0], f[3], f[6]); err != nil {
		return err
	}
	r.out.Conditions = append(r.out.Conditions, c)
	return nil
}

func (r *ruleReader) sideChain(f []string) error {
	for _, name := range list(f[1]) {
		i, ok := r.l.named[name]
		if !ok {
			return fmt.Errorf("ingredient %q is not in the table of ingredients", name)
		}
		r.out.SideChains[f[0]] = append(r.out.SideChains[f[0]], i)
	}
	return nil
}
