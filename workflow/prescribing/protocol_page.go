package prescribing

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// words say whose protocol it is.
func (p Protocol) words() string {
	if p.By == "" {
		return "Held against the protocol that ships with the program."
	}
	return "Held against the protocol that " + p.By + " set on " + p.On + "."
}

// rulesWords are what every request is held against, in words.
func (p Protocol) rulesWords() []string {
	return []string{
		"The same medicine, dose and quantity as the active prescription", "The medicine is known here and no controlled substance",
		"Allergies and interactions were checked whole, and no finding would stop the order", "Not marked as urgent, and without a note that must be read",
		"A visit within " + format.Count(p.VisitMonths, "month", "months"), "The tests below within their months, none critical",
	}
}

// protocolForm shows the protocol; an administrator changes it there.
func (e *editor) protocolForm(r *http.Request) (web.View, error) {
	p, err := e.protocol(r.Context())
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"visit": {strconv.Itoa(p.VisitMonths)}, "monitoring": {p.text()}, "version": {strconv.FormatInt(p.version, 10)}})
	return e.protocolWork(r.Context(), p, f, 0), nil
}

func (e *editor) protocolWork(ctx context.Context, p Protocol, f *web.Form, status int) web.Work {
	may := slice.Roles(access.Administrator).Admits(identity.From(ctx))
	w := web.Work{Title: "Refill protocol", Current: "inbox", Back: refillsAt, Body: protocolBody(p, f, may), Status: status}
	if may {
		w.Action, w.Buttons = "/refills/protocol", []ui.Button{{Label: "Keep", Kind: ui.Primary}}
	}
	if wrong := f.Error("state"); wrong != "" {
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Nothing was changed.", Text: wrong}}
	}
	return w
}

// setProtocol keeps a changed protocol.
func (e *editor) setProtocol(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	p, err := e.protocol(ctx)
	if err != nil {
		return nil, err
	}
	next := p
	if next.VisitMonths, err = strconv.Atoi(f.Text("visit")); err != nil || next.VisitMonths < 1 || next.VisitMonths > 60 {
		f.Wrong("visit", "A number of months from 1 to 60.")
	}
	if next.Monitoring, err = readMonitoring(f.Text("monitoring"), e.library); err != nil {
		f.Wrong("monitoring", sentence(err))
	}
	f.Need("why", "Say why it is changed.")
	if facts.EditingOrNew(f) != p.version {
		f.Wrong("state", "Somebody else changed it meanwhile. Close this form and open it again.")
		return e.protocolWork(ctx, p, f, http.StatusConflict), nil
	}
	if !f.OK() {
		return e.protocolWork(ctx, p, f, http.StatusUnprocessableEntity), nil
	}
	if err := next.set(ctx, s, facts.EditingOrNew(f), f.Text("why"), e.d.Shell.Clock()); err != nil {
		if !facts.Changed(err) {
			return nil, err
		}
		f.Wrong("state", "Somebody else changed it meanwhile. Close this form and open it again.")
		return e.protocolWork(ctx, p, f, http.StatusConflict), nil
	}
	return web.Done{To: refillsAt, Say: ui.Message{Lead: "Refill protocol", Text: "changed: " + f.Text("why") + "."}}, nil
}
