package signin

import "github.com/osler-ehr/osler/web/ui"

// Setup is what the set-up page shows: the practice and its first administrator.
type Setup struct {
	Version string
	Token   string // proves that the person can read the machine's own log; sent back with the form
	Values  SetupValues
	Errors  map[string]string // by field name
	Error   string            // not of one field
}

// SetupValues are the answers. Passwords are never sent back to the browser.
type SetupValues struct{ Practice, TimeZone, Given, Family, Email string }

func (s Setup) field(f ui.Field) ui.Field {
	f.Required = true
	f.Error = s.Errors[f.Name]
	return f
}

func (s Setup) practice() ui.Field {
	return s.field(ui.Field{Name: "practice", Label: "Name of the practice", Value: s.Values.Practice, Autocomplete: "organization", Hint: "As patients know it. It stands on every page and print-out."})
}

func (s Setup) zone() ui.Field {
	f := s.field(ui.Field{Name: "zone", Label: "Time zone", Value: s.Values.TimeZone, Hint: "As in America/New_York. Dates and times of the record follow it."})
	f.Options = []ui.Option{
		{Value: "America/New_York", Label: "Eastern, New York"}, {Value: "America/Chicago", Label: "Central, Chicago"}, {Value: "America/Denver", Label: "Mountain, Denver"},
		{Value: "America/Phoenix", Label: "Mountain without daylight time, Phoenix"}, {Value: "America/Los_Angeles", Label: "Pacific, Los Angeles"},
		{Value: "America/Anchorage", Label: "Alaska, Anchorage"}, {Value: "Pacific/Honolulu", Label: "Hawaii, Honolulu"}, {Value: "America/Puerto_Rico", Label: "Atlantic, Puerto Rico"},
		{Value: "Pacific/Guam", Label: "Chamorro, Guam"}, {Value: "Europe/London", Label: "London"}, {Value: "UTC", Label: "UTC"},
	}
	return f
}

func (s Setup) given() ui.Field {
	return s.field(ui.Field{Name: "given", Label: "Given name", Value: s.Values.Given, Autocomplete: "given-name"})
}

func (s Setup) family() ui.Field {
	return s.field(ui.Field{Name: "family", Label: "Family name", Value: s.Values.Family, Autocomplete: "family-name"})
}

func (s Setup) email() ui.Field {
	return s.field(ui.Field{Name: "email", Label: "Email", Type: "email", Value: s.Values.Email, Autocomplete: "username", Hint: "You sign in with it."})
}

func (s Setup) password() ui.Field {
	return s.field(ui.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password", Reveal: true, Hint: "At least 15 characters; four or five unrelated words are good. A passkey can follow."})
}
