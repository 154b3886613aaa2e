package devices

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/devices/udi"
)

const (
	profile          = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-implantable-device"
	procedureProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-procedure"
	deviceAction     = "http://hl7.org/fhir/device-action"
	fda              = "http://hl7.org/fhir/NamingSystem/fda-udi"
	// section is the LOINC code of the list which says that there are none.
	section = "46264-8"
)

// device is a Device as it is read and written here.
type device struct {
	ID           string
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	Carrier      []carrier `fhir:"udiCarrier"`
	Status       string
	Distinct     string `fhir:"distinctIdentifier"`
	Manufacturer string
	Made         fhir.DateTime `fhir:"manufactureDate"`
	Expires      fhir.DateTime `fhir:"expirationDate"`
	Lot          string        `fhir:"lotNumber"`
	Serial       string        `fhir:"serialNumber"`
	Names        []deviceName  `fhir:"deviceName"`
	Model        string        `fhir:"modelNumber"`
	Type         fhir.CodeableConcept
	Patient      fhir.Reference
	Note         []fhir.Annotation
}

type carrier struct {
	DI           string `fhir:"deviceIdentifier"`
	Issuer       string
	Jurisdiction string
	AIDC         string `fhir:"carrierAIDC"`
	HRF          string `fhir:"carrierHRF"`
	EntryType    string
}

type deviceName struct{ Name, Type string }

// procedure is the Procedure by which a device came or went.
type procedure struct {
	ID         string
	Meta       fhir.Meta
	Identifier []fhir.Identifier
	Status     string
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Performed  fhir.Choice `fhir:"performed[x]"`
	Recorder   fhir.Reference
	BodySite   []fhir.CodeableConcept
	Focal      []focal `fhir:"focalDevice"`
}

type focal struct {
	Action      fhir.CodeableConcept
	Manipulated fhir.Reference
}

// name is what the device is, as exactly as is known.
func (d device) name() string {
	if s := facts.Concept(d.Type); s != "" {
		return s
	}
	for _, n := range d.Names {
		if n.Name != "" {
			return n.Name
		}
	}
	return "Device not named"
}

// product is its name by the manufacturer, where that is not its name already.
func (d device) product() string {
	for _, n := range d.Names {
		if n.Name != "" && n.Name != d.name() {
			return n.Name
		}
	}
	return ""
}

// implant is a device with what happened to it.
type implant struct {
	device
	in, out procedure // zero where nobody recorded it
	href    string
}

func (i implant) active() bool {
	return i.Status == "active" || i.Status == "" || i.Status == "unknown"
}

// List is the implanted devices of a patient.
type List struct {
	In, Out, Struck []implant
	Nil             *facts.NilKnown
	Href, AddHref   string
	zone            *time.Location
}

// readList reads the devices that are implanted in a patient: those with a UDI, or that a procedure implanted. Wheelchairs and glucose
// meters, which are Devices too, are others'.
func readList(ctx context.Context, s *record.Session, patient string, now time.Time) (List, error) {
	l := List{zone: now.Location()}
	var all []device
	var done []procedure
	var err, doneErr, nilErr error
	facts.Together(
		func() { all, err = facts.FindAll[device](ctx, s, "Device", patient, facts.Params("_count", "200")...) },
		func() {
			done, doneErr = facts.FindAll[procedure](ctx, s, "Procedure", patient, facts.Params("_sort", "-date", "_count", "500")...)
			if record.KindOf(doneErr) == record.KindForbidden {
				doneErr = nil
			}
		},
		func() { l.Nil, nilErr = facts.ReadNilKnown(ctx, s, patient, section) },
	)
	for _, e := range []error{err, doneErr, nilErr} {
		if e != nil {
			return l, e
		}
	}
	for _, d := range all {
		i := implant{device: d, href: base(patient) + "/" + d.ID}
		i.in, i.out = happened(done, d.ID)
		if len(d.Carrier) == 0 && !slices.Contains(d.Meta.Profile, profile) && i.in.ID == "" {
			continue
		}
		switch {
		case d.Status == "entered-in-error":
			l.Struck = append(l.Struck, i)
		case i.active():
			l.In = append(l.In, i)
		default:
			l.Out = append(l.Out, i)
		}
	}
	for _, rows := range [][]implant{l.In, l.Out, l.Struck} {
		slices.SortStableFunc(rows, func(a, b implant) int { return b.when(l.zone).Compare(a.when(l.zone)) })
	}
	if len(l.In) > 0 {
		l.Nil = nil
	}
	return l, nil
}

