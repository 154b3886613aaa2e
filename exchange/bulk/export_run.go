package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
)

// exportWork does one step of an export: it reads and writes for some seconds.
func (s *server) exportWork(ctx context.Context, _ *record.Session, payload []byte) error {
	x, err := s.load(ctx, string(payload))
	if err != nil || x == nil || x.Status != running {
		return err
	}
	err = s.exportStep(ctx, x)
	var again slice.Again
	switch {
	case err == nil, errors.As(err, &again), ctx.Err() != nil:
		return err
	case errors.Is(err, errRemoved):
		return nil
	case errors.Is(err, slice.ErrEnded):
		return s.fail(ctx, string(payload), "stopped, because your rights have ended")
	case record.KindOf(err) != 0: // trying again would bring the same
		_, o := outcomeOf(err)
		return s.fail(ctx, string(payload), o.Error())
	}
	return err
}

// fail ends an export. Its state is read anew, so that every chunk that was written is known.
func (s *server) fail(ctx context.Context, id, why string) error {
	x, err := s.load(ctx, id)
	if err != nil || x == nil || x.Status != running {
		return err
	}
	if err := s.mark(ctx, x, failed, why); err != nil && !errors.Is(err, errRemoved) {
		return err
	}
	return nil
}

func (s *server) exportStep(ctx context.Context, x *export) error {
	c := &scan{server: s, x: x, out: s.newOutput(x)}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	end := s.Clock.Now().Add(s.step)
	for {
		more, err := c.page(ctx)
		if err != nil {
			return err
		}
		if !more {
			x.Status = done
			x.Owner.Token = ""
			return s.commit(ctx, c)
		}
		if over := !s.Clock.Now().Before(end); over || c.out.size >= maxBuffered {
			if err := s.commit(ctx, c); err != nil {
				return err
			}
			if over {
				return slice.Again{}
			}
		}
	}
}

// commit keeps what was written so far together with the place to go on from.
func (s *server) commit(ctx context.Context, c *scan) error {
	chunks := c.out.take()
	return s.save(ctx, c.x, func(tx slice.SpoolTx) error { return chunks.write(ctx, tx) })
}

// prepare reads what the scan needs beside the state.
func (c *scan) prepare(ctx context.Context) error {
	c.plan()
	if c.byMember() {
		b, err := c.spool.File(ctx, membersName(c.x.ID))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(b, &c.members); err != nil {
			return fmt.Errorf("the list of members: %w", err)
		}
	}
	if c.x.Outside > 0 {
		b, err := c.spool.File(ctx, outsideName(c.x.ID))
		if err != nil {
			return err
		}
		c.out.readOutside(b)
	}
	return nil
}

// progress is how far an export is, for people.
func (x *export) progress() string {
	if x.Request.Level == groupLevel || x.Request.Patients != nil {
		return fmt.Sprintf("%d resources; patient %d of %d", x.Written, min(x.Place.Member+1, x.Members), x.Members)
	}
	return fmt.Sprintf("%d resources", x.Written)
}

// skipped notes, once, that somebody asked for could not be read.
func (c *scan) skipped() {
	o := &fhir.Outcome{}
	o.Add(fhir.Issue{Severity: fhir.SeverityWarning, Code: "not-found", Details: fhir.CodeableConcept{Text: "a patient of the list is not there, or not for you to see, and was passed over"}})
	c.out.warn(o)
}

// stamp is a time as FHIR writes it.
func stamp(t time.Time) string { return t.UTC().Format(fhir.InstantLayout) }
