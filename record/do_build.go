package record

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

// build makes the new document: references resolved, validated, stamped.
func (b *batch) build(ctx context.Context, i int, c *change) (err error) {
	s, op := b.s, c.op
	if c.old != nil {
		doc, err := s.r.open(ctx, c.old)
		if err != nil {
			return err
		}
		c.oldDoc = fhir.Open(doc)
	}
	if c.old != nil && op.Verb == Delete && op.Restore == nil {
		if err := keepSigned(c.oldDoc, nil); err != nil {
			return err
		}
	}
	if op.Verb == Delete {
		c.nothing = op.Restore != nil && c.old.Version >= op.Restore.Version
		return nil
	}
	doc := op.Resource
	if op.Verb == Patch {
		if doc, err = op.Patch(c.oldDoc); err != nil {
			return &Error{Kind: KindInvalid, Outcome: fhir.OutcomeOf(err), cause: err}
		}
	}
	if doc.Type() != op.Type {
		return failAt(KindBad, "resourceType", "the document is a %s, but the address names %s", doc.Type(), op.Type)
	}
	if id := doc.Get("id"); op.Verb != Create && id.Exists() && id.Text() != c.id {
		return failAt(KindBad, op.Type+".id", "the id in the document is not the id in the address")
	}
	if doc, err = b.resolve(ctx, doc); err != nil {
		return err
	}
	if issues := validate.Base(doc); slices.ContainsFunc(issues, grave) {
		return &Error{Kind: KindInvalid, Outcome: &fhir.Outcome{Issue: issues}}
	}
	if err := s.ownWords(doc); err != nil {
		return err
	}
	version := c.last + 1
	if c.old != nil {
		version = c.old.Version + 1
		if same := doc.Stamp(c.id, c.old.Version, time.UnixMilli(c.old.At)); string(same.Bytes()) == string(c.oldDoc.Bytes()) {
			c.nothing = true
			return nil
		}
		if op.Restore == nil {
			if err := keepSigned(c.oldDoc, doc); err != nil {
				return err
			}
		}
	}
	at := b.now
	if op.Restore != nil {
		if version > op.Restore.Version { // the record has this version already, or a later one, or its deletion
			c.nothing, c.gone = c.old != nil, c.old == nil
			return nil
		}
		version, at = op.Restore.Version, op.Restore.At
	}
	if s.r.profiles && op.Restore == nil {
		if err := b.held(ctx, doc); err != nil {
			return err
		}
	}
	c.doc = doc.Stamp(c.id, version, at)
	c.write.Row = store.Row{Hash: c.hash, ID: c.id, Version: version, At: at.UnixMilli(), Org: s.actor.Org, Labels: labelsOf(doc), Action: store.Created}
	if c.old != nil {
		c.write.Expect, c.write.OldKey, c.write.Row.Action, c.write.Row.Org = c.old.Version, c.old.Key, store.Updated, c.old.Org
	}
	if !op.LooseReferences {
		return b.collect(i, c)
	}
	return nil
}

// resolve replaces references to other operations of the batch, and conditional references.
func (b *batch) resolve(ctx context.Context, doc *fhir.Resource) (*fhir.Resource, error) {
	var edits []fhir.Edit
	for n := range doc.Strings() {
		text := n.Text()
		var to string
		if n.Key() == "reference" && strings.IndexByte(text, '?') > 0 && !strings.Contains(text, ":/") {
			name, err := b.conditional(ctx, text)
			if err != nil {
				return nil, err
			}
			to = name
		} else if len(b.names) > 0 {
			whole, fragment, _ := strings.Cut(text, "#")
			name, ok := b.names[whole]
			if !ok {
				continue
			}
			to = name
			if fragment != "" {
				to += "#" + fragment
			}
		}
		if to != "" {
			start, end := n.Span()
			edits = append(edits, fhir.Edit{Start: start, End: end, Text: fhir.AppendString(nil, to)})
		}
	}
	return doc.Edit(edits), nil
}

// conditional finds the resource that a reference such as "Practitioner?identifier=a|b" means.
func (b *batch) conditional(ctx context.Context, ref string) (string, error) {
	if name, ok := b.names[ref]; ok {
		return name, nil
	}
	typ, query, _ := strings.Cut(ref, "?")
	if b.s.r.index.Number(typ) == 0 {
		return "", fail(KindInvalid, "a conditional reference begins with %q, which is not a resource type", typ)
	}
	row, plan, err := b.s.one(ctx, typ, query, access.Search)
	if err != nil {
		return "", err
	}
	if row == nil {
		return "", &Error{Kind: KindPrecondition, Outcome: fhir.NewOutcome("not-found", "a conditional reference to "+typ+" finds nothing; load what it refers to first"), cause: ErrUnresolved}
	}
	b.guards = append(b.guards, guard{plan: plan, hash: row.Hash})
	b.names[ref] = typ + "/" + row.ID
	return b.names[ref], nil
}

// ErrUnresolved marks errors that may pass when other data has been loaded: see errors.Is.
var ErrUnresolved = errors.New("refers to what is not here yet")

// lateWords is how far the time that a patient's message gives for itself may lie from the present: zones of days without one, and
// what a device sent only when it was on the net again.
const lateWords = 36 * time.Hour

// ownWords refuses what a patient, or a program that acts for one, writes in the name of somebody else, and a message that those for whom
// it is meant would not notice: they look for what is sent now, and a patient cannot change what was sent.
func (s *Session) ownWords(doc *fhir.Resource) error {
	if slices.ContainsFunc(s.actor.Roles, func(r access.Role) bool { return r != access.Patient }) || doc.Type() != "Communication" {
		return nil
	}
	sender, ok := fhir.ParseReference(doc.Get("sender").Get("reference").Text())
	if !ok || sender.Type+"/"+sender.ID != s.actor.Linked {
		return &Error{Kind: KindForbidden, Outcome: forbidden("a patient sends messages in the own name: sender must be " + s.actor.Linked)}
	}
	if labelsOf(doc)&access.Internal != 0 {
		return &Error{Kind: KindForbidden, Outcome: forbidden("a patient's message cannot be kept from the patient: leave out the security label " + access.InternalCode)}
	}
	if status := doc.Get("status").Text(); status != "completed" && status != "in-progress" {
		return failAt(KindInvalid, "Communication.status", "a message is sent with the status completed")
	}
	if doc.Get("received").Exists() {
		return failAt(KindInvalid, "Communication.received", "those who receive a message say when: leave received out")
	}
	if text := doc.Get("sent").Text(); text != "" {
		sent, err := fhir.ParseDateTime(text)
		if err != nil {
			return err
		}
		now := s.r.clock.Now()
		if from, to := sent.Range(time.UTC); to.Before(now.Add(-lateWords)) || from.After(now.Add(lateWords)) {
			return failAt(KindInvalid, "Communication.sent", "sent is when a message is sent, which is now: set the clock, or leave sent out")
		}
	}
	return nil
}
