package main

import (
	"fmt"
	"net/http"
)

// photo draws a face for an invented patient, so that a page shows where photographs go.
func photo(w http.ResponseWriter, r *http.Request) {
	skin, hair, coat, ground := "#8d5a3c", "#1d1512", "#2f6f6a", "#d9d4c8"
	if r.PathValue("who") == "lee.svg" {
		skin, hair, coat, ground = "#f0c9a4", "#9aa0a6", "#42556b", "#cfd8e2"
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path fill="%s" d="M0 0h64v64H0z"/><circle cx="32" cy="13" r="8" fill="%s"/>`+
		`<ellipse cx="32" cy="26" rx="15" ry="16" fill="%s"/><path fill="%s" d="M8 64c2-14 12-18 24-18s22 4 24 18z"/><path fill="%s" d="M27 38h10v9c-3 4-7 4-10 0z"/>`+
		`<ellipse cx="32" cy="30" rx="11" ry="13" fill="%s"/><circle cx="28" cy="29" r="1.2" fill="%s"/><circle cx="36" cy="29" r="1.2" fill="%s"/><path d="M28 36q4 3 8 0" stroke="%s" stroke-width="1.2" fill="none"/></svg>`,
		ground, hair, hair, coat, skin, skin, hair, hair, hair)
}
