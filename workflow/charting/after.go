package charting

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// task is the view of a Task that asks for a cosignature.
type task struct {
	ID           string
	Status       string
	Intent       string
	Code         fhir.CodeableConcept
	Description  string
	Focus        fhir.Reference
	For          fhir.Reference
	Encounter    fhir.Reference
	Authored     fhir.DateTime `fhir:"authoredOn"`
	LastModified fhir.DateTime
	Requester    fhir.Reference
	Performer    []fhir.CodeableConcept `fhir:"performerType"`
	Owner        fhir.Reference
}

// cosignTask asks for a second signature.
func cosignTask(patient string, c composition, by fhir.Reference, now time.Time) task {
	return task{
		Status: "requested", Intent: "order", Code: fhir.Concept(facts.TaskKind, facts.CosignTask, "Cosign a note"), Description: "Cosign: " + c.Title,
		Focus: fhir.To("Composition", c.ID), For: fhir.To("Patient", patient), Encounter: c.Encounter, Authored: fhir.DateTimeOf(now, fhir.Second), Requester: by,
		Performer: []fhir.CodeableConcept{fhir.Concept(facts.TaskPool, facts.ClinicianPool, "")},
	}
}

// awaiting is the request for a cosignature that a note waits for; nil if it waits for none.
func awaiting(ctx context.Context, s *record.Session, patient, composition string) (*task, error) {
	all, err := facts.FindAll[task](ctx, s, "Task", patient, facts.Params("focus", "Composition/"+composition, "_count", "20")...)
	if err != nil {
		return nil, err
	}
	for i, t := range all {
		if t.Status == "requested" && t.Code.In(facts.TaskKind) == facts.CosignTask {
			return &all[i], nil
		}
	}
	return nil, nil
}

// signedNote reads the note of an address that asks for something that only signed notes can have.
func (n *notes) signedNote(r *http.Request) (*record.Session, note, error) {
	s, err := n.d.Session(r)
	if err != nil {
		return nil, note{}, err
	}
	c, err := n.read(r.Context(), s, r.PathValue("id"), r.PathValue("note"))
	if err == nil && !c.locked() {
		err = &web.Problem{Kind: web.ErrConflict, Advice: "This note is not signed yet. Write into it as it is."}
	}
	return s, c, err
}

// append begins an addendum to a signed note.
func (n *notes) append(r *http.Request) (web.View, error) {
	return n.follow(r, "appends", "")
}

// askUnlock is the form that asks why a signed note must be changed.
func (n *notes) askUnlock(r *http.Request) (web.View, error) {
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	return n.unlockWork(r, f, 0)
}

func (n *notes) unlockWork(r *http.Request, f *web.Form, status int) (web.View, error) {
	chart, err := facts.OpenChart(r, n.d.Session, n.d.Shell, func(s *record.Session, id string) error {
		_, c, err := n.signedNote(r)
		_ = c
		return err
	})
	if err != nil {
		return nil, err
	}
	here := at(chart.ID, r.PathValue("note"))
	return web.Work{
		Title: "Unlock a signed note", Current: "chart", Patient: &chart.Banner, Back: here, Action: here + "/unlock", Status: status,
		Body: unlockFields(f), Buttons: []ui.Button{{Label: "Unlock", Kind: ui.Primary}},
	}, nil
}

// unlock begins an amended version of a signed note, which itself stays as it is.
func (n *notes) unlock(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	f.Need("reason", "Say why the signed note must be changed. It stands in the amended note and in the log.")
	if !f.OK() {
		return n.unlockWork(r, f, http.StatusUnprocessableEntity)
	}
	return n.follow(r, "replaces", f.Text("reason"))
}

// follow begins a note that appends or replaces a signed one; if one was begun already, that is opened.
func (n *notes) follow(r *http.Request, code, reason string) (web.View, error) {
	s, old, err := n.signedNote(r)
	if err != nil {
		return nil, err
	}
	ctx, patient, now := r.Context(), r.PathValue("id"), n.d.Shell.Clock()
	if !mayAmend(identity.From(ctx), old.composition) && code == "replaces" {
		return nil, web.ErrForbidden
	}
	drafts, err := readDrafts(ctx, s, patient)
	if err != nil {
		return nil, err
	}
	by := facts.Author(ctx)
	for _, d := range drafts {
		if d.related(code) == old.ID && (code == "replaces" || slices.ContainsFunc(d.Author, func(a fhir.Reference) bool { return a == by })) {
			return web.Redirect{To: at(patient, d.ID)}, nil
		}
	}
	t := n.template(old.composition)
	if code == "appends" {
		i := slices.IndexFunc(n.templates, func(t Template) bool { return t.Addition })
		t = n.templates[i]
	}
	c, err := newNote(patient, t, old.Title, old.Encounter, by, now, -1)
	if err != nil {
		return nil, err
	}
	c.Type = old.Type
	c.RelatesTo = []relation{{Code: code, Target: fhir.ChoiceOf(fhir.To("Composition", old.ID))}}
	ops := []record.Op{}
	if code == "appends" {
		c.Title = "Addendum to " + old.Title
	} else {
		c.Date, c.Author, c.Extension = old.Date, old.Author, slices.DeleteFunc(c.Extension, func(e fhir.Extension) bool { return e.URL == sectionState })
		c.wrote(by)
		c.Extension = append(c.Extension, fhir.Extension{URL: unlockReason, Value: fhir.ChoiceOf(reason)})
		c.Section = nil
		for _, p := range old.parts() {
			p.Version = facts.NewUUID()
			c.put(t, p)
		}
		made, err := fhir.New("Provenance", unlockProvenance(old.ID, reason, by, identity.From(ctx), now))
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Create, Type: "Provenance", Resource: made})
	}
	made, err := fhir.New("Composition", c)
	if err != nil {
		return nil, err
	}
	done, err := s.Do(ctx, append(ops, record.Op{Verb: record.Create, Type: "Composition", Resource: made}))
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: at(patient, done[len(done)-1].ID)}, nil
}

