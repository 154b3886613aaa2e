package documents

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"time"
)

// Scanner looks for viruses in a file before it is kept.
type Scanner interface {
	// Scan returns the name of what was found, "" if nothing was. The error means that nobody knows: the file is not kept then.
	Scan(ctx context.Context, data []byte) (found string, err error)
}

// scanTime is how long a scanner may take for one file.
const scanTime = time.Minute

// NewScanner makes a scanner of its setting: "unix:/run/clamav/clamd.ctl" or "tcp:127.0.0.1:3310" for a clamd, "exec:" and a command
// with its arguments, which gets the file on its standard input and answers 0 for clean and 1 for infected, as clamdscan does. It is
// nil for "".
func NewScanner(setting string) (Scanner, error) {
	how, where, _ := strings.Cut(setting, ":")
	switch {
	case setting == "":
		return nil, nil
	case where == "":
	case how == "unix" || how == "tcp":
		if how == "tcp" {
			if _, _, err := net.SplitHostPort(where); err != nil {
				return nil, fmt.Errorf("%q names no host and port; write tcp:127.0.0.1:3310", setting)
			}
		}
		return &clamd{network: how, address: where}, nil
	case how == "exec":
		if words := strings.Fields(where); len(words) > 0 {
			path, err := exec.LookPath(words[0])
			if err != nil {
				return nil, fmt.Errorf("the virus scanner cannot be run: %w", err)
			}
			return &command{path, words[1:]}, nil
		}
	}
	return nil, fmt.Errorf("%q is no virus scanner; write unix:/run/clamav/clamd.ctl, tcp:127.0.0.1:3310 or exec:/usr/bin/clamdscan -", setting)
}

// clamd speaks to a clamd by its INSTREAM command. (clamd(8), COMMANDS)
type clamd struct{ network, address string }

// chunk is how much is sent at once; clamd sets no bound but that of the whole stream.
const chunk = 64 << 10

func (c *clamd) Scan(ctx context.Context, data []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return "", err
		}
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	// clamd answers at once and closes when it has had enough, so a failed write is told after its answer was looked for.
	sent := send(conn, data)
	answer, err := io.ReadAll(io.LimitReader(conn, 4<<10))
	if len(answer) == 0 {
		return "", errors.Join(errors.New("the virus scanner did not answer"), sent, err)
	}
	return verdict(string(answer))
}

func send(w io.Writer, data []byte) error {
	if _, err := w.Write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	for len(data) > 0 {
		part := data[:min(chunk, len(data))]
		if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(part))), part...)); err != nil {
			return err
		}
		data = data[len(part):]
	}
	_, err := w.Write([]byte{0, 0, 0, 0})
	return err
}

// verdict reads what clamd says: "stream: OK", "stream: Eicar-Signature FOUND", or an error.
func verdict(answer string) (string, error) {
	answer = strings.TrimRight(answer, "\x00\r\n ")
	said := strings.TrimPrefix(answer, "stream: ")
	if name, ok := strings.CutSuffix(said, " FOUND"); ok && name != "" {
		return name, nil
	}
	if said == "OK" {
		return "", nil
	}
	return "", fmt.Errorf("the virus scanner says: %.200s", answer)
}

// command runs a program for each file.
type command struct {
	path string
	args []string
}

func (c *command) Scan(ctx context.Context, data []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Stdin = bytes.NewReader(data)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case errors.As(err, &exit) && exit.ExitCode() == 1 && ctx.Err() == nil:
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if _, name, ok := strings.Cut(line, ": "); ok {
			line = name
		}
		if line = strings.TrimSuffix(line, " FOUND"); line == "" {
			line = "a virus"
		}
		return fmt.Sprintf("%.100s", line), nil
	}
	return "", fmt.Errorf("the virus scanner failed: %w", err)
}
