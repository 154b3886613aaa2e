package bulk

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
)

// linesPerUnit is how many lines are stored together.
const linesPerUnit = 400

// maxFetched bounds an input that is fetched.
const maxFetched = 1 << 30

// importWork does one step of an import.
func (s *server) importWork(ctx context.Context, _ *record.Session, payload []byte) error {
	x, err := s.loadImport(ctx, string(payload))
	if err != nil || x == nil || x.Status != running {
		return err
	}
	err = s.importStep(ctx, x)
	var again slice.Again
	switch {
	case err == nil, errors.As(err, &again), ctx.Err() != nil:
		return err
	case errors.Is(err, errRemoved):
		return nil
	case errors.Is(err, slice.ErrEnded):
		return s.failImport(ctx, x.ID, "stopped, because your rights have ended; what was stored before stays stored")
	}
	if e, ok := errors.AsType[*refusal](err); ok {
		return s.failImport(ctx, x.ID, e.Outcome.Error())
	}
	return err
}

func (s *server) failImport(ctx context.Context, id, why string) error {
	x, err := s.loadImport(ctx, id)
	if err != nil || x == nil || x.Status != running {
		return err
	}
	x.Status, x.Failure, x.Owner.Token = failed, why, ""
	if err := s.saveImport(ctx, x, running, nil); err != nil && !errors.Is(err, errRemoved) {
		return err
	}
	return nil
}

// loader is one step of an import.
type loader struct {
	*server
	x       *loading
	waiting []spot                // of this round
	next    []spot                // for the next one
	reports map[int]*bytes.Buffer // by input: what was refused
}

func (s *server) importStep(ctx context.Context, x *loading) error {
	l := &loader{server: s, x: x, reports: map[int]*bytes.Buffer{}}
	if err := l.read(ctx); err != nil {
		return err
	}
	end := s.Clock.Now().Add(s.step)
	for {
		more, err := l.chunk(ctx)
		if err != nil {
			return err
		}
		if !more {
			x.Status, x.Owner.Token = done, ""
			return l.commit(ctx)
		}
		if err := l.commit(ctx); err != nil {
			return err
		}
		if !s.Clock.Now().Before(end) {
			return slice.Again{}
		}
	}
}

// read gets the lists of lines that wait.
func (l *loader) read(ctx context.Context) (err error) {
	if l.waiting, err = l.spots(ctx, l.x.Round, l.x.Waiting); err != nil {
		return err
	}
	l.next, err = l.spots(ctx, l.x.Round+1, l.x.Next)
	return err
}

func (l *loader) spots(ctx context.Context, round, n int) ([]spot, error) {
	if n == 0 {
		return nil, nil
	}
	b, err := l.spool.File(ctx, waitingName(l.x.ID, round))
	if err != nil || len(b) != 12*n {
		return nil, errors.Join(err, fmt.Errorf("the list of waiting lines has %d bytes for %d lines", len(b), n))
	}
	out := make([]spot, n)
	for i := range out {
		out[i] = spot{int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:])), int(binary.BigEndian.Uint32(b[8:]))}
		b = b[12:]
	}
	return out, nil
}

func appendSpots(list []spot) []byte {
	b := make([]byte, 0, 12*len(list))
	for _, s := range list {
		b = binary.BigEndian.AppendUint32(b, uint32(s.Input))
		b = binary.BigEndian.AppendUint32(b, uint32(s.Chunk))
		b = binary.BigEndian.AppendUint32(b, uint32(s.Line))
	}
	return b
}

