package record

import (
	"context"
	"errors"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

// identify decides which resource an operation is about, and whether the actor may do it.
func (b *batch) identify(ctx context.Context, c *change) (err error) {
	s, op := b.s, c.op
	c.action = map[Verb]access.Action{Create: access.Create, Update: access.Update, Patch: access.Update, Delete: access.Delete}[op.Verb]
	if c.decision, err = s.decide(c.action, op.Type); err != nil {
		return err
	}
	if c.decision.Desk && op.Type == "Binary" && (op.Verb == Patch || !slices.ContainsFunc(b.ops, func(o Op) bool { return o.Type == "DocumentReference" })) {
		return &Error{Kind: KindForbidden, Outcome: forbidden("the front desk " + filesAlone)} // whether it exists or not
	}
	if op.Restore != nil && (s.actor.Scopes != nil || !slices.Contains(s.actor.Roles, access.Program)) {
		return &Error{Kind: KindForbidden, Outcome: forbidden("only the program on the server's own machine can restore versions")}
	}
	var found *store.Row
	if op.Condition != "" {
		var plan store.Plan
		if found, plan, err = s.one(ctx, op.Type, op.Condition, c.action); err != nil {
			return err
		}
		g := guard{plan: plan}
		if found != nil {
			g.hash = found.Hash
		}
		b.guards = append(b.guards, g)
	}
	switch op.Verb {
	case Create:
		if found != nil {
			c.nothing, c.old, c.id, c.hash = true, found, found.ID, found.Hash
			doc, err := s.r.open(ctx, found)
			c.oldDoc = fhir.Open(doc)
			return err
		}
		if c.id, err = s.r.newID(); err != nil {
			return err
		}
		c.hash = s.r.index.ResourceOf(op.Type, c.id)
		return nil
	case Delete:
		if op.Condition != "" && found == nil {
			c.gone = true
			return nil
		}
	}
	c.id = op.ID
	if found != nil {
		if op.ID != "" && op.ID != found.ID {
			return fail(KindPrecondition, "the condition means another %s than the id in the document", op.Type)
		}
		c.id = found.ID
	}
	if c.id == "" && op.Condition != "" {
		if op.Verb == Patch {
			return fail(KindNotFound, "no %s meets the condition", op.Type)
		}
		if c.id = op.Resource.ID(); c.id == "" {
			if c.id, err = s.r.newID(); err != nil {
				return err
			}
		}
	}
	if !fhir.ValidID(c.id) {
		return fail(KindBad, "%q is not a FHIR id; use 1 to 64 letters, digits, - and .", c.id)
	}
	c.hash = s.r.index.ResourceOf(op.Type, c.id)
	return b.current(ctx, c)
}

// current reads the version that an update, patch or delete replaces, and checks If-Match.
func (b *batch) current(ctx context.Context, c *change) error {
	s, op := b.s, c.op
	row, err := s.r.store.Read(ctx, c.hash)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	case row.ID != c.id || s.r.index.NameOf(row.Key) != op.Type:
		return fail(KindConflict, "%s/%s cannot be stored under this id; use another", op.Type, c.id)
	case !visible(c.decision.Filter, &row):
		// It exists, but not for this actor. To say "created" would be untrue, and "conflict" would tell. A
		// delete is answered as one of what is not there.
		if op.Verb != Delete {
			return notFound(op.Type, c.id)
		}
	default:
		c.old = &row
	}
	if op.IfMatch == AnyVersion && c.old == nil {
		return fail(KindPrecondition, "%s/%s does not exist, and If-Match asks for one that does", op.Type, c.id)
	}
	if op.IfMatch == NoVersion && c.old != nil {
		return fail(KindPrecondition, "%s/%s exists already, and If-None-Match asks that it does not", op.Type, c.id)
	}
	if op.IfMatch > 0 && (c.old == nil || c.old.Version != op.IfMatch) {
		return fail(KindPrecondition, "%s/%s is not at version %d any more; read it again and redo the change", op.Type, c.id, op.IfMatch)
	}
	if c.old != nil {
		return nil
	}
	switch op.Verb {
	case Delete:
		c.gone = true
	case Patch:
		return s.absent(ctx, op.Type, c.id, c.decision.Filter)
	case Update:
		if _, err := s.decide(access.Create, op.Type); err != nil {
			return err
		}
		rows, err := s.r.store.History(ctx, store.HistoryPlan{Hash: c.hash, Limit: 1})
		if err != nil {
			return err
		}
		if len(rows) == 1 {
			if !visible(c.decision.Filter, &rows[0]) {
				return notFound(op.Type, c.id)
			}
			c.last = rows[0].Version
		}
	}
	return nil
}
