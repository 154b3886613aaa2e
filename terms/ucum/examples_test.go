package ucum_test

import (
	"archive/zip"
	"encoding/xml"
	"os"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/terms/ucum"
)

// UCUM's own table of units for electronic messaging: the codes in its second column that are units, without their row
// number, heading and remarks.
func TestExamplesForMessaging(t *testing.T) {
	const name = "../../../shared/data/terminology/ucum/TableOfExampleUcumCodesForElectronicMessaging.xlsx"
	if _, err := os.Stat(name); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ", err)
		}
		t.Skip("the sample data is not beside the project: ", err)
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var shared struct {
		SI []struct {
			T string   `xml:"t"`
			R []string `xml:"r>t"`
		} `xml:"si"`
	}
	var sheet struct {
		Rows []struct {
			Cells []struct {
				Ref   string `xml:"r,attr"`
				Type  string `xml:"t,attr"`
				Value string `xml:"v"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	read := func(name string, into any) {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := xml.NewDecoder(f).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	read("xl/sharedStrings.xml", &shared)
	read("xl/worksheets/sheet1.xml", &sheet)
	units := 0
	for _, row := range sheet.Rows[1:] {
		for _, c := range row.Cells {
			if !strings.HasPrefix(c.Ref, "B") || c.Type != "s" {
				continue
			}
			n := 0
			for _, d := range c.Value {
				n = 10*n + int(d-'0')
			}
			code := shared.SI[n].T + strings.Join(shared.SI[n].R, "")
			if code = strings.TrimSpace(code); code == "" || code == "UCUM_CODE" {
				continue
			}
			units++
			if err := ucum.Validate(code); err != nil && notUnits[code] == "" {
				t.Errorf("%s: %v", c.Ref, err)
			}
		}
	}
	if units < 500 {
		t.Errorf("only %d units: the sheet was not read", units)
	}
	t.Logf("%d units", units)
}

// notUnits are lines of the sheet that UCUM's grammar does not take, each with the reason.
var notUnits = map[string]string{
	"Torr": "not in the table of UCUM 2.2",
}
