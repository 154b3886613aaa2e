// Package reconciliation holds what another practice wrote in a C-CDA document against the lists of the chart: medicines, allergies and
// problems side by side. Nothing changes until somebody decided about each difference and confirmed, and then all of it changes at once.
package reconciliation
