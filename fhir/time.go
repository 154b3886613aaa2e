package fhir

import "time"

const wantTime = "a time of day such as 14:30:00"

// Time is a FHIR time: a time of day without date or zone. The zero Time is absent, which is not midnight.
type Time struct{ text string }

// ParseTime reads hh:mm:ss with an optional fraction.
func ParseTime(s string) (Time, error) {
	var t temporal
	if rest, ok := t.clock(s); !ok || rest != "" || t.minuteOnly {
		return Time{}, badTemporal(s, wantTime)
	}
	return Time{s}, nil
}

// NewTime is a time of day to the second; parts past their end count on.
func NewTime(hour, minute, second int) Time {
	return Time{time.Date(2000, 1, 1, hour, minute, second, 0, time.UTC).Format(time.TimeOnly)}
}

// IsZero is true when there is no time.
func (t Time) IsZero() bool { return t.text == "" }

// String is the time as FHIR writes it.
func (t Time) String() string { return t.text }

// SinceMidnight is the time as a duration from midnight, as on a day without a change of the clock.
func (t Time) SinceMidnight() time.Duration {
	var p temporal
	p.clock(t.text)
	return time.Duration(p.hour)*time.Hour + time.Duration(p.minute)*time.Minute +
		time.Duration(p.sec)*time.Second + time.Duration(p.nano)
}

// On is the moment at which the clock in loc shows the time on day d.
func (t Time) On(d Date, loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	var p temporal
	p.clock(t.text)
	year, month, day := d.Date()
	return time.Date(year, month, day, p.hour, p.minute, p.sec, p.nano, loc)
}

// Read takes the time at n.
func (t *Time) Read(n Node) (err error) {
	*t, err = readTemporal(n, wantTime, ParseTime)
	return err
}

// AppendJSON appends the time as a JSON string.
func (t Time) AppendJSON(out []byte) []byte { return appendTemporal(out, t.text) }
