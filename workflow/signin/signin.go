package signin

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Options are what a site may want to be different.
type Options struct {
	Cookies identity.Cookies
	Trusted []netip.Prefix // proxies behind which people sit
}

type door struct {
	d slice.Deps
	o Options
}

// Slice is the pages by which people come in and go out.
func Slice(d slice.Deps, o Options) slice.Slice {
	s := &door{d, o}
	return slice.Slice{Name: "signin", Routes: []slice.Route{
		{Method: http.MethodGet, Pattern: "/signin", Right: slice.Public(), Page: s.form},
		{Method: http.MethodPost, Pattern: "/signin", Right: slice.Public(), Page: s.signIn},
		{Method: http.MethodPost, Pattern: "/signout", Right: slice.Public(), Page: s.signOut},
		{Method: http.MethodGet, Pattern: "/setup", Right: slice.Public(), Page: s.setupForm},
		{Method: http.MethodPost, Pattern: "/setup", Right: slice.Public(), Page: s.setUp},
	}}
}

func (s *door) blank() Form {
	shell := s.d.Shell
	return Form{Practice: shell.Practice, Copy: shell.Copy(), Live: shell.Environment == web.Live, Version: shell.Version, HelpDesk: shell.HelpDesk}
}

// form shows the sign-in page, or leads on whoever is signed in already.
func (s *door) form(r *http.Request) (web.View, error) {
	next := web.LocalPath(r.FormValue("next"))
	if identity.From(r.Context()).Kind == identity.Person {
		return web.Redirect{To: next}, nil
	}
	f := s.blank()
	f.Next = next
	switch err := identity.Ended(r.Context()); {
	case errors.Is(err, identity.ErrExpired):
		f.Notice = "You were signed out because nothing happened for a while. Sign in to go on where you were."
	case r.FormValue("out") != "":
		f.Notice = "You are signed out."
	case r.FormValue("ready") != "":
		f.Notice = "Your password is set. Sign in with it."
	}
	return page(f, 0), nil
}

func page(f Form, status int) web.View {
	return web.Page{Title: "Sign in", Bare: true, Body: Page(f), Status: status}
}

// signIn checks name and password. The name stays in the form when they are wrong; the password never does.
func (s *door) signIn(r *http.Request) (web.View, error) {
	if err := parse(r); err != nil {
		return nil, err
	}
	f := s.blank()
	f.Name, f.Next = strings.TrimSpace(r.PostForm.Get("name")), web.LocalPath(r.PostForm.Get("next"))
	in, err := s.d.Identity.SignIn(r.Context(), identity.Attempt{
		Name: f.Name, Password: r.PostForm.Get("password"), Address: identity.ClientAddress(r, s.o.Trusted), Device: s.o.Cookies.Device(r),
	})
	throttled, _ := errors.AsType[*identity.ThrottledError](err)
	switch {
	case err == nil:
	case throttled != nil:
		f.Locked = "Too many wrong passwords. Try again at " + throttled.Until.In(s.d.Shell.Location()).Format("15:04:05") + "."
		if f.HelpDesk != "" {
			f.Locked += " Help desk: " + f.HelpDesk + "."
		}
		return page(f, http.StatusTooManyRequests), nil
	case errors.Is(err, identity.ErrBusy):
		f.Error = "Many people are signing in just now. Try again in a few seconds."
		return page(f, http.StatusServiceUnavailable), nil
	case errors.Is(err, identity.ErrBadCredentials):
		f.Error = "Name and password do not belong together. Look at both and try again."
		return page(f, http.StatusUnprocessableEntity), nil
	default:
		return nil, err
	}
	if old := s.o.Cookies.Session(r); old != "" {
		if err := s.d.Identity.SignOut(r.Context(), old); err != nil {
			return nil, err
		}
	}
	return web.Redirect{To: f.Next, Cookies: func(w http.ResponseWriter) { s.o.Cookies.Start(w, r, in) }}, nil
}

// signOut ends the session, on the server first.
func (s *door) signOut(r *http.Request) (web.View, error) {
	if token := s.o.Cookies.Session(r); token != "" {
		if err := s.d.Identity.SignOut(r.Context(), token); err != nil {
			return nil, err
		}
	}
	if who := identity.From(r.Context()); who.Kind == identity.Person {
		s.d.Shell.Recent.Forget(who.ID)
	}
	return web.Redirect{To: "/signin?out=1", Cookies: func(w http.ResponseWriter) { s.o.Cookies.End(w, r) }}, nil
}

// parse reads a small form.
func parse(r *http.Request) error {
	r.Body = http.MaxBytesReader(nil, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		return &web.Problem{Kind: web.ErrInvalid}
	}
	return nil
}
