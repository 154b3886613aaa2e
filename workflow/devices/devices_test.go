package devices_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/devices"
)

const list = "/patients/ada/devices"

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Serve(devices.Slice(s.Deps))
	return s
}

const (
	bar   = "]d20151022222233336111412311728070710A213B1\x1d211234"
	human = "(01)51022222233336(11)141231(17)280707(10)A213B1(21)1234"
)

func TestScan(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	s.By(access.Clinician).Get(list).Want(200).Says("None recorded; not known whether there are any")
	form := rao.Get(list + "/new").Want(200)
	once := form.Value("once")
	// The scanner types and presses Enter.
	read := rao.Post(list, "once", once, "udi", bar).Want(422).Says("The UDI was read.", "51022222233336", "A213B1", "1234", "31-Dec-2014", "07-Jul-2028")
	if read.Value("udi") != human || read.Value("scanned") != "0151022222233336111412311728070710A213B1<GS>211234" {
		t.Fatalf("%q, %q", read.Value("udi"), read.Value("scanned"))
	}
	if n := len(s.All("Device")); n != 0 {
		t.Fatalf("%d devices before it was said what it is", n)
	}
	send := []string{"once", once, "udi", read.Value("udi"), "scanned", read.Value("scanned"), "shown", read.Value("shown"), "type", "Knee prosthesis", "implanted", "mar 2015", "site", "Right knee", "manufacturer", "Acme", "product", "Total knee"}
	rao.Post(list, append(send, "implanted", "x")[2:]...).Want(200) // no once: another form
	rao.Post(list, send...).Want(422).Says("This device is in the list already: Knee prosthesis.")
	d, p := s.One("Device"), s.One("Procedure")
	for _, want := range []string{`"deviceIdentifier":"51022222233336"`, `"issuer":"http://hl7.org/fhir/NamingSystem/gs1-di"`, `"entryType":"barcode"`, `"carrierHRF":"` + human + `"`, `"lotNumber":"A213B1"`,
		`"serialNumber":"1234"`, `"manufactureDate":"2014-12-31"`, `"expirationDate":"2028-07-07"`, `"status":"active"`, "us-core-implantable-device",
		`"carrierAIDC":"` + base64.StdEncoding.EncodeToString([]byte("0151022222233336111412311728070710A213B1\x1d211234")) + `"`} {
		if !strings.Contains(string(d.Bytes()), want) {
			t.Errorf("without %s: %s", want, d.Bytes())
		}
	}
	if p.Get("performedDateTime").Text() != "2015-03" || p.Get("focalDevice").Index(0).Get("manipulated").Get("reference").Text() != "Device/"+d.ID() || p.Get("bodySite").Index(0).Get("text").Text() != "Right knee" {
		t.Errorf("%s", p.Bytes())
	}
	s.By(access.Clinician).Get(list).Says("Knee prosthesis", "Total knee, Acme, serial number 1234", "Mar-2015")
	rao.Get(list+"/"+d.ID()).Says("51022222233336 (GS1)", "Right knee", "07-Jul-2028", human)
	// Taken out.
	rao.Post(list+"/"+d.ID(), "version", "1", "out", "2014").Want(422).Says("It cannot be taken out before it was implanted.")
	rao.Post(list+"/"+d.ID(), "version", "1", "once", once, "out", "t", "reason", "Infection").Want(200).Says("Knee prosthesis taken out.")
	if d := s.One("Device"); d.Get("status").Text() != "inactive" || !strings.Contains(string(d.Bytes()), "Taken out: Infection") || !strings.Contains(string(d.Bytes()), human) {
		t.Errorf("%s", d.Bytes())
	}
	if all := s.All("Procedure"); len(all) != 2 {
		t.Errorf("%d procedures", len(all))
	}
	s.By(access.Clinician).Get(list).Says("Taken out 1", "Mar-2015 – 23-Nov-2026")
}

