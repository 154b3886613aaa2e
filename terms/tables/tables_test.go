package tables_test

import (
	"testing"

	"github.com/osler-ehr/osler/terms/tables"
)

func TestICD10CM(t *testing.T) {
	codes, billable, groups, inclusions := map[string]tables.Diagnosis{}, 0, 0, 0
	err := tables.ICD10CM(func(d tables.Diagnosis) error {
		if _, twice := codes[d.Code]; twice {
			t.Errorf("%s comes twice", d.Code)
		}
		if _, ok := codes[d.Parent]; d.Parent != "" && !ok {
			t.Errorf("%s stands below %s, which has not come yet", d.Code, d.Parent)
		}
		if d.Display == "" {
			t.Errorf("%s has no name", d.Code)
		}
		codes[d.Code] = d
		switch {
		case d.Group:
			groups++
		case !d.Heading:
			billable++
		}
		inclusions += len(d.Inclusions)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if billable != 72621 || groups != len(codes)-95358 || groups < 300 || inclusions < 11000 {
		t.Errorf("%d codes: %d billable, %d groups, %d inclusion terms", len(codes), billable, groups, inclusions)
	}
	for _, c := range []struct{ code, display, parent string }{
		{"A00-B99", "Certain infectious and parasitic diseases", ""},
		{"E08-E13", "Diabetes mellitus", "E00-E89"},
		{"E11", "Type 2 diabetes mellitus", "E08-E13"},
		{"E11.9", "Type 2 diabetes mellitus without complications", "E11"},
		{"C4A", "Merkel cell carcinoma", "C43-C44"},
		{"S93.401A", "Sprain of unspecified ligament of right ankle, initial encounter", "S93.401"},
		{"U07.1", "COVID-19", "U07"},
	} {
		if d := codes[c.code]; d.Display != c.display || d.Parent != c.parent {
			t.Errorf("%s: got %q below %q", c.code, d.Display, d.Parent)
		}
	}
	if v, err := tables.ICD10CMVersion(); v != "2021" || err != nil {
		t.Errorf("version %q, %v", v, err)
	}
	for code := range tables.Common() {
		if d, ok := codes[code]; !ok || d.Heading || d.Group {
			t.Errorf("the common code %s is none that a claim takes", code)
		}
	}
}

func TestVaccines(t *testing.T) {
	cvx, mvx := map[string]bool{}, map[string]bool{}
	for _, v := range tables.CVX() {
		if v.Code == "" || v.Short == "" || v.Status == "" || cvx[v.Code] {
			t.Errorf("%+v", v)
		}
		cvx[v.Code] = true
	}
	for _, m := range tables.MVX() {
		if m.Code == "" || m.Name == "" || mvx[m.Code] {
			t.Errorf("%+v", m)
		}
		mvx[m.Code] = true
	}
	for _, p := range tables.Products() {
		if !cvx[p.CVX] || p.MVX != "" && !mvx[p.MVX] {
			t.Errorf("%s is of %q and %q, which are not in the tables", p.Name, p.CVX, p.MVX)
		}
	}
	for _, p := range tables.Packages() {
		if !cvx[p.CVX] || len(p.NDC) != 13 {
			t.Errorf("%+v", p)
		}
	}
	if len(cvx) != 288 || len(mvx) != 89 || len(tables.Packages()) != 1000 {
		t.Errorf("%d vaccines, %d manufacturers, %d packages", len(cvx), len(mvx), len(tables.Packages()))
	}
}
