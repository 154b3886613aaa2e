package viewcheck_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/viewcheck"
)

type patient struct {
	ID   string
	Meta struct{ Tag []fhir.Coding }
	Name []struct {
		Here   fhir.Node `fhir:"."`
		Family string
		Given  []string
		More   []*fhir.Element `fhir:"_given"`
	}
	BirthDate fhir.Date
	Birth     struct{ Extension []fhir.Extension } `fhir:"_birthDate"`
	Deceased  fhir.Choice                          `fhir:"deceased[x]"`
	Multiple  *int                                 `fhir:"multipleBirthInteger"`
	Contact   []struct{ Name *fhir.HumanName }
	Contained []fhir.Node
	Marital   fhir.CodeableConcept `fhir:"maritalStatus"`
}

func TestViewsThatFit(t *testing.T) {
	viewcheck.Resource[patient](t, "Patient")
	viewcheck.Resource[*struct {
		Value     fhir.Quantity `fhir:"valueQuantity"`
		Component []struct {
			Reference []struct{ Low fhir.Quantity } `fhir:"referenceRange"`
		}
		Effective string `fhir:"effectiveDateTime"`
	}](t, "Observation")
}

func TestViewsThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		view any
		want string
	}{
		{struct{ Birthdate fhir.Date }{}, "Patient.birthdate: R4 has no such element; it has active"},
		{struct{ BirthDate fhir.DateTime }{}, "Patient.birthDate is a date of FHIR: read it as fhir.Date, not as fhir.DateTime"},
		{struct{ Name fhir.HumanName }{}, "Patient.name is a list of HumanName"},
		{struct{ Gender []string }{}, "Patient.gender is a single code"},
		{struct{ Name []string }{}, "Patient.name is a HumanName of FHIR: read it as fhir.HumanName"},
		{struct{ Name []struct{ First string } }{}, "Patient.name.first: R4 has no such element"},
		{struct{ Contact []struct{ Name fhir.Address } }{}, "Patient.contact.name is a HumanName"},
		{struct{ Contact []string }{}, "Patient.contact is an object (BackboneElement), not a string"},
		{struct{ Contained []struct{ ID string } }{}, "any resource"},
		{struct {
			A int8 `fhir:"multipleBirthInteger"`
		}{}, "read it as int, not as int8"},
		{struct {
			A fhir.Choice `fhir:"value[x]"`
		}{}, "Patient.value[x]: R4 has no element of several types"},
		{struct {
			A *fhir.Element `fhir:"_name"`
		}{}, "only primitives"},
		{struct{ A map[string]int }{}, "no FHIR element is a map"},
	} {
		got := strings.Join(viewcheck.Check(reflect.TypeOf(c.view), "Patient"), "\n")
		if !strings.Contains(got, c.want) {
			t.Errorf("%T: got %q, want %q", c.view, got, c.want)
		}
	}
	if got := viewcheck.Check(reflect.TypeFor[patient](), "Pateint"); len(got) != 1 {
		t.Errorf("an unknown type: %v", got)
	}
}

// TestDataTypes holds the data types of package fhir against R4: nothing that R4 does not have, nothing
// missing but id and extension, and everything in the order of the specification.
func TestDataTypes(t *testing.T) {
	nested := map[string][2]string{"TimingRepeat": {"Timing", "repeat"}, "DoseAndRate": {"Dosage", "doseAndRate"}}
	for _, goType := range fhir.DataTypes() {
		t.Run(goType.Name(), func(t *testing.T) {
			of, ok := nested[goType.Name()]
			var fields *definitions.Fields
			if ok {
				r4, _ := definitions.LookupType(of[0])
				p, _ := r4.Fields().Lookup(of[1])
				fields = p.Fields()
			} else {
				for _, problem := range viewcheck.Check(goType, goType.Name()) {
					t.Error(problem)
				}
				r4, found := definitions.LookupType(goType.Name())
				if !found {
					t.Fatal("R4 has no such type")
				}
				fields = r4.Fields()
			}
			list, err := fhir.ViewFields(goType)
			if err != nil {
				t.Fatal(err)
			}
			last := -1
			named := map[int]bool{}
			for _, f := range list {
				ordinal := -1
				if p, ok := fields.Lookup(f.Name); ok {
					ordinal = p.Ordinal
				}
				for i, e := range fields.Elements {
					if e.Choice && e.Name == f.Name {
						ordinal = i
					}
				}
				if ordinal < last {
					t.Errorf("%s stands behind what the specification puts after it", f.Name)
				}
				last = ordinal
				named[ordinal] = true
			}
			for i, e := range fields.Elements {
				if !named[i] && e.Name != "id" && e.Name != "extension" && e.Name != "modifierExtension" {
					t.Errorf("%s is missing", e.Name)
				}
			}
		})
	}
}
