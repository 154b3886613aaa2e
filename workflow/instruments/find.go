package instruments

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// offered are the instruments that can be asked: those that come with the program, then the active ones of the record by title. A
// questionnaire of the record takes the place of one that comes with the program and has the same address and another version.
func offered(ctx context.Context, s *record.Session) ([]*questionnaire, error) {
	out, err := builtins()
	if err != nil {
		return nil, err
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Questionnaire", Params: facts.Params("status", "active", "_count", "200"), Strict: true})
	if record.KindOf(err) == record.KindForbidden {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	var more []*questionnaire
	for i := range page.Entries {
		q, err := read(page.Entries[i].Resource())
		if err != nil || !q.forPatients() {
			continue
		}
		q.ID = page.Entries[i].ID
		if at := slices.IndexFunc(out, func(b *questionnaire) bool { return b.URL == q.URL }); at >= 0 {
			if out[at].Version != q.Version {
				q.builtin = false
				out[at] = q
			}
			continue
		}
		more = append(more, q)
	}
	slices.SortStableFunc(more, func(a, b *questionnaire) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.title()), strings.ToLower(b.title())), strings.Compare(a.ID, b.ID))
	})
	return append(out, more...), nil
}

// questionnaireOf is the instrument with the id that an address names. One that is not offered is not there.
func questionnaireOf(ctx context.Context, s *record.Session, id string) (*questionnaire, error) {
	all, err := offered(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, q := range all {
		if q.ID == id {
			return q, nil
		}
	}
	return nil, web.ErrNotFound
}

// asker is the view of the Patient that a score needs.
type asker struct {
	Gender string
	Birth  fhir.Date `fhir:"birthDate"`
}

// openVisit is the view of the Encounter that is under way.
type openVisit struct{ ID string }

// readVisit is the visit that is under way, "" if there is none or it may not be seen.
func readVisit(ctx context.Context, s *record.Session, patient string) (string, error) {
	found, err := facts.Find[openVisit](ctx, s, "Encounter", patient, facts.Params("status", "arrived,triaged,in-progress", "_sort", "-date", "_count", "1")...)
	if record.KindOf(err) == record.KindForbidden || len(found) == 0 && err == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return found[0].ID, nil
}
