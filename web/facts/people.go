package facts

import (
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// People reads who patients are, by id, for lists of many. Ids may come several times and be ""; who is gone, or not for the session to
// see, is not there.
func People(ctx context.Context, s *record.Session, ids []string) (map[string]Patient, error) {
	out := map[string]Patient{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	for chunk := range slices.Chunk(ids, 100) {
		page, err := s.Search(ctx, record.Query{Type: "Patient", Params: Params("_id", strings.Join(chunk, ","), "_count", "200")})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			p, err := fhir.View[Patient](page.Entries[i].Resource())
			if err != nil {
				return nil, err
			}
			out[page.Entries[i].ID] = p
		}
	}
	return out, nil
}
