// Package results shows what laboratories and imaging found.
package results
