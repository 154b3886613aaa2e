package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
)

// session is what the record offers to one caller; *record.Session in the program.
type session interface {
	Read(ctx context.Context, typ, id string) (*record.Version, error)
	ReadVersion(ctx context.Context, typ, id string, version int64) (*record.Version, error)
	Search(ctx context.Context, q record.Query) (*record.Page, error)
	History(ctx context.Context, q record.HistoryQuery) (*record.HistoryPage, error)
	Everything(ctx context.Context, q record.EverythingQuery) (*record.Page, error)
	Check(ctx context.Context, op record.Op) error
	Do(ctx context.Context, ops []record.Op) ([]record.Result, error)
	May(action access.Action, typ string) bool
	Definitions() *definitions.Set
	Resolver(ctx context.Context, base string) *record.Resolver
}

// call is one request, or one entry of a batch or transaction.
type call struct {
	*server
	ctx     context.Context
	session session
	door    *door
	target
	base   string // address of the interface, without a slash at the end
	params []search.Param
	conditions
	prefer prefer
	format format
	shape  search.Summary // which parts of resources are asked for; not for searches, where the record reads it

	body     []byte         // of a patch
	media    string         // of the body
	resource *fhir.Resource // what the client sent; nil if nothing
	fullURL  string         // of a transaction's entry
	entry    bool           // part of a batch or transaction
	head     bool           // such a part that asks by HEAD
	warnings *fhir.Outcome  // what was ignored
}

// conditions are what must hold for the request to be carried out, as they stand in HTTP headers.
type conditions struct {
	ifMatch, ifNoneMatch, ifNoneExist string
	ifModifiedSince                   time.Time
}

func conditionsOf(h http.Header) conditions {
	c := conditions{ifMatch: h.Get("If-Match"), ifNoneMatch: h.Get("If-None-Match"), ifNoneExist: h.Get("If-None-Exist")}
	if since := h.Get("If-Modified-Since"); since != "" {
		c.ifModifiedSince, _ = http.ParseTime(since) // an invalid date is to be ignored (RFC 9110, 13.1.3)
	}
	return c
}

// answer is what a call comes to.
type answer struct {
	status   int
	body     []byte // JSON; nil = none
	version  int64  // for the ETag; 0 = none
	at       time.Time
	location string
	buffer   *buffer // holds the body, to be used again once that is written
}

// param is the value of the first parameter of this name that has one.
func (c *call) param(name string) (string, bool) {
	for _, p := range c.params {
		if p.Name == name && p.Value != "" {
			return p.Value, true
		}
	}
	return "", false
}
