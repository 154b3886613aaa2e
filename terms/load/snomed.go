package load

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/terms"
)

// Concepts of SNOMED CT that its release format is written with.
const (
	sctIsA           = "116680003"
	sctFullName      = "900000000000003001"
	sctPreferred     = "900000000000548007"
	sctUSEnglish     = "900000000000509007"
	sctInternational = "900000000000207008"
)

// SNOMEDToICD10CM is the URL of the map from SNOMED CT to ICD-10-CM that comes with the US edition.
const SNOMEDToICD10CM = "http://snomed.info/sct?fhir_cm=6011000124106"

// sctEditions are modules by the namespace in the names of an edition's files.
var sctEditions = map[string]string{
	"INT": sctInternational, "US1000124": "731000124108", "GB1000000": "999000041000000102", "AU1000036": "32506021000036107", "CA1000087": "20611000087101",
	"ES": "449081005", "NL1000146": "11000146104", "SE1000052": "45991000052106", "DK1000005": "554471000005108", "NZ1000210": "21000210109", "IE1000220": "11000220105",
}

// semanticRank orders concepts by what they are, as clinicians look for them.
var semanticRank = map[string]uint8{
	"disorder": 60, "finding": 60, "procedure": 70, "situation": 80, "clinical drug": 80, "product": 90, "substance": 95, "body structure": 100, "event": 90, "regime/therapy": 75, "observable entity": 90, "organism": 110,
}

// snomed reads an RF2 snapshot.
func (j *job) snomed() (bool, error) {
	snapshot := func(prefix string) *member {
		return j.release.find(func(base string) bool {
			return strings.HasPrefix(base, prefix) && strings.Contains(base, "snapshot") && strings.HasSuffix(base, ".txt")
		})
	}
	concepts := snapshot("sct2_concept_")
	if concepts == nil {
		return false, nil
	}
	descriptions, relations := snapshot("sct2_description_"), snapshot("sct2_relationship_")
	if descriptions == nil || relations == nil {
		return true, errors.New("the snapshot lacks its description or relationship file")
	}
	info := terms.Info{
		URL: terms.SNOMEDCT, Name: "SNOMEDCT", Title: "SNOMED CT", OID: "2.16.840.1.113883.6.96", CaseSensitive: false, Publisher: "SNOMED International", Source: j.release.name,
		Copyright:  "This material includes SNOMED Clinical Terms® (SNOMED CT®), which is used by permission of SNOMED International. The right to use it depends on a licence.",
		Properties: []terms.Property{{Code: "semanticTag", Type: "string", Description: "what kind of thing the concept is"}, {Code: terms.MemberOf, Type: "code", Description: "reference set that the concept is in"}},
	}
	var err error
	if info.Version, err = j.version(sctVersion(concepts.base())); err != nil {
		return true, err
	}
	s := &sctSnapshot{job: j, at: map[string]int{}, preferred: map[string]bool{}}
	if err := s.readConcepts(concepts); err != nil {
		return true, err
	}
	if m := snapshot("der2_crefset_language"); m != nil {
		if err := s.readPreferred(m); err != nil {
			return true, err
		}
	} else {
		j.note("no language reference set is there: the first synonym of a concept is its display")
	}
	if err := s.readDescriptions(descriptions); err != nil {
		return true, err
	}
	if err := s.readRelations(relations); err != nil {
		return true, err
	}
	if m := snapshot("der2_refset_simple"); m != nil {
		if err := s.readMembers(m); err != nil {
			return true, err
		}
	}
	b := terms.NewBuilder(info)
	for i := range s.concepts {
		if err := b.Add(s.concepts[i].concept()); err != nil {
			return true, err
		}
	}
	if err := j.install(b); err != nil {
		return true, err
	}
	if m := snapshot("der2_iisssccrefset_extendedmap"); m != nil {
		return true, s.readMap(m, info.Version)
	}
	return true, nil
}

