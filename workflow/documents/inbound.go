package documents

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// inboundSystem is that of the numbers which gateways give to what they send.
const inboundSystem = "https://osler.example/fhir/sid/inbound"

// inbound is where programs leave what arrived for the practice: a fax gateway, a scanner that can send by HTTP. It takes one file of a
// form, multipart/form-data, with an access token that has the scopes system/DocumentReference.cs and system/Binary.cu:
//
//	file      the file
//	title     what it is called; otherwise the file's name
//	from      who sent it, such as a telephone number
//	source    fax, mail or scan; fax if not given
//	received  when it arrived, RFC 3339; now if not given
//	id        the gateway's own number of it: what is sent again under the same number is kept once
//
// It answers 201 with the new document's address in Location, 200 if it had come before, and otherwise an OperationOutcome: 400 for what
// cannot be read, 413 or 422 for what is not kept, 503 while the virus scanner cannot be reached - send it again later.
func (p *pages) inbound(w http.ResponseWriter, r *http.Request) {
	f, files, err := receive(r)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if len(files) != 1 {
		answer(w, http.StatusBadRequest, "required", "send exactly one file, in the field file")
		return
	}
	s, err := p.d.Session(r)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	now := p.d.Shell.Clock()
	x := draft{file: files[0], title: tidy(f.Text("title")), from: f.Text("from"), source: f.Text("source"), at: now}
	if f.Text("title") == "" {
		x.title = files[0].title()
	}
	if x.source == "" {
		x.source = "fax"
	}
	if sourceName(x.source) == "" {
		answer(w, http.StatusBadRequest, "value", "source is fax, mail or scan")
		return
	}
	if text := f.Text("received"); text != "" {
		if x.at, err = time.Parse(time.RFC3339, text); err != nil || x.at.After(now.Add(time.Hour)) {
			answer(w, http.StatusBadRequest, "value", "received is when it arrived, such as 2026-11-23T10:22:00Z")
			return
		}
	}
	if number := f.Text("id"); number != "" {
		// By its hash: a number may hold what a search takes for a sign of its own.
		sum := sha256.Sum256([]byte(number))
		x.id = []fhir.Identifier{{System: inboundSystem, Value: hex.EncodeToString(sum[:])}}
		x.once = "identifier=" + inboundSystem + "|" + x.id[0].Value
		page, err := s.Search(r.Context(), record.Query{Type: "DocumentReference", Params: facts.Params("identifier", inboundSystem+"|"+x.id[0].Value, "_count", "1"), Strict: true})
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		if len(page.Entries) > 0 {
			w.Header().Set("Location", "/fhir/DocumentReference/"+page.Entries[0].ID)
			answer(w, http.StatusOK, "informational", "it came before, and is kept")
			return
		}
	}
	why, err := p.check(r.Context(), &x.file)
	switch {
	case err != nil:
		w.Header().Set("Retry-After", "60")
		answer(w, http.StatusServiceUnavailable, "transient", "the file "+why)
		return
	case len(x.file.data) > maxFile:
		answer(w, http.StatusRequestEntityTooLarge, "too-long", "the file "+why)
		return
	case why != "":
		answer(w, http.StatusUnprocessableEntity, "not-supported", "the file "+why)
		return
	}
	ops, _, err := x.ops()
	if err == nil {
		var done []record.Result
		if done, err = s.Do(r.Context(), ops); err == nil {
			p.recount()
			w.Header().Set("Location", "/fhir/DocumentReference/"+done[len(done)-1].ID)
			answer(w, http.StatusCreated, "informational", "it is in the queue")
			return
		}
	}
	p.refuse(w, r, err)
}

// refuse tells a program why nothing was kept. What is no fault of the program goes into the log.
func (p *pages) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if status == http.StatusInternalServerError && r.Context().Err() == nil { // not where the caller went away
		p.log(r.Context(), slog.LevelError, "an incoming document was not kept", "route", r.Pattern, "error", err.Error())
	}
	answer(w, status, issueOf(status), adviceOf(err))
}

// issueOf is the kind of issue of a refusal, of R4's value set issue-type.
func issueOf(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "login"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusConflict:
		return "conflict"
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusRequestEntityTooLarge:
		return "too-long"
	}
	return "exception"
}

func statusOf(err error) int {
	switch kind := record.KindOf(err); kind {
	case record.KindForbidden:
		return http.StatusForbidden
	case record.KindInvalid, record.KindBad:
		return http.StatusUnprocessableEntity
	case record.KindConflict, record.KindPrecondition:
		return http.StatusConflict
	}
	for kind, status := range map[error]int{web.ErrSignIn: http.StatusUnauthorized, web.ErrForbidden: http.StatusForbidden, web.ErrInvalid: http.StatusBadRequest, web.ErrTooLarge: http.StatusRequestEntityTooLarge} {
		if errors.Is(err, kind) {
			return status
		}
	}
	return http.StatusInternalServerError
}

// adviceOf is what to do about an error, for whoever runs the program. It holds nothing of what was sent.
func adviceOf(err error) string {
	if p, ok := errors.AsType[*web.Problem](err); ok && p.Advice != "" {
		return p.Advice
	}
	switch statusOf(err) {
	case http.StatusUnauthorized:
		return "send an access token: Authorization: Bearer ..."
	case http.StatusForbidden:
		return "the token must allow to create and search DocumentReference, and to create and update Binary"
	case http.StatusConflict:
		return "the same was sent at the same time; send it again"
	case http.StatusUnprocessableEntity:
		return "the record does not take it"
	}
	return "it was not kept; send it again, and if that does not help, look into the log of the server"
}

// answer sends an OperationOutcome.
func answer(w http.ResponseWriter, status int, code, text string) {
	severity := fhir.Severity("error")
	if status < 300 {
		severity = "information"
	}
	out := &fhir.Outcome{}
	issue := fhir.NewOutcome(code, text).Issue[0]
	issue.Severity = severity
	out.Add(issue)
	h := w.Header()
	h.Set("Content-Type", "application/fhir+json; charset=utf-8")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="osler"`)
	}
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the caller went away; there is nobody left to tell
}
