package validate

import (
	"archive/tar"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// sampleData is the folder of sample data beside the project; the test is skipped where there is none.
func sampleData(t testing.TB, name string) string {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the sample data must be there in CI: %v", err)
		}
		t.Skipf("needs the sample data: %v", err)
	}
	return folder
}

// eachJSON calls f for every JSON document in a folder, compressed ones and archives included.
func eachJSON(t testing.TB, folder string, f func(name string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		short, _ := filepath.Rel(folder, name)
		switch {
		case strings.HasSuffix(name, ".tar.bz2"):
			return eachInTar(bzip2.NewReader(file), f)
		case strings.HasSuffix(name, ".tgz"):
			unzipped, err := gzip.NewReader(file)
			if err != nil {
				return err
			}
			return eachInTar(unzipped, f)
		case strings.HasSuffix(name, ".json.bz2"):
			return readInto(bzip2.NewReader(file), short, f)
		case strings.HasSuffix(name, ".json.gz"):
			unzipped, err := gzip.NewReader(file)
			if err != nil {
				return err
			}
			return readInto(unzipped, short, f)
		case strings.HasSuffix(name, ".json"):
			return readInto(file, short, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readInto(r io.Reader, name string, f func(string, []byte)) error {
	data, err := io.ReadAll(r)
	if err == nil {
		f(name, data)
	}
	return err
}

func eachInTar(r io.Reader, f func(string, []byte)) error {
	files := tar.NewReader(r)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if path.Ext(h.Name) == ".json" {
			if err := readInto(files, h.Name, f); err != nil {
				return err
			}
		}
	}
}

// parsed reads a document and gives up the test if it is not a resource.
func parsed(t testing.TB, name string, data []byte) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

// lines writes issues as "path: rule", one a line, for comparison.
func lines(issues []fhir.Issue) []string {
	var out []string
	for _, i := range issues {
		out = append(out, i.Expression[0]+": "+strings.TrimPrefix(i.Diagnostics, "rule: "))
	}
	return out
}
