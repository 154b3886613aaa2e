package charting

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// errSigned means that a note has been signed meanwhile, so that nothing can be written into it.
var errSigned = errors.New("the note is signed")

// change is what somebody wrote into a section.
type change struct {
	Code string
	Text string
	// Bases are the versions of the section that the text may follow: the one that was read, and those that the same browser has
	// sent since, whose answers may have been lost.
	Bases []string
	To    string // the version that this becomes
}

// outcome is what became of changes.
type outcome struct {
	Note      composition
	Version   int64
	At        time.Time
	Conflicts []string // codes of sections that somebody else changed: nothing of these was written
}

// save writes changes into a draft, each section by itself: a change is written if it follows the version that stands there.
// It may be repeated. The error is errSigned for a note that is no draft any more.
func (n *notes) save(ctx context.Context, s *record.Session, patient, id string, changes []change) (outcome, error) {
	var out outcome
	now, by := n.d.Shell.Clock(), facts.Author(ctx)
	op := record.Op{Verb: record.Patch, Type: "Composition", ID: id, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
		out = outcome{}
		c, err := fhir.View[composition](doc)
		if err != nil {
			return nil, err
		}
		out.Note = c
		switch {
		case c.Subject.Reference != "Patient/"+patient || c.Status == mistaken:
			return nil, web.ErrNotFound
		case c.locked():
			return nil, errSigned
		}
		t := n.template(c)
		all, wrote := c.parts(), false
		for _, x := range changes {
			if t.section(x.Code) == nil {
				continue
			}
			old := all[x.Code]
			switch {
			case old.Version == x.To, old.Text == x.Text && old.Version != "":
				// it is there: the answer was lost, or two people wrote the same
			case old.Version == "" || slices.Contains(x.Bases, old.Version):
				c.put(t, part{Code: x.Code, Version: x.To, By: by.Display, At: fhir.InstantOf(now), Text: x.Text})
				wrote = true
			default:
				out.Conflicts = append(out.Conflicts, x.Code)
			}
		}
		if !wrote {
			return doc, nil
		}
		c.wrote(by)
		out.Note = c
		return fhir.Merge(doc, c)
	}}
	done, err := s.Do(ctx, []record.Op{op})
	switch {
	case errors.Is(err, errSigned):
		return out, errSigned
	case errors.Is(err, web.ErrNotFound):
		return out, web.ErrNotFound
	case err != nil:
		return out, err
	}
	out.Version, out.At = done[0].Version.Version, now
	return out, nil
}

// changesOf reads what a browser sends: for each section that it knows base.CODE, its versions with spaces between them, and for
// each that was written in text.CODE and to.CODE.
func changesOf(values url.Values) (changes []change, seen map[string][]string, err error) {
	seen = map[string][]string{}
	for name := range values {
		code, ok := strings.CutPrefix(name, "base.")
		if !ok {
			continue
		}
		bases := strings.Fields(values.Get(name))
		seen[code] = bases
		if !values.Has("text." + code) {
			continue
		}
		x := change{Code: code, Text: clean(values.Get("text." + code)), Bases: bases, To: values.Get("to." + code)}
		if len(x.Text) > maxSection {
			return nil, nil, &web.Problem{Kind: web.ErrTooLarge, Advice: "A section of a note holds at most 200,000 characters. Put what is longer into a document."}
		}
		if !versionName(x.To) {
			return nil, nil, &web.Problem{Kind: web.ErrInvalid}
		}
		changes = append(changes, x)
	}
	return changes, seen, nil
}

// versionName reports whether a browser may call a version so.
func versionName(s string) bool {
	return len(s) >= 8 && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
