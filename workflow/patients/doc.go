// Package patients finds and registers people: the search page and its live list, the patients of the command palette, the
// page on which a new patient is registered, and the form of who a patient is and how to reach them.
package patients
