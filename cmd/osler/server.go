package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/exchange/cdshooks"
	"github.com/osler-ehr/osler/exchange/rest"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs"
	"github.com/osler-ehr/osler/outbound"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/workflow/documents"
	"github.com/osler-ehr/osler/workflow/home"
)

// server answers requests for one practice.
type server struct {
	practice *practice
	shell    *web.Shell
	log      *slog.Logger
	handler  http.Handler
	features []slice.Slice
	runner   *jobs.Runner
	ready    atomic.Bool
}

// newServer puts the features of the program together.
func newServer(pr *practice, log *slog.Logger, o *serveOptions) (*server, error) {
	assets, err := web.LoadAssets()
	if err != nil {
		return nil, err
	}
	out, err := outbound.New(outbound.Options{Allow: o.Outbound})
	if err != nil {
		return nil, fmt.Errorf("--outbound: %w", err)
	}
	outside, err := cdshooks.NewOutside(out, o.CDS, o.CDSLimit, clock.System{})
	if err != nil {
		return nil, fmt.Errorf("--cds-services: %w; --outbound lists what may be spoken to", err)
	}
	publicURL := strings.TrimSuffix(o.PublicURL, "/")
	s := &server{practice: pr, log: log}
	s.shell = &web.Shell{Practice: pr.about.Name, Version: version, Assets: assets, Log: log, Now: time.Now}
	if s.shell.Origins, err = web.NewOrigins(o.Origins, rest.Root, "/cds-services"); err != nil {
		return nil, fmt.Errorf("--app-origins: %w", err)
	}
	if pr.about.Demo {
		s.shell.Environment = web.Demo
	}
	s.runner = jobs.New(jobs.Options{Store: pr.store, Types: pr.record.Index(), Key: pr.ring.DeriveKey("spool"), Clock: clock.System{}, Log: log})
	deps := slice.Deps{
		Session: s.session, Program: s.program, Identity: pr.identity, Shell: s.shell, Clock: clock.System{}, Log: log,
		Index: pr.record.Index(), PublicURL: publicURL, Version: version,
		Queue: s.runner, Changes: s.runner, Spool: s.runner.Spool, Owned: s.owned,
	}
	cookies := identity.Cookies{Secure: strings.HasPrefix(publicURL, "https://")}
	medicines, err := drugs.Open(pr.drugsDir)
	if err != nil {
		return nil, fmt.Errorf("what is known of medicines: %w", err)
	}
	for _, b := range medicines.Broken { // the checks say so too
		log.Error("rules about medicines cannot be read: add them anew", "set", b.ID, "error", b.Why)
	}
	growth, err := o.growth()
	if err != nil {
		return nil, err
	}
	scanner, err := documents.NewScanner(o.VirusScan)
	if err != nil {
		return nil, fmt.Errorf("--virus-scan: %w", err)
	}
	all := features(deps, cookies, out, outside, pr.terms, medicines, pr.record, scanner, growth...)
	s.features = all
	s.shell.Frame = home.Frame(s.shell, all)
	for _, f := range all {
		pr.record.Obey(f.Exclusive...)
	}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, s.shell, all); err != nil {
		return nil, fmt.Errorf("a feature cannot be served: %w", err)
	}
	mux.Handle("GET "+web.AssetPath, assets)
	mux.HandleFunc("POST "+web.PreferencesPath, s.shell.SavePreferences)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	s.handler = s.logged(s.shell.Guard(pr.identity.Identify(cookies, rest.Refuse, s.routed(mux))))
	return s, nil
}

