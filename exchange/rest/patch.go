package rest

import (
	"encoding/base64"
	"net/http"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/patch"
	"github.com/osler-ehr/osler/record"
)

// patch changes parts of a resource: by a JSON Patch, by an XML Patch, or by a FHIRPath Patch in a Parameters
// resource.
func (c *call) patch() (record.Op, error) {
	op := record.Op{Verb: record.Patch, Type: c.typ, ID: c.id, FullURL: c.fullURL}
	if err := c.unwrapPatch(); err != nil {
		return op, err
	}
	if ops := c.body; ops != nil && c.media == xmlPatch {
		op.Patch = func(r *fhir.Resource) (*fhir.Resource, error) { return patch.XML(r, ops) }
	} else if ops != nil {
		op.Patch = func(r *fhir.Resource) (*fhir.Resource, error) { return patch.JSON(r, ops) }
	} else {
		if c.resource == nil || c.resource.Type() != "Parameters" {
			return op, refused(http.StatusBadRequest, "invalid", "a patch is an array of JSON Patch operations ("+jsonPatch+"), an XML Patch ("+xmlPatch+"), or a Parameters resource with FHIRPath Patch operations ("+fhirJSON+")")
		}
		parameters := c.resource
		op.Patch = func(r *fhir.Resource) (*fhir.Resource, error) { return patch.FHIRPath(r, parameters) }
	}
	return op, c.meant(&op)
}

// unwrapPatch takes the patch out of the Binary in which a bundle carries it.
func (c *call) unwrapPatch() error {
	if !c.entry || c.resource == nil || c.resource.Type() != "Binary" {
		return nil
	}
	media := c.resource.Get("contentType").Text()
	if media != jsonPatch && media != xmlPatch {
		return refused(http.StatusBadRequest, "not-supported", "a Binary that is a patch must have the contentType "+jsonPatch+" or "+xmlPatch)
	}
	ops, err := base64.StdEncoding.DecodeString(c.resource.Get("data").Text())
	if err != nil || len(ops) == 0 {
		return refused(http.StatusBadRequest, "invalid", "the data of the Binary is not a patch in base64")
	}
	c.body, c.media = ops, media
	return nil
}
