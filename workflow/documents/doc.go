// Package documents shows documents and notes of the chart.
package documents
