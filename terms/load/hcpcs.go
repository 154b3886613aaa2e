package load

import (
	"errors"
	"strings"

	"github.com/osler-ehr/osler/terms"
)

// hcpcs reads CMS's alpha-numeric file of HCPCS Level II: fixed columns, a long description over several lines. Record
// kinds 3 and 4 are the first and further lines of a procedure or supply, 7 and 8 those of a modifier.
func (j *job) hcpcs() (bool, error) {
	m := j.release.find(func(base string) bool {
		return strings.HasPrefix(base, "hcpc") && strings.Contains(base, "anweb") && strings.HasSuffix(base, ".txt")
	})
	if m == nil {
		return false, nil
	}
	info := terms.Info{
		URL: terms.HCPCS, Name: "HCPCS", Title: "HCPCS Level II", OID: "2.16.840.1.113883.6.285", Publisher: "CMS", Source: m.base(),
		Properties: []terms.Property{{Code: "kind", Type: "code", Description: "procedure or modifier"}},
	}
	var err error
	if info.Version, err = j.version(year(strings.TrimPrefix(strings.ToLower(m.base()), "hcpc"), j.release.name)); err != nil {
		return true, err
	}
	b := terms.NewBuilder(info)
	var now terms.Concept
	flush := func() error {
		if now.Code == "" {
			return nil
		}
		now.Display = squeezed(now.Display)
		return b.Add(now)
	}
	err = j.lines(m, func(line string) error {
		if len(line) < 100 || strings.Trim(line[5:10], "0123456789") != "" {
			if now.Code != "" && strings.TrimSpace(line) != "" {
				return errors.New("columns 6 to 10 are no number; is this CMS's file of 320 columns?")
			}
			return nil // the disclaimers at the beginning
		}
		code, kind, long := strings.TrimSpace(line[:5]), line[10], line[11:91]
		switch kind {
		case '3', '7':
			if err := flush(); err != nil {
				return err
			}
			now = terms.Concept{Code: code, Display: long, Properties: []terms.Value{{Property: "kind", Value: "procedure"}}}
			if kind == '7' {
				now.Properties[0].Value, now.Rank = "modifier", 100
			}
			if short := squeezed(line[91:min(len(line), 119)]); short != "" {
				now.Designations = []terms.Designation{{Use: "short", Value: short}}
			}
			// The day from which it is no longer in use.
			if len(line) >= 292 && strings.TrimSpace(line[284:292]) != "" {
				now.Inactive = true
			}
		case '4', '8':
			if code != now.Code {
				return errors.New("a line goes on with a description that has not begun")
			}
			now.Display += " " + long
		default:
			return errors.New("column 11 is none of the record kinds 3, 4, 7 and 8; is this CMS's file of 320 columns?")
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return true, err
	}
	return true, j.install(b)
}
