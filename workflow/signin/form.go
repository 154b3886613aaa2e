package signin

import "github.com/osler-ehr/osler/web/ui"

// Form is what the sign-in page shows.
type Form struct {
	Practice string
	Copy     string // which copy of the system this is: Live system
	Live     bool
	Version  string
	HelpDesk string // ext. 4040
	Downtime string // address of the read-only copy; empty for none

	Name    string // kept after a wrong password
	Error   string // one line under the password field
	Locked  string // says until when
	Notice  string // you were signed out, your password is set
	Next    string // where to go after
	Passkey bool   // the server takes passkeys
	Forgot  string // address of the reset form; empty for none
}

func (f Form) name() ui.Field {
	field := ui.Field{Name: "name", Label: "Sign-in name", Value: f.Name, Autocomplete: "username", Required: true, Attrs: map[string]any{"autocapitalize": "none", "spellcheck": "false"}}
	if !f.Passkey && f.Name == "" {
		field.Attrs["autofocus"] = true
	}
	return field
}

func (f Form) password() ui.Field {
	field := ui.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password", Required: true, Reveal: true, Error: f.Error}
	if f.Forgot != "" {
		field.LinkLabel, field.LinkHref = "Forgotten?", f.Forgot
	}
	if f.Name != "" && !f.Passkey {
		field.Attrs = map[string]any{"autofocus": true}
	}
	return field
}
