package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/workflow/chart"
	"github.com/osler-ehr/osler/workflow/home"
	"github.com/osler-ehr/osler/workflow/patients"
	"github.com/osler-ehr/osler/workflow/signin"
)

// handler serves every page of the preview.
func handler(env web.Environment) (http.Handler, error) {
	assets, err := web.LoadAssets()
	if err != nil {
		return nil, err
	}
	shell := &web.Shell{
		Practice: "Harbor Street Family Practice", Phone: "(555) 010-0100", HelpDesk: "ext. 4040", Version: "1.4",
		Environment: env, Assets: assets, Now: func() time.Time { return now }, Frame: frame,
	}
	mux := http.NewServeMux()
	page := func(pattern string, h web.Handler) { mux.Handle(pattern, shell.Handle(h)) }

	mux.Handle("GET "+web.AssetPath, assets)
	mux.HandleFunc("POST "+web.PreferencesPath, shell.SavePreferences)
	mux.HandleFunc("GET /photo/{who}", photo)
	page("GET /signin", func(r *http.Request) (web.View, error) {
		form := signin.Form{Practice: shell.Practice, Copy: shell.Copy(), Live: env == web.Live, Version: shell.Version, HelpDesk: shell.HelpDesk,
			Downtime: "/downtime", Name: "p.rao@harborstreet.example", Passkey: true, Forgot: "/forgot"}
		if r.FormValue("wrong") != "" {
			form.Error = "Email and password do not belong together. Look at both and try again."
		}
		return web.Page{Title: "Sign in", Bare: true, Body: signin.Page(form)}, nil
	})
	page("GET /setup", func(*http.Request) (web.View, error) {
		return web.Page{Title: "Set up", Bare: true, Body: signin.SetupPage(signin.Setup{Practice: shell.Practice, Version: shell.Version, First: true, DisplayName: "Dr Priya Rao", SignIn: "p rao",
			Errors: map[string]string{"name": "Use 2 to 100 letters, digits and punctuation, without spaces."}})}, nil
	})
	page("GET /{$}", func(*http.Request) (web.View, error) {
		return web.Page{Title: "Home", Current: "home", Body: home.Page(sampleHome())}, nil
	})
	page("GET /patients", func(r *http.Request) (web.View, error) {
		q := r.FormValue("q")
		results := patients.Results{Query: q, Searched: q != "", Hits: find(q), NewHref: "/patients/new", Recent: find("o")}
		if r.Header.Get("HX-Request") != "" {
			return web.Fragment{Body: patients.Found(results)}, nil
		}
		return web.Page{Title: "Patients", Body: patients.Page(results)}, nil
	})
	page("GET "+web.PalettePath, func(r *http.Request) (web.View, error) {
		return web.Fragment{Body: patients.PaletteList(samplePalette(r.FormValue("q"), r.FormValue("patient")))}, nil
	})
	page("GET /patients/{id}", func(r *http.Request) (web.View, error) {
		if r.PathValue("id") != "okafor" {
			return nil, web.ErrNotFound
		}
		b := okafor()
		return web.Page{Title: b.Name.Short(), Current: "chart", Patient: &b, Fixed: true, Body: chart.Page(sampleChart(b, r.FormValue("view") == "timeline", shell)), Actions: phoneActions}, nil
	})
	page("GET /components", func(*http.Request) (web.View, error) {
		return web.Page{Title: "Components", Body: components()}, nil
	})
	page("GET /growth", func(*http.Request) (web.View, error) {
		return web.Page{Title: "Trends", Body: trends()}, nil
	})
	page("GET /fails", func(*http.Request) (web.View, error) { return nil, fmt.Errorf("a fault of the preview") })
	page("/", func(*http.Request) (web.View, error) { return nil, web.ErrNotFound })
	return shell.Guard(mux), nil
}

// frame draws what Dr Rao sees around each page.
func frame(r *http.Request) web.Frame {
	if r.URL.Path == "/signin" || r.URL.Path == "/setup" {
		return web.Frame{}
	}
	inChart := strings.HasPrefix(r.URL.Path, "/patients/okafor")
	f := web.Frame{
		User: &web.User{Name: "Dr P. Rao", Initials: "PR", Role: "Physician", Place: "Harbor Street Family Practice"},
		Menu: []web.Entry{
			{Name: "home", Label: "Home", Href: "/", Icon: "house", Go: "h"}, {Name: "schedule", Label: "Schedule", Href: "/schedule", Icon: "calendar", Go: "s"},
			{Name: "inbox", Label: "Inbox", Href: "/inbox", Icon: "inbox", Go: "i", Count: 7, Urgent: true}, {Name: "orders", Label: "Orders", Href: "/orders", Icon: "flask-conical", Go: "o"},
			{Name: "reports", Label: "Reports", Href: "/reports", Icon: "trending-up", Go: "r"},
		},
		Open: []web.OpenPatient{
			{Name: "OKAFOR, A", Birth: "14-Jul-1968", Href: "/patients/okafor", Unsigned: true, Current: inChart},
			{Name: "LINDQVIST, M", Birth: "11-Aug-2025", Href: "/patients/lindqvist"}, {Name: "LEE, D", Birth: "02-Mar-1951", Href: "/patients/lee"},
		},
	}
	if inChart {
		f.Patient = "okafor"
	}
	return f
}

var phoneActions = []web.Entry{
	{Name: "chart", Label: "Chart", Href: "/patients/okafor", Icon: "user"}, {Name: "note", Label: "Note", Href: "/patients/okafor/note", Icon: "file-text"},
	{Name: "order", Label: "Order", Href: "/patients/okafor/order", Icon: "flask-conical"}, {Name: "prescribe", Label: "Prescribe", Href: "/patients/okafor/prescribe", Icon: "pill"},
	{Name: "message", Label: "Message", Href: "/patients/okafor/message", Icon: "message-square"},
}
