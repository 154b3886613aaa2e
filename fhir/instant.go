package fhir

import "time"

const wantInstant = "an instant such as 2026-11-24T09:30:00.000Z"

// Instant is a FHIR instant: a moment known at least to the second, with its zone. The zero Instant is absent.
type Instant struct{ text string }

// ParseInstant reads what FHIR R4 allows in a document.
func ParseInstant(s string) (Instant, error) {
	if t, ok := scanTemporal(s); !ok || t.precision < Second || t.noZone {
		return Instant{}, badTemporal(s, wantInstant)
	}
	return Instant{s}, nil
}

// InstantOf is t in UTC, to the millisecond, as the record writes instants.
func InstantOf(t time.Time) Instant { return Instant{t.UTC().Format(InstantLayout)} }

// IsZero is true when there is no instant.
func (i Instant) IsZero() bool { return i.text == "" }

// String is the instant as FHIR writes it.
func (i Instant) String() string { return i.text }

// Time is the moment; the zero time when absent.
func (i Instant) Time() time.Time {
	from, _ := i.Range()
	return from
}

// Range is the interval of the instant's precision: from included, to not.
func (i Instant) Range() (from, to time.Time) {
	if i.IsZero() {
		return from, to
	}
	t, _ := scanTemporal(i.text)
	return t.bounds(nil)
}

// DateTime is the same statement as a DateTime.
func (i Instant) DateTime() DateTime { return DateTime(i) }

// Read takes the instant at n.
func (i *Instant) Read(n Node) (err error) {
	*i, err = readTemporal(n, wantInstant, ParseInstant)
	return err
}

// AppendJSON appends the instant as a JSON string.
func (i Instant) AppendJSON(out []byte) []byte { return appendTemporal(out, i.text) }
