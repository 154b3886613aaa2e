package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/audit"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// maxAttempts is how often a change is prepared anew when others were faster.
const maxAttempts = 8

// maxOps bounds one transaction.
const maxOps = 10_000

// Do carries out operations, all or none. The work on documents - conditions, references, validation,
// indexing, compression, sealing - is done outside the database's transaction, based on what was read; the
// transaction then makes sure that nothing of it has changed. If something has, all is prepared anew.
func (s *Session) Do(ctx context.Context, ops []Op) ([]Result, error) {
	if len(ops) > maxOps {
		return nil, fail(KindBad, "a transaction of %d operations, more than the limit of %d; send it in parts", len(ops), maxOps)
	}
	for attempt := 1; ; attempt++ {
		b := &batch{s: s, ops: ops, names: map[string]string{}, made: map[int64]*change{}, patients: map[int64]int64{}}
		b.deletions = s.r.deletions.Load()
		if err := b.prepare(ctx); err != nil {
			return nil, err
		}
		err := b.commit(ctx)
		if err == nil {
			return b.results(), nil
		}
		if !errors.Is(err, store.ErrConflict) || attempt == maxAttempts {
			if errors.Is(err, store.ErrConflict) {
				return nil, fail(KindConflict, "others keep changing the same resources; try again")
			}
			return nil, err
		}
	}
}

// batch is one attempt at a set of operations.
type batch struct {
	s         *Session
	ops       []Op
	changes   []*change         // one for each op
	names     map[string]string // fullUrl -> "Type/id", and condition -> "Type/id"
	made      map[int64]*change // by hash: what this batch creates or changes
	patients  map[int64]int64   // hash of "Patient/id" -> patient number
	guards    []guard
	newKeys   []newKey
	targets   []target // references that must exist
	deletions int64
	now       time.Time
}

// guard is a condition's answer, checked again in the transaction.
type guard struct {
	plan store.Plan
	hash int64 // the one match; 0 = none
}

type newKey struct {
	patient int64
	key     *keys.Key
	wrapped []byte
}

type target struct {
	hash int64
	op   int
	path string
	name string
}

// change is what one operation comes to.
type change struct {
	op       *Op
	decision access.Decision
	action   access.Action
	id       string
	hash     int64
	old      *store.Row     // the current version; nil if there is none
	oldDoc   *fhir.Resource // its document, read when needed
	last     int64          // highest version ever, when there is no current one
	doc      *fhir.Resource // the new document
	write    store.Write
	nothing  bool // nothing is to be written: the result is the old row
	gone     bool // delete of what does not exist
}

func (b *batch) prepare(ctx context.Context) error {
	b.now = b.s.r.clock.Now().UTC().Truncate(time.Millisecond)
	b.changes = make([]*change, len(b.ops))
	for i := range b.ops {
		c := &change{op: &b.ops[i]}
		b.changes[i] = c
		if err := b.identify(ctx, c); err != nil {
			return b.at(i, err)
		}
		if !c.gone && !c.nothing {
			if other := b.made[c.hash]; other != nil {
				return b.at(i, fail(KindBad, "%s/%s is changed twice in one transaction", c.op.Type, c.id))
			}
			b.made[c.hash] = c
		}
		if c.op.FullURL != "" && c.action != access.Delete {
			b.names[c.op.FullURL] = c.op.Type + "/" + c.id
		}
	}
	for i, c := range b.changes {
		if c.gone || c.nothing {
			continue
		}
		if err := b.build(ctx, i, c); err != nil {
			return b.at(i, err)
		}
	}
	if err := b.place(ctx); err != nil {
		return err
	}
	if err := b.checkTargets(ctx, b.s.r.store); err != nil {
		return err
	}
	for i, c := range b.changes {
		if c.gone || c.nothing {
			continue
		}
		if err := b.seal(ctx, c); err != nil {
			return b.at(i, err)
		}
	}
	return nil
}

