package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/osler-ehr/osler/store/postgres/postgrestest"
)

// server is the program under measurement, as a process of its own.
type server struct {
	s       settings
	dir     string
	cmd     *exec.Cmd
	base    string // http://127.0.0.1:1234/fhir
	token   string
	startup time.Duration
	client  *http.Client
	cluster *postgrestest.Cluster // nil unless the run has a PostgreSQL of its own
}

func startServer(ctx context.Context, s settings) (*server, error) {
	dir := s.keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "osler-bench-"); err != nil {
			return nil, err
		}
	}
	srv := &server{s: s, dir: dir, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true}}}
	if exists(filepath.Join(srv.data(), "keyring")) { // kept from an earlier run
		return srv, srv.start(ctx)
	}
	if out, err := srv.command(ctx, "init", "--organization", "Benchmark Practice").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("osler init: %w: %s", err, out)
	}
	if s.preload != "" {
		begin := time.Now()
		out, err := srv.command(ctx, "import", "--quiet", s.preload).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("osler import: %w: %s", err, out)
		}
		fmt.Printf("preloaded in %.1f s: %s", time.Since(begin).Seconds(), out)
	}
	return srv, srv.start(ctx)
}

func (v *server) data() string { return filepath.Join(v.dir, "data") }

func (v *server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	args = append([]string{name, "--data", v.data()}, args...)
	if v.s.database != "" {
		args = append(args, "--database", v.s.database)
	}
	return exec.CommandContext(ctx, v.s.osler, args...)
}

func (v *server) start(ctx context.Context) error {
	v.cmd = v.command(ctx, "serve", "--addr", "127.0.0.1:0", "--log-level", "error")
	v.cmd.Stderr = os.Stderr
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := v.cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the server did not start: %w", err)
	}
	_, address, ok := strings.Cut(strings.TrimSpace(line), "http://")
	if !ok {
		return fmt.Errorf("no address in %q", line)
	}
	for {
		resp, err := v.client.Get("http://" + address + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
	v.startup = time.Since(begin)
	v.base = "http://" + address + "/fhir"
	token, err := v.command(ctx, "token", "--scopes", "system/*.cruds", "--ttl", "12h").Output()
	v.token = strings.TrimSpace(string(token))
	return err
}

func (v *server) stop() {
	if v.cmd != nil && v.cmd.Process != nil {
		_ = v.cmd.Process.Signal(syscall.SIGTERM)
		_ = v.cmd.Wait()
		v.cmd = nil
	}
	if v.s.keep == "" {
		_ = os.RemoveAll(v.dir)
	}
}

// again stops the server and starts it with the record as it is now.
func (v *server) again(ctx context.Context) error {
	_ = v.cmd.Process.Signal(syscall.SIGTERM)
	_ = v.cmd.Wait()
	return v.start(ctx)
}

// restart is again, and tells how long the start takes.
func (v *server) restart(ctx context.Context) error {
	if err := v.again(ctx); err != nil {
		return err
	}
	u, err := v.usage()
	fmt.Printf("ready again in %d ms, %d MB resident\n", v.startup.Milliseconds(), u.rss>>20)
	return err
}

// rest waits until the server has done what follows upon an ingest in the background, such as looking at what came for
// results to be reviewed: it is no part of the operations measured next. It returns the CPU time that took.
func (v *server) rest(ctx context.Context) (time.Duration, error) {
	first, err := v.usage()
	if err != nil {
		return 0, err
	}
	for before, quiet := first, 0; quiet < 3; {
		select {
		case <-time.After(400 * time.Millisecond):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		now, err := v.usage()
		if err != nil {
			return 0, err
		}
		if quiet++; now.cpu-before.cpu > 30*time.Millisecond {
			quiet = 0
		}
		before = now
	}
	last, err := v.usage()
	return last.cpu - first.cpu, err
}

func (v *server) diskSize() (total int64) {
	_ = filepath.Walk(v.data(), func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			total += info.Size()
		}
		return nil
	})
	return total
}

// space is the bytes on disk of the record: of a database, with its indexes and what is kept beside them.
func (v *server) space() (int64, error) {
	if v.s.database == "" {
		return v.diskSize(), nil
	}
	size, err := postgrestest.Size(v.s.database)
	return size + v.diskSize(), err
}

// usage of all server processes.
type usage struct {
	cpu       time.Duration
	rss, peak int64
}

// usage reads what the kernel has accounted. PostgreSQL's processes are counted in too: they are those that
// run postgres on this machine.
func (v *server) usage() (u usage, err error) {
	pids := []int{v.cmd.Process.Pid}
	if v.cluster != nil {
		u.cpu = v.cluster.CPU()
	} else if v.s.database != "" {
		entries, err := os.ReadDir("/proc")
		if err != nil {
			return u, err
		}
		for _, e := range entries {
			pid, err := strconv.Atoi(e.Name())
			if err != nil {
				continue
			}
			if comm, err := os.ReadFile(filepath.Join("/proc", e.Name(), "comm")); err == nil && strings.HasPrefix(string(comm), "postgres") {
				pids = append(pids, pid)
			}
		}
	}
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		user, _ := strconv.ParseInt(fields[11], 10, 64)
		system, _ := strconv.ParseInt(fields[12], 10, 64)
		u.cpu += time.Duration(user+system) * 10 * time.Millisecond // clock ticks of 1/100 s
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.cmd.Process.Pid))
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(status)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.ParseInt(f[1], 10, 64)
		switch f[0] {
		case "VmRSS:":
			u.rss = kb << 10
		case "VmHWM:":
			u.peak = kb << 10
		}
	}
	return u, nil
}