// mayAmend reports whether a person may unlock a note: a clinician any, everybody else what they wrote themselves.
func mayAmend(who identity.Principal, c composition) bool {
	return who.Has(identity.Role(access.Clinician)) || who.Has(identity.Role(access.Nurse)) && slices.ContainsFunc(c.Author, func(a fhir.Reference) bool {
		return a.Reference != "" && a.Reference == who.Resource || a.Reference == "" && who.Resource == "" && a.Display == who.Name
	})
}

// unlockProvenance says who began to change a signed note, and why.
func unlockProvenance(composition, reason string, by fhir.Reference, who identity.Principal, now time.Time) provenance {
	return provenance{
		Target: []fhir.Reference{fhir.To("Composition", composition)}, Recorded: fhir.InstantOf(now), Reason: []fhir.CodeableConcept{{Text: reason}},
		Activity: fhir.CodeableConcept{Text: "unlocked for an amended version"}, Agent: []agent{agentOf("author", by, who)},
	}
}

// cosign adds a second signature to a signed note.
func (n *notes) cosign(r *http.Request) (web.View, error) {
	s, c, err := n.signedNote(r)
	if err != nil {
		return nil, err
	}
	ctx, patient, now := r.Context(), r.PathValue("id"), n.d.Shell.Clock()
	wait, err := awaiting(ctx, s, patient, c.ID)
	if err != nil || wait == nil {
		return web.Redirect{To: at(patient, c.ID)}, err
	}
	by := facts.Author(ctx)
	made, err := fhir.New("Provenance", provenance{
		Target: []fhir.Reference{fhir.To("Composition", c.ID)}, Recorded: fhir.InstantOf(now), Activity: fhir.CodeableConcept{Text: "cosigned"},
		Agent: []agent{agentOf("attester", by, identity.From(ctx))},
	})
	if err != nil {
		return nil, err
	}
	_, err = s.Do(ctx, []record.Op{
		{Verb: record.Patch, Type: "Composition", ID: c.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
			c, err := fhir.View[composition](doc)
			if err != nil {
				return nil, err
			}
			c.Attester = append(c.Attester, attester{Mode: "legal", Time: fhir.DateTimeOf(now, fhir.Second), Party: by})
			return fhir.Merge(doc, c)
		}},
		{Verb: record.Patch, Type: "Task", ID: wait.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
			t, err := fhir.View[task](doc)
			if err != nil {
				return nil, err
			}
			t.Status, t.Owner, t.LastModified = "completed", by, fhir.DateTimeOf(now, fhir.Second)
			return fhir.Merge(doc, t)
		}},
		{Verb: record.Create, Type: "Provenance", Resource: made},
	})
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: at(patient, c.ID)}, nil
}

// discard strikes a draft that nobody needs. A visit that was begun for it alone is cancelled with it.
func (n *notes) discard(r *http.Request) (web.View, error) {
	s, err := n.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, patient := r.Context(), r.PathValue("id")
	c, err := n.read(ctx, s, patient, r.PathValue("note"))
	switch {
	case err != nil:
		return nil, err
	case c.locked():
		return nil, &web.Problem{Kind: web.ErrConflict, Advice: "This note is signed. It cannot be discarded; unlock it with a reason, or write an addendum."}
	}
	doc, err := s.Read(ctx, "Composition", c.ID)
	if err != nil {
		return nil, err
	}
	c.Status = mistaken
	struck, err := fhir.Merge(doc.Resource(), c.composition)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{{Verb: record.Update, Type: "Composition", ID: c.ID, IfMatch: c.Version, Resource: struck}}
	if visit := c.visit(); visit != "" {
		list, err := readDiagnoses(ctx, s, patient, visit)
		if err != nil {
			return nil, err
		}
		others, err := facts.FindAll[composition](ctx, s, "Composition", patient, facts.Params("encounter", "Encounter/"+visit, "_count", "20")...)
		if err != nil {
			return nil, err
		}
		others = slices.DeleteFunc(others, func(o composition) bool { return o.ID == c.ID || o.Status == mistaken })
		if len(list)+len(others) == 0 {
			ops = append(ops, record.Op{Verb: record.Patch, Type: "Encounter", ID: visit, Patch: cancelOwn})
		}
	}
	if _, err := s.Do(ctx, ops); err != nil {
		return nil, err
	}
	return web.Redirect{To: "/patients/" + url.PathEscape(patient)}, nil
}

// cancelOwn cancels a visit that was begun here with its note; one that the desk or another system made stays.
func cancelOwn(doc *fhir.Resource) (*fhir.Resource, error) {
	e, err := fhir.View[encounter](doc)
	if err != nil {
		return nil, err
	}
	own := slices.ContainsFunc(e.Identifier, func(i fhir.Identifier) bool { return len(i.Value) > 6 && i.Value[len(i.Value)-6:] == "#visit" })
	if own && e.Status == "in-progress" {
		e.Status = "cancelled"
	}
	return fhir.Merge(doc, e)
}
