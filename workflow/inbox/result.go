package inbox

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// report is the view of a DiagnosticReport.
type report struct {
	ID         string
	Status     string
	BasedOn    []fhir.Reference
	Category   []fhir.CodeableConcept
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Performer  []fhir.Reference
	Result     []fhir.Reference
	Conclusion string
}

// noted is the view of an Observation beyond what is measured.
type noted struct {
	Subject  fhir.Reference
	BasedOn  []fhir.Reference
	Specimen fhir.Reference
	Note     []fhir.Annotation
}

// result is what a Task of review is about: a report with its values, or one value that belongs to no report.
type result struct {
	report
	version int64
	alone   bool // an Observation, not a report
	values  []measured
	missing int // values that could not be read
}

// measured is one value of a result.
type measured struct {
	facts.Observation
	version int64
	note    string
}

// worse orders flags for reading: critical, then high and low, then abnormal, then unmarked.
func worse(f clinical.Flag) int {
	switch {
	case f.Critical():
		return 3
	case f == clinical.High || f == clinical.Low:
		return 2
	case f != clinical.Normal:
		return 1
	}
	return 0
}

// arrange puts the worst value first; the rest keep the order of the report.
func (r *result) arrange() {
	slices.SortStableFunc(r.values, func(a, b measured) int { return cmp.Compare(worse(b.flag()), worse(a.flag())) })
}

// flag is the worst flag of an observation and its components.
func (m measured) flag() clinical.Flag {
	worst := clinical.Normal
	for _, v := range m.Values() {
		if f := v.Flag(); worse(f) > worse(worst) {
			worst = f
		}
	}
	return worst
}

// flag is the worst of a result.
func (r result) flag() clinical.Flag {
	worst := clinical.Normal
	for _, m := range r.values {
		if f := m.flag(); worse(f) > worse(worst) {
			worst = f
		}
	}
	return worst
}

// normal reports whether the result is known to be normal: it has values, and each was judged by the laboratory or by a
// range and lies within. What nobody judged, words and pictures above all, is not called normal.
func (r result) normal() bool {
	if len(r.values) == 0 || r.missing > 0 || r.Conclusion != "" || r.Status == "preliminary" || r.Status == "partial" {
		return false
	}
	for _, m := range r.values {
		values := m.Values()
		if len(values) == 0 {
			return false
		}
		for _, v := range values {
			if v.Flag() != clinical.Normal || !judged(v.Measured) {
				return false
			}
		}
	}
	return true
}

// judged reports whether somebody or something says that a value is normal.
func judged(m facts.Measured) bool {
	for _, i := range m.Interpretation {
		for _, c := range i.Coding {
			switch c.Code {
			case "N", "NEG", "ND", "NR", "S":
				return true
			}
		}
	}
	_, number := m.Quantity()
	return number && m.Band() != nil && len(m.Interpretation) == 0
}

// seen is a fingerprint of the versions that were shown, so that nothing is signed that was corrected meanwhile.
func (r result) seen() string {
	var versions []int64
	for _, m := range r.values {
		versions = append(versions, m.version)
	}
	return facts.Seen(r.version, versions...)
}

// name is what was reported.
func (r result) name() string {
	if s := facts.Concept(r.Code); s != "" {
		return facts.ShortTestName(s)
	}
	return "Result"
}

// when is when it was true of the patient.
func (r result) when() fhir.DateTime {
	switch v := r.Effective.Value().(type) {
	case fhir.DateTime:
		return v
	case fhir.Instant:
		return v.DateTime()
	case fhir.Period:
		return facts.When(v.Start, v.End)
	}
	return r.Issued.DateTime()
}

// results reads what Tasks are about, by reference. What cannot be read is absent.
func results(ctx context.Context, s *record.Session, refs []string) (map[string]*result, error) {
	var reports, alone []string
	for _, ref := range refs {
		if id, ok := strings.CutPrefix(ref, "DiagnosticReport/"); ok {
			reports = append(reports, id)
		} else if id, ok := strings.CutPrefix(ref, "Observation/"); ok {
			alone = append(alone, id)
		}
	}
	out := map[string]*result{}
	values := map[string]measured{}
	read := func(typ string, ids []string, params ...string) error {
		for chunk := range slices.Chunk(ids, 50) {
			page, err := s.Search(ctx, record.Query{Type: typ, Params: facts.Params(append([]string{"_id", strings.Join(chunk, ","), "_count", "100"}, params...)...)})
			if err != nil {
				return err
			}
			for i := range page.Entries {
				e := &page.Entries[i]
				if e.Type == "Observation" {
					o, err := facts.ReadObservation(e.Resource())
					if err != nil {
						continue
					}
					n, err := fhir.View[noted](e.Resource())
					if err != nil {
						continue
					}
					m := measured{Observation: o, version: e.Version.Version}
					for _, a := range n.Note {
						m.note = strings.TrimSpace(m.note + " " + a.Text)
					}
					values[e.ID] = m
					if !e.Include {
						out["Observation/"+e.ID] = &result{report: report{ID: e.ID, Status: o.Status, BasedOn: n.BasedOn, Code: o.Code, Subject: n.Subject, Effective: o.Effective, Issued: o.Issued, Performer: o.Performer}, version: e.Version.Version, alone: true, values: []measured{m}}
					}
					continue
				}
				r, err := fhir.View[report](e.Resource())
				if err == nil {
					out["DiagnosticReport/"+e.ID] = &result{report: r, version: e.Version.Version}
				}
			}
		}
		return nil
	}
	if err := read("DiagnosticReport", reports, "_include", "DiagnosticReport:result"); err != nil {
		return nil, err
	}
	if err := read("Observation", alone); err != nil {
		return nil, err
	}
	for _, r := range out {
		if r.alone {
			continue
		}
		for _, ref := range r.Result {
			_, id, _ := strings.Cut(ref.Reference, "/")
			m, ok := values[id]
			switch {
			case !ok:
				r.missing++
			case m.Valid() && len(m.Values()) > 0:
				r.values = append(r.values, m)
			}
		}
		r.arrange()
	}
	return out, nil
}
