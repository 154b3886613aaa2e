package synthetic

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// Counts is how many resources there are of each type.
type Counts map[string]int

// WriteNDJSON writes the practice into a directory, one file per resource type: Patient.ndjson, Observation.ndjson and so on. The
// directory is made if need be; files of the same names are replaced. It needs the same memory for any number of patients.
func WriteNDJSON(dir string, o Options) (counts Counts, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("cannot make the directory for the practice: %w", err)
	}
	type file struct {
		*os.File
		*bufio.Writer
	}
	files := map[string]file{}
	defer func() {
		for kind, f := range files {
			if flushErr := f.Flush(); flushErr != nil && err == nil {
				err = fmt.Errorf("cannot finish %s.ndjson: %w", kind, flushErr)
			}
			if closeErr := f.Close(); closeErr != nil && err == nil {
				err = fmt.Errorf("cannot finish %s.ndjson: %w", kind, closeErr)
			}
		}
	}()
	counts = Counts{}
	for item := range Practice(o) {
		f, ok := files[item.Type]
		if !ok {
			out, err := os.Create(filepath.Join(dir, item.Type+".ndjson"))
			if err != nil {
				return nil, fmt.Errorf("cannot write the practice: %w", err)
			}
			f = file{out, bufio.NewWriterSize(out, 1<<18)}
			files[item.Type] = f
		}
		f.Writer.Write(item.JSON)
		if err := f.WriteByte('\n'); err != nil {
			return nil, fmt.Errorf("cannot write %s.ndjson: %w", item.Type, err)
		}
		counts[item.Type]++
	}
	return counts, nil
}