// commit keeps how far the import is. Lines that were stored since are the same when they are stored again.
func (l *loader) commit(ctx context.Context) error {
	x := l.x
	x.Waiting, x.Next = len(l.waiting), len(l.next)
	var names []string
	var data [][]byte
	for i, b := range l.reports {
		if b.Len() > 0 {
			names, data = append(names, reportName(x.ID, i, x.Inputs[i].Reports)), append(data, l.pack.EncodeAll(b.Bytes(), nil))
			x.Inputs[i].Reports++
			b.Reset()
		}
	}
	return l.saveImport(ctx, x, running, func(tx slice.SpoolTx) error {
		errs := []error{tx.SetFile(ctx, waitingName(x.ID, x.Round+1), appendSpots(l.next))}
		if x.Round > 0 {
			errs = append(errs, tx.SetFile(ctx, waitingName(x.ID, x.Round), appendSpots(l.waiting)))
		}
		for i := range names {
			errs = append(errs, tx.SetFile(ctx, names[i], data[i]))
		}
		return errors.Join(errs...)
	})
}

// chunk stores the lines of one chunk and moves on. more is false when nothing is left to do.
func (l *loader) chunk(ctx context.Context) (more bool, err error) {
	x := l.x
	if x.Round > 0 {
		return l.again(ctx)
	}
	if x.Place.Input >= len(x.Inputs) {
		return l.nextRound(), nil
	}
	in := &x.Inputs[x.Place.Input]
	if in.Upload == "" {
		return true, l.fetch(ctx, x.Place.Input)
	}
	if x.Place.Chunk >= in.Chunks {
		x.Place = spot{Input: x.Place.Input + 1}
		return true, nil
	}
	lines, err := l.lines(ctx, x.Place)
	if err != nil {
		return false, err
	}
	var unit []spot
	for n := range lines {
		unit = append(unit, spot{x.Place.Input, x.Place.Chunk, n})
	}
	if err := l.store(ctx, unit, lines); err != nil {
		return false, err
	}
	x.Place.Chunk++
	return true, nil
}

// fetch gets an input from another server. It is then one of this import's own.
func (l *loader) fetch(ctx context.Context, i int) error {
	if l.Fetch == nil {
		return refused(400, "not-supported", "this server does not fetch inputs from other servers any more")
	}
	in := &l.x.Inputs[i]
	body, err := l.Fetch.Open(ctx, in.URL, maxFetched)
	if err != nil {
		return refused(400, "transient", fmt.Sprintf("input %d cannot be fetched: %v", i+1, err))
	}
	defer body.Close()
	up := *in
	if up.Upload, err = l.newID(); err != nil {
		return err
	}
	// It is kept as an upload, so that it is taken away as one.
	x := &loading{ID: up.Upload, Owner: l.x.Owner, Began: l.x.Began, Expires: l.x.Expires, Status: uploading, Inputs: []input{up}}
	x.Owner.Token = ""
	err = l.saveImport(ctx, x, "", func(tx slice.SpoolTx) error {
		return tx.Add(ctx, removeKind, x.ID, x.Expires, []byte("import "+x.ID))
	})
	if err != nil {
		return err
	}
	if err := l.keep(ctx, x, 0, body, func() {}); err != nil {
		return refused(400, "transient", fmt.Sprintf("input %d cannot be fetched to its end: %v", i+1, err))
	}
	*in = x.Inputs[0]
	return nil
}

// lines reads a chunk.
func (l *loader) lines(ctx context.Context, at spot) ([][]byte, error) {
	b, err := l.spool.File(ctx, inputName(l.x.Inputs[at.Input].Upload, at.Chunk))
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, refused(400, "not-found", fmt.Sprintf("input %d was removed before it was loaded", at.Input+1))
	}
	if b, err = l.unpack.DecodeAll(b, nil); err != nil {
		return nil, err
	}
	return bytes.Split(bytes.TrimSuffix(b, []byte{'\n'}), []byte{'\n'}), nil
}

// again tries the lines of one chunk that waited.
func (l *loader) again(ctx context.Context) (more bool, err error) {
	if len(l.waiting) == 0 {
		return l.nextRound(), nil
	}
	at := l.waiting[0]
	n := 0
	for n < len(l.waiting) && l.waiting[n].Input == at.Input && l.waiting[n].Chunk == at.Chunk {
		n++
	}
	lines, err := l.lines(ctx, at)
	if err != nil {
		return false, err
	}
	unit := l.waiting[:n]
	if err := l.store(ctx, unit, lines); err != nil {
		return false, err
	}
	l.waiting = l.waiting[n:]
	return true, nil
}