// sctVersion is the version that the name of a file tells: sct2_Concept_Snapshot_US1000124_20260301.txt.
func sctVersion(name string) string {
	parts := strings.Split(strings.TrimSuffix(name, ".txt"), "_")
	if len(parts) < 2 {
		return ""
	}
	module, date := sctEditions[parts[len(parts)-2]], parts[len(parts)-1]
	if module == "" || eightDigits(date) != date {
		return ""
	}
	return terms.SNOMEDCT + "/" + module + "/version/" + date
}

// sctSnapshot holds what has been read.
type sctSnapshot struct {
	*job
	concepts  []sctConcept
	at        map[string]int  // place of a concept by its code
	preferred map[string]bool // descriptions that are preferred in the language
}

type sctConcept struct {
	code, full, preferred string
	active                bool
	synonyms              []string
	parents, memberOf     []string
}

// readConcepts: id, effectiveTime, active, moduleId, definitionStatusId.
func (s *sctSnapshot) readConcepts(m *member) error {
	return s.rows(m, "\t", []string{"id", "active"}, func(f []string) error {
		if f[0] == "" {
			return errors.New("the row has no id")
		}
		code := strings.Clone(f[0])
		s.at[code] = len(s.concepts)
		s.concepts = append(s.concepts, sctConcept{code: code, active: f[1] == "1"})
		return nil
	})
}

func (s *sctSnapshot) find(code string) *sctConcept {
	i, ok := s.at[code]
	if !ok {
		return nil
	}
	return &s.concepts[i]
}

// readPreferred notes the preferred descriptions in US English, or in any language if there is none.
func (s *sctSnapshot) readPreferred(m *member) error {
	others := map[string]bool{}
	err := s.rows(m, "\t", []string{"active", "refsetId", "referencedComponentId", "acceptabilityId"}, func(f []string) error {
		if f[0] != "1" || f[3] != sctPreferred {
			return nil
		}
		if f[1] == sctUSEnglish {
			s.preferred[strings.Clone(f[2])] = true
		} else {
			others[strings.Clone(f[2])] = true
		}
		return nil
	})
	if len(s.preferred) == 0 {
		s.preferred = others
	}
	return err
}

func (s *sctSnapshot) readDescriptions(m *member) error {
	return s.rows(m, "\t", []string{"id", "active", "conceptId", "typeId", "term"}, func(f []string) error {
		c := s.find(f[2])
		if f[1] != "1" || c == nil {
			return nil
		}
		term, preferred := strings.Clone(f[4]), s.preferred[f[0]]
		switch {
		case f[3] == sctFullName:
			if c.full == "" || preferred {
				c.full = term
			}
		case preferred && c.preferred == "":
			c.preferred = term
		default:
			c.synonyms = append(c.synonyms, term)
		}
		return nil
	})
}

func (s *sctSnapshot) readRelations(m *member) error {
	return s.rows(m, "\t", []string{"active", "sourceId", "destinationId", "typeId"}, func(f []string) error {
		if f[0] != "1" || f[3] != sctIsA {
			return nil
		}
		c, above := s.find(f[1]), s.find(f[2])
		if c == nil || above == nil {
			return fmt.Errorf("%s is a %s, and one of them is not in the concept file", f[1], f[2])
		}
		c.parents = append(c.parents, above.code)
		return nil
	})
}

func (s *sctSnapshot) readMembers(m *member) error {
	sets := map[string]string{}
	return s.rows(m, "\t", []string{"active", "refsetId", "referencedComponentId"}, func(f []string) error {
		c := s.find(f[2])
		if f[0] != "1" || c == nil {
			return nil
		}
		set, ok := sets[f[1]]
		if !ok {
			set = strings.Clone(f[1])
			sets[set] = set
		}
		c.memberOf = append(c.memberOf, set)
		return nil
	})
}

