package charting

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// saved is the answer to an autosave.
type saved struct {
	Saved     string            `json:"saved"`            // 10:47:12
	Signed    bool              `json:"signed,omitempty"` // the note was signed meanwhile: nothing was written
	Versions  map[string]string `json:"versions"`         // of every section, as it stands now
	Texts     map[string]theirs `json:"texts"`            // sections that somebody else changed, and this browser has not
	Conflicts map[string]theirs `json:"conflicts"`        // sections that both changed: nothing of these was written
	Others    []string          `json:"others"`
	Stamp     int               `json:"stamp"`
}

// theirs is a section as somebody else wrote it.
type theirs struct {
	Version string `json:"version"`
	Text    string `json:"text"`
	By      string `json:"by"`
	At      string `json:"at"`
}

// autosave writes what was typed and tells what others wrote. Without text it only tells.
func (n *notes) autosave(w http.ResponseWriter, r *http.Request) {
	answer, err := n.answer(r)
	if err != nil {
		n.d.Shell.Error(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if answer.Signed {
		w.WriteHeader(http.StatusConflict)
	}
	_ = json.NewEncoder(w).Encode(answer) // the browser went away, and asks again
}

func (n *notes) answer(r *http.Request) (saved, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return saved{}, err
	}
	s, err := n.d.Session(r)
	if err != nil {
		return saved{}, err
	}
	changes, seen, err := changesOf(r.PostForm)
	if err != nil {
		return saved{}, err
	}
	id, who, now := r.PathValue("note"), identity.From(r.Context()), n.d.Shell.Clock()
	out, err := n.save(r.Context(), s, r.PathValue("id"), id, changes)
	if errors.Is(err, errSigned) {
		return saved{Signed: true}, nil
	}
	if err != nil {
		return saved{}, err
	}
	if f.Has("leaving") {
		n.present.left(id, who.ID)
	}
	others, stamp := n.present.seen(id, who.ID, who.Name, now)
	if len(changes) > len(out.Conflicts) {
		stamp = n.present.saved(id)
	}
	a := saved{Saved: format.Seconds(now), Versions: map[string]string{}, Texts: map[string]theirs{}, Conflicts: map[string]theirs{}, Others: names(others, n), Stamp: stamp}
	zone := n.d.Shell.Location()
	for code, p := range out.Note.parts() {
		a.Versions[code] = p.Version
		as := theirs{p.Version, p.Text, p.By, format.Seconds(p.At.Time().In(zone))}
		known := false
		for _, b := range seen[code] {
			known = known || b == p.Version
		}
		for _, x := range changes {
			known = known || x.Code == code
		}
		if !known {
			a.Texts[code] = as
		}
		for _, c := range out.Conflicts {
			if c == code {
				a.Conflicts[code] = as
			}
		}
	}
	return a, nil
}

// saveForm is autosave for a browser without script.
func (n *notes) saveForm(r *http.Request) (web.View, error) {
	if _, err := web.ReadForm(r); err != nil {
		return nil, err
	}
	changes, _, err := changesOf(r.PostForm)
	if err != nil {
		return nil, err
	}
	s, err := n.d.Session(r)
	if err != nil {
		return nil, err
	}
	patient, id := r.PathValue("id"), r.PathValue("note")
	out, err := n.save(r.Context(), s, patient, id, changes)
	if err != nil && !errors.Is(err, errSigned) {
		return nil, err
	}
	if len(out.Conflicts) > 0 {
		chart, err := facts.OpenChart(r, n.d.Session, n.d.Shell, nothing)
		if err != nil {
			return nil, err
		}
		return n.editor(r, chart, out, changes, http.StatusConflict)
	}
	return web.Redirect{To: at(patient, id)}, nil
}

// poll tells who else has the note open, and whether something was written. It reads nothing of the record, so a browser that
// has not opened the note is told nothing.
func (n *notes) poll(w http.ResponseWriter, r *http.Request) {
	who, id := identity.From(r.Context()), r.PathValue("note")
	if !n.present.in(id, who.ID) { // this server was started anew, or another one asks: read once, as any page does
		s, err := n.d.Session(r)
		if err == nil {
			_, err = n.read(r.Context(), s, r.PathValue("id"), id)
		}
		if err != nil {
			n.d.Shell.Error(w, r, err)
			return
		}
	}
	others, stamp := n.present.seen(id, who.ID, who.Name, n.d.Shell.Clock())
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(saved{Others: names(others, n), Stamp: stamp})
}
