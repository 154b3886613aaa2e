package main

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// table is the text being written: lines of fields with a tab between them, the first of which says what the line is.
// Empty fields at the end are left out.
type table struct {
	bytes.Buffer
	texts map[string]int
}

func (t *table) line(kind string, fields ...string) {
	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	t.WriteString(kind)
	for _, f := range fields {
		t.WriteByte('\t')
		t.WriteString(clean(f))
	}
	t.WriteByte('\n')
}

// text is the number of a text, which is written where it is first used, before the line that uses it; "" for none.
func (t *table) text(s string) string {
	if s = clean(s); s == "" {
		return ""
	}
	n, ok := t.texts[s]
	if !ok {
		n = len(t.texts) + 1
		t.texts[s] = n
		t.line("text", s)
	}
	return strconv.Itoa(n)
}

func generate(folder string) ([]byte, error) {
	version, s, all, err := read(folder)
	if err != nil {
		return nil, err
	}
	t := &table{texts: map[string]int{}}
	t.line("version", version)
	t.schedule(s)
	for _, a := range all {
		t.antigen(a)
	}
	return t.Bytes(), nil
}

func (t *table) schedule(s schedule) {
	full := map[string]string{}
	for _, g := range s.Groups {
		full[clean(g.Name)] = yes(g.Full)
	}
	for _, g := range s.GroupMap {
		t.line("group", g.Name, full[clean(g.Name)], strings.Join(g.Antigens, ";"))
	}
	for _, v := range s.Vaccines {
		var parts []string
		for _, a := range v.Associations {
			parts = append(parts, strings.TrimSuffix(clean(a.Antigen)+"@"+clean(a.Begin)+".."+clean(a.End), "@.."))
		}
		t.line("vaccine", v.CVX, v.Name, strings.Join(parts, ";"))
	}
	t.conflicts(s.Conflicts)
	for _, o := range s.Observations {
		snomed, cvx := coded(o)
		t.line("observation", o.Code, o.Title, strings.Join(snomed, " "), strings.Join(cvx, " "))
	}
}

// conflicts writes one line for the vaccines that stand in the same conflict with a vaccine given before.
func (t *table) conflicts(all []conflict) {
	var order []string
	current := map[string][]string{}
	for _, c := range all {
		key := strings.Join([]string{clean(c.Previous.CVX), clean(c.Begin), clean(c.MinimumEnd), clean(c.End)}, "\t")
		if current[key] == nil {
			order = append(order, key)
		}
		if cvx := clean(c.Current.CVX); !slices.Contains(current[key], cvx) {
			current[key] = append(current[key], cvx)
		}
	}
	for _, key := range order {
		f := strings.Split(key, "\t")
		t.line("conflict", f[0], strings.Join(current[key], " "), f[1], f[2], f[3])
	}
}

func (t *table) antigen(a antigen) {
	t.line("antigen", a.Name)
	for _, h := range a.Immunity.History {
		t.line("immune", h.Code)
	}
	for _, b := range a.Immunity.Born {
		var but []string
		for _, e := range b.Exclusions {
			but = append(but, clean(e.Code))
		}
		t.line("born", day(b.Before), b.Country, strings.Join(but, " "))
	}
	for _, c := range a.Contraindications {
		text, guidance := t.text(c.Text), t.text(c.Guidance)
		t.line("never", c.Code, c.Begin, c.End, text, guidance)
	}
	for _, c := range a.NotVaccines {
		text, guidance := t.text(c.Text), t.text(c.Guidance)
		t.line("without", c.Code, text, guidance)
		t.lists("of", c.Vaccines)
	}
	for _, s := range a.Series {
		t.series(s)
	}
}

func (t *table) series(s series) {
	var guidance []string
	for _, g := range s.Guidance {
		if n := t.text(g); n != "" {
			guidance = append(guidance, n)
		}
	}
	t.line("series", s.Name, s.Group, s.Type, strings.TrimSpace(strings.Join(s.Gender, " ")), yes(s.Select.Default), yes(s.Select.Product), s.Select.Group, s.Equivalent,
		s.Select.Priority, s.Select.Preference, s.Select.Minimum, s.Select.Maximum, strings.Join(guidance, " "))
	for _, i := range s.Indications {
		if clean(i.Observation.Code) == "" {
			continue
		}
		text, guidance := t.text(i.Text), t.text(i.Guidance)
		t.line("indication", i.Observation.Code, i.Begin, i.End, text, guidance)
	}
	for _, d := range s.Doses {
		t.dose(d)
	}
}

