// Package vitals keeps measurements taken at a visit.
package vitals
