package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the tests run this program as `osler`, in processes of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"osler": main})
}

// TestScript runs testdata/script/*.txt, which can be read as the manual of the program. Besides the commands of testscript there are:
//
//	start COMMAND...   runs a server in the background, waits until it is ready, and sets $URL to its address
//	stop               ends it as an operator would, and shows what it had to say
//	http STATUS METHOD PATH [-H 'NAME: VALUE'] [-d FILE] [-f FORM]
//	                   sends a request with the token in $TOKEN, if any, or else with the cookies it was given; shows the body, and
//	                   the headers as errors
//	set NAME [REGEXP]  sets a variable to what was last shown, or to the part of it that the expression matches
//	until PATH TEXT    asks for an address until the answer has a text
//	postgresql         starts a PostgreSQL server and sets $DATABASE to its address
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Values[serverKey{}] = &background{}
			e.Values[cookiesKey{}] = map[string]string{}
			e.Setenv("XDG_CACHE_HOME", e.WorkDir+"/.cache")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": startCommand, "stop": stopCommand, "http": httpCommand, "set": setCommand, "postgresql": postgresqlCommand, "until": untilCommand,
		},
		Condition:           condition,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

type (
	serverKey  struct{}
	cookiesKey struct{}
)

// background is the server that a script runs, if any.
type background struct {
	process        *exec.Cmd
	stdout, stderr output
}

// output collects what a process writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// startTime is how long a server may take until it is ready. A loaded machine is slow; a server that hangs stays so.
const startTime = 60 * time.Second

var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// startServer starts a server and waits until it is ready. It returns its address.
func startServer(b *background, dir string, env []string, args ...string) (string, error) {
	b.stdout, b.stderr = output{}, output{}
	b.process = exec.Command(args[0], args[1:]...)
	b.process.Dir, b.process.Env = dir, env
	b.process.Stdout, b.process.Stderr = &b.stdout, &b.stderr
	if err := b.process.Start(); err != nil {
		return "", err
	}
	exited := make(chan struct{})
	process := b.process
	go func() { _ = process.Wait(); close(exited) }()
	deadline := time.After(startTime)
	for {
		if url := address.FindString(b.stdout.String()); url != "" {
			resp, err := http.Get(url + "/readyz")
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					return url, nil
				}
			}
		}
		select {
		case <-exited:
			return "", fmt.Errorf("the server ended: %v\n%s%s", process.ProcessState, b.stdout.String(), b.stderr.String())
		case <-deadline:
			_ = process.Process.Kill()
			return "", fmt.Errorf("the server was not ready within %v\n%s%s", startTime, b.stdout.String(), b.stderr.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// end signals the server and waits for its end.
func (b *background) end(s os.Signal) *os.ProcessState {
	p := b.process
	b.process = nil
	_ = p.Process.Signal(s)
	for range 12000 { // Wait runs beside; see startServer
		if p.ProcessState != nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return p.ProcessState
}

func startCommand(ts *testscript.TestScript, neg bool, args []string) {
	b := ts.Value(serverKey{}).(*background)
	if neg || len(args) == 0 || b.process != nil {
		ts.Fatalf("usage: start COMMAND..., one server at a time")
	}
	url, err := startServer(b, ts.MkAbs("."), scriptEnv(ts), args...)
	ts.Check(err)
	ts.Setenv("URL", url)
	ts.Defer(func() {
		if b.process != nil {
			b.end(syscall.SIGKILL)
		}
	})
	fmt.Fprint(ts.Stdout(), b.stdout.String())
}

func stopCommand(ts *testscript.TestScript, neg bool, args []string) {
	b := ts.Value(serverKey{}).(*background)
	if neg || len(args) != 0 || b.process == nil {
		ts.Fatalf("usage: stop, after start")
	}
	state := b.end(syscall.SIGTERM)
	fmt.Fprint(ts.Stdout(), b.stdout.String())
	fmt.Fprint(ts.Stderr(), b.stderr.String())
	if state == nil || !state.Success() {
		ts.Fatalf("the server ended with %v\n%s", state, b.stderr.String())
	}
}

// scriptEnv is the environment of a script's processes.
func scriptEnv(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "WORK"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

func httpCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: http STATUS METHOD PATH [-H 'NAME: VALUE'] [-d FILE] [-f FORM]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var body io.Reader
	header := http.Header{"Accept": {"application/fhir+json"}}
	for rest := args[3:]; len(rest) > 0; rest = rest[2:] {
		if len(rest) < 2 {
			ts.Fatalf("http: %s wants a value", rest[0])
		}
		switch rest[0] {
		case "-H":
			name, value, _ := strings.Cut(rest[1], ":")
			header.Set(name, strings.TrimSpace(value))
		case "-d":
			body = strings.NewReader(ts.ReadFile(rest[1]))
			if header.Get("Content-Type") == "" {
				header.Set("Content-Type", "application/fhir+json")
			}
		case "-f":
			body = strings.NewReader(rest[1])
			header.Set("Content-Type", "application/x-www-form-urlencoded")
		default:
			ts.Fatalf("http: %s is no option", rest[0])
		}
	}
	url := args[2]
	if strings.HasPrefix(url, "/") {
		url = ts.Getenv("URL") + url
	}
	req, err := http.NewRequest(args[1], url, body)
	ts.Check(err)
	if token := ts.Getenv("TOKEN"); token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	req.Header = header
	cookies := ts.Value(cookiesKey{}).(map[string]string)
	if header.Get("Authorization") == "" {
		for name, value := range cookies {
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	for _, c := range resp.Cookies() {
		cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(cookies, c.Name)
		}
	}
	fmt.Fprintf(ts.Stdout(), "%s\n", answer)
	var headers bytes.Buffer
	ts.Check(resp.Header.Write(&headers))
	fmt.Fprintf(ts.Stderr(), "%s\n%s", resp.Status, strings.ReplaceAll(headers.String(), "\r\n", "\n"))
	if resp.StatusCode != want {
		ts.Fatalf("%s %s answered %s, want %d\n%s", args[1], args[2], resp.Status, want, answer)
	}
}

func setCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: set NAME [REGEXP]")
	}
	value := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) == 2 {
		m := regexp.MustCompile(args[1]).FindStringSubmatch(value)
		if m == nil {
			ts.Fatalf("%s is not in\n%s", args[1], value)
		}
		value = m[len(m)-1]
	}
	ts.Setenv(args[0], value)
}

func postgresqlCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: postgresql")
	}
	c, err := postgrestest.Start()
	ts.Check(err)
	ts.Defer(func() { ts.Check(c.Stop()) })
	ts.Setenv("DATABASE", c.URL("postgres"))
}

// condition answers [postgresql]: it is here, or has to be.
func condition(name string) (bool, error) {
	if name != "postgresql" {
		return false, fmt.Errorf("there is no condition %s", name)
	}
	_, err := exec.LookPath("initdb")
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	return err == nil || len(installed) > 0 || os.Getenv("CI") == "true", nil
}
