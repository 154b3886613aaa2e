package chart

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// resultMark stands in a part's text for an observation that is filled in when all have been read.
const resultMark = "\x00"

// measured is one value of a report.
type measured struct {
	name, text string
	flag       clinical.Flag
}

// values reads the observations that reports refer to. Those of one page are mostly the newest of the laboratory before it begins, in one
// read; the rest are asked for by name.
func values(ctx context.Context, s *record.Session, patient string, entries []*clinical.Entry, before time.Time) (map[string]measured, error) {
	out := map[string]measured{}
	var wanted []string
	for _, e := range entries {
		for _, p := range e.Parts {
			if id, ok := strings.CutPrefix(p.Text, resultMark); ok {
				wanted = append(wanted, id)
			}
		}
	}
	if len(wanted) == 0 {
		return out, nil
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	read := func(before time.Time, params ...string) error {
		q := facts.Of("Observation", patient, facts.Params(params...)...)
		q.Before = before
		page, err := s.Search(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Entries {
			o, err := facts.ReadObservation(page.Entries[i].Resource())
			if err != nil {
				return err
			}
			if v := o.Show(); o.Valid() {
				out[o.ID] = measured{o.Name(), strings.TrimSpace(v.Text + " " + v.Unit), v.Flag}
			} else {
				out[o.ID] = measured{}
			}
		}
		return nil
	}
	if err := read(before, "category", "laboratory", "_sort", "-date", "_count", strconv.Itoa(min(len(wanted)+20, 400))); err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(wanted, func(id string) bool { _, ok := out[id]; return ok || !fhir.ValidID(id) })
	for part := range slices.Chunk(missing, 100) {
		if err := read(time.Time{}, "_id", strings.Join(part, ","), "_count", "100"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mostShown is how many values of a report stand in its line, critical ones aside, which all do.
const mostShown = 4

// fill puts values in the place of their marks: those out of range, the critical first, or the only one of a report. What has no room is
// counted.
func fill(e *clinical.Entry, values map[string]measured) {
	var kept []clinical.Part
	var found []measured
	marks := 0
	for _, p := range e.Parts {
		id, ok := strings.CutPrefix(p.Text, resultMark)
		if !ok {
			kept = append(kept, p)
			continue
		}
		marks++
		if v := values[id]; v.text != "" || v.flag != clinical.Normal {
			found = append(found, v)
		}
	}
	if marks > 1 {
		found = slices.DeleteFunc(found, func(v measured) bool { return v.flag == clinical.Normal })
	}
	slices.SortStableFunc(found, func(a, b measured) int { return cmp.Compare(urgent(b.flag), urgent(a.flag)) })
	more := 0
	for i, v := range found {
		if i >= mostShown && !v.flag.Critical() {
			more++
			continue
		}
		text := v.text
		if len(kept) == 0 || !strings.EqualFold(kept[0].Text, v.name) { // a report of one test says its name already
			text = lowerName(v.name) + " " + text
		}
		kept = append(kept, clinical.Part{Text: text, Strong: true, Flag: v.flag})
	}
	if more > 0 {
		kept = append(kept, clinical.Part{Text: strconv.Itoa(more) + " more out of range"})
	}
	e.Parts = kept
}

// unread says that a report's values could not be read, which must not look as if all were normal.
func unread(e *clinical.Entry) {
	n := len(e.Parts)
	e.Parts = slices.DeleteFunc(e.Parts, func(p clinical.Part) bool { return strings.HasPrefix(p.Text, resultMark) })
	if len(e.Parts) < n {
		e.Parts = append(e.Parts, clinical.Part{Text: "the values could not be read", Strong: true})
	}
}

func urgent(f clinical.Flag) int {
	if f.Critical() {
		return 1
	}
	return 0
}
