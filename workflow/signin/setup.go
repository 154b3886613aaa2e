package signin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/ui"
)

// Setup is what the set-up page shows: to the first administrator of a new system, or to a person with a link from one.
type Setup struct {
	Practice string
	Version  string
	Token    string // of the link; sent back with the form
	First    bool   // the person chooses a sign-in name too
	For      string // whose account it is, unless First
	SignIn   string // sign-in name: as typed, or of the account

	DisplayName string            // as typed
	Errors      map[string]string // by field name
	Error       string            // of no one field
}

func (s Setup) field(f ui.Field) ui.Field {
	f.Required = true
	f.Error = s.Errors[f.Name]
	return f
}

func (s Setup) display() ui.Field {
	return s.field(ui.Field{Name: "display", Label: "Your name", Value: s.DisplayName, Autocomplete: "name", Hint: "As colleagues see it: Dr Priya Rao"})
}

func (s Setup) name() ui.Field {
	return s.field(ui.Field{Name: "name", Label: "Sign-in name", Value: s.SignIn, Autocomplete: "username", Hint: "Without spaces, such as p.rao", Attrs: map[string]any{"autocapitalize": "none", "spellcheck": "false"}})
}

func (s Setup) password() ui.Field {
	return s.field(ui.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password", Reveal: true, Hint: "At least 15 characters. A few unrelated words are easy to remember."})
}

// setupForm shows the form of a set-up link.
func (s *door) setupForm(r *http.Request) (web.View, error) {
	form, err := s.setupFor(r, r.FormValue("token"))
	if err != nil {
		return nil, err
	}
	return setupPage(form, 0), nil
}

func setupPage(f Setup, status int) web.View {
	return web.Page{Title: "Set up", Bare: true, Body: SetupPage(f), Status: status}
}

func (s *door) setupFor(r *http.Request, token string) (Setup, error) {
	link, err := s.d.Identity.Setup(r.Context(), token)
	if errors.Is(err, identity.ErrBadLink) {
		return Setup{}, &web.Problem{Kind: web.ErrNotFound, Advice: "This link does not work any more: it was used, has expired, or was replaced by a newer one. Ask your administrator for a new one; the first administrator's comes from the machine on which the system runs."}
	}
	if err != nil {
		return Setup{}, err
	}
	return Setup{Practice: s.d.Shell.Practice, Version: s.d.Shell.Version, Token: token, First: link.First, For: link.DisplayName, SignIn: link.SignInName}, nil
}

// setUp sets the password and, for the first administrator, makes the account; then the person signs in with it.
func (s *door) setUp(r *http.Request) (web.View, error) {
	if err := parse(r); err != nil {
		return nil, err
	}
	token := r.PostForm.Get("token")
	form, err := s.setupFor(r, token)
	if err != nil {
		return nil, err
	}
	answer := identity.SetupAnswer{SignInName: strings.TrimSpace(r.PostForm.Get("name")), DisplayName: strings.TrimSpace(r.PostForm.Get("display")), Password: r.PostForm.Get("password")}
	if form.First {
		form.SignIn, form.DisplayName = answer.SignInName, answer.DisplayName
	}
	account, err := s.d.Identity.FinishSetup(r.Context(), token, answer)
	if err != nil {
		return s.setupAgain(form, err)
	}
	in, err := s.d.Identity.SignIn(r.Context(), identity.Attempt{Name: account.SignInName, Password: answer.Password, Address: identity.ClientAddress(r, s.o.Trusted), Device: s.o.Cookies.Device(r)})
	if err != nil {
		return web.Redirect{To: "/signin?ready=1"}, nil // the password is set; only the sign-in has to be done by hand
	}
	return web.Redirect{To: "/", Cookies: func(w http.ResponseWriter) { s.o.Cookies.Start(w, r, in) }}, nil
}

// setupAgain shows the form with what is to be changed.
func (s *door) setupAgain(form Setup, err error) (web.View, error) {
	invalid, _ := errors.AsType[*identity.InvalidError](err)
	switch {
	case invalid != nil:
		names := map[string]string{"sign-in name": "name", "display name": "display", "password": "password"}
		form.Errors = map[string]string{names[invalid.Field]: sentence(invalid.Reason)}
		if names[invalid.Field] == "" {
			form.Errors, form.Error = nil, sentence(invalid.Error())
		}
	case errors.Is(err, identity.ErrNameTaken):
		form.Errors = map[string]string{"name": "Another account has this sign-in name. Choose another."}
	case errors.Is(err, identity.ErrBusy):
		form.Error = "Many people are signing in just now. Try again in a few seconds."
	case errors.Is(err, identity.ErrBadLink):
		return nil, &web.Problem{Kind: web.ErrNotFound, Advice: "This link was used meanwhile. If it was you, sign in."}
	default:
		return nil, err
	}
	return setupPage(form, http.StatusUnprocessableEntity), nil
}

// sentence writes a reason as a sentence of its own.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}