// nextRound begins another round with the lines that still wait, if the last one has brought fewer. Otherwise they
// are refused.
func (l *loader) nextRound() (more bool) {
	x := l.x
	if len(l.next) == 0 {
		return false
	}
	if x.Round > 0 && len(l.next) == x.Place.Line {
		for _, at := range l.next {
			l.refuse(at, errors.New("what it refers to is not there; the patient that a resource is about must be stored before, or stand in the same import"))
		}
		l.next = nil
		return false
	}
	x.Round++
	l.waiting, l.next = l.next, nil
	x.Place = spot{Input: len(x.Inputs), Line: len(l.waiting)} // how many the round began with
	return true
}

// store stores lines, as many at a time as possible.
func (l *loader) store(ctx context.Context, at []spot, lines [][]byte) error {
	var ops []record.Op
	var from []spot
	used := map[string]bool{}
	flush := func() error {
		err := l.unit(ctx, from, ops)
		ops, from = nil, nil
		clear(used)
		return err
	}
	for _, spot := range at {
		line := bytes.TrimSpace(lines[spot.Line])
		if len(line) == 0 {
			continue
		}
		doc, err := fhir.Parse(line)
		if err == nil && doc.ID() == "" {
			err = errors.New("the resource has no id; a resource in NDJSON must have one")
		}
		if err != nil {
			l.refuse(spot, err)
			continue
		}
		name := doc.Type() + "/" + doc.ID()
		if used[name] || len(ops) == linesPerUnit {
			if err := flush(); err != nil {
				return err
			}
		}
		used[name] = true
		ops = append(ops, record.Op{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc, LooseReferences: true})
		from = append(from, spot)
	}
	return flush()
}

// unit stores resources all or none. If they are refused, the ones at fault are found by halving.
func (l *loader) unit(ctx context.Context, from []spot, ops []record.Op) error {
	if len(ops) == 0 {
		return nil
	}
	session, err := l.Owned(ctx, l.x.Owner) // asked for each unit: that is less than a second ago
	if err != nil {
		return err
	}
	_, err = session.Do(ctx, ops)
	switch {
	case err == nil:
		for _, at := range from {
			l.x.Inputs[at.Input].Stored++
		}
		return nil
	case ctx.Err() != nil, record.KindOf(err) == 0:
		return err
	case len(ops) > 1:
		half := len(ops) / 2
		if err := l.unit(ctx, from[:half], ops[:half]); err != nil {
			return err
		}
		return l.unit(ctx, from[half:], ops[half:])
	case errors.Is(err, record.ErrUnresolved):
		l.next = append(l.next, from[0])
	default:
		l.refuse(from[0], err)
	}
	return nil
}

// refuse reports a line that was not stored.
func (l *loader) refuse(at spot, why error) {
	in := &l.x.Inputs[at.Input]
	in.Refused++
	text := why.Error()
	if o, ok := errors.AsType[*fhir.Outcome](why); ok {
		var parts []string
		for _, i := range o.Issue {
			parts = append(parts, strings.TrimPrefix(strings.Join(i.Expression, ", ")+": "+i.Details.Text, ": "))
		}
		text = strings.Join(parts, "; ")
	}
	b := l.reports[at.Input]
	if b == nil {
		b = new(bytes.Buffer)
		l.reports[at.Input] = b
	}
	o := fhir.NewOutcome("invalid", fmt.Sprintf("line %d: %s", in.Starts[at.Chunk]+at.Line, text))
	b.Write(o.Bytes())
	b.WriteByte('\n')
}

// age is for how long an import has been under way.
func (x *loading) age(now time.Time) time.Duration { return now.Sub(x.Began) }
