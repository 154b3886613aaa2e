package load

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/terms"
)

// RxNormNDC is the URL of the map from package codes to RxNorm that comes with a release.
const RxNormNDC = "https://osler.example/fhir/ConceptMap/ndc-to-rxnorm"

// termTypes are the kinds of names of RxNorm that make a concept, the one that gives its display first, with their rank:
// what is prescribed before what it is made of.
var termTypes = []struct {
	tty  string
	rank uint8
}{
	{"SCD", 0}, {"SBD", 10}, {"GPCK", 20}, {"BPCK", 30}, {"IN", 40}, {"MIN", 45}, {"BN", 50}, {"PIN", 60}, {"SCDF", 120}, {"SBDF", 125}, {"SCDG", 130}, {"SBDG", 135},
	{"SCDFP", 140}, {"SBDFP", 140}, {"SCDGP", 140}, {"SCDC", 150}, {"SBDC", 155}, {"DF", 180}, {"DFG", 185},
}

// rxnorm reads RXNCONSO.RRF, names of RxNorm's own source alone: those of others have licences of their own. Relations
// become hierarchy (isa) and properties; package codes become a map.
func (j *job) rxnorm() (bool, error) {
	// A full release holds the prescribable part a second time, in a folder of its own.
	find := func(name string) *member {
		var best *member
		for i := range j.release.members {
			if m := &j.release.members[i]; strings.EqualFold(m.base(), name) && (best == nil || strings.Contains(path.Dir(best.name), "prescribe")) {
				best = m
			}
		}
		return best
	}
	names := find("RXNCONSO.RRF")
	if names == nil {
		return false, nil
	}
	info := terms.Info{
		URL: terms.RxNorm, Name: "RxNorm", Title: "RxNorm", OID: "2.16.840.1.113883.6.88", Publisher: "National Library of Medicine", Source: j.release.name,
		Properties: []terms.Property{{Code: "TTY", Type: "code", Description: "term type, such as SCD or IN"}},
	}
	found := ""
	if m := find("RXNSAB.RRF"); m != nil {
		err := j.rows(m, "|", nil, func(f []string) error {
			if len(f) > 6 && f[3] == "RXNORM" && f[6] != "" {
				found = f[6]
			}
			return nil
		})
		if err != nil {
			return true, err
		}
		// 20AA_260302F is the release of 2026-03-02.
		if _, date, ok := strings.Cut(found, "_"); ok && len(date) >= 6 {
			found = date[2:4] + date[4:6] + "20" + date[:2]
		}
	}
	if found == "" {
		found = eightDigits(j.release.name)
	}
	var err error
	if info.Version, err = j.version(found); err != nil {
		return true, err
	}
	concepts, order, err := j.rxnormNames(names)
	if err != nil {
		return true, err
	}
	if m := find("RXNREL.RRF"); m != nil {
		if err := j.rxnormRelations(m, concepts); err != nil {
			return true, err
		}
	} else {
		j.note("RXNREL.RRF is not there: ingredients and hierarchy are left out")
	}
	b := terms.NewBuilder(info)
	for _, cui := range order {
		c := concepts[cui]
		if c.best == len(termTypes) {
			continue // synonyms whose concept has no name of its own
		}
		c.Concept.Rank = termTypes[c.best].rank
		c.Concept.Properties = append([]terms.Value{{Property: "TTY", Value: termTypes[c.best].tty}}, c.Concept.Properties...)
		if err := b.Add(c.Concept); err != nil {
			return true, err
		}
	}
	if err := j.install(b); err != nil {
		return true, err
	}
	if m := find("RXNSAT.RRF"); m != nil {
		return true, j.rxnormPackages(m, concepts, info.Version)
	}
	return true, nil
}

// drug is a concept of RxNorm while its names come in.
type drug struct {
	terms.Concept
	best int // place of its kind in termTypes
}

