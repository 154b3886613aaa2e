package subscriptions

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
)

// create takes a new subscription.
func (e *engine) create(w http.ResponseWriter, r *http.Request) error {
	doc, err := readBody(w, r)
	if err != nil {
		return err
	}
	return e.take(w, r, record.Op{Verb: record.Create, Type: "Subscription", Resource: doc, Condition: r.Header.Get("If-None-Exist")})
}

// update takes another version of a subscription. Whoever sends it is its owner from then on.
func (e *engine) update(w http.ResponseWriter, r *http.Request) error {
	if operation, ok := strings.CutPrefix(r.PathValue("id"), "$"); ok {
		return notUpdated(w, operation)
	}
	doc, err := readBody(w, r)
	if err != nil {
		return err
	}
	op := record.Op{Verb: record.Update, Type: "Subscription", ID: r.PathValue("id"), Resource: doc}
	if doc.ID() != op.ID {
		return bad("the id in the document is not the one in the address")
	}
	if tag := r.Header.Get("If-Match"); tag != "" {
		text, ok := strings.CutPrefix(tag, `W/"`)
		version, err := strconv.ParseInt(strings.TrimSuffix(text, `"`), 10, 64)
		if !ok || err != nil || version < 1 {
			return bad(`If-Match is the ETag of a version, such as W/"3"`)
		}
		op.IfMatch = version
	}
	return e.take(w, r, op)
}

// notUpdated refuses to update what is an operation on all subscriptions, not one of them.
func notUpdated(w http.ResponseWriter, operation string) error {
	allow := "GET, POST"
	switch operation {
	case "status", "meta":
	case "validate":
		allow = "POST"
	default:
		return refused(http.StatusNotFound, "not-found", "there is no such operation here; /fhir/metadata lists what there is")
	}
	w.Header().Set("Allow", allow)
	return refused(http.StatusMethodNotAllowed, "not-supported", "this address does not take the method; it takes "+allow)
}

func readBody(w http.ResponseWriter, r *http.Request) (*fhir.Resource, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return nil, refused(http.StatusRequestEntityTooLarge, "too-long", "a Subscription takes less than 1 MB")
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, fhir.OutcomeOf(err)}
	}
	if doc.Type() != "Subscription" {
		return nil, bad("the body must be a Subscription")
	}
	return doc, nil
}

// take stores a subscription and notes whose it is.
func (e *engine) take(w http.ResponseWriter, r *http.Request, op record.Op) error {
	session, err := e.Session(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	s, err := read(op.Resource)
	if err != nil {
		return err
	}
	if err := e.check(ctx, session, s); err != nil {
		return err
	}
	cursor, err := e.Changes.Last(ctx) // what changes from here on counts
	if err != nil {
		return err
	}
	results, err := session.Do(ctx, []record.Op{op})
	if err != nil {
		return err
	}
	v := &results[0]
	if !(op.Condition != "" && v.Unchanged) { // one that was there already stays whose it is
		if err := e.own(ctx, v, slice.OwnerOf(r), cursor, e.base(r)); err != nil {
			return err
		}
	}
	h := w.Header()
	h.Set("ETag", fhir.VersionETag(v.Version.Version))
	h.Set("Last-Modified", v.At.UTC().Format(http.TimeFormat))
	h.Set("Location", e.base(r)+"/fhir/Subscription/"+v.ID+"/_history/"+strconv.FormatInt(v.Version.Version, 10))
	h.Set("Content-Length", strconv.Itoa(len(v.Body)))
	status := http.StatusOK
	if v.Created {
		status = http.StatusCreated
	}
	w.WriteHeader(status)
	_, _ = w.Write(v.Body)
	return nil
}

// check makes sure that what a subscription asks for can be done, and by whoever asks.
func (e *engine) check(ctx context.Context, session *record.Session, s *subscription) error {
	if s.Status != requested && s.Status != off {
		return invalid("Subscription.status", "send a subscription as requested, or off; this server makes it active")
	}
	if !s.End.IsZero() && !s.End.After(e.Clock.Now()) {
		return invalid("Subscription.end", "this moment is over")
	}
	if s.Channel == restHook {
		if err := e.Client.Check(s.Endpoint); err != nil {
			return invalid("Subscription.channel.endpoint", err.Error())
		}
	}
	for _, sel := range s.Selectors {
		if !session.May(access.Search, sel.Type) {
			if s.Topic != "" && len(s.Selectors) > 1 {
				continue // of a topic about many types, those that it may see are told of
			}
			return refused(http.StatusForbidden, "forbidden", "your role or scopes do not let you search "+sel.Type)
		}
		params, err := sel.params()
		if err != nil {
			return err
		}
		if len(params) == 0 {
			continue
		}
		_, err = session.Search(ctx, record.Query{Type: sel.Type, Params: append(params, search.Param{Name: "_count", Value: "1"}), Strict: true})
		if k := record.KindOf(err); k == record.KindBad || k == record.KindNotSupported {
			_, o := outcomeOf(err)
			return invalid("Subscription.criteria", o.Error())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *selector) params() ([]search.Param, error) { return record.ParseParams(s.Query) }

// own notes whose a subscription is. One that is sent again with the same wishes goes on where it was.
func (e *engine) own(ctx context.Context, v *record.Result, owner slice.Owner, cursor int64, base string) error {
	wishes := digest(v.Resource())
	err := e.spool.Update(ctx, func(tx slice.SpoolTx) error {
		st := &state{Generation: 1, Owner: owner, Digest: wishes, Base: base, Cursor: cursor}
		before, err := current(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		if before != nil {
			st.Generation, st.Events, st.Delivered = before.Generation+1, before.Events, before.Delivered
			if before.Digest == wishes {
				st.Cursor = before.Cursor
			} else {
				st.Delivered = before.Events // what waits was for other wishes
			}
		}
		b, err := json.Marshal(st)
		if err != nil {
			return err
		}
		return tx.SetValue(ctx, valueName(v.ID), b)
	})
	e.news.tell(v.ID) // the worker may have seen the resource before its owner was noted
	return err
}
