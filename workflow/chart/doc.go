// Package chart draws a patient's chart: the panels of every slice around a timeline of visits.
package chart
