package documents

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

// virus is what the simulator takes for one. It is not the EICAR file, which would have this source quarantined.
const virus = "SIMULATED-VIRUS"

// simulator speaks as a clamd does, from the other side of the protocol. limit is its StreamMaxLength.
func simulator(t *testing.T, limit int) (address string) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "clamd"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerScan(conn, limit)
		}
	}()
	return "unix:" + l.Addr().String()
}

func answerScan(conn net.Conn, limit int) {
	defer conn.Close()
	word := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, word); err != nil || string(word) != "zINSTREAM\x00" {
		io.WriteString(conn, "UNKNOWN COMMAND\x00")
		return
	}
	var all []byte
	for {
		var size [4]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint32(size[:]))
		if n == 0 {
			break
		}
		if len(all)+n > limit {
			io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
		part := make([]byte, n)
		if _, err := io.ReadFull(conn, part); err != nil {
			return
		}
		all = append(all, part...)
	}
	if bytes.Contains(all, []byte(virus)) {
		io.WriteString(conn, "stream: Sim.Test FOUND\x00")
		return
	}
	io.WriteString(conn, "stream: OK\x00")
}

func TestClamd(t *testing.T) {
	scanner, err := NewScanner(simulator(t, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data  []byte
		found string
		fails bool
	}{
		"clean":              {[]byte("hello"), "", false},
		"many parts":         {bytes.Repeat([]byte("x"), 3*chunk+1), "", false},
		"found":              {append(bytes.Repeat([]byte("x"), chunk-4), virus...), "Sim.Test", false}, // across two parts
		"beyond its own end": {make([]byte, 2<<20), "", true},
	} {
		found, err := scanner.Scan(context.Background(), c.data)
		if found != c.found || (err != nil) != c.fails {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
	for answer, fails := range map[string]bool{"stream: OK\x00": false, "stream: A.B FOUND\n": false, "": true, "stream:  FOUND": true, "COMMAND READ TIMED OUT": true, "stream: x ERROR": true, "OK": false} {
		if _, err := verdict(answer); (err != nil) != fails {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestNewScanner(t *testing.T) {
	for setting, ok := range map[string]bool{"": true, "unix:/run/x": true, "tcp:127.0.0.1:3310": true, "tcp:127.0.0.1": false, "unix:": false, "exec:": false, "exec:/no/such/program": false, "http://x": false, "clamd": false} {
		scanner, err := NewScanner(setting)
		if (err == nil) != ok || setting == "" && scanner != nil {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

func TestCommand(t *testing.T) {
	script := filepath.Join(t.TempDir(), "scan")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nin=$(cat)\ncase $in in *"+virus+"*) echo 'stream: Sim.Test FOUND'; exit 1;; *broken*) exit 2;; esac\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	scanner, err := NewScanner("exec:" + script + " -")
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]string{"clean": "", "a" + virus: "Sim.Test", "broken": "failed"} {
		found, err := scanner.Scan(context.Background(), []byte(data))
		if err != nil {
			found = "failed"
		}
		if found != want {
			t.Errorf("%s: %q, %v", data, found, err)
		}
	}
}

// TestScannedUploads: what is infected, and what could not be looked at, is not kept, and the page says which it was.
func TestScannedUploads(t *testing.T) {
	scanner, err := NewScanner(simulator(t, maxFile))
	if err != nil {
		t.Fatal(err)
	}
	s := practice(t, Options{Scanner: scanner})
	rao := s.By(access.Clinician)
	pairs := []string{"kind", "other", "to", nobody, "source", "mail"}
	rao.Upload("/patients/ada/documents", one("bad.pdf", samplePDF+virus), pairs...).Want(422).Says("“bad.pdf” was not kept: the virus scanner found Sim.Test.")
	rao.Upload("/documents", one("bad.pdf", samplePDF+virus), pairs...).Want(422).Says("the virus scanner found Sim.Test.")
	s.By(access.Program).Upload("/documents/inbound", one("bad.pdf", samplePDF+virus)).Want(422).Says("the virus scanner found Sim.Test")
	if n := len(s.All("DocumentReference")) + len(s.All("Binary")); n != 0 {
		t.Errorf("%d were kept all the same", n)
	}
	rao.Upload("/patients/ada/documents", one("good.pdf", samplePDF), pairs...).Want(303)
	s.By(access.Administrator).Get("/documents").Want(200).Hides("not scanned")

	gone, err := NewScanner("unix:" + filepath.Join(t.TempDir(), "nobody"))
	if err != nil {
		t.Fatal(err)
	}
	s = practice(t, Options{Scanner: gone})
	s.By(access.Clinician).Upload("/patients/ada/documents", one("good.pdf", samplePDF), pairs...).Want(422).Says("the virus scanner cannot be reached, so nobody knows whether it is clean")
	if got := s.By(access.Program).Upload("/documents/inbound", one("good.pdf", samplePDF)).Want(503); got.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	if n := len(s.All("DocumentReference")) + len(s.All("Binary")); n != 0 {
		t.Errorf("%d were kept all the same", n)
	}
	s = practice(t, Options{})
	s.By(access.Administrator).Get("/documents").Want(200).Says("Files are not scanned for viruses.")
	s.By(access.Nurse).Get("/documents").Want(200).Hides("viruses")
}

// TestInbound: a gateway leaves what arrived; what it sends twice is kept once.
func TestInbound(t *testing.T) {
	s := practice(t, Options{})
	gateway := s.By(access.Program).Scoped("system/DocumentReference.cs system/Binary.cu")
	pairs := []string{"id", "fax|7,1", "from", "+1 555 010 2233", "received", "2026-11-22T08:15:00-05:00", "source", "fax"}
	// In the future by its own clock, as one that runs wrong would say.
	gateway.Upload("/documents/inbound", one("fax.pdf", samplePDF), "received", "2031-01-01T00:00:00Z").Want(400)
	first := gateway.Upload("/documents/inbound", one("fax.pdf", samplePDF), pairs...).Want(201)
	again := gateway.Upload("/documents/inbound", one("fax.pdf", samplePDF), pairs...).Want(200)
	d := s.One("DocumentReference")
	if at := "/fhir/DocumentReference/" + d.ID(); first.Header.Get("Location") != at || again.Header.Get("Location") != at {
		t.Errorf("%v, %v", first.Header, again.Header)
	}
	if d.Get("date").Text() != "2026-11-22T13:15:00.000Z" && d.Get("date").Text() != "2026-11-22T13:15:00Z" {
		t.Errorf("%s", d.Bytes())
	}
	s.By(access.Nurse).Get("/documents").Want(200).Says("fax", "Fax, +1 555 010 2233, PDF", "22-Nov-2026, 13:15")
	for name, c := range map[string]struct {
		answer slicetest.Answer
		status int
		says   string
	}{
		"two files":    {gateway.Upload("/documents/inbound", append(one("a", samplePDF), one("b", samplePDF)...)), 400, "exactly one file"},
		"no source":    {gateway.Upload("/documents/inbound", one("a", samplePDF), "source", "pigeon"), 400, "source is fax, mail or scan"},
		"a web page":   {gateway.Upload("/documents/inbound", one("a.pdf", "<html>")), 422, "no file that can be kept"},
		"a form only":  {gateway.Edit("/documents/inbound", "x", "y"), 400, "multipart/form-data"},
		"no scope":     {s.By(access.Program).Scoped("system/Patient.rs system/Binary.cu").Upload("/documents/inbound", one("a", samplePDF)), 403, "the token must allow"},
		"half a scope": {s.By(access.Program).Scoped("system/DocumentReference.cs").Upload("/documents/inbound", one("a", samplePDF)), 403, "the token must allow"},
		"biller":       {s.By(access.Biller).Upload("/documents/inbound", one("a", samplePDF)), 403, "the token must allow"},
	} {
		if body := c.answer.Body; c.answer.Code != c.status || !strings.Contains(body, c.says) || !strings.Contains(body, `"OperationOutcome"`) {
			t.Errorf("%s: %d %s", name, c.answer.Code, body)
		}
	}
	s.One("DocumentReference")
}

// What is no fault of the gateway is answered as such, and can be found in the log without what was sent.
func TestInboundFailure(t *testing.T) {
	s := slicetest.New(t)
	var log bytes.Buffer
	s.Deps.Log = slog.New(slog.NewTextHandler(&log, nil))
	works := s.Deps.Session
	s.Deps.Session = func(*http.Request) (*record.Session, error) { return nil, errors.New("the store is closed") }
	s.Serve(Slice(s.Deps, Options{}))
	gateway := s.By(access.Program).Scoped("system/DocumentReference.cs system/Binary.cu")
	got := gateway.Upload("/documents/inbound", one("Okafor.pdf", samplePDF), "title", "Letter about Okafor", "from", "County Hospital").Want(500)
	if !strings.Contains(got.Body, `"code":"exception"`) || !strings.Contains(got.Body, "look into the log") {
		t.Errorf("%s", got.Body)
	}
	if line := log.String(); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "the store is closed") || !strings.Contains(line, "/documents/inbound") || strings.Contains(line, "Okafor") || strings.Contains(line, "County") {
		t.Errorf("logged: %s", line)
	}
	// What the gateway can mend itself is no error of the server.
	log.Reset()
	s.Deps.Session = works
	s.Serve(Slice(s.Deps, Options{}))
	if got := s.By(access.Biller).Upload("/documents/inbound", one("a", samplePDF)).Want(403); !strings.Contains(got.Body, `"code":"forbidden"`) || log.Len() != 0 {
		t.Errorf("%s, logged: %s", got.Body, log.String())
	}
}
