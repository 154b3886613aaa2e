package load

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/terms"
)

// loincProperties are the columns that become properties.
var loincProperties = []string{
	"COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP", "CLASS", "CLASSTYPE", "STATUS", "ORDER_OBS", "EXAMPLE_UCUM_UNITS", "UNITSREQUIRED",
}

// loinc reads Loinc.csv, and the component hierarchy if it is there. A table with the columns LOINC_NUM and
// LONG_COMMON_NAME alone is taken for a part of LOINC.
func (j *job) loinc() (bool, error) {
	m := j.release.find(func(base string) bool { return base == "loinc.csv" })
	if m == nil {
		m = j.release.find(between("loinc", ".csv"))
	}
	if m == nil {
		return false, nil
	}
	info := terms.Info{
		URL: terms.LOINC, Name: "LOINC", Title: "LOINC", OID: "2.16.840.1.113883.6.1", Publisher: "Regenstrief Institute, Inc.", Source: j.release.name,
		Copyright: "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under the license at http://loinc.org/license. LOINC® is a registered United States trademark of Regenstrief Institute, Inc.",
	}
	for _, p := range loincProperties {
		info.Properties = append(info.Properties, terms.Property{Code: p, Type: "string"})
	}
	parents, parts, err := j.loincHierarchy()
	if err != nil {
		return true, err
	}
	var concepts []terms.Concept
	changed, whole := "", false
	err = j.csv(m, func(has func(string) bool) error {
		if !has("LOINC_NUM") || !has("LONG_COMMON_NAME") {
			return errors.New("the columns LOINC_NUM and LONG_COMMON_NAME are missing")
		}
		whole = has("CLASS") && has("STATUS") && has("COMPONENT")
		return nil
	}, func(get func(string) string) error {
		c := terms.Concept{Code: get("LOINC_NUM"), Display: get("LONG_COMMON_NAME"), Rank: loincRank(get("COMMON_TEST_RANK"), get("COMMON_ORDER_RANK")), Parents: parents[get("LOINC_NUM")]}
		switch get("STATUS") {
		case "DEPRECATED":
			c.Inactive = true
		case "DISCOURAGED":
			c.Rank = 255
		}
		for _, d := range []struct{ column, use string }{{"SHORTNAME", "SHORTNAME"}, {"DisplayName", "DisplayName"}, {"CONSUMER_NAME", "ConsumerName"}, {"RELATEDNAMES2", "RELATEDNAMES2"}} {
			if v := get(d.column); v != "" && v != c.Display {
				c.Designations = append(c.Designations, terms.Designation{Language: "en-US", Use: d.use, Value: v})
			}
		}
		for _, p := range loincProperties {
			if v := get(p); v != "" {
				c.Properties = append(c.Properties, terms.Value{Property: p, Value: v})
			}
		}
		if v := get("VersionLastChanged"); whole && newer(v, changed) {
			changed = v
		}
		concepts = append(concepts, c)
		return nil
	})
	if err != nil {
		return true, err
	}
	if !whole {
		info.Content = "fragment"
		j.note("the table lacks the columns of the full release, so it is taken for a part of LOINC")
		if changed == "" && j.Version == "" {
			changed = "part"
		}
	}
	// Loinc_2.78.zip; or the newest change in it, which is the release's own.
	if v := loincVersion(j.release.name); v != "" {
		changed = v
	}
	if info.Version, err = j.version(changed); err != nil {
		return true, err
	}
	b := terms.NewBuilder(info)
	for _, c := range append(concepts, parts...) {
		if err := b.Add(c); err != nil {
			return true, err
		}
	}
	return true, j.install(b)
}

// loincHierarchy reads PATH_TO_ROOT, SEQUENCE, IMMEDIATE_PARENT, CODE and CODE_TEXT: what stands directly above each
// code, and the parts that group them.
func (j *job) loincHierarchy() (parents map[string][]string, parts []terms.Concept, err error) {
	parents = map[string][]string{}
	m := j.release.find(between("componenthierarchybysystem", ".csv"))
	if m == nil {
		j.note("ComponentHierarchyBySystem.csv is not there: codes have no hierarchy")
		return parents, nil, nil
	}
	seen := map[string]bool{}
	err = j.csv(m, func(has func(string) bool) error {
		if !has("CODE") || !has("IMMEDIATE_PARENT") || !has("CODE_TEXT") {
			return errors.New("the columns CODE, IMMEDIATE_PARENT and CODE_TEXT are missing")
		}
		return nil
	}, func(get func(string) string) error {
		code, above := get("CODE"), get("IMMEDIATE_PARENT")
		if above != "" && !slices.Contains(parents[code], above) {
			parents[code] = append(parents[code], above)
		}
		if strings.HasPrefix(code, "LP") && !seen[code] {
			seen[code] = true
			parts = append(parts, terms.Concept{Code: code, Display: get("CODE_TEXT"), Abstract: true, Rank: 255})
		}
		return nil
	})
	for i := range parts {
		parts[i].Parents = parents[parts[i].Code]
	}
	return parents, parts, err
}

// loincRank orders by how often a test is reported or ordered: ranks from 1 to about 20,000, 0 = none.
func loincRank(ranks ...string) uint8 {
	best := 0
	for _, r := range ranks {
		if n, err := strconv.Atoi(r); err == nil && n > 0 && (best == 0 || n < best) {
			best = n
		}
	}
	switch {
	case best == 0:
		return 200
	case best <= 300:
		return uint8(best / 3)
	}
	return uint8(min(100+best/100, 190))
}

// newer compares versions such as 2.9 and 2.78.
func newer(a, b string) bool {
	number := func(s string) (major, minor int) {
		x, y, _ := strings.Cut(s, ".")
		major, _ = strconv.Atoi(x)
		minor, _ = strconv.Atoi(y)
		return major, minor
	}
	a1, a2 := number(a)
	b1, b2 := number(b)
	return a1 > b1 || a1 == b1 && a2 > b2
}

// loincVersion finds 2.78 in Loinc_2.78.zip.
func loincVersion(name string) string {
	_, rest, ok := strings.Cut(strings.ToLower(name), "loinc_")
	if !ok {
		return ""
	}
	n := 0
	for n < len(rest) && (isDigit(rest[n]) || rest[n] == '.' && n+1 < len(rest) && isDigit(rest[n+1])) {
		n++
	}
	return rest[:n]
}

// csv reads a table whose first row names the columns. A column that is not there is "".
func (j *job) csv(m *member, heading func(has func(string) bool) error, row func(get func(string) string) error) error {
	in, err := m.open()
	if err != nil {
		return err
	}
	defer in.Close()
	text := bufio.NewReader(&counter{in: in, job: j, file: m.base(), total: m.size})
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		_, _ = text.Discard(3)
	}
	r := csv.NewReader(text)
	r.ReuseRecord, r.FieldsPerRecord, r.LazyQuotes = true, -1, true
	var columns map[string]int
	var fields []string
	get := func(name string) string {
		if i, ok := columns[name]; ok && i < len(fields) {
			return strings.Clone(fields[i])
		}
		return ""
	}
	for {
		if fields, err = r.Read(); err == io.EOF {
			if columns == nil {
				return fmt.Errorf("%s is empty", m.base())
			}
			return nil
		}
		if err == nil && columns == nil {
			columns = map[string]int{}
			for i, name := range fields {
				columns[strings.TrimSpace(name)] = i
			}
			err = heading(func(name string) bool { _, ok := columns[name]; return ok })
		} else if err == nil {
			err = row(get)
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("%s, line %d: %w", m.base(), line, err)
		}
	}
}
