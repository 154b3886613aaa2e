package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

type serveCommand struct {
	dataOptions  `embed:""`
	serveOptions `embed:""`
}

// serveOptions belong to every command that serves.
type serveOptions struct {
	Addr      string        `help:"Address to listen on. Without TLS in front of it, only an address of this machine itself is accepted." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	PublicURL string        `name:"public-url" help:"Address by which people and programs reach this server, such as https://ehr.example." placeholder:"URL"`
	BehindTLS bool          `name:"behind-tls" help:"A proxy in front of this server speaks TLS; so listen on other addresses too."`
	Outbound  []string      `help:"Other servers that this one may speak to, for subscriptions and imports: host, host:port, *.domain, an address or network of the house, or * for the whole public internet. None if not given." placeholder:"HOST"`
	Origins   []string      `name:"app-origins" help:"Other sites whose browser apps may use /fhir and /cds-services with tokens of their own: https://app.example. None if not given." placeholder:"ORIGIN"`
	CDS       []string      `name:"cds-services" help:"CDS Hooks services that are asked for advice while a prescription is written: addresses of /cds-services. They see the draft and what of the record they ask for. Each must be among --outbound." placeholder:"URL"`
	CDSLimit  time.Duration `name:"cds-limit" help:"How long they have for their answers; later ones are not waited for." default:"3s"`
	Growth    string        `name:"growth-tables" help:"Folder with the WHO's growth tables, which may not come with the program: weianthro.txt and others. Without it, growth charts are those of the CDC." type:"path" placeholder:"DIR"`
	Validate  string        `help:"What everything written is held to: base (structure, types and required codes of R4), or profiles (also R4's rules, and the profiles that a resource names)." enum:"base,profiles" default:"base"`
	VirusScan string        `name:"virus-scan" help:"Scanner for files that people and gateways add: unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310 for a clamd, exec:COMMAND for a program that reads the file from its standard input and answers 0 for clean, 1 for infected. Files are not scanned if it is not given." placeholder:"SCANNER"`
	LogLevel  string        `name:"log-level" help:"Least important lines to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`
}

// Help is the long text of `osler serve --help`.
func (serveCommand) Help() string {
	return "Serves pages and FHIR (at /fhir). GET /healthz answers while the program runs, GET /readyz once it can serve. Logs one line of JSON for each request to stderr; no line holds patient data. " +
		"Stops at SIGTERM, after finishing the requests under way."
}

func (c *serveCommand) Run(p *program) (err error) {
	c.profiles = c.Validate == "profiles"
	stop, err := startProfile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	pr, err := c.open(p.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.Close()) }()
	return c.serve(p, pr, func(address string) {
		fmt.Fprintf(p.stdout, "%s: http://%s\n", pr.about.Name, address)
	})
}

// serve listens, tells the address to started, and serves until the program is to stop.
func (o *serveOptions) serve(p *program, pr *practice, started func(address string)) error {
	log := newLog(p.stderr, o.LogLevel)
	if err := o.checkAddr(); err != nil {
		return err
	}
	if pr.termsFault != nil {
		log.Error("terminology", "error", pr.termsFault)
	}
	if err := pr.introduce(p.ctx); err != nil {
		return err
	}
	s, err := newServer(pr, log, o)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(p.ctx, "tcp", o.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	log.Info("serving", "addr", l.Addr().String(), "version", version)
	started(l.Addr().String())
	return s.serve(p.ctx, l)
}

// checkAddr refuses to send patient data over a network in clear.
func (o *serveOptions) checkAddr() error {
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %q is not an address; write 127.0.0.1:8080", o.Addr)
	}
	if o.BehindTLS || host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--addr: %s can be reached by other machines, and this server itself speaks no TLS; put a proxy with TLS in front and say --behind-tls", o.Addr)
}

func newLog(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
}
