package udi

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

const hibc = "+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/16D20130202C"

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want UDI
	}{
		// The examples of FDA's document.
		{"(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234", UDI{Agency: GS1, DI: "51022222233336", Lot: "A213B1", Serial: "1234", Made: "2014-12-31", Expires: "2015-07-07"}},
		{hibc, UDI{Agency: HIBCC, DI: "H123PARTNO1234567890120", Lot: "LOT123456789012345", Serial: "XYZ456789012345678", Made: "2013-02-02", Expires: "2020-02-02", Doubts: []string{"The check character does not fit."}}},
		{"=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123", UDI{Agency: ICCBBA, DI: "A9999XYZ100T0944", Serial: "000025", Distinct: "A99971312345600", Expires: "2014-02-01", Made: "2013-02-01", Lot: "000000000000XYZ123"}},
		{"=)1TE123456A&)RZ12345678", UDI{Agency: ICCBBABlood, DI: "1TE123456A", Lot: "RZ12345678"}},
		{"=)1TE123456A &)RZ12345678", UDI{Agency: ICCBBABlood, DI: "1TE123456A", Lot: "RZ12345678"}},
		// As scanners send it.
		{"]d20151022222233336111412311715070710A213B1\x1d211234", UDI{Agency: GS1, DI: "51022222233336", Lot: "A213B1", Serial: "1234", Made: "2014-12-31", Expires: "2015-07-07"}},
		{"0151022222233336111412311715070710A213B1<GS>211234", UDI{Agency: GS1, DI: "51022222233336", Lot: "A213B1", Serial: "1234", Made: "2014-12-31", Expires: "2015-07-07"}},
		{"0151022222233336211234|10A213B1", UDI{Agency: GS1, DI: "51022222233336", Lot: "A213B1", Serial: "1234"}},
		{"(01) 5102 2222 2333 36 (10) A213B1", UDI{Agency: GS1, DI: "51022222233336", Lot: "A213B1"}},
		{"51022222233336", UDI{Agency: GS1, DI: "51022222233336"}},
		{"(01)51022222233336(10)A(2)1(21)9", UDI{Agency: GS1, DI: "51022222233336", Lot: "A(2)1", Serial: "9"}},
		{"(01)51022222233336(17)280200", UDI{Agency: GS1, DI: "51022222233336", Expires: "2028-02"}},
		{"(01)51022222233336(17)770101(11)760101", UDI{Agency: GS1, DI: "51022222233336", Expires: "1977-01-01", Made: "2076-01-01"}},
		{"(01)51022222233336(7003)2712311430(240)REF7(30)1", UDI{Agency: GS1, DI: "51022222233336", Expires: "2027-12-31"}},
		{"(01)51022222233337", UDI{Agency: GS1, DI: "51022222233337", Doubts: []string{"The check digit of the device identifier does not fit."}}},
		{"(01)51022222233336(17)270230", UDI{Agency: GS1, DI: "51022222233336", Doubts: []string{"The expiration date 270230 is no date."}}},
		{"015102222223333610A213B1211234", UDI{Agency: GS1, DI: "51022222233336", Lot: "A213B1211234", Doubts: []string{"The scanner did not send where A213B1211234 ends, which may hold more than one part. Compare lot and serial number with the label, or type the human readable form."}}},
		// HIBCC: the ways to write date, lot and serial number. The check character is computed.
		{"+A123BJC5D6E71G", UDI{Agency: HIBCC, DI: "A123BJC5D6E71"}},
		{"*+A123BJC5D6E71G*", UDI{Agency: HIBCC, DI: "A123BJC5D6E71"}},
		{checked("+A99912345/$$0928LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Expires: "2028-09"}},
		{checked("+A99912345/$$2093028LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Expires: "2028-09-30"}},
		{checked("+A99912345/$$3280930LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Expires: "2028-09-30"}},
		{checked("+A99912345/$$528366"), UDI{Agency: HIBCC, DI: "A99912345", Expires: "2028-12-31"}},
		{checked("+A99912345/$$62803214"), UDI{Agency: HIBCC, DI: "A99912345", Expires: "2028-02-01"}},
		{checked("+A99912345/$$7LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9"}},
		{checked("+A99912345/$$+7SER9"), UDI{Agency: HIBCC, DI: "A99912345", Serial: "SER9"}},
		{checked("+A99912345/$$8123280930LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Expires: "2028-09-30"}},
		{checked("+A99912345/$$9001233280930LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Expires: "2028-09-30"}},
		{checked("+A99912345/$LOT9/14D20280930/Q5"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Expires: "2028-09-30"}},
		{checked("+A99912345/$+SER9"), UDI{Agency: HIBCC, DI: "A99912345", Serial: "SER9"}},
		{checked("+A99912345/28032LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Expires: "2028-02-01"}},
		{checked("+A99912345/$$3280231LOT9"), UDI{Agency: HIBCC, DI: "A99912345", Lot: "LOT9", Doubts: []string{"The expiration date 280231 is no date."}}},
		{"=/A9999XYZ100T0944=>999001", UDI{Agency: ICCBBA, DI: "A9999XYZ100T0944", Expires: "1999-01-01"}},
		{"=/A9999XYZ100T0944=>026366", UDI{Agency: ICCBBA, DI: "A9999XYZ100T0944", Doubts: []string{"The expiration date 026366 is no date."}}},
	} {
		got, err := Parse(c.text, now)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got.Human, got.Scanned = "", ""
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.text, got, c.want)
		}
	}
}

// checked adds the check character.
func checked(s string) string { return s + string(checkCharacter(s)) }

func TestForms(t *testing.T) {
	u, err := Parse("]d20151022222233336111412311715070710A213B1\x1d211234", now)
	if err != nil {
		t.Fatal(err)
	}
	if u.Human != "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234" || u.Scanned != "0151022222233336111412311715070710A213B1\x1d211234" {
		t.Errorf("%q and %q", u.Human, u.Scanned)
	}
	if u, _ := Parse(hibc, now); u.Human != hibc || u.Agency.Name() != "HIBCC" {
		t.Errorf("%+v", u)
	}
}

func TestRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"": "Scan or type", "hello": "no UDI", "(17)150707": "(01), is missing", "(01)5102222223333": "Part (01) is not right", "(01)51022222233336(10)": "Part (10) is not right",
		"(01)51022222233336(10)A(10)B": "twice", "(99": "not the human readable form", "(01)51022222233336(10)123456789012345678901": "Part (10) is not right",
		"0151022222233336170": "ends within part (17)", "0151022222233336855": "not known: 855", "+$$3280930LOT9X": "Scan the one with the device first",
		"+A99912345/$$X9A": "not right", "+A99912345/XYZA": "not known", "+999": "not a UDI", "+A9991234XA": "not right", checked("+A99912345/SA/SB"): "two serial numbers",
		"=/A9999XYZ100T094": "too short", "=,000025": "=/, is missing", "=/A9999XYZ100T0944=/A9999XYZ100T0944": "twice",
		"(01)51022222233336(10)é": "no UDI", strings.Repeat("1", 301): "at most",
	} {
		if u, err := Parse(text, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q (%+v)", text, err, want, u)
		}
	}
}

// What is read can be read again in its human readable form, and says the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234", "]d20151022222233336111412311715070710A213B1\x1d211234", hibc, "+A123BJC5D6E71G",
		"=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123", "=)1TE123456A&)RZ12345678", "+A99912345/$$9001233280930LOT9X", "+A99912345/28032LOT9X"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := Parse(s, now)
		if err != nil {
			return
		}
		if u.DI == "" || u.Human == "" || u.Agency == "" {
			t.Fatalf("%q: %+v", s, u)
		}
		again, err := Parse(u.Human, now)
		if err != nil {
			t.Fatalf("%q is shown as %q, which is no UDI: %v", s, u.Human, err)
		}
		again.Scanned, again.Doubts = u.Scanned, u.Doubts
		if !reflect.DeepEqual(again, u) {
			t.Fatalf("%q:\n%+v\n%+v", s, u, again)
		}
	})
}
