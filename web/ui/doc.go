// Package ui holds the building blocks of pages: buttons, fields, sections, tags, messages, dialogs. It knows nothing of medicine;
// what a clinical value looks like is in package clinical.
//
// A component is a struct that says what is meant and a templ function of the same concern that draws it. templ drops white space
// after a component, so every component that stands in a sentence brings its own separators.
package ui