func TestUnreadableAndDoubtful(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	a := rao.Post(list, "udi", "hello", "type", "Stent").Want(422).Says("This is no UDI")
	if a.Value("udi") != "hello" || a.Value("type") != "Stent" {
		t.Errorf("what was typed is gone")
	}
	const doubtful = "(01)51022222233337(10)L1"
	rao.Post(list, "udi", doubtful, "type", "Stent").Want(422).Says("The check digit of the device identifier does not fit. Compare it with the label.")
	rao.Post(list, "udi", doubtful, "type", "Stent", "sure", "yes").Want(200)
	if d := s.One("Device"); !strings.Contains(string(d.Bytes()), `"entryType":"manual"`) {
		t.Errorf("%s", d.Bytes())
	}
	rao.Post(list, "udi", "", "type", "").Want(422).Says("Say what it is")
	rao.Post(list, "udi", "", "type", "Old pacemaker").Want(200)
}

func TestNoneIsAFact(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(list, "none", "yes", "once", rao.Get(list+"/new").Value("once")).Want(200).Says("No implanted devices recorded for OKAFOR, Adaeze.")
	s.By(access.Clinician).Get(list).Says("None, asked 23-Nov-2026 by Dr Priya Rao")
	if l := s.One("List"); l.Get("emptyReason").Get("coding").Index(0).Get("code").Text() != "nilknown" || l.Get("status").Text() != "current" {
		t.Errorf("%s", l.Bytes())
	}
	rao.Post(list, "type", "Stent").Want(200)
	s.By(access.Clinician).Get(list).Says("Stent").Hides("None, asked")
	if status := s.One("List").Get("status").Text(); status != "retired" {
		t.Errorf("there is one, and the list that says there is none is %s", status)
	}
	rao.Post(list, "none", "yes").Want(422).Says("There are some. A device is in the list: Stent.")
	id := s.One("Device").ID()
	rao.Post(list+"/"+id, "mistake", "yes", "version", "1").Want(422).Says("Say why it is wrong")
	rao.Post(list+"/"+id, "mistake", "yes", "reason", "Wrong patient", "version", "1").Want(200).Says("struck as entered in error")
	s.By(access.Clinician).Get(list).Says("None recorded; not known whether there are any", "Entered in error 1")
}

func TestWhoMayNot(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`, `{"resourceType":"Device","id":"d1","status":"active","udiCarrier":[{"deviceIdentifier":"51022222233336","carrierHRF":"(01)51022222233336(21)77"}],"type":{"text":"Stent"},"patient":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Device","id":"w1","type":{"text":"Wheelchair"},"patient":{"reference":"Patient/ada"}}`)
	s.By(access.FrontDesk).Get(list).Want(404)
	s.By(access.Patient).Get(list).Want(200).Says("Stent").Hides("Wheelchair", "Add a device")
	s.By(access.Patient).Post(list, "type", "Stent").Want(404)
	s.By(access.Patient).Get(list + "/d1").Want(200).Says("Serial number 77").Hides("Taken out on")
	s.By(access.Clinician).Get("/patients/bob/devices/d1").Want(404)
	s.By(access.Clinician).Post("/patients/bob/devices/d1", "out", "t").Want(404)
}

// TestNoNumberOfProceduresHidesADevice: one that is known by its procedure alone stands in the list, however much was done since.
func TestNoNumberOfProceduresHidesADevice(t *testing.T) {
	s := site(t)
	docs := []string{`{"resourceType":"Device","id":"old","status":"active","type":{"text":"Pacemaker"},"patient":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Procedure","id":"then","status":"completed","code":{"text":"Implantation"},"subject":{"reference":"Patient/ada"},"performedDateTime":"2001-02-03","focalDevice":[{"action":{"coding":[{"system":"http://hl7.org/fhir/device-action","code":"implanted"}]},"manipulated":{"reference":"Device/old"}}]}`}
	for i := range 501 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Procedure","id":"p%d","status":"completed","code":{"text":"Dialysis"},"subject":{"reference":"Patient/ada"},"performedDateTime":"2020-01-01"}`, i))
	}
	s.Put(docs...)
	s.By(access.Clinician).Get("/patients/ada/devices").Want(200).Says("Pacemaker", "03-Feb-2001").Hides("None recorded")
}
