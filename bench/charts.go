package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// charts measures the pages of charts as a clinician sees them: of any patient, and of one with 1,000 encounters and 20,000 observations.
// The practice is synthetic; the sign-in is that of a demo.
func charts(ctx context.Context, s settings) error {
	s.keep, s.database = "", ""
	dir, err := os.MkdirTemp("", "osler-bench-")
	if err != nil {
		return err
	}
	srv := &server{s: s, dir: dir, client: &http.Client{}}
	defer srv.stop()
	password, err := demoPassword(ctx, srv)
	if err != nil {
		return err
	}
	practice := filepath.Join(dir, "practice")
	for _, cmd := range []*exec.Cmd{
		exec.CommandContext(ctx, s.osler, "generate", "--patients", "100", "--heavy", "--out", practice),
		srv.command(ctx, "import", "--quiet", practice),
	} {
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args[1:], " "), err, out)
		}
	}
	if err := srv.start(ctx); err != nil {
		return err
	}
	site := strings.TrimSuffix(srv.base, "/fhir")
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 512}}
	form := url.Values{"name": {password[0]}, "password": {password[1]}}
	req, err := http.NewRequestWithContext(ctx, "POST", site+"/signin", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", site)
	resp, err := browser.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.Request.URL.Path == "/signin" {
		return fmt.Errorf("the demo's clinician could not sign in: %s", resp.Status)
	}
	srv.client, srv.base, srv.token = browser, site, ""
	page := func(name string, path func(c *client) string) operation {
		return operation{name, func(c *client) (string, string, []byte) { return "GET", path(c), nil }, 200}
	}
	ops := []operation{
		page("chart", func(c *client) string { return fmt.Sprintf("patients/p%06d", c.rnd.IntN(100)) }),
		page("chart_heavy", func(*client) string { return "patients/heavy" }),
		page("results_heavy", func(*client) string { return "patients/heavy/results" }),
	}
	fmt.Println("\nPages of charts, for a clinician:")
	results := map[string]map[int][]sample{}
	var clients []int
	for _, n := range s.clients {
		if n <= 64 {
			clients = append(clients, n)
		}
	}
	for range s.rounds {
		for _, op := range ops {
			for _, n := range clients {
				got, err := measure(ctx, srv, op, n, s)
				if err != nil {
					return fmt.Errorf("%s with %d clients: %w", op.name, n, err)
				}
				if results[op.name] == nil {
					results[op.name] = map[int][]sample{}
				}
				results[op.name][n] = append(results[op.name][n], got)
			}
		}
	}
	report(ops, results, clients)
	return nil
}

// demoPassword makes a demo and returns its clinician's sign-in name and password.
func demoPassword(ctx context.Context, v *server) (signIn [2]string, err error) {
	cmd := exec.CommandContext(ctx, v.s.osler, "demo", "--data", v.data(), "--patients", "1", "--addr", "127.0.0.1:0", "--log-level", "error")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return signIn, err
	}
	if err := cmd.Start(); err != nil {
		return signIn, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) == 3 && f[0] == "clinician" {
			signIn = [2]string{f[1], f[2]}
		}
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "patient ") {
			break
		}
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		return signIn, fmt.Errorf("osler demo: %w", err)
	}
	if signIn[1] == "" {
		return signIn, fmt.Errorf("osler demo printed no sign-in of a clinician")
	}
	return signIn, nil
}
