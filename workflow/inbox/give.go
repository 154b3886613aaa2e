package inbox

import (
	"net/http"
	"net/url"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// give is the form by which work is handed to somebody else.
func (b *box) give(r *http.Request) (web.View, error) {
	s, j, _, err := b.one(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"to": {j.Owner.Reference}, "version": {j.shown()}})
	if j.Owner.Reference == "" && j.Pool() != "" {
		f.Set("to", "pool:"+j.Pool())
	}
	return b.giveWork(r, s, j, f, 0)
}

func (b *box) giveWork(r *http.Request, s *record.Session, j *job, f *web.Form, status int) (web.View, error) {
	duty, err := facts.OnDuty(r.Context(), s, b.d.Identity, b.d.Shell.Clock())
	if err != nil {
		return nil, err
	}
	return b.form(r, s, j, "Reassign: "+j.title(), "give", func(f *web.Form) web.Work {
		return web.Work{Body: giveFields(f, duty.Owners()), Buttons: []ui.Button{{Label: "Reassign", Kind: ui.Primary}}}
	}, f, status)
}

// given hands work on. What was due stays due.
func (b *box) given(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, j, v, err := b.one(r)
	if err != nil {
		return nil, err
	}
	now := b.d.Shell.Clock()
	duty, err := facts.OnDuty(r.Context(), s, b.d.Identity, now)
	if err != nil {
		return nil, err
	}
	name, ok := duty.OwnerName(f.Text("to"))
	if !ok {
		f.Wrong("to", "Choose somebody who works here.")
		return b.giveWork(r, s, j, f, http.StatusUnprocessableEntity)
	}
	if !j.Open() {
		return nil, problem("It is done already.")
	}
	if facts.Editing(f) != v.Version {
		f.Set("version", j.shown())
		w, err := b.giveWork(r, s, j, f, 0)
		return stale(w, err, j, f)
	}
	t := j.Task
	t.Give(f.Text("to"), name)
	text := "Given to " + name + "."
	if note := f.Text("note"); note != "" {
		text += " " + note
	}
	t.Say(facts.Author(r.Context()), now, text)
	if err := put(r.Context(), s, t, v); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?item=" + url.QueryEscape(j.ID), Say: ui.Message{Lead: j.title(), Text: "given to " + name + "."}}, nil
}
