// Package record is the one door to patient data.
//
// A [Record] can do nothing by itself: [Record.As] gives a [Session] for an actor, and every operation of a
// session decides whether the actor may, narrows what it may see inside the database's own statement,
// validates what is written, and writes document, index rows, audit entry and change notice in one
// transaction. A read's audit entry is on the disk before the read returns.
//
// What is absent and what the actor may not see answer alike.
package record

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
)

// Version is one version of one resource.
type Version struct {
	Type, ID string
	Version  int64
	At       time.Time
	Deleted  bool
	Body     []byte // the exact document; nil for a deletion
	Change   int64  // number in the change log
	Action   string // "create", "update" or "delete": what made the version
}

// Resource is the document as a tree.
func (v *Version) Resource() *fhir.Resource { return fhir.Open(v.Body) }

// Verb is what an operation does.
type Verb uint8

const (
	Create Verb = iota + 1
	Update      // creates when there is no such id yet
	Patch
	Delete
)

// Op is one change that a caller asks for.
type Op struct {
	Verb     Verb
	Type     string
	ID       string         // of the resource to update, patch or delete; "" for a create or when Condition finds it
	Resource *fhir.Resource // create, update: as the client sent it
	// Patch turns the current version into the new one. It may be called more than once.
	Patch func(*fhir.Resource) (*fhir.Resource, error)
	// IfMatch is the version that must be current; 0 = any, or none. AnyVersion = any, but there must be one. NoVersion = there
	// must be none.
	IfMatch int64
	// Condition is a search such as "identifier=a|b": for a create the If-None-Exist, for the others which
	// resource is meant.
	Condition string
	// FullURL is the urn:uuid (or absolute address) by which other operations of the same transaction refer
	// to what this one makes.
	FullURL string
	// LooseReferences accepts references to local resources that do not exist. The patient that a resource
	// is about must exist all the same.
	LooseReferences bool
	// Restore gives the version its number and time from an export, instead of new ones. Only a program on the
	// machine itself may do so.
	Restore *Restoration
}

// AnyVersion as Op.IfMatch asks that the resource exists.
const AnyVersion = -1

// NoVersion as Op.IfMatch asks that the resource does not exist (any more).
const NoVersion = -2

// Restoration is what a version of an export says of itself.
type Restoration struct {
	Version int64
	At      time.Time
}

// Result tells what an operation did.
type Result struct {
	Version
	Created   bool // a new resource was made
	Unchanged bool // a conditional create found one, or nothing differed
}

// Query is a search as a client writes it.
type Query struct {
	Type   string // "" = all types that the parameters allow
	Params []search.Param
	// Compartment limits to a patient's record, for Patient/123/Observation; "" = none.
	CompartmentPatient string
	// Compartment limits to another of R4's compartments, such as "Encounter/123" or "Practitioner/456"; "" = none.
	Compartment string
	Strict      bool   // refuse what is not understood instead of ignoring it
	Page        string // cursor of an earlier page's Next; the parameters come with it
	MaxCount    int    // upper bound for _count; 0 = 1000
	MaxBytes    int    // a page ends with the document that reaches this; 0 = 64 MiB. What is included comes on top
	// Before begins a search that sorts by one date, newest first, with what is dated before this time; zero = with the newest. What has no
	// date comes last all the same.
	Before time.Time
	// Base is the address of the interface that the query came to, without a slash at the end: references to
	// resources of this record may begin with it. "" = none may.
	Base string
}

// Entry is one resource of a page.
type Entry struct {
	Version
	Include bool // not a match itself but asked for by _include or _revinclude
}

// Page is a page of a search.
type Page struct {
	Type     string
	Entries  []Entry
	Total    int64          // -1 = not counted
	Next     string         // cursor of the next page; "" at the end
	Used     []search.Param // the parameters as they were understood, for the self link
	Warnings *fhir.Outcome  // what was ignored; nil if nothing
	Summary  search.Summary // which parts of the resources were asked for
}

// HistoryQuery asks for versions, newest first.
type HistoryQuery struct {
	Type, ID string // "" = all
	Since    time.Time
	At       time.Time // versions that were current at this time; only for one resource
	Count    int
	Page     string
}

// HistoryPage is a page of versions.
type HistoryPage struct {
	Versions []Version
	Total    int64 // -1 = not counted: for more than one resource
	Next     string
}

// Session is what one actor can do. It is cheap to make and safe for many goroutines.
//
//	Read, ReadVersion      one resource
//	Search, History        many
//	Do                     changes, all or none
type sessionContract interface {
	// Read returns the current version: KindNotFound, KindGone.
	Read(ctx context.Context, typ, id string) (*Version, error)
	ReadVersion(ctx context.Context, typ, id string, version int64) (*Version, error)
	Search(ctx context.Context, q Query) (*Page, error)
	History(ctx context.Context, q HistoryQuery) (*HistoryPage, error)
	// Do carries out operations in one transaction: deletes, creates, updates and patches see each other's
	// urn:uuid references and conditional references, in any order. Results come in the order of ops.
	Do(ctx context.Context, ops []Op) ([]Result, error)
}

var _ sessionContract = (*Session)(nil)
