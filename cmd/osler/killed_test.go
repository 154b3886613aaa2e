package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kills is how often a test of this file and its neighbours kills a process: KILLS, or few enough for every day.
func kills(t *testing.T) int {
	t.Helper()
	s := os.Getenv("KILLS")
	if s == "" {
		return 15
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("KILLS=%q is not a number of kills", s)
	}
	return n
}

// dice are seeded from SEED, or anew each time; the seed is shown when a test fails.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("SEED=%q is not a number", s)
		}
		seed = n
	}
	t.Logf("SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// between is a time from low up to high.
func between(d *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(d.Int64N(int64(high-low)))
}

// cleanEnv keeps the options of whoever runs the tests away from the programs that they start.
func cleanEnv() (env []string) {
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "OSLER_") {
			env = append(env, e)
		}
	}
	return env
}

// command prepares a run of this program.
func command(args ...string) *exec.Cmd {
	c := exec.Command("osler", args...)
	c.Env = cleanEnv()
	return c
}

// osler runs this program to its end, which must be a good one, and returns what it printed.
func osler(t *testing.T, args ...string) string {
	t.Helper()
	c := command(args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("osler %s: %v\n%s%s", args[0], err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// verified requires that the record at these options has nothing wrong with it.
func verified(t *testing.T, where []string) {
	t.Helper()
	out := osler(t, append([]string{"verify", "--quiet"}, where...)...)
	if !strings.Contains(out, " 0 problems\n") {
		t.Fatalf("osler verify: %s", out)
	}
}

// document is a resource as an export shows it.
type document struct {
	body    string // without the time of writing
	patient string // whose record it is part of, or ""
}

var (
	written = regexp.MustCompile(`"lastUpdated":"[^"]*",?`)
	named   = regexp.MustCompile(`^\{"resourceType":"([A-Za-z]+)","id":"([^"]+)"`)
	ofWhom  = regexp.MustCompile(`"reference":"(Patient/[^"/]+)"`)
)

// exported reads everything that a record holds, by type and id.
func exported(t *testing.T, where []string) map[string]document {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	osler(t, append([]string{"export", "--quiet", "--out", out}, where...)...)
	files, err := filepath.Glob(filepath.Join(out, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]document{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			m := named.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("%s: this line begins with no type and id: %.80s", filepath.Base(file), line)
			}
			name := m[1] + "/" + m[2]
			if _, twice := all[name]; twice {
				t.Fatalf("%s is there twice", name)
			}
			d := document{body: written.ReplaceAllString(line, "")}
			if m[1] == "Patient" {
				d.patient = name
			} else if m := ofWhom.FindStringSubmatch(line); m != nil {
				d.patient = m[1]
			}
			all[name] = d
		}
	}
	return all
}