// at says which operation of several an error is about.
func (b *batch) at(i int, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || len(b.ops) == 1 {
		return err
	}
	out := &fhir.Outcome{}
	for _, issue := range e.Outcome.Issue {
		issue.Details.Text = fmt.Sprintf("entry %d (%s): %s", i, b.ops[i].Type, issue.Details.Text)
		prefix := fmt.Sprintf("Bundle.entry[%d].resource", i)
		for j, x := range issue.Expression {
			if _, rest, ok := strings.Cut(x, "."); ok {
				issue.Expression[j] = prefix + "." + rest
			} else {
				issue.Expression[j] = prefix
			}
		}
		if len(issue.Expression) == 0 {
			issue.Expression = []string{fmt.Sprintf("Bundle.entry[%d]", i)}
		}
		out.Add(issue)
	}
	return &Error{Kind: e.Kind, Outcome: out, cause: e.cause}
}

// identify decides which resource an operation is about, and whether the actor may do it.
func (b *batch) identify(ctx context.Context, c *change) (err error) {
	s, op := b.s, c.op
	c.action = map[Verb]access.Action{Create: access.Create, Update: access.Update, Patch: access.Update, Delete: access.Delete}[op.Verb]
	if c.decision, err = s.decide(c.action, op.Type); err != nil {
		return err
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
	if op.IfMatch != 0 && (c.old == nil || c.old.Version != op.IfMatch) {
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
	if issues := validate.Base(doc); slices.ContainsFunc(issues, func(x fhir.Issue) bool { return x.Severity == fhir.SeverityError || x.Severity == fhir.SeverityFatal }) {
		return &Error{Kind: KindInvalid, Outcome: &fhir.Outcome{Issue: issues}}
	}
	version := c.last + 1
	if c.old != nil {
		version = c.old.Version + 1
		if same := doc.Stamp(c.id, c.old.Version, time.UnixMilli(c.old.At)); string(same.Bytes()) == string(c.oldDoc.Bytes()) {
			c.nothing = true
			return nil
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
	c.doc = doc.Stamp(c.id, version, at)
	c.write.Row = store.Row{Hash: c.hash, ID: c.id, Version: version, At: at.UnixMilli(), Org: s.actor.Org, Action: store.Created}
	if c.old != nil {
		c.write.Expect, c.write.OldKey, c.write.Row.Action, c.write.Row.Org = c.old.Version, c.old.Key, store.Updated, c.old.Org
	}
	if !op.LooseReferences {
		b.collect(i, c)
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
	b.guards = append(b.guards, guard{plan, row.Hash})
	b.names[ref] = typ + "/" + row.ID
	return b.names[ref], nil
}

// ErrUnresolved marks errors that may pass when other data has been loaded: see errors.Is.
var ErrUnresolved = errors.New("refers to what is not here yet")

// collect notes the local references that must exist. One that the replaced version has already may stay: who
// changes an appointment need not see the condition that it is about, nor have what another system left out.
func (b *batch) collect(i int, c *change) {
	kept := map[string]bool{}
	if c.oldDoc != nil {
		for n := range c.oldDoc.Strings() {
			if n.Key() == "reference" {
				kept[n.Text()] = true
			}
		}
	}
	for n := range c.doc.Strings() {
		if n.Key() != "reference" {
			continue
		}
		ref, ok := fhir.ParseReference(n.Text())
		if !ok || ref.Kind != fhir.RelativeTarget || b.s.r.index.Number(ref.Type) == 0 {
			continue
		}
		h := b.s.r.index.ResourceOf(ref.Type, ref.ID)
		switch m := b.made[h]; {
		case m != nil && m.action != access.Delete, m == nil && kept[n.Text()]:
			continue
		}
		b.targets = append(b.targets, target{h, i, c.op.Type, ref.Type})
	}
}

// existence is where references are looked up: the store, or the transaction.
type existence interface {
	Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error)
}

func (b *batch) checkTargets(ctx context.Context, in existence) error {
	if len(b.targets) == 0 {
		return nil
	}
	hashes := make([]int64, len(b.targets))
	for i, t := range b.targets {
		hashes[i] = t.hash
	}
	slices.Sort(hashes)
	found, err := in.Exists(ctx, slices.Compact(hashes))
	if err != nil {
		return err
	}
	filters := map[string]store.Filter{}
	for _, t := range b.targets {
		key, ok := found[t.hash]
		if ok { // what the actor may not see does not exist for it
			f, known := filters[t.name]
			if !known {
				f = b.s.r.policy.Decide(b.s.actor, access.Search, t.name).Filter
				filters[t.name] = f
			}
			f.Orgs, f.DenyLabels = nil, 0 // rows are not read here; naming a resource gives nothing away but that it is there
			ok = visible(f, &store.Row{Key: key})
		}
		if !ok {
			return b.at(t.op, &Error{Kind: KindInvalid, cause: ErrUnresolved, Outcome: fhir.NewOutcome("not-found", "it refers to a "+t.name+" that does not exist; create that first, or send both in one transaction", t.path)})
		}
		if m := b.made[t.hash]; m != nil && m.action == access.Delete {
			return b.at(t.op, failAt(KindInvalid, t.path, "it refers to a %s that the same transaction deletes", t.name))
		}
	}
	return nil
}

// place decides whose record each new version is part of.
func (b *batch) place(ctx context.Context) error {
	x := b.s.r.index
	var look []int64 // patients, and resources whose patient is wanted
	owner := make([]int64, len(b.changes))
	for i, c := range b.changes {
		if c.doc == nil {
			continue
		}
		if c.op.Type == "Patient" {
			if c.old != nil {
				b.patients[c.hash] = c.old.Key.Patient()
				continue
			}
			n, err := b.s.r.store.NextPatient(ctx)
			if err != nil {
				return err
			}
			key, wrapped, err := b.s.r.keyring.NewPatientKey(n, b.s.r.random)
			if err != nil {
				return err
			}
			b.patients[c.hash] = n
			b.newKeys = append(b.newKeys, newKey{n, key, wrapped})
			continue
		}
		ref, _ := x.Owner(c.doc)
		if ref == "" {
			ref = x.Near(c.doc)
		}
		if ref != "" {
			if h, ok := x.Target(ref); ok {
				owner[i] = h
				look = append(look, h)
			}
		}
	}
	slices.Sort(look)
	look = slices.Compact(look)
	look = slices.DeleteFunc(look, func(h int64) bool { _, made := b.patients[h]; return made })
	found, err := b.s.r.store.Exists(ctx, look)
	if err != nil {
		return err
	}
	if err := b.hide(ctx, found); err != nil {
		return err
	}
	for h, k := range found {
		b.patients[h] = k.Patient()
	}
	for i, c := range b.changes {
		if c.doc == nil {
			continue
		}
		n, err := b.patientOf(i, c, owner)
		if err != nil {
			return b.at(i, err)
		}
		if f := c.decision.Filter; f.Patients != nil && !slices.Contains(f.Patients, n) {
			return b.at(i, &Error{Kind: KindForbidden, Outcome: forbidden("this would change another record than your own")})
		}
		w := &c.write
		if c.old != nil && c.old.Key.Patient() == n {
			w.Row.Key = c.old.Key
		} else {
			w.Row.Key, w.Fresh = store.MakeKey(n, x.Number(c.op.Type), 0), true
		}
	}
	return nil
}

// hide takes out what an actor limited to some organisations does not see: nothing is put into the record of
// another organisation's patient.
func (b *batch) hide(ctx context.Context, found map[int64]store.Key) error {
	if b.s.actor.Orgs == nil || len(found) == 0 {
		return nil
	}
	rows, err := b.s.r.store.ReadMany(ctx, slices.Collect(maps.Keys(found)))
	if err != nil {
		return err
	}
	clear(found)
	for i := range rows {
		row := &rows[i]
		if f := b.s.r.policy.Decide(b.s.actor, access.Search, b.s.r.index.NameOf(row.Key)).Filter; visible(f, row) {
			found[row.Hash] = row.Key
		}
	}
	return nil
}

// patientOf follows the owning reference, through other resources of the batch where it leads there.
func (b *batch) patientOf(i int, c *change, owner []int64) (int64, error) {
	for range len(b.changes) {
		if c.op.Type == "Patient" {
			return b.patients[c.hash], nil
		}
		h := owner[i]
		if h == 0 {
			return 0, nil
		}
		if n, ok := b.patients[h]; ok {
			return n, nil
		}
		next := b.made[h]
		if next == nil || next.doc == nil {
			if ref, _ := b.s.r.index.Owner(c.doc); ref == "" {
				return 0, nil // a Provenance of what is not here
			}
			return 0, &Error{Kind: KindInvalid, cause: ErrUnresolved, Outcome: fhir.NewOutcome("not-found", "the patient it is about does not exist; create the patient first, or send both in one transaction", c.op.Type)}
		}
		i, c = slices.Index(b.changes, next), next
	}
	return 0, nil
}

// seal makes the index rows and the sealed body.
func (b *batch) seal(ctx context.Context, c *change) error {
	r, w := b.s.r, &c.write
	var old *store.Index
	if c.old != nil {
		old = r.index.Extract(c.oldDoc, r.owned(c.oldDoc, c.old.Key))
	}
	if c.op.Verb == Delete {
		w.Row = store.Row{Key: c.old.Key, Hash: c.hash, ID: c.id, Version: c.old.Version + 1, At: b.now.UnixMilli(), Org: c.old.Org, Labels: c.old.Labels, Action: store.Deleted}
		if v := c.op.Restore; v != nil {
			w.Row.Version, w.Row.At = v.Version, v.At.UnixMilli()
		}
		w.Expect, w.OldKey, w.Remove = c.old.Version, c.old.Key, *old
		return nil
	}
	w.Add = *r.index.Extract(c.doc, r.owned(c.doc, w.Row.Key))
	switch {
	case old == nil:
	case w.Fresh: // all rows carry the key, so all are written anew
		w.Remove = *old
	default:
		w.Add, w.Remove = search.Diff(old, &w.Add)
	}
	key, err := b.key(ctx, w.Row.Key.Patient())
	if err != nil {
		return err
	}
	packed := r.codec.Pack(make([]byte, 0, len(c.doc.Bytes())/2), c.doc.Bytes())
	w.Row.Body = key.Seal(make([]byte, 0, len(packed)+keys.Overhead), packed, aad(c.op.Type, c.id, w.Row.Version))
	return nil
}

// owned reports whether the key says which patient the owning element names.
func (r *Record) owned(doc *fhir.Resource, key store.Key) bool {
	ref, single := r.index.Owner(doc)
	return ref != "" && single && key.Patient() != 0
}

func (b *batch) key(ctx context.Context, patient int64) (*keys.Key, error) {
	for _, k := range b.newKeys {
		if k.patient == patient {
			return k.key, nil
		}
	}
	return b.s.r.keys.of(ctx, patient)
}

// commit writes the batch in one transaction, after making sure that what it was based on still holds.
func (b *batch) commit(ctx context.Context) error {
	deleted := int64(0)
	err := b.s.r.store.Update(ctx, func(tx store.Tx) error {
		deleted = 0
		for _, g := range b.guards {
			if err := tx.Serialize(ctx, int64(g.plan.Type)); err != nil {
				return err
			}
			hits, err := tx.Search(ctx, &g.plan)
			if err != nil {
				return err
			}
			if g.hash == 0 && len(hits) != 0 || g.hash != 0 && (len(hits) != 1 || hits[0].Hash != g.hash) {
				return store.ErrConflict
			}
		}
		if b.s.r.deletions.Load() != b.deletions {
			if err := b.checkTargets(ctx, tx); err != nil {
				return err
			}
		}
		for _, k := range b.newKeys {
			if err := tx.SetPatientKey(ctx, k.patient, k.wrapped); err != nil {
				return err
			}
		}
		for i, c := range b.changes {
			if c.gone || c.nothing {
				continue
			}
			w := c.write // the transaction may run again, so the prepared write stays as it is
			var err error
			if c.op.Verb == Delete {
				err = tx.Delete(ctx, &w)
				deleted++
			} else {
				w.Row.Key, err = tx.Put(ctx, &w)
			}
			if errors.Is(err, store.ErrConflict) && c.op.IfMatch != 0 {
				return fail(KindPrecondition, "%s/%s is not at version %d any more; read it again and redo the change", c.op.Type, c.id, c.op.IfMatch)
			}
			if err != nil {
				return b.at(i, err)
			}
			c.write.Row.Change = w.Row.Change
		}
		if deleted > 0 {
			if err := b.checkReferrers(ctx, tx); err != nil {
				return err
			}
		}
		for _, e := range b.entries() {
			tx.Audit(e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if deleted > 0 {
		b.s.r.deletions.Add(deleted)
	}
	for _, k := range b.newKeys {
		b.s.r.keys.hold(k.patient, k.key)
	}
	return nil
}

// checkReferrers makes sure that nothing is left that refers to what was deleted.
func (b *batch) checkReferrers(ctx context.Context, tx store.Tx) error {
	atoms := b.s.r.index.RefAtoms()
	for i, c := range b.changes {
		if c.op.Verb != Delete || c.gone || c.nothing || c.op.Restore != nil { // what was deleted once was free to go
			continue
		}
		left, err := tx.Referrers(ctx, c.hash, atoms)
		if err != nil {
			return err
		}
		if !left && c.op.Type == "Patient" {
			hits, err := tx.Search(ctx, &store.Plan{Where: []store.Cond{store.OwnedBy{Patients: []int64{c.old.Key.Patient()}}}, Limit: 1})
			if err != nil {
				return err
			}
			left = len(hits) > 0
		}
		if left {
			return b.at(i, fail(KindConflict, "%s/%s cannot be deleted: other resources refer to it; delete or change those first", c.op.Type, c.id))
		}
	}
	return nil
}

// entries are the audit entries of the batch: one for each operation, in few bytes for large ones.
func (b *batch) entries() [][]byte {
	out := make([][]byte, 0, len(b.changes))
	for _, c := range b.changes {
		if c.gone {
			continue
		}
		e := audit.Entry{At: b.now, Actor: b.s.actor.ID, Role: b.s.actor.RoleNames(), Action: c.action.String(), What: c.op.Type + "/" + c.id, Why: c.decision.Reason}
		if c.nothing {
			e.Action, e.Version, e.Patient = access.Read.String(), c.old.Version, c.old.Key.Patient()
		} else {
			e.Version, e.Patient = c.write.Row.Version, c.write.Row.Key.Patient()
		}
		out = append(out, e.Bytes())
	}
	return out
}

func (b *batch) results() []Result {
	out := make([]Result, len(b.changes))
	for i, c := range b.changes {
		v := &out[i].Version
		v.Type, v.ID = c.op.Type, c.id
		switch {
		case c.gone:
			v.Deleted = true
			out[i].Unchanged = true
		case c.nothing:
			v.Version, v.At, v.Change = c.old.Version, time.UnixMilli(c.old.At).UTC(), c.old.Change
			out[i].Unchanged = true
			if c.oldDoc != nil {
				v.Body = c.oldDoc.Bytes()
			}
		default:
			row := &c.write.Row
			v.Version, v.At, v.Change = row.Version, time.UnixMilli(row.At).UTC(), row.Change
			v.Deleted = row.Action == store.Deleted
			out[i].Created = c.old == nil
			if c.doc != nil {
				v.Body = c.doc.Bytes()
			}
		}
	}
	return out
}
