// Package graphql answers GraphQL queries over the record, as FHIR R4 describes them (http://hl7.org/fhir/R4/graphql.html):
// at /fhir/$graphql, and at /fhir/[type]/[id]/$graphql about one resource. It reads and searches with the session of the
// caller, so a query shows what the caller could read otherwise, and each read stands in the audit log. It changes
// nothing: mutations are refused. What a query may cost is bounded; see Limits.
package graphql
