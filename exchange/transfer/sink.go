package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// Local loads into a record of this machine.
type Local struct{ Session *record.Session }

// Do carries out a unit.
func (l Local) Do(ctx context.Context, ops []record.Op) ([]record.Result, error) {
	return l.Session.Do(ctx, ops)
}

// Known reports whether a resource ever existed.
func (l Local) Known(ctx context.Context, typ, id string) (bool, error) {
	_, err := l.Session.ReadVersion(ctx, typ, id, 1)
	switch record.KindOf(err) {
	case 0:
		return err == nil, err
	case record.KindNotFound:
		return false, nil
	case record.KindGone:
		return true, nil
	}
	return false, err
}

// Remote loads into a running server over FHIR.
type Remote struct {
	Client *http.Client
	Base   string // such as https://ehr.example/fhir
	Token  string
}

// maxTries is how often a request is sent while the server is too busy or restarting.
const maxTries = 6

// Do sends a unit as one transaction.
func (c Remote) Do(ctx context.Context, ops []record.Op) ([]record.Result, error) {
	w := fhir.NewBundleWriter(nil, fhir.Bundle{Type: "transaction"})
	for _, op := range ops {
		e := fhir.BundleEntry{FullURL: op.FullURL, Request: fhir.BundleRequest{URL: op.Type}}
		target := op.Type + "/" + op.ID
		if op.Condition != "" && op.Verb != record.Create {
			target = op.Type + "?" + op.Condition
		}
		switch op.Verb {
		case record.Create:
			e.Request.Method, e.Request.IfNoneExist = "POST", op.Condition
		case record.Update:
			e.Request.Method, e.Request.URL = "PUT", target
			if op.Condition == "" && op.Resource.ID() != op.ID {
				op.Resource = op.Resource.Stamp(op.ID, 1, time.Time{})
			}
		case record.Delete:
			e.Request.Method, e.Request.URL = "DELETE", target
		default:
			return nil, fmt.Errorf("this kind of change cannot be sent")
		}
		var doc []byte
		if op.Resource != nil {
			doc = op.Resource.Bytes()
		}
		w.Add(e, doc)
	}
	status, body, err := c.send(ctx, http.MethodPost, c.Base, w.Finish())
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, refusedBy(status, body)
	}
	answer, err := fhir.ParseLarge(body)
	if err != nil {
		return nil, fmt.Errorf("the server's answer is no FHIR: %w", err)
	}
	b, err := fhir.ReadBundle(answer)
	if err != nil {
		return nil, err
	}
	out := make([]record.Result, len(b.Entry))
	for i, e := range b.Entry {
		out[i].Created = strings.HasPrefix(e.Response.Status, "201")
	}
	return out, nil
}

// Known reports whether a resource ever existed.
func (c Remote) Known(ctx context.Context, typ, id string) (bool, error) {
	status, body, err := c.send(ctx, http.MethodGet, c.Base+"/"+typ+"/"+id+"/_history/1", nil)
	switch {
	case err != nil:
		return false, err
	case status == http.StatusOK, status == http.StatusGone:
		return true, nil
	case status == http.StatusNotFound:
		return false, nil
	}
	return false, refusedBy(status, body)
}

func (c Remote) send(ctx context.Context, method, url string, body []byte) (status int, answer []byte, err error) {
	for try := 1; ; try++ {
		req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		req.Header.Set("Authorization", "Bearer "+c.Token)
		req.Header.Set("Accept", "application/fhir+json")
		req.Header.Set("Prefer", "return=minimal, handling=lenient")
		if body != nil {
			req.Header.Set("Content-Type", "application/fhir+json")
		}
		resp, err := c.Client.Do(req)
		if err == nil {
			answer, err = io.ReadAll(io.LimitReader(resp.Body, fhir.MaxFile))
			resp.Body.Close()
			if err == nil && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
				return resp.StatusCode, answer, nil
			}
		}
		if try == maxTries {
			if err == nil {
				err = fmt.Errorf("the server is too busy (%s)", resp.Status)
			}
			return 0, nil, err
		}
		select {
		case <-time.After(time.Duration(try) * 500 * time.Millisecond):
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
	}
}

// refusedBy turns a server's refusal into an error of the kind that a local session would return.
func refusedBy(status int, body []byte) error {
	outcome := &fhir.Outcome{}
	if r, err := fhir.Parse(body); err == nil && r.Type() == "OperationOutcome" {
		if err := outcome.Read(r.Root()); err != nil {
			return err
		}
	} else {
		outcome = fhir.NewOutcome("processing", fmt.Sprintf("the server answered %d %s", status, http.StatusText(status)))
	}
	switch status {
	case http.StatusUnauthorized:
		return fmt.Errorf("the server does not accept the token; make a new one with `osler token`")
	case http.StatusForbidden:
		return fmt.Errorf("the token does not allow this; make one with --scopes \"system/*.cruds\"")
	}
	if status >= 500 {
		return fmt.Errorf("the server failed: %w", outcome)
	}
	unresolved := false
	for _, i := range outcome.Issue {
		unresolved = unresolved || i.Code == "not-found"
	}
	return record.Refused(outcome, unresolved)
}

// Files remembers progress in a folder of this machine, for loading into a server.
type Files struct{ Store KeyValue }

// KeyValue keeps small values by name.
type KeyValue interface {
	Get(ctx context.Context, name string) ([]byte, error) // nil if there is none
	Set(ctx context.Context, name string, value []byte) error
}

// Done is the number of units of a file that were loaded.
func (f Files) Done(ctx context.Context, hash string) (n int, err error) {
	b, err := f.Store.Get(ctx, "import-"+hash)
	if err != nil || b == nil {
		return 0, err
	}
	return n, json.Unmarshal(b, &n)
}

// SetDone notes it.
func (f Files) SetDone(ctx context.Context, hash string, units int) error {
	b, err := json.Marshal(units)
	if err != nil {
		return err
	}
	return f.Store.Set(ctx, "import-"+hash, b)
}