// happened are the procedures by which a device came and went.
func happened(done []procedure, id string) (in, out procedure) {
	for _, p := range done {
		if p.Status == "entered-in-error" {
			continue
		}
		for _, f := range p.Focal {
			t, ok := f.Manipulated.Target()
			if !ok || t.Type != "Device" || t.ID != id {
				continue
			}
			switch f.Action.In(deviceAction) {
			case "explanted":
				if out.ID == "" {
					out = p
				}
			case "manipulated":
			default:
				in = p // the earliest: it was implanted once
			}
		}
	}
	return in, out
}

func performed(p procedure) fhir.DateTime {
	switch v := p.Performed.Value().(type) {
	case fhir.DateTime:
		return v
	case fhir.Period:
		return facts.When(v.Start, v.End)
	}
	return fhir.DateTime{}
}

func (i implant) when(zone *time.Location) time.Time {
	if at := performed(i.in); !at.IsZero() {
		return at.Time(zone)
	}
	return time.Time{}
}

// since is when it was implanted, and for one that was taken out until when.
func (i implant) since(zone *time.Location) string {
	in, out := facts.Day(performed(i.in), zone), facts.Day(performed(i.out), zone)
	if out != "" {
		return strings.TrimPrefix(in+" – "+out, " – ")
	}
	return in
}

// fact is one line of what is known of a device.
type fact struct{ name, value string }

// facts are all that is known, as the label says it. What stands in the carrier alone is read from it.
func (i implant) facts(now time.Time) (out []fact) {
	add := func(name, value string) {
		if value != "" {
			out = append(out, fact{name, value})
		}
	}
	zone := now.Location()
	d := i.device
	add("Product", d.product())
	add("Manufacturer", d.Manufacturer)
	add("Model", d.Model)
	for n, c := range d.Carrier {
		u, err := udi.Parse(c.HRF, now)
		if err == nil && n == 0 {
			if d.Lot == "" {
				d.Lot = u.Lot
			}
			if d.Serial == "" {
				d.Serial = u.Serial
			}
			if d.Made.IsZero() {
				d.Made = date(u.Made)
			}
			if d.Expires.IsZero() {
				d.Expires = date(u.Expires)
			}
		}
		di := c.DI
		if di == "" {
			di = u.DI
		}
		if di != "" && err == nil {
			di += " (" + u.Agency.Name() + ")"
		}
		add("Device identifier", di)
	}
	add("Lot", d.Lot)
	add("Serial number", d.Serial)
	add("Donation number", d.Distinct)
	add("Manufactured", facts.Day(d.Made, zone))
	add("Expires", facts.Day(d.Expires, zone))
	add("Implanted", facts.Day(performed(i.in), zone))
	add("Site", facts.First(i.in.BodySite))
	add("Taken out", facts.Day(performed(i.out), zone))
	for _, c := range d.Carrier {
		add("UDI", c.HRF)
	}
	for _, n := range d.Note {
		add("Note", n.Text)
	}
	return out
}

// date is a date as FHIR writes it; zero for none.
func date(s string) fhir.DateTime {
	d, err := fhir.ParseDateTime(s)
	if s == "" || err != nil {
		return fhir.DateTime{}
	}
	return d
}
