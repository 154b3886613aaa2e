package tables

import (
	_ "embed"
	"strings"
)

// The tables of CDC, with fields between tabs.
var (
	//go:embed cvx.txt
	cvxTable string // code, short name, full name, status, groups between commas, notes
	//go:embed mvx.txt
	mvxTable string // code, name, status, notes
	//go:embed products.txt
	productsTable string // trade name, CVX, MVX
	//go:embed ndc.txt
	ndcTable string // NDC, CVX
)

// Vaccine is a code of CVX.
type Vaccine struct {
	Code, Short, Full string
	Status            string   // Active, Inactive, Non-US, Never Active or Pending
	Groups            []string // vaccine groups, such as DTAP
	Notes             string
}

// CVX lists the vaccines in the order of their names.
func CVX() []Vaccine {
	var out []Vaccine
	for f := range rows(cvxTable, 6) {
		v := Vaccine{Code: f[0], Short: f[1], Full: f[2], Status: f[3], Notes: f[5]}
		if f[4] != "" {
			v.Groups = strings.Split(f[4], ",")
		}
		out = append(out, v)
	}
	return out
}

// Manufacturer is a code of MVX.
type Manufacturer struct{ Code, Name, Status, Notes string }

// MVX lists the manufacturers of vaccines.
func MVX() []Manufacturer {
	var out []Manufacturer
	for f := range rows(mvxTable, 4) {
		out = append(out, Manufacturer{f[0], f[1], f[2], f[3]})
	}
	return out
}

// Product is a trade name of a vaccine. A name has several lines if it stood for several vaccines or makers.
type Product struct{ Name, CVX, MVX string }

// Products lists the trade names of vaccines.
func Products() []Product {
	var out []Product
	for f := range rows(productsTable, 3) {
		out = append(out, Product{f[0], f[1], f[2]})
	}
	return out
}

// Package is a package code of a vaccine.
type Package struct{ NDC, CVX string } // NDC as 5-4-2 digits

// Packages lists the package codes of vaccines.
func Packages() []Package {
	var out []Package
	for f := range rows(ndcTable, 2) {
		out = append(out, Package{f[0], f[1]})
	}
	return out
}

// rows yields the lines of a table with as many fields as asked for; those that a line lacks are "".
func rows(table string, n int) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for l := range strings.Lines(table) {
			f := strings.SplitN(strings.TrimSuffix(l, "\n"), "\t", n)
			for len(f) < n {
				f = append(f, "")
			}
			if !yield(f) {
				return
			}
		}
	}
}
