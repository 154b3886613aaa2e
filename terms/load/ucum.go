package load

import (
	"encoding/xml"
	"fmt"

	"github.com/osler-ehr/osler/terms/ucum"
)

// ucum recognises ucum-essence.xml. Units are known by their grammar and by tables that are part of the program, all of
// them; so the version that those are made of is acknowledged, and another one refused.
func (j *job) ucum() (bool, error) {
	m := j.release.find(between("ucum-essence", ".xml"))
	if m == nil {
		return false, nil
	}
	var essence struct {
		XMLName xml.Name   `xml:"http://unitsofmeasure.org/ucum-essence root"`
		Version string     `xml:"version,attr"`
		Base    []struct{} `xml:"base-unit"`
		Units   []struct{} `xml:"unit"`
	}
	if err := j.xml(m, &essence); err != nil {
		return true, err
	}
	if have := ucum.Version(); essence.Version != have {
		return true, fmt.Errorf("it is UCUM %s; the program has UCUM %s, whole and for all units, which no file replaces: a newer program may have a newer one", essence.Version, have)
	}
	j.results = append(j.results, Result{
		URL: "http://unitsofmeasure.org", Version: essence.Version, Title: "UCUM", Kind: "code system", Count: len(essence.Base) + len(essence.Units),
		Notes: []string{"it is part of the program already: nothing needed to be loaded"},
	})
	return true, nil
}