// concept is what the builder takes.
func (c *sctConcept) concept() terms.Concept {
	out := terms.Concept{Code: c.code, Display: c.preferred, Inactive: !c.active, Parents: c.parents, Rank: 120}
	tag := ""
	if open := strings.LastIndex(c.full, " ("); open > 0 && strings.HasSuffix(c.full, ")") {
		tag = c.full[open+2 : len(c.full)-1]
		out.Properties = []terms.Value{{Property: "semanticTag", Value: tag}}
		if r, ok := semanticRank[tag]; ok {
			out.Rank = r
		}
	}
	if out.Display == "" && len(c.synonyms) > 0 {
		out.Display, c.synonyms = c.synonyms[0], c.synonyms[1:]
	}
	if out.Display == "" {
		out.Display = c.full
	}
	if c.full != "" {
		// The full name repeats the display with the tag; its words would only blur the search.
		out.Designations = append(out.Designations, terms.Designation{Language: "en", Use: sctFullName, Value: c.full, Unsearched: true})
	}
	for _, s := range c.synonyms {
		out.Designations = append(out.Designations, terms.Designation{Language: "en", Value: s})
	}
	slices.Sort(c.memberOf)
	for _, set := range slices.Compact(c.memberOf) {
		out.Properties = append(out.Properties, terms.Value{Property: terms.MemberOf, Value: set})
	}
	return out
}

// readMap reads the map to ICD-10-CM of the US edition: of each concept, groups of alternatives of which the first
// fits whose rule holds.
func (s *sctSnapshot) readMap(m *member, version string) error {
	type line struct {
		group, priority      int
		rule, advice, target string
	}
	lines := map[string][]line{}
	sets := map[string]int{}
	err := s.rows(m, "\t", []string{"active", "refsetId", "referencedComponentId", "mapGroup", "mapPriority", "mapRule", "mapAdvice", "mapTarget"}, func(f []string) error {
		if f[0] != "1" || f[1] != "6011000124106" {
			if f[0] == "1" {
				sets[strings.Clone(f[1])]++
			}
			return nil
		}
		group, err1 := strconv.Atoi(f[3])
		priority, err2 := strconv.Atoi(f[4])
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		code := strings.Clone(f[2])
		lines[code] = append(lines[code], line{group, priority, strings.Clone(f[5]), strings.Clone(f[6]), strings.Clone(f[7])})
		return nil
	})
	if err != nil {
		return err
	}
	for set, n := range sets {
		s.note("%d lines of the map %s are left out: only the one to ICD-10-CM is read", n, set)
	}
	slices.Sort(s.notes)
	if len(lines) == 0 {
		return nil
	}
	b := terms.NewMapBuilder(terms.MapInfo{URL: SNOMEDToICD10CM, Version: version, Name: "SNOMEDToICD10CM", Title: "SNOMED CT to ICD-10-CM", File: s.release.name})
	for i := range s.concepts {
		c := &s.concepts[i]
		list := lines[c.code]
		slices.SortFunc(list, func(x, y line) int {
			if x.group != y.group {
				return x.group - y.group
			}
			return x.priority - y.priority
		})
		for _, l := range list {
			mapping := terms.Mapping{Source: terms.Coding{System: terms.SNOMEDCT, Code: c.code, Display: c.preferred}, Target: terms.Coding{System: terms.ICD10CM}, Equivalence: "relatedto", Comment: l.advice}
			switch {
			case l.target == "":
				mapping.Equivalence = "unmatched"
			case l.rule == "TRUE" || l.rule == "OTHERWISE TRUE":
				mapping.Target.Code = l.target
				mapping.Equivalence = "wider"
			default:
				mapping.Target.Code = l.target
				mapping.DependsOn = []terms.MapItem{{Property: "http://snomed.info/sct#mapRule", Value: l.rule}}
			}
			if err := b.Add(mapping); err != nil {
				return err
			}
		}
	}
	return s.install(b)
}