// rxnormNames reads RXNCONSO.RRF: RXCUI, LAT, TS, LUI, STT, SUI, ISPREF, RXAUI, SAUI, SCUI, SDUI, SAB, TTY, CODE, STR,
// SRL, SUPPRESS, CVF.
func (j *job) rxnormNames(m *member) (concepts map[string]*drug, order []string, err error) {
	concepts = map[string]*drug{}
	err = j.rows(m, "|", nil, func(f []string) error {
		if len(f) < 17 {
			return errors.New("the row has too few fields for RXNCONSO.RRF")
		}
		cui, source, kind, name, suppress := f[0], f[11], f[12], f[14], f[16]
		if source != "RXNORM" {
			return nil
		}
		c := concepts[cui]
		if c == nil {
			c = &drug{terms.Concept{Code: strings.Clone(cui), Inactive: true}, len(termTypes)}
			concepts[c.Code] = c
			order = append(order, c.Code)
		}
		name = strings.Clone(name)
		place := slices.IndexFunc(termTypes, func(t struct {
			tty  string
			rank uint8
		}) bool {
			return t.tty == kind
		})
		switch {
		case place < 0:
			c.Designations = append(c.Designations, terms.Designation{Use: strings.Clone(kind), Value: name})
		case place < c.best:
			if c.Display != "" {
				c.Designations = append(c.Designations, terms.Designation{Use: termTypes[c.best].tty, Value: c.Display})
			}
			c.best, c.Display, c.Inactive = place, name, suppress != "N"
		default:
			c.Designations = append(c.Designations, terms.Designation{Use: strings.Clone(kind), Value: name})
		}
		return nil
	})
	if err == nil && len(concepts) == 0 {
		err = errors.New("RXNCONSO.RRF holds no names of the source RXNORM")
	}
	return concepts, order, err
}

// rxnormRelations reads RXNREL.RRF: RXCUI1, RXAUI1, STYPE1, REL, RXCUI2, RXAUI2, STYPE2, RELA, RUI, SRUI, SAB, SL, DIR,
// RG, SUPPRESS, CVF. A row says that the second concept has the relation RELA to the first.
func (j *job) rxnormRelations(m *member, concepts map[string]*drug) error {
	return j.rows(m, "|", nil, func(f []string) error {
		if len(f) < 15 {
			return errors.New("the row has too few fields for RXNREL.RRF")
		}
		if f[10] != "RXNORM" || f[2] != "CUI" || f[14] != "N" && f[14] != "" {
			return nil
		}
		c := concepts[f[4]]
		other := concepts[f[0]]
		if c == nil || other == nil {
			return nil
		}
		switch relation := f[7]; relation {
		case "isa":
			c.Parents = append(c.Parents, other.Code)
		case "has_ingredient", "has_precise_ingredient", "has_dose_form", "tradename_of", "consists_of", "contains", "has_ingredients":
			c.Properties = append(c.Properties, terms.Value{Property: strings.Clone(relation), Value: other.Code})
		}
		return nil
	})
}

// rxnormPackages reads the package codes of RXNSAT.RRF: RXCUI, LUI, SUI, RXAUI, STYPE, CODE, ATUI, SATUI, ATN, SAB, ATV,
// SUPPRESS, CVF.
func (j *job) rxnormPackages(m *member, concepts map[string]*drug, version string) error {
	b := terms.NewMapBuilder(terms.MapInfo{URL: RxNormNDC, Version: version, Name: "NDCToRxNorm", Title: "Package codes to RxNorm", File: j.release.name})
	err := j.rows(m, "|", nil, func(f []string) error {
		if len(f) < 12 {
			return errors.New("the row has too few fields for RXNSAT.RRF")
		}
		if f[8] != "NDC" || f[9] != "RXNORM" || f[11] != "N" {
			return nil
		}
		c := concepts[f[0]]
		if c == nil || len(f[10]) != 11 {
			return nil
		}
		return b.Add(terms.Mapping{Source: terms.Coding{System: terms.NDC, Code: strings.Clone(f[10])}, Target: terms.Coding{System: terms.RxNorm, Code: c.Code, Display: c.Display}, Equivalence: "wider"})
	})
	if err != nil || b.Len() == 0 {
		return err
	}
	return j.install(b)
}

// eightDigits finds a date of eight digits in a name.
func eightDigits(name string) string {
	for i := 0; i < len(name); {
		n := i
		for n < len(name) && isDigit(name[n]) {
			n++
		}
		if n-i == 8 {
			return name[i:n]
		}
		i = max(n, i+1)
	}
	return ""
}
