package synthetic

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// WriteNDJSON writes the practice into a directory, one file per resource type (Patient.ndjson, Observation.ndjson, ...), and says how
// many resources that is. The directory must be new or empty. It needs the same memory for any number of patients. When ctx ends it
// stops with its error; what is written so far stays.
func WriteNDJSON(ctx context.Context, dir string, o Options) (resources int, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return 0, fmt.Errorf("cannot make the folder for the practice: %w", err)
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("cannot read the folder for the practice: %w", err)
	}
	if len(there) > 0 {
		return 0, fmt.Errorf("%s is not empty; give a new or an empty folder", dir)
	}
	files := ndjsonFiles{dir: dir, open: map[string]*ndjsonFile{}}
	defer func() {
		if closeErr := files.close(); err == nil {
			err = closeErr
		}
	}()
	for item := range Practice(o) {
		if err := files.write(item); err != nil {
			return resources, err
		}
		if resources++; resources%1024 == 0 && ctx.Err() != nil {
			return resources, ctx.Err()
		}
	}
	return resources, ctx.Err()
}

// ndjsonFiles are the files of a practice that is being written.
type ndjsonFiles struct {
	dir  string
	open map[string]*ndjsonFile
}

type ndjsonFile struct {
	*bufio.Writer
	file *os.File
}

func (f *ndjsonFiles) write(item Item) error {
	out := f.open[item.Type]
	if out == nil {
		file, err := os.Create(filepath.Join(f.dir, item.Type+".ndjson"))
		if err != nil {
			return fmt.Errorf("cannot write the practice: %w", err)
		}
		out = &ndjsonFile{bufio.NewWriterSize(file, 1<<18), file}
		f.open[item.Type] = out
	}
	out.Write(item.JSON) // an error stays with the writer
	if err := out.WriteByte('\n'); err != nil {
		return fmt.Errorf("cannot write the practice: %w", err)
	}
	return nil
}

func (f *ndjsonFiles) close() (err error) {
	for _, out := range f.open {
		if e := out.Flush(); e != nil && err == nil {
			err = fmt.Errorf("cannot finish writing the practice: %w", e)
		}
		if e := out.file.Close(); e != nil && err == nil {
			err = fmt.Errorf("cannot finish writing the practice: %w", e)
		}
	}
	return err
}
