package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
)

// maxDocument bounds how many resources a document holds.
const maxDocument = 2000

// document makes a document of a Composition: a Bundle of it and of all that it refers to, directly or by way of
// what it refers to, as far as the caller may see it. With persist=true the Bundle is stored.
// (http://hl7.org/fhir/R4/composition-operation-document.html)
func (c *call) document() (answer, error) {
	persist, _ := c.param("persist")
	if persist != "" && persist != "true" && persist != "false" {
		return answer{}, refused(http.StatusBadRequest, "value", "persist must be true or false")
	}
	if persist == "true" && c.door.method != http.MethodPost {
		return answer{}, refused(http.StatusBadRequest, "not-supported", "a GET stores nothing: ask for persist=true by POST")
	}
	composition, err := c.session.Read(c.ctx, "Composition", c.id)
	if err != nil {
		return answer{}, err
	}
	all, err := c.closure(composition)
	if err != nil {
		return answer{}, err
	}
	size := 1024
	for i := range all {
		size += len(all[i].Body) + 256
	}
	b := newBuffer(size)
	w := fhir.NewBundleWriter(b.bytes, fhir.Bundle{
		Type: "document", Timestamp: fhir.InstantOf(c.clock.Now()),
		Identifier: fhir.Identifier{System: c.base + "/Composition", Value: composition.ID + "." + strconv.FormatInt(composition.Version, 10)},
	})
	for i := range all {
		w.Add(fhir.BundleEntry{FullURL: c.url(all[i].Type, all[i].ID)}, all[i].Body)
	}
	b.bytes = w.Finish()
	a := answer{status: http.StatusOK, body: b.bytes, buffer: b}
	if persist != "true" {
		return a, nil
	}
	results, err := c.session.Do(c.ctx, []record.Op{{Verb: record.Create, Type: "Bundle", Resource: fhir.Open(b.bytes)}})
	if err != nil {
		return answer{}, err
	}
	r := &results[0]
	a = answer{status: http.StatusCreated, version: r.Version.Version, at: r.At, location: c.versionURL(&r.Version)}
	if c.session.May(access.Read, "Bundle") {
		a.body = r.Body
	}
	return a, nil
}

// closure is a resource and all that is reached from it by references within the record, in the order of reaching.
func (c *call) closure(from *record.Version) ([]record.Version, error) {
	out := []record.Version{*from}
	have := map[string]bool{from.Type + "/" + from.ID: true}
	for next := out; len(next) > 0; {
		wanted := map[string][]string{} // ids by type
		var types []string
		for i := range next {
			for n := range next[i].Resource().Strings() {
				if n.Key() != "reference" {
					continue
				}
				to, ok := fhir.ParseReference(n.Text())
				if !ok || to.Kind != fhir.RelativeTarget || have[to.Type+"/"+to.ID] {
					continue
				}
				have[to.Type+"/"+to.ID] = true
				if wanted[to.Type] == nil {
					types = append(types, to.Type)
				}
				wanted[to.Type] = append(wanted[to.Type], to.ID)
			}
		}
		begin := len(out)
		for _, typ := range types {
			if !c.session.May(access.Search, typ) {
				continue
			}
			found, err := c.byID(typ, wanted[typ])
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
		if len(out) > maxDocument {
			return nil, refused(http.StatusBadRequest, "too-costly", "the document would hold more than "+strconv.Itoa(maxDocument)+" resources")
		}
		next = out[begin:]
	}
	return out, nil
}

// byID reads resources of one type by their ids.
func (c *call) byID(typ string, ids []string) (out []record.Version, err error) {
	for len(ids) > 0 {
		n := min(len(ids), 500)
		page, err := c.session.Search(c.ctx, record.Query{Type: typ, Strict: true, Params: []search.Param{{Name: "_id", Value: strings.Join(ids[:n], ",")}, {Name: "_count", Value: strconv.Itoa(n)}}})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			out = append(out, page.Entries[i].Version)
		}
		ids = ids[n:]
	}
	return out, nil
}
