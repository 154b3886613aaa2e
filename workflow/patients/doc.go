// Package patients finds people: the search page, its live list, and the patients of the command palette.
package patients
