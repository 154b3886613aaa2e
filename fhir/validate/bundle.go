package validate

import "github.com/osler-ehr/osler/fhir"

// bundleRules checks what the type of a Bundle asks of its entries, as far as R4's invariants need no more than a look:
// bdl-3 and bdl-4 (request and response), bdl-11 and bdl-12 (the first entry), bdl-7 (unique addresses).
func (w *walker) bundleRules(n fhir.Node) {
	kind := n.Get("type").Text()
	entries := n.Get("entry")
	switch kind {
	case "document":
		w.firstEntry(entries, "Composition", "bdl-11")
	case "message":
		w.firstEntry(entries, "MessageHeader", "bdl-12")
	}
	wantsRequest := kind == "transaction" || kind == "batch" || kind == "history"
	wantsResponse := kind == "transaction-response" || kind == "batch-response" || kind == "history"
	seen := map[string]bool{}
	i := 0
	for e := entries.First(); e.Exists(); e = e.Sibling(entries) {
		w.push("entry", i)
		if has := e.Get("request").Exists(); wantsRequest && !has {
			w.fail(fhir.CodeRequired, "bdl-3", "each entry of a "+kind+" needs a request with method and url")
		} else if has && !wantsRequest {
			w.fail(fhir.CodeInvariant, "bdl-3", "only a batch, transaction or history has requests: remove it, or mend the type of the Bundle")
		}
		if has := e.Get("response").Exists(); wantsResponse && !has {
			w.fail(fhir.CodeRequired, "bdl-4", "each entry of a "+kind+" needs a response")
		} else if has && !wantsResponse {
			w.fail(fhir.CodeInvariant, "bdl-4", "only a response or history has responses: remove it, or mend the type of the Bundle")
		}
		if url := e.Get("fullUrl").Text(); url != "" && kind != "history" {
			key := url + "|" + e.Get("resource").Get("meta").Get("versionId").Text()
			if seen[key] {
				w.failAt("fullUrl", fhir.CodeInvariant, "bdl-7", "another entry has the same fullUrl: each must have its own")
			}
			seen[key] = true
		}
		w.pop()
		i++
	}
}

func (w *walker) firstEntry(entries fhir.Node, want, rule string) {
	if first := entries.First(); first.Get("resource").Get("resourceType").Text() != want {
		w.push("entry", 0)
		w.fail(fhir.CodeInvariant, rule, "the first entry of this Bundle must be a "+want)
		w.pop()
	}
}
