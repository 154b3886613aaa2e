package load

import (
	"errors"
	"strings"

	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/terms/tables"
)

// icd10cm reads the order file: number, code, whether a claim takes it, short and long description, in fixed columns.
// Blocks and chapters, and the inclusion terms of codes that there were in the year that ships with the program, are
// taken from there.
func (j *job) icd10cm() (bool, error) {
	m := j.release.find(func(base string) bool {
		return strings.HasPrefix(base, "icd10cm") && strings.Contains(base, "order") && strings.HasSuffix(base, ".txt") && !strings.Contains(base, "addenda")
	})
	if m == nil {
		return false, nil
	}
	info := terms.ICD10CMInfo()
	info.Source = m.base()
	var err error
	if info.Version, err = j.version(year(m.base(), j.release.name)); err != nil {
		return true, err
	}
	blocks, err := tables.ICD10CMBlocks()
	if err != nil {
		return true, err
	}
	inclusions := map[string][]string{}
	if err := tables.ICD10CM(func(d tables.Diagnosis) error { inclusions[d.Code] = d.Inclusions; return nil }); err != nil {
		return true, err
	}
	b, common := terms.NewBuilder(info), tables.Common()
	if err := blocks.Each(func(d tables.Diagnosis) error { return b.Add(terms.ICD10CMConcept(d, common)) }); err != nil {
		return true, err
	}
	var way tables.Hierarchy
	err = j.orderFile(m, func(code, display string, heading bool) error {
		d := tables.Diagnosis{Code: tables.Dotted(code), Display: display, Heading: heading, Inclusions: inclusions[tables.Dotted(code)]}
		if above := way.Add(code); above != "" {
			d.Parent = tables.Dotted(above)
		} else {
			d.Parent = blocks.Of(code)
		}
		return b.Add(terms.ICD10CMConcept(d, common))
	})
	if err != nil {
		return true, err
	}
	return true, j.install(b)
}

// orderFile gives the lines of an order file to f.
func (j *job) orderFile(m *member, f func(code, display string, heading bool) error) error {
	return j.lines(m, func(line string) error {
		if strings.TrimSpace(line) == "" {
			return nil
		}
		if len(line) < 17 || line[5] != ' ' || line[14] != '0' && line[14] != '1' {
			return errors.New("this is not a line of an order file: number, code, 0 or 1, descriptions")
		}
		display := ""
		if len(line) > 77 {
			display = strings.TrimSpace(line[77:])
		}
		if display == "" {
			display = strings.TrimSpace(line[16:min(len(line), 77)])
		}
		return f(strings.TrimSpace(line[6:14]), display, line[14] == '0')
	})
}

// icd10pcs reads the order file or the plain list of codes.
func (j *job) icd10pcs() (bool, error) {
	m := j.release.find(func(base string) bool {
		return strings.HasPrefix(base, "icd10pcs") && strings.Contains(base, "order") && strings.HasSuffix(base, ".txt") && !strings.Contains(base, "addenda")
	})
	plain := j.release.find(between("icd10pcs_codes", ".txt"))
	if m == nil && plain == nil {
		return false, nil
	}
	info := terms.Info{URL: terms.ICD10PCS, Name: "ICD10PCS", Title: "ICD-10-PCS", OID: "2.16.840.1.113883.6.4", Publisher: "CMS"}
	var err error
	if m != nil {
		info.Source = m.base()
	} else {
		info.Source = plain.base()
	}
	if info.Version, err = j.version(year(info.Source, j.release.name)); err != nil {
		return true, err
	}
	b := terms.NewBuilder(info)
	if m != nil {
		var way tables.Hierarchy
		err = j.orderFile(m, func(code, display string, heading bool) error {
			c := terms.Concept{Code: code, Display: display, Abstract: heading}
			if above := way.Add(code); above != "" {
				c.Parents = []string{above}
			}
			return b.Add(c)
		})
	} else {
		err = j.lines(plain, func(line string) error {
			code, display, ok := strings.Cut(strings.TrimSpace(line), " ")
			if code == "" {
				return nil
			}
			if !ok || len(code) != 7 {
				return errors.New("this is not a code of seven characters and its description")
			}
			return b.Add(terms.Concept{Code: code, Display: strings.TrimSpace(display)})
		})
	}
	if err != nil {
		return true, err
	}
	return true, j.install(b)
}
