package facts

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// Colleague is somebody to whom work can be given.
type Colleague struct {
	Ref, Name string // Practitioner/rao, Dr Priya Rao
	Nurse     bool
}

// Staff lists the clinicians and nurses who can sign in, by name. Without accounts (ids is nil) it lists the active practitioners.
func Staff(ctx context.Context, s *record.Session, ids *identity.Service) ([]Colleague, error) {
	var out []Colleague
	if ids != nil {
		accounts, err := ids.Accounts(ctx)
		if err != nil {
			return nil, err
		}
		for _, a := range accounts {
			if !a.Disabled && strings.HasPrefix(a.Resource, "Practitioner/") && (a.Has(identity.Clinician) || a.Has(identity.Nurse)) {
				out = append(out, Colleague{a.Resource, a.DisplayName, !a.Has(identity.Clinician)})
			}
		}
	} else {
		page, err := Whole(ctx, s, record.Query{Type: "Practitioner", Params: Params("active", "true", "_count", "500")})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			p, err := fhir.View[struct{ Name []fhir.HumanName }](page.Entries[i].Resource())
			if err == nil && len(p.Name) > 0 {
				out = append(out, Colleague{Ref: "Practitioner/" + page.Entries[i].ID, Name: p.Name[0].String()})
			}
		}
	}
	slices.SortFunc(out, func(a, b Colleague) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Ref, b.Ref))
	})
	return slices.CompactFunc(out, func(a, b Colleague) bool { return a.Ref == b.Ref }), nil
}

// Duty tells who answers for work now: who works here, and who stands in for whom.
type Duty struct {
	Staff []Colleague
	Away  map[string]Away // by the reference of who is away
	Left  []string        // references of those who do not work here any more
}

// Away is an absence.
type Away struct {
	Task  string // that says so
	Seen  string // tells this absence as it stands from every other, for a form that changes it
	By    fhir.Reference
	Until time.Time
}

// OnDuty reads who works here and who is away.
func OnDuty(ctx context.Context, s *record.Session, ids *identity.Service, now time.Time) (Duty, error) {
	d := Duty{Away: map[string]Away{}}
	var err error
	if d.Staff, err = Staff(ctx, s, ids); err != nil {
		return d, err
	}
	if d.Left, err = left(ctx, s, ids); err != nil {
		return d, err
	}
	page, err := Whole(ctx, s, record.Query{Type: "Task", Params: Params("code", CoverTask, "status", OpenTask, "_sort", "-_lastUpdated", "_count", "500")})
	if err != nil {
		return d, err
	}
	for i := range page.Entries {
		t, err := fhir.View[Task](page.Entries[i].Resource())
		if err != nil || t.Requester.Reference == "" || !t.Execution.Contains(now, now.Location()) {
			continue
		}
		if _, ok := d.Away[t.Requester.Reference]; !ok {
			_, until := t.Execution.Range(now.Location())
			d.Away[t.Requester.Reference] = Away{page.Entries[i].ID, page.Entries[i].ID + "/" + strconv.FormatInt(page.Entries[i].Version.Version, 10), t.Owner, until}
		}
	}
	return d, nil
}

// Works reports whether somebody of this reference works here.
func (d Duty) Works(ref string) bool {
	return slices.ContainsFunc(d.Staff, func(c Colleague) bool { return c.Ref == ref })
}

// Name is how somebody is called.
func (d Duty) Name(ref string) string {
	for _, c := range d.Staff {
		if c.Ref == ref {
			return c.Name
		}
	}
	return ""
}

// Answers is who answers for what is somebody's: that person, whoever stands in while that person is away, and so on;
// "" if nobody does who can sign in. Then everybody does.
func (d Duty) Answers(ref string) string {
	for range len(d.Away) + 1 {
		if !d.Works(ref) {
			return ""
		}
		away, ok := d.Away[ref]
		if !ok {
			return ref
		}
		ref = away.By.Reference
	}
	return "" // they stand in for each other in a circle
}

// Sees reports whether a piece of work is for somebody: it is theirs to answer for, of a pool that they belong to, or of
// nobody who can.
func (d Duty) Sees(me string, nurse, clinician bool, t Task) bool {
	if t.Owner.Reference != "" {
		if who := d.Answers(t.Owner.Reference); who != "" {
			return who == me
		}
		return true
	}
	switch t.Pool() {
	case NursePool:
		return nurse
	case ClinicianPool:
		return clinician
	}
	return true
}

// left are the references of those whose account was disabled or, without accounts, who are no longer active.
func left(ctx context.Context, s *record.Session, ids *identity.Service) (out []string, err error) {
	if ids != nil {
		accounts, err := ids.Accounts(ctx)
		for _, a := range accounts {
			if a.Disabled && a.Resource != "" {
				out = append(out, a.Resource)
			}
		}
		return out, err
	}
	page, err := Whole(ctx, s, record.Query{Type: "Practitioner", Params: Params("active", "false", "_count", "500")})
	if err != nil {
		return nil, err
	}
	for i := range page.Entries {
		out = append(out, "Practitioner/"+page.Entries[i].ID)
	}
	return out, nil
}

// Answered are the references of those whose work somebody answers for now: one's own, of those whom one stands in for, and
// of those for whom nobody answers any more.
func (d Duty) Answered(me string) []string {
	out := slices.Clone(d.Left)
	if me != "" {
		out = append(out, me)
	}
	for ref := range d.Away {
		if who := d.Answers(ref); ref != me && (who == me || who == "") {
			out = append(out, ref)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Owners are those who may be given work, for a field: everybody, the pools, each person.
func (d Duty) Owners() []ui.Option {
	out := []ui.Option{{Value: "", Label: PoolName(everybodysPool)}, {Value: "pool:" + NursePool, Label: PoolName(NursePool)}, {Value: "pool:" + ClinicianPool, Label: PoolName(ClinicianPool)}}
	for _, c := range d.Staff {
		label := c.Name
		if away, ok := d.Away[c.Ref]; ok {
			label += ", away until " + format.Date(away.Until.Add(-time.Second))
		}
		out = append(out, ui.Option{Value: c.Ref, Label: label})
	}
	return out
}

// OwnerName is the name of a value of Owners; ok is false for what is none.
func (d Duty) OwnerName(value string) (name string, ok bool) {
	for _, o := range d.Owners() {
		if o.Value == value {
			name, _, _ = strings.Cut(o.Label, ", away until")
			return name, true
		}
	}
	return "", false
}