func (t *table) dose(d dose) {
	t.line("dose", strings.TrimPrefix(clean(d.Number), "Dose "), yes(d.Recurring))
	for _, a := range d.Ages {
		t.line("age", a.AbsoluteMinimum, a.Minimum, a.Earliest, a.Latest, a.Maximum, a.Effective, a.Cessation)
	}
	for _, i := range d.Intervals {
		if from := i.from(); from != "" {
			t.line("interval", from, i.AbsoluteMinimum, i.Minimum, i.Earliest, i.Latest, map[bool]string{true: "Y"}[clean(i.Priority) == "override"], i.Effective, i.Cessation)
		}
	}
	for _, i := range d.Allowable {
		if from := i.from(); from != "" {
			t.line("allowable", from, i.AbsoluteMinimum, i.Effective, i.Cessation)
		}
	}
	for _, v := range d.Preferable {
		if clean(v.CVX) != "" {
			t.line("prefer", v.CVX, v.Begin, v.End, v.MVX, v.Volume, map[bool]string{true: "Y"}[clean(v.Forecast) == "Y"])
		}
	}
	t.lists("allow", d.Allowed)
	t.lists("inadvertent", d.Inadvertent)
	for _, s := range d.Seasons {
		if clean(s.Start+s.End) != "" {
			t.line("season", s.Start, s.End)
		}
	}
	for _, s := range d.Skips {
		t.skip(s)
	}
}

func (t *table) skip(s skip) {
	if clean(s.Context) == "" {
		return
	}
	t.line("skip", s.Context, s.Logic)
	for _, set := range s.Sets {
		text := t.text(set.Description)
		t.line("set", set.Logic, set.Effective, set.Cessation, text)
		for _, c := range set.Conditions {
			t.line("if", c.Type, c.Start, c.End, c.BeginAge, c.EndAge, c.Interval, c.Count, c.DoseType, c.Logic, codes(c.Vaccines), codes(c.Groups))
		}
	}
}

// lists writes vaccines that share an age range in one line.
func (t *table) lists(kind string, all []ages) {
	var order []string
	held := map[string][]string{}
	for _, v := range all {
		if clean(v.CVX) == "" {
			continue
		}
		key := clean(v.Begin) + "\t" + clean(v.End)
		if held[key] == nil {
			order = append(order, key)
		}
		held[key] = append(held[key], clean(v.CVX))
	}
	for _, key := range order {
		begin, end, _ := strings.Cut(key, "\t")
		t.line(kind, strings.Join(held[key], " "), begin, end)
	}
}

// from says what an interval is counted from; "" for an interval that is none.
func (i interval) from() string {
	switch {
	case clean(i.Previous) == "Y":
		return "previous"
	case clean(i.TargetDose) != "":
		return "dose " + clean(i.TargetDose)
	case clean(i.MostRecent) != "":
		return "vaccine " + codes(i.MostRecent)
	case clean(i.Observation.Code) != "":
		return "observation " + clean(i.Observation.Code)
	}
	return ""
}

// partial are SNOMED CT codes that the supporting data list as a part of an expression, or that say less than the
// observation: exposure to something, a laboratory technician, AIDS without its stage, a transfusion without its
// product, an adverse reaction to a vaccine that is not named. Alone they do not mean the observation.
var partial = []string{"24932003", "159282002", "159138004", "14698002", "26630006", "59881000", "44172002", "17872004", "11723008", "165806002", "410519009", "443684005",
	"62479008", "405742008", "305489005", "305679000", "8098009", "26369006", "68867008", "307969004", "56466003", "158942005", "158939004", "73851001", "65853000", "257561002", "77465005",
	"102874004", "255409004", "13569004", "12719002", "116859006", "257656006", "20078004", "228281002", "226034001", "293104008"}

// compound are observations whose SNOMED CT codes are all parts: an occupation and an exposure, a place and a contact.
// None of them is taken.
var compound = []string{"038", "039", "050", "051", "052", "053", "054", "056", "057", "059", "062", "072"}

// coded are the codes by which an observation can be told from a record.
func coded(o observation) (snomed, cvx []string) {
	for _, v := range o.Values {
		switch c := clean(v.Code); {
		case v.System == "SNOMED" && !slices.Contains(partial, c) && !slices.Contains(compound, clean(o.Code)):
			snomed = append(snomed, c)
		case v.System == "CVX":
			cvx = append(cvx, c)
		}
	}
	return snomed, cvx
}

// codes makes blanks of the separators of a list, which differ between files.
func codes(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == ',' || r == ' ' || r == '\n' || r == '\t' }), " ")
}

// day turns 01/31/1957 into 19570131.
func day(s string) string {
	if f := strings.Split(clean(s), "/"); len(f) == 3 {
		return f[2] + f[0] + f[1]
	}
	return clean(s)
}

func yes(s string) string {
	if s = clean(s); s == "Yes" || s == "Y" {
		return "Y"
	}
	return ""
}
