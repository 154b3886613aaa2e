// Package mpi finds the patients that may be the person whom somebody describes, as a master patient index does: it
// compares names, birth dates, numbers and addresses, and says how sure it is and why. It changes nothing: what to do
// about two records of one person is for people to decide.
package mpi
