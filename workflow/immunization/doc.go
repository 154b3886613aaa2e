// Package immunization keeps vaccinations.
package immunization