// readyz answers 200 once requests can be served, and 503 while the server stops.
func (s *server) readyz(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// session is what the one who makes a request can do in the record.
func (s *server) session(r *http.Request) (*record.Session, error) {
	p := identity.From(r.Context())
	if p.Kind == identity.Anonymous {
		return nil, web.ErrSignIn
	}
	return s.as(r.Context(), p)
}

// owned is what the owner of work that was left behind may do now.
func (s *server) owned(ctx context.Context, o slice.Owner) (*record.Session, error) {
	p, err := o.Now(ctx, s.practice.identity, time.Now())
	if err != nil {
		return nil, err
	}
	return s.as(ctx, p)
}

func (s *server) as(ctx context.Context, p identity.Principal) (*record.Session, error) {
	a, err := identity.Actor(ctx, s.practice.record, p, s.practice.about.Organization)
	if err != nil {
		return nil, err
	}
	return s.practice.record.As(a), nil
}

// program is what a program of this name can do.
func (s *server) program(name string) *record.Session {
	return s.practice.record.As(access.Actor{ID: "program:" + name, Name: name, Roles: []access.Role{access.Program}, Org: s.practice.home})
}

// logged writes one line for each request: no address, which may name a patient, but the pattern it matched.
func (s *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		c := &counting{ResponseWriter: w}
		next.ServeHTTP(c, r)
		level := slog.LevelInfo
		if c.status >= 500 {
			level = slog.LevelError
		}
		if !s.log.Enabled(r.Context(), level) {
			return
		}
		s.log.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("route", c.route), slog.Int("status", c.status),
			slog.Int64("bytes", c.bytes), slog.Duration("took", time.Since(start)))
	})
}

// routed notes which route a request took. What is between this and logged may hand on copies of the request, but always the writer.
// An address that no feature serves is answered with a page, as every other error is.
func (s *server) routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		switch {
		case pattern == "" && nowhere(mux, r.URL):
			s.shell.Error(w, r, web.ErrNotFound)
			return
		case pattern == "" || strings.Contains(pattern, "{"):
			mux.ServeHTTP(w, r) // it matches once more, to set the values of the pattern
		default:
			r.Pattern = pattern
			h.ServeHTTP(w, r)
		}
		if c, ok := w.(*counting); ok {
			c.route = r.Pattern
		}
	})
}

// nowhere reports whether an address is served by no method at all.
func nowhere(mux *http.ServeMux, at *url.URL) bool {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, pattern := mux.Handler(&http.Request{Method: method, URL: at}); pattern != "" {
			return false
		}
	}
	return true
}

// counting notes what was answered.
type counting struct {
	http.ResponseWriter
	route  string
	status int
	bytes  int64
}

func (c *counting) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counting) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find the writer beneath.
func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// stopTime is how long requests under way may take when the server stops.
const stopTime = 20 * time.Second

// serve answers until the context ends, then finishes what is under way.
func (s *server) serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		// Nobody's first search should wait for a code system to be read.
		if err := s.practice.terms.Warm(working); err != nil && working.Err() == nil {
			s.log.Error("terminology", "error", err)
		}
		debug.FreeOSMemory() // reading it took several times what is kept
		s.practice.terms.Watch(working, 5*time.Second, func(err error) { s.log.Error("terminology", "error", err) })
	}()
	defer func() { stopWork(); <-watched }()
	if serial, ok := s.practice.store.(interface{ Serial() bool }); !ok || !serial.Serial() {
		refreshed := make(chan struct{})
		go func() {
			defer close(refreshed)
			s.refresh(working)
		}()
		defer func() { stopWork(); <-refreshed }()
	}
	worked := make(chan error, 1)
	go func() { worked <- s.runner.Run(working, s.program, s.features) }()
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	s.ready.Store(true)
	select {
	case err := <-failed:
		stopWork()
		return errors.Join(err, <-worked)
	case err := <-worked: // it ends early only when a feature is put together wrongly
		return errors.Join(err, h.Close(), <-failed)
	case <-ctx.Done():
	}
	s.ready.Store(false)
	s.log.Info("stopping")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := h.Shutdown(stop)
	if e := <-failed; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	stopWork()
	return errors.Join(err, <-worked)
}

// refresh takes note of search parameters and definitions that other servers of the same store have changed.
func (s *server) refresh(ctx context.Context) {
	ticks := time.NewTicker(2 * time.Second)
	defer ticks.Stop()
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		err := s.practice.record.Refresh(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			s.log.Error("search parameters of other servers cannot be read; this server goes on with those it knows", "error", err)
		}
		failed = err != nil
	}
}
