// Package postgrestest starts private PostgreSQL servers for tests.
//
// A server lives in a temporary folder, listens on a Unix socket in that folder alone, and flushes as a
// real one does. PostgreSQL refuses to run as root, so a test that does starts it as the user postgres or
// nobody.
package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing is returned by Start on a machine without PostgreSQL.
var ErrMissing = errors.New("PostgreSQL is not installed here: install it (Debian: apt install postgresql), or put initdb and postgres on the PATH")

// Cluster is a running server.
type Cluster struct {
	dir    string
	bin    string
	as     *syscall.Credential // nil: the user who runs the test
	server *exec.Cmd
	guard  *exec.Cmd // ends the server should the test process die
	exited chan error
	log    string
	names  atomic.Int64
}

// Require returns a running cluster, or skips the test where PostgreSQL is not installed. Under CI=true a
// missing PostgreSQL is a failure. The server ends with the test.
func Require(tb testing.TB, settings ...string) *Cluster {
	tb.Helper()
	c, err := Start(settings...)
	if errors.Is(err, ErrMissing) && os.Getenv("CI") != "true" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Stop(); err != nil {
			tb.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return c
}

// Start makes a cluster with page checksums and starts its server. Settings are "name=value".
func Start(settings ...string) (_ *Cluster, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	as, err := account()
	if err != nil {
		return nil, err
	}
	// Socket paths are short (107 bytes), so the folder cannot be under a test's own long one.
	dir, err := os.MkdirTemp("", "osler-pg")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, bin: bin, as: as, log: filepath.Join(dir, "log")}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop())
		}
	}()
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return nil, err
		}
	}
	if out, err := c.command("initdb", "-D", c.data(), "-U", "osler", "-A", "trust", "-k", "--locale=C.UTF-8", "-E", "UTF8", "-N").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := c.run(settings); err != nil {
		return nil, err
	}
	return c, nil
}

// programs finds the folder with initdb and postgres.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrMissing
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

// account says whom to run the server as: nobody else, unless this is root.
func account() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// run starts the server and waits until it answers.
func (c *Cluster) run(settings []string) error {
	args := []string{"-D", c.data(), "-k", c.dir, "-c", "listen_addresses=", "-c", "max_connections=200"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c.server = c.command("postgres", args...)
	c.server.Stdout, c.server.Stderr = log, log
	if err := c.server.Start(); err != nil {
		return err
	}
	if err := c.watch(); err != nil {
		return err
	}
	exited := make(chan error, 1)
	c.exited = exited
	server := c.server
	go func() { exited <- server.Wait() }()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		cancel()
		if err == nil {
			return conn.Close(context.Background())
		}
		select {
		case err := <-exited:
			exited <- err
			text, _ := os.ReadFile(c.log)
			return fmt.Errorf("PostgreSQL ended: %v\n%s", err, text)
		default:
		}
		if time.Now().After(end) {
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		}
	}
}

// watch starts a process that waits until this one is gone, and then ends the server and removes its folder.
func (c *Cluster) watch() error {
	c.unwatch()
	c.guard = exec.Command("sh", "-c", `read _; kill -QUIT "$0" && sleep 1; rm -rf "$1"`, strconv.Itoa(c.server.Process.Pid), c.dir)
	if _, err := c.guard.StdinPipe(); err != nil { // closed by the system when this process ends
		return err
	}
	return c.guard.Start()
}

func (c *Cluster) unwatch() {
	if c.guard != nil && c.guard.Process != nil {
		_ = c.guard.Process.Kill() // it may have ended
		_ = c.guard.Wait()
		c.guard = nil
	}
}

// URL is how to connect to a database of the cluster.
func (c *Cluster) URL(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {c.dir}, "user": {"osler"}}.Encode()
}

// Database makes an empty database and returns its URL. It is dropped when the test ends.
func (c *Cluster) Database(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprint("t", c.names.Add(1))
	if err := c.admin("CREATE DATABASE " + name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			tb.Errorf("drop the test's database: %v", err)
		}
	})
	return c.URL(name)
}

// Exec runs a statement in a database, by its URL.
func Exec(url, sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

func (c *Cluster) admin(sql string) error { return Exec(c.URL("postgres"), sql) }

// Crash ends the server at once, without a checkpoint, and starts it again: it must recover from its log.
func (c *Cluster) Crash(settings ...string) error {
	if err := c.server.Process.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	<-c.exited
	return c.run(settings)
}

// Restart ends the server in order and starts it again.
func (c *Cluster) Restart(settings ...string) error {
	if err := c.server.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	<-c.exited
	return c.run(settings)
}

// CPU is the processor time that the server's processes have used, ended ones included.
func (c *Cluster) CPU() time.Duration {
	var ticks int64
	for _, pid := range append(c.children(), c.server.Process.Pid) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		// Fields 14 to 17: user and system time, own and of children waited for. The name may hold spaces.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		upTo := 13
		if pid == c.server.Process.Pid {
			upTo = 15
		}
		for _, f := range fields[11:upTo] {
			n, _ := strconv.ParseInt(f, 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// children lists the server's processes.
func (c *Cluster) children() (pids []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", c.server.Process.Pid))
	for _, t := range tasks {
		text, _ := os.ReadFile(t)
		for _, f := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(f); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// Stop ends the server and removes its folder.
func (c *Cluster) Stop() error {
	var err error
	c.unwatch()
	if c.exited != nil {
		err = c.server.Process.Signal(syscall.SIGQUIT) // nothing is kept
		<-c.exited
		c.exited = nil
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// Size is the bytes on disk of the database at a URL: tables, indexes and all. What was written is flushed first.
func Size(url string) (size int64, err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CHECKPOINT"); err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&size)
	return size, err
}
