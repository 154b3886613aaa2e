package cdshooks

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// maxPrefetch is how many resources one template brings.
const maxPrefetch = 200

// prefetch reads what a service asks for beforehand, with the session of whoever prescribes: what that person may not see does not go
// out. A template that is about more than this patient, or that cannot be read, is null, as the specification has it.
func prefetch(ctx context.Context, s *record.Session, templates map[string]string, patient, user string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for key, template := range templates {
		if len(out) == 20 {
			break
		}
		out[key] = json.RawMessage("null")
		if doc := fetched(ctx, s, template, patient, user); doc != nil {
			out[key] = doc
		}
	}
	return out
}

// fetched reads one template: a resource, or a search about the patient.
func fetched(ctx context.Context, s *record.Session, template, patient, user string) json.RawMessage {
	filled := strings.NewReplacer("{{context.patientId}}", url.QueryEscape(patient), "{{context.userId}}", url.QueryEscape(user)).Replace(template)
	if strings.Contains(filled, "{{") {
		return nil
	}
	path, query, isSearch := strings.Cut(filled, "?")
	if !isSearch {
		typ, id, ok := strings.Cut(path, "/")
		id, err := url.QueryUnescape(id)
		if !ok || err != nil || typ != "Patient" || id != patient {
			return nil
		}
		v, err := s.Read(ctx, typ, id)
		if err != nil {
			return nil
		}
		return v.Resource().Bytes()
	}
	var params []search.Param
	about, counted := false, false
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || strings.HasPrefix(name, "_include") || strings.HasPrefix(name, "_revinclude") || strings.HasPrefix(name, "_has") {
			return nil // what it brings along may be about somebody else
		}
		switch {
		case path == "Patient" && name == "_id", name == "patient", name == "subject":
			if strings.TrimPrefix(value, "Patient/") != patient {
				return nil
			}
			about = true
		}
		counted = counted || name == "_count"
		params = append(params, search.Param{Name: name, Value: value})
	}
	if !about {
		return nil
	}
	page, err := s.Search(ctx, record.Query{Type: path, Params: params, MaxCount: maxPrefetch, Strict: true})
	if err != nil || page.Next != "" && (!counted || len(page.Entries) >= maxPrefetch) {
		return nil // a part must not be taken for the whole, unless a part was asked for
	}
	type entry struct {
		Resource json.RawMessage `json:"resource"`
	}
	bundle := struct {
		Type    string  `json:"resourceType"`
		Kind    string  `json:"type"`
		Entries []entry `json:"entry,omitempty"`
	}{Type: "Bundle", Kind: "searchset"}
	for i := range page.Entries {
		if doc := page.Entries[i].Resource(); doc != nil {
			bundle.Entries = append(bundle.Entries, entry{doc.Bytes()})
		}
	}
	b, err := json.Marshal(bundle)
	if err != nil {
		return nil
	}
	return b
}
