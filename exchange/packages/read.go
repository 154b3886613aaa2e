package packages

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/validate"
)

// Limits of a package.
const (
	maxFile    = 64 << 20  // bytes of one file
	maxPackage = 512 << 20 // bytes of all files together
	maxFiles   = 20_000
)

// Package is an implementation guide.
type Package struct {
	Name, Version, Title, Canonical string
	// Files are the resources that are loaded, in the order of their files' names.
	Files []File
	// Others counts the resources of types that are not loaded, by type.
	Others map[string]int
}

// File is one resource of a package.
type File struct {
	Name     string // "StructureDefinition-us-core-patient.json"
	Resource *fhir.Resource
}

// Error tells what is wrong with a package.
type Error struct {
	File   string // "" = the package as a whole
	Reason string
}

func (e *Error) Error() string {
	if e.File == "" {
		return e.Reason
	}
	return e.File + ": " + e.Reason
}

func bad(file, format string, args ...any) error { return &Error{file, fmt.Sprintf(format, args...)} }

// loadedTypes are the types of resources that are loaded.
var loadedTypes = []string{"StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap", "SearchParameter"}

// Read reads a package, a tar archive packed by gzip, and checks each of its resources by itself. What is wrong is said
// with an *Error that names the file.
// (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification)
func Read(r io.Reader) (*Package, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, bad("", "this is no package: it is not packed by gzip")
	}
	p := &Package{Others: map[string]int{}}
	manifest := false
	total, files := int64(0), 0
	archive := tar.NewReader(unpacked)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, bad("", "the package is damaged: %v", err)
		}
		name := path.Clean(strings.TrimPrefix(h.Name, "./"))
		dir, base := path.Split(name)
		if files++; files > maxFiles {
			return nil, bad("", "the package has more than %d files", maxFiles)
		}
		if h.Typeflag != tar.TypeReg || dir != "package/" || !strings.HasSuffix(base, ".json") || strings.HasPrefix(base, ".") {
			if total += h.Size; total > maxPackage {
				return nil, tooLarge()
			}
			continue
		}
		if h.Size > maxFile {
			return nil, bad(name, "it is larger than %d MB", maxFile>>20)
		}
		data, err := io.ReadAll(io.LimitReader(archive, maxFile+1))
		if err != nil {
			return nil, bad(name, "the package is damaged: %v", err)
		}
		if total += int64(len(data)); total > maxPackage {
			return nil, tooLarge()
		}
		if base == "package.json" {
			manifest = true
			if err := p.readManifest(data); err != nil {
				return nil, err
			}
			continue
		}
		if err := p.readFile(name, data); err != nil {
			return nil, err
		}
	}
	if !manifest {
		return nil, bad("", "this is no FHIR package: it has no package/package.json")
	}
	if len(p.Files) == 0 {
		return nil, bad("", "%s %s defines nothing that is loaded: it has no profiles, value sets, code systems, maps or search parameters", p.Name, p.Version)
	}
	slices.SortFunc(p.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return p, nil
}

func tooLarge() error { return bad("", "the package is larger than %d MB", maxPackage>>20) }

func (p *Package) readManifest(data []byte) error {
	const file = "package/package.json"
	var m struct {
		Name, Version, Title, Canonical string
		FHIRVersions                    []string
		ListVersions                    []string `json:"fhir-version-list"`
		Dependencies                    map[string]string
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return bad(file, "it is no JSON: %v", err)
	}
	if m.Name == "" || m.Version == "" {
		return bad(file, "it does not say the package's name and version")
	}
	if strings.ContainsAny(m.Name+m.Version, "#|/ ") || len(m.Name)+len(m.Version) > 200 {
		return bad(file, "the name and version must not have blanks, #, | or /")
	}
	versions := append(m.FHIRVersions, m.ListVersions...)
	for name, version := range m.Dependencies {
		if strings.HasPrefix(name, "hl7.fhir.r") && strings.HasSuffix(name, ".core") {
			versions = append(versions, version)
		}
	}
	switch {
	case len(versions) == 0:
		return bad(file, "it does not say for which version of FHIR the package is; R4 (4.0.1) is needed")
	case !slices.ContainsFunc(versions, func(v string) bool { return v == "4.0.1" || v == "4.0.0" || v == "4.0" }):
		return bad(file, "the package is for FHIR %s; R4 (4.0.1) is needed", strings.Join(versions, ", "))
	}
	p.Name, p.Version, p.Title, p.Canonical = m.Name, m.Version, m.Title, m.Canonical
	return nil
}

func (p *Package) readFile(name string, data []byte) error {
	r, err := fhir.Parse(data)
	if err != nil {
		return bad(name, "it does not parse: %v", err)
	}
	typ := r.Type()
	switch {
	case typ == "":
		return nil // such as a list of files
	case !slices.Contains(loadedTypes, typ):
		p.Others[typ]++
		return nil
	case typ == "StructureDefinition" && !constrains(r):
		p.Others["logical model or type"]++
		return nil
	}
	if r.Get("url").Text() == "" {
		return bad(name, "the %s has no url", typ)
	}
	if err := check(name, r); err != nil {
		return err
	}
	p.Files = append(p.Files, File{name, r})
	return nil
}

// constrains is true of profiles and extension definitions of R4's types.
func constrains(r *fhir.Resource) bool {
	kind := r.Get("kind").Text()
	return r.Get("derivation").Text() == "constraint" && (kind == "resource" || kind == "complex-type" || kind == "primitive-type")
}

// check reads a resource as it will be read when it is used.
func check(name string, r *fhir.Resource) error {
	for _, i := range validate.Base(r) {
		if i.Severity == fhir.SeverityError || i.Severity == fhir.SeverityFatal {
			return bad(name, "%s: %s", strings.Join(i.Expression, ", "), i.Details.Text)
		}
	}
	var err error
	switch r.Type() {
	case "StructureDefinition":
		_, err = definitions.ReadProfile(r.Bytes())
	case "ValueSet":
		_, err = definitions.ReadValueSet(r.Bytes())
	case "CodeSystem":
		_, err = definitions.ReadCodeSystem(r.Bytes())
	}
	if err != nil {
		return bad(name, "%v", err)
	}
	return nil
}

// errNoPackage is that of Loader.Remove.
var errNoPackage = errors.New("no such package is loaded")
