package inbox

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// usual is a normal result in the list that is signed at once.
type usual struct {
	ID, Who, Born, Name, Values, Seen string
}

// most is how many results one signature takes, so that it stays one transaction of reasonable size.
const most = 100

func (b *box) usuals(ctx context.Context, s *record.Session) ([]usual, map[string]*job, error) {
	now := b.d.Shell.Clock()
	jobs, _, err := b.waiting(ctx, s, now)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(jobs, func(x, y *job) int { return order(x, y, now.Location()) })
	var out []usual
	byID := map[string]*job{}
	for _, j := range jobs {
		if j.must() || j.critical() || len(out) == most {
			continue
		}
		u := usual{ID: j.ID, Who: j.patient.Name(now).Plain(), Born: j.patient.BornLine(now, now.Location()), Name: j.result.name(), Seen: j.result.seen()}
		var values []string
		for _, m := range j.result.values {
			for _, v := range m.Values() {
				show := v.Show()
				text := strings.TrimSpace(v.Name() + " " + show.Text + " " + show.Unit)
				if ref := v.Range(); ref != "" {
					text += " (" + ref + ")"
				}
				values = append(values, text)
			}
		}
		u.Values = strings.Join(values, ", ")
		out = append(out, u)
		byID[j.ID] = j
	}
	return out, byID, nil
}

// normal lists the normal results with their values, to be looked at and signed together.
func (b *box) normal(r *http.Request) (web.View, error) {
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	list, _, err := b.usuals(r.Context(), s)
	if err != nil {
		return nil, err
	}
	return normalWork(list), nil
}

func normalWork(list []usual) web.Work {
	w := web.Work{Title: "Sign normal results", Current: "inbox", Back: "/inbox", Action: "/inbox/normal", Body: normalFields(list)}
	if len(list) > 0 {
		w.Buttons = []ui.Button{{Label: "Sign those ticked", Kind: ui.Primary}}
	}
	return w
}

// signNormal signs what was ticked, in one transaction. What was corrected since it was shown is left out, and said.
func (b *box) signNormal(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	list, jobs, err := b.usuals(ctx, s)
	if err != nil {
		return nil, err
	}
	var ops []record.Op
	signed, left := 0, 0
	for _, ticked := range f.All("task") {
		id, seen, _ := strings.Cut(ticked, " ")
		j, ok := jobs[id]
		if !ok || j.result.seen() != seen {
			left++
			continue
		}
		delete(jobs, id)
		v, err := s.Read(ctx, "Task", id)
		if err != nil {
			return nil, err
		}
		more, err := b.close(ctx, s, j, v, "")
		if err != nil {
			return nil, err
		}
		ops = append(ops, more...)
		signed++
	}
	if signed == 0 {
		w := normalWork(list)
		w.Status = http.StatusUnprocessableEntity
		w.Messages = []ui.Message{{Tone: ui.Caution, Text: "Nothing was signed: tick what you have looked at. What changed meanwhile is not in this list any more."}}
		return w, nil
	}
	if _, err := s.Do(ctx, once(ops)); err != nil {
		return nil, refused(err)
	}
	say := ui.Message{Lead: format.Count(signed, "normal result", "normal results"), Text: "signed."}
	if left > 0 {
		say.Text += " " + format.Count(left, "result", "results") + " changed meanwhile and still wait."
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?" + url.Values{"tab": {string(tabResults)}}.Encode(), Say: say}, nil
}

// once keeps the first operation on each resource: two results may answer one order.
func once(ops []record.Op) []record.Op {
	seen := map[string]bool{}
	return slices.DeleteFunc(ops, func(op record.Op) bool {
		key := op.Type + "/" + op.ID
		if op.ID == "" || !seen[key] {
			seen[key] = true
			return false
		}
		return true
	})
}
