package rest

import (
	"net/http"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// Root is where the interface stands on the server.
const Root = "/fhir"

// defined is where R4's operations are defined.
const defined = "http://hl7.org/fhir/OperationDefinition/"

// doors are all ways in, the more specific before the more general.
func doors() []door {
	public, signedIn := slice.Public(), slice.SignedIn()
	read, search := slice.BySession(access.Read), slice.BySession(access.Search)
	create, update, remove := slice.BySession(access.Create), slice.BySession(access.Update), slice.BySession(access.Delete)
	versions := []string{"_count", "_since", "_at", "_page"}
	return []door{
		{name: "capabilities", method: "GET", path: "metadata", right: public, run: (*call).capabilities, takes: []string{"mode"}},
		{name: "capabilities", method: "OPTIONS", path: "metadata", right: public, run: (*call).capabilities, takes: []string{"mode"}},

		{name: "search-system", method: "GET", path: "", right: search, run: (*call).search, searches: true},
		{name: "search-system", method: "POST", path: "_search", right: search, run: (*call).search, searches: true, body: formBody},
		{name: "search-type", method: "GET", path: "{type}", right: search, run: (*call).search, searches: true},
		{name: "search-type", method: "POST", path: "{type}/_search", right: search, run: (*call).search, searches: true, body: formBody},

		{name: "history-system", method: "GET", path: "_history", right: read, run: (*call).history, takes: versions},
		{name: "history-type", method: "GET", path: "{type}/_history", right: read, run: (*call).history, takes: versions},
		{name: "history-instance", method: "GET", path: "{type}/{id}/_history", right: read, run: (*call).history, takes: versions},

		{name: "$everything", method: "GET", path: "Patient/{id}/$everything", right: search, run: (*call).everything, takes: everythingTakes, defines: defined + "Patient-everything"},
		{name: "$everything", method: "POST", path: "Patient/{id}/$everything", right: search, run: (*call).everything, takes: everythingTakes, body: operationBody, defines: defined + "Patient-everything"},
		{name: "search-compartment", method: "GET", path: "{compartment}/{id}/{type}", right: search, run: (*call).search, searches: true},
		{name: "search-compartment", method: "POST", path: "{compartment}/{id}/{type}/_search", right: search, run: (*call).search, searches: true, body: formBody},

		{name: "read", method: "GET", path: "{type}/{id}", right: read, run: (*call).read},
		{name: "vread", method: "GET", path: "{type}/{id}/_history/{version}", right: read, run: (*call).readVersion},

		{name: "create", method: "POST", path: "{type}", right: create, change: (*call).create, changed: (*call).saved, body: documentBody},
		{name: "update", method: "PUT", path: "{type}/{id}", right: update, change: (*call).update, changed: (*call).saved, body: documentBody},
		{name: "update-conditional", method: "PUT", path: "{type}", right: update, change: (*call).update, changed: (*call).saved, body: documentBody, searches: true},
		{name: "patch", method: "PATCH", path: "{type}/{id}", right: update, change: (*call).patch, changed: (*call).saved, body: patchBody},
		{name: "patch-conditional", method: "PATCH", path: "{type}", right: update, change: (*call).patch, changed: (*call).saved, body: patchBody, searches: true},
		{name: "delete", method: "DELETE", path: "{type}/{id}", right: remove, change: (*call).delete, changed: (*call).deleted},
		{name: "delete-conditional", method: "DELETE", path: "{type}", right: remove, change: (*call).delete, changed: (*call).deleted, searches: true},

		{name: "$lastn", method: "GET", path: "Observation/$lastn", right: search, run: (*call).lastn, searches: true, defines: defined + "Observation-lastn"},
		{name: "$lastn", method: "POST", path: "Observation/$lastn", right: search, run: (*call).lastn, searches: true, body: operationBody, defines: defined + "Observation-lastn"},
		{name: "$stats", method: "GET", path: "Observation/$stats", right: search, run: (*call).stats, takes: statsTakes, defines: defined + "Observation-stats"},
		{name: "$stats", method: "POST", path: "Observation/$stats", right: search, run: (*call).stats, takes: statsTakes, body: operationBody, defines: defined + "Observation-stats"},
		{name: "$match", method: "POST", path: "Patient/$match", right: search, run: (*call).match, takes: []string{"onlyCertainMatches", "count"}, body: operationBody, defines: defined + "Patient-match"},
		{name: "$document", method: "GET", path: "Composition/{id}/$document", right: read, run: (*call).document, takes: []string{"persist"}, defines: defined + "Composition-document"},
		{name: "$document", method: "POST", path: "Composition/{id}/$document", right: read, run: (*call).document, takes: []string{"persist"}, body: operationBody, defines: defined + "Composition-document"},
		{name: "$convert", method: "POST", path: "$convert", right: signedIn, run: (*call).convert, takes: []string{"output"}, body: documentBody, defines: defined + "Resource-convert"},
		{name: "$validate", method: "POST", path: "{type}/$validate", right: signedIn, run: (*call).validate, takes: []string{"mode", "profile"}, body: operationBody, defines: defined + "Resource-validate"},
		{name: "$validate", method: "POST", path: "{type}/{id}/$validate", right: read, run: (*call).validate, takes: []string{"mode", "profile"}, body: operationBody, defines: defined + "Resource-validate"},
		{name: "$validate", method: "GET", path: "{type}/{id}/$validate", right: read, run: (*call).validate, takes: []string{"mode", "profile"}, defines: defined + "Resource-validate"},
		{name: "$meta", method: "GET", path: "$meta", right: search, run: (*call).metaOfAll, defines: defined + "Resource-meta"},
		{name: "$meta", method: "POST", path: "$meta", right: search, run: (*call).metaOfAll, body: operationBody, defines: defined + "Resource-meta"},
		{name: "$meta", method: "GET", path: "{type}/$meta", right: search, run: (*call).metaOfAll, defines: defined + "Resource-meta"},
		{name: "$meta", method: "POST", path: "{type}/$meta", right: search, run: (*call).metaOfAll, body: operationBody, defines: defined + "Resource-meta"},
		{name: "$meta", method: "GET", path: "{type}/{id}/$meta", right: read, run: (*call).meta, defines: defined + "Resource-meta"},
		{name: "$meta", method: "POST", path: "{type}/{id}/$meta", right: read, run: (*call).meta, body: operationBody, defines: defined + "Resource-meta"},
		{name: "$meta-add", method: "POST", path: "{type}/{id}/$meta-add", right: update, change: (*call).metaAdd, changed: (*call).metaChanged, body: operationBody, defines: defined + "Resource-meta-add"},
		{name: "$meta-delete", method: "POST", path: "{type}/{id}/$meta-delete", right: update, change: (*call).metaDelete, changed: (*call).metaChanged, body: operationBody, defines: defined + "Resource-meta-delete"},

		{name: "batch", method: "POST", path: "", right: signedIn, run: (*call).bundle, body: documentBody},
	}
}

// Slice is the FHIR interface. Options may be zero.
func Slice(d slice.Deps, o Options) slice.Slice {
	s := newServer(d, o)
	out := slice.Slice{Name: "fhir"}
	for _, door := range s.doors {
		for _, pattern := range door.patterns() {
			out.Routes = append(out.Routes, slice.Route{Method: door.method, Pattern: pattern, Right: door.right, Handler: s, Refuse: Refuse})
		}
	}
	// Everything else below the root is answered in the same language, to those who are known.
	for _, pattern := range []string{Root, Root + "/"} {
		out.Routes = append(out.Routes, slice.Route{Pattern: pattern, Right: slice.SignedIn(), Handler: s, Refuse: Refuse})
	}
	return out
}

// patterns are the door's addresses for http.ServeMux.
func (d *door) patterns() []string {
	if d.path == "" {
		return []string{Root, Root + "/{$}"}
	}
	return []string{Root + "/" + d.path}
}

var _ http.Handler = (*server)(nil)
