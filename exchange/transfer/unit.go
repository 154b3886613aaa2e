package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// unit is what is loaded all or not at all.
type unit struct {
	source *source
	place  string // "entry 3", "lines 1 to 500"
	ops    []record.Op
	lines  []int // of an NDJSON part: the line of each op
	// marker names a resource that exists if, and only if, the unit was loaded before; "" if none tells.
	marker string
	number int // of the unit within its file, from 1
	// last is true of a patient's end in an export. It is loaded after everything else, because the ends of the
	// patient's record come in other files and are still to be put into it.
	last bool
}

// Sink is where units go: a session of this machine's record, or a server.
type Sink interface {
	Do(ctx context.Context, ops []record.Op) ([]record.Result, error)
	// Known reports whether a resource ever existed.
	Known(ctx context.Context, typ, id string) (bool, error)
}

// linesPerUnit is how many lines of an NDJSON file are loaded together.
const linesPerUnit = 400

// refusal is a unit, or one line, that cannot be read.
type refusal struct {
	place string
	err   error
}

// units takes a file apart.
func (s *source) units(give func(*unit) error, refuse func(refusal)) error {
	r, err := s.open()
	if err != nil {
		return err
	}
	defer r.Close()
	if s.ndjson {
		return s.linesUnits(r, give, refuse)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxBundle+1))
	if err != nil {
		return err
	}
	if len(data) > maxBundle {
		return fmt.Errorf("the file has more than %d MB; split it, or write it as NDJSON", maxBundle>>20)
	}
	doc, err := fhir.ParseLarge(data)
	if err != nil {
		refuse(refusal{"", err})
		return nil
	}
	if doc.Type() != "Bundle" {
		return give(&unit{source: s, number: 1, ops: []record.Op{s.put(doc)}})
	}
	return s.bundleUnits(doc, give, refuse)
}

// put stores a resource under its own id.
func (s *source) put(doc *fhir.Resource) record.Op {
	op := record.Op{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc, LooseReferences: true}
	if s.export {
		v, err := strconv.ParseInt(doc.VersionID(), 10, 64)
		at, err2 := time.Parse(time.RFC3339Nano, doc.Get("meta").Get("lastUpdated").Text())
		if err == nil && err2 == nil && v > 0 {
			op.Restore = &record.Restoration{Version: v, At: at}
		}
	}
	return op
}

func (s *source) linesUnits(r io.Reader, give func(*unit) error, refuse func(refusal)) error {
	u := &unit{source: s, number: 1}
	flush := func() error {
		if len(u.ops) == 0 {
			return nil
		}
		u.place = fmt.Sprintf("lines %d to %d", u.lines[0], u.lines[len(u.lines)-1])
		err := give(u)
		u = &unit{source: s, number: u.number + 1}
		return err
	}
	used := map[string]bool{}
	err := lines(r, func(n int, line []byte) error {
		doc, err := fhir.Parse(line)
		if err != nil {
			refuse(refusal{fmt.Sprintf("line %d", n), err})
			return nil
		}
		del := restoredDeletion(doc)
		if len(u.ops) == 1 && u.ops[0].Verb == record.Delete { // which is the end, unless this line goes on
			u.last = u.last && (del != nil || doc.ID() != u.ops[0].ID)
			if err := flush(); err != nil {
				return err
			}
		}
		if s.export && del != nil { // a unit of its own
			if err := flush(); err != nil {
				return err
			}
			clear(used)
			u.ops, u.lines, u.last = append(u.ops, *del), append(u.lines, n), del.Type == "Patient"
			return nil
		}
		if doc.ID() == "" {
			refuse(refusal{fmt.Sprintf("line %d", n), errors.New("the resource has no id; a resource in NDJSON must have one")})
			return nil
		}
		if name := doc.Type() + "/" + doc.ID(); used[name] {
			if err := flush(); err != nil { // a later version of the same resource
				return err
			}
			clear(used)
		}
		used[doc.Type()+"/"+doc.ID()] = true
		u.ops, u.lines = append(u.ops, s.put(doc)), append(u.lines, n)
		if len(u.ops) == linesPerUnit {
			clear(used)
			return flush()
		}
		return nil
	})
	return errors.Join(err, flush())
}

func (s *source) bundleUnits(doc *fhir.Resource, give func(*unit) error, refuse func(refusal)) error {
	b, err := fhir.ReadBundle(doc)
	if err != nil {
		refuse(refusal{"", err})
		return nil
	}
	whole := &unit{source: s, number: 1}
	for i := range b.Entry {
		e := &b.Entry[i]
		place := fmt.Sprintf("entry %d", i)
		op, err := s.entryOp(b.Type, i, e)
		if err != nil {
			refuse(refusal{place, err})
			if b.Type == "batch" {
				continue
			}
			return nil // all or nothing
		}
		if op == nil {
			continue
		}
		if b.Type == "batch" {
			u := &unit{source: s, place: place, ops: []record.Op{*op}, number: i + 1}
			if op.Verb == record.Update && e.Request.Method == "POST" {
				u.marker = op.Type + "/" + op.ID
			}
			if err := give(u); err != nil {
				return err
			}
			continue
		}
		if whole.marker == "" && op.Verb == record.Update && e.Request.Method == "POST" {
			whole.marker = op.Type + "/" + op.ID
		}
		whole.ops = append(whole.ops, *op)
	}
	if b.Type == "batch" || len(whole.ops) == 0 {
		return nil
	}
	return give(whole)
}

// entryOp is what a bundle's entry asks for; nil if it asks for no change.
func (s *source) entryOp(bundle string, i int, e *fhir.BundleEntry) (*record.Op, error) {
	var doc *fhir.Resource
	if e.Resource.Exists() {
		doc = e.Resource.Resource()
	}
	method, url := e.Request.Method, e.Request.URL
	switch bundle {
	case "transaction", "batch":
	case "collection", "searchset", "document", "history", "message":
		if doc == nil {
			return nil, nil
		}
		if method = "PUT"; doc.ID() == "" {
			method = "POST"
		}
		url = doc.Type() + "/" + doc.ID()
	default:
		return nil, fmt.Errorf("a bundle of type %q cannot be loaded", bundle)
	}
	op := &record.Op{FullURL: e.FullURL, Resource: doc, LooseReferences: true}
	path, query, _ := strings.Cut(url, "?")
	op.Type, op.ID, _ = strings.Cut(path, "/")
	switch method {
	case "POST":
		if doc == nil {
			return nil, errors.New("a POST without a resource")
		}
		op.Type = doc.Type()
		if e.Request.IfNoneExist != "" {
			op.Verb, op.ID, op.Condition = record.Create, "", e.Request.IfNoneExist
			return op, nil
		}
		op.Verb, op.ID = record.Update, s.idFor(i)
		op.Resource = doc.Stamp(op.ID, 1, time.Time{}) // the id in the document goes, the meta is set anew
		return op, nil
	case "PUT":
		if doc == nil {
			return nil, errors.New("a PUT without a resource")
		}
		op.Verb, op.Condition = record.Update, query
		return op, nil
	case "DELETE":
		op.Verb, op.Condition, op.Resource = record.Delete, query, nil
		return op, nil
	case "GET", "HEAD":
		return nil, nil
	}
	return nil, fmt.Errorf("the method %q cannot be loaded", method)
}

// idFor is the id of an entry that leaves the choice to the server: it follows from the file's content, so
// that loading the file again makes nothing twice.
func (s *source) idFor(entry int) string {
	sum := sha256.Sum256([]byte(s.hash + "/" + strconv.Itoa(entry)))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:20]
}
