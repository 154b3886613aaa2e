package bulk

import (
	"cmp"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// Name is the slice's name, and that of its spool.
const Name = "bulk"

// Options may be zero.
type Options struct {
	Keep    time.Duration // how long files can be fetched; 0 = 24 hours
	Running int           // exports that one requester may have under way; 0 = 2
	PerFile int           // resources in one file; 0 = 100,000
	Upload  int64         // bytes of one upload; 0 = 4 GB
	Random  io.Reader     // nil = crypto/rand
	// Fetch gets the inputs of an import from other servers. nil = none may be fetched.
	Fetch Fetcher

	step   time.Duration // how long one step of work takes; 0 = 15 s
	settle time.Duration // between a kick-off and the first reading; 0 = 1 s. Writes under way at the kick-off are then done.
}

// server answers requests and does the work.
type server struct {
	slice.Deps
	Options
	spool slice.Spool
	// What packs and unpacks parts of files. They hold nothing between calls.
	pack   *zstd.Encoder
	unpack *zstd.Decoder
}

// Slice is export and import in bulk.
func Slice(d slice.Deps, o Options) slice.Slice { return newServer(d, o).slice() }

func newServer(d slice.Deps, o Options) *server {
	o.Keep = cmp.Or(o.Keep, 24*time.Hour)
	o.Running = cmp.Or(o.Running, 2)
	o.PerFile = cmp.Or(o.PerFile, 100_000)
	o.Upload = cmp.Or(o.Upload, 4<<30)
	o.step = cmp.Or(o.step, 15*time.Second)
	o.settle = cmp.Or(o.settle, time.Second)
	if o.Random == nil {
		o.Random = rand.Reader
	}
	s := &server{Deps: d, Options: o, spool: d.Spool(Name)}
	var err error
	if s.pack, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithWindowSize(1<<20)); err != nil {
		panic(err) // the options are constant
	}
	if s.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(256<<20)); err != nil {
		panic(err)
	}
	return s
}

func (s *server) slice() slice.Slice {
	search, update := slice.BySession(access.Search), slice.BySession(access.Update)
	at := func(method, pattern string, right slice.Right, h handler) slice.Route {
		return slice.Route{Method: method, Pattern: pattern, Right: right, Handler: s.handle(h), Refuse: refuse}
	}
	return slice.Slice{
		Name: Name,
		Routes: []slice.Route{
			at("GET", "/fhir/$export", search, s.kickOff),
			at("POST", "/fhir/$export", search, s.kickOff),
			at("GET", "/fhir/Patient/$export", search, s.kickOff),
			at("POST", "/fhir/Patient/$export", search, s.kickOff),
			at("GET", "/fhir/Group/{group}/$export", search, s.kickOff),
			at("POST", "/fhir/Group/{group}/$export", search, s.kickOff),
			at("GET", exportsPath+"{id}", search, s.exportStatus),
			at("DELETE", exportsPath+"{id}", search, s.cancelExport),
			at("GET", exportsPath+"{id}/{file}", search, s.exportFile),

			at("POST", "/fhir/$import", update, s.kickOffImport),
			at("POST", uploadsPath, update, s.upload),
			at("DELETE", uploadsPath+"{id}", update, s.cancelImport),
			at("GET", importsPath+"{id}", update, s.importStatus),
			at("DELETE", importsPath+"{id}", update, s.cancelImport),
			at("GET", importsPath+"{id}/{file}", update, s.importFile),
		},
		Work: []slice.Work{
			{Kind: exportKind, Limit: 2, Do: s.exportWork},
			{Kind: importKind, Limit: 1, Do: s.importWork},
			{Kind: removeKind, Limit: 1, Do: s.removeWork},
		},
	}
}

// The kinds of work.
const (
	exportKind = "bulk-export"
	importKind = "bulk-import"
	removeKind = "bulk-remove"
)

// Where status and files stand. It is outside of the interface's root, whose addresses are resources.
const (
	exportsPath = "/bulk/exports/"
	importsPath = "/bulk/imports/"
	uploadsPath = "/bulk/uploads/"
)

// Operations are the operations that the capability statement names: resource type and name.
var Operations = []struct{ Type, Name, Definition string }{
	{"", "export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"},
	{"Patient", "export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export"},
	{"Group", "export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export"},
}

// address is how the outside world writes a path of this server.
func (s *server) address(r *http.Request, path string) string {
	if s.PublicURL != "" {
		return strings.TrimSuffix(s.PublicURL, "/") + path
	}
	if r.TLS != nil {
		return "https://" + r.Host + path
	}
	return "http://" + r.Host + path
}

const idLetters = "abcdefghijklmnopqrstuvwxyz234567"

// newID makes a name that nobody guesses.
func (s *server) newID() (string, error) {
	var b [26]byte
	if _, err := io.ReadFull(s.Random, b[:]); err != nil {
		return "", err
	}
	for i := range b {
		b[i] = idLetters[b[i]&31]
	}
	return string(b[:]), nil
}
