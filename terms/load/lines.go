package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine bounds a line of a release file.
const maxLine = 4 << 20

// lines gives the lines of a member to f, without their ends, with progress. Lines that are not UTF-8 are taken as
// Latin-1. An error from f is returned with the place.
func (j *job) lines(m *member, f func(line string) error) error {
	in, err := m.open()
	if err != nil {
		return err
	}
	defer in.Close()
	c := &counter{in: in, job: j, file: m.base(), total: m.size}
	s := bufio.NewScanner(c)
	s.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSuffix(s.Text(), "\r")
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if !utf8.ValidString(line) {
			line = fromLatin1(line)
		}
		if err := f(line); err != nil {
			return fmt.Errorf("%s, line %d: %w", m.base(), n, err)
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", m.base(), err)
	}
	return nil
}

func fromLatin1(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// rows gives the rows of a file with tabs or bars between its fields to f. A first line that names the columns is asked
// for with heading: then f gets the fields in the order of columns, and it is an error if one is missing. The fields
// are valid until f returns.
func (j *job) rows(m *member, separator string, columns []string, f func(row []string) error) error {
	var places []int
	var fields, picked []string
	return j.lines(m, func(line string) error {
		fields = appendSplit(fields[:0], line, separator)
		if columns == nil {
			return f(fields)
		}
		if places == nil {
			for _, c := range columns {
				p := -1
				for i, name := range fields {
					if strings.EqualFold(name, c) {
						p = i
					}
				}
				if p < 0 {
					return fmt.Errorf("the column %s is missing", c)
				}
				places = append(places, p)
			}
			return nil
		}
		picked = picked[:0]
		for _, p := range places {
			if p >= len(fields) {
				return errors.New("the row has too few fields")
			}
			picked = append(picked, fields[p])
		}
		return f(picked)
	})
}

func appendSplit(out []string, s, separator string) []string {
	for {
		i := strings.Index(s, separator)
		if i < 0 {
			return append(out, s)
		}
		out = append(out, s[:i])
		s = s[i+len(separator):]
	}
}

// counter tells how far reading is, and stops when the work is to stop.
type counter struct {
	in          io.Reader
	job         *job
	file        string
	done, total int64
	told        int64
}

func (c *counter) Read(p []byte) (int, error) {
	if err := context.Cause(c.job.ctx); err != nil {
		return 0, err
	}
	n, err := c.in.Read(p)
	c.done += int64(n)
	if c.job.Progress != nil && (c.done-c.told > 1<<20 || err == io.EOF) {
		c.told = c.done
		c.job.Progress(Progress{c.file, c.done, c.total})
	}
	return n, err
}
