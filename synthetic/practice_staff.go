package synthetic

// duty is what somebody does in the practice.
type duty int

const (
	physician duty = iota
	nursePractitioner
	registeredNurse
	medicalAssistant
	frontDesk
	biller
	manager
)

// duties names each duty's role, as PractitionerRole.code.
var duties = [...]*concept{
	physician:         coded(thoBase+"practitioner-role", "doctor", "Doctor", "Physician"),
	nursePractitioner: words("Nurse practitioner"),
	registeredNurse:   coded(thoBase+"practitioner-role", "nurse", "Nurse", "Registered nurse"),
	medicalAssistant:  words("Medical assistant"),
	frontDesk:         words("Front desk"),
	biller:            words("Billing specialist"),
	manager:           words("Practice manager"),
}

// staff is somebody who works in the practice.
type staff struct {
	id             string
	prefix         string
	given, family  string
	suffix         string
	female         bool
	duty           duty
	email          string
	npi            string
	extension      string
	site           int
	specialty      string
	workDays       string // "mon,tue,..." as FHIR writes days
	languages      []string
	name, ref, who string // computed: "Dr Priya Rao", "Practitioner/…", the JSON reference
}

// employees are all who work here. The first four see patients in their own schedule.
var employees = employ([]staff{
	{id: "rao", prefix: "Dr", given: "Priya", family: "Rao", suffix: "MD", female: true, duty: physician, extension: "101", specialty: "Family medicine", languages: []string{"en", "hi"}},
	{id: "lind", prefix: "Dr", given: "Anders", family: "Lind", suffix: "MD", duty: physician, extension: "102", specialty: "Family medicine", languages: []string{"en", "sv"}},
	{id: "moreno", given: "Julia", family: "Moreno", suffix: "NP", female: true, duty: nursePractitioner, extension: "103", specialty: "Family medicine", languages: []string{"en", "es"}},
	{id: "osei", prefix: "Dr", given: "Kwame", family: "Osei", suffix: "MD", duty: physician, extension: "201", site: 1, specialty: "Internal medicine", languages: []string{"en", "fr"}},
	{id: "kessler", given: "Ivy", family: "Kessler", suffix: "RN", female: true, duty: registeredNurse, extension: "111"},
	{id: "ortiz", given: "Javier", family: "Ortiz", suffix: "RN", duty: registeredNurse, extension: "112", languages: []string{"en", "es"}},
	{id: "adler", given: "Ben", family: "Adler", suffix: "MA", duty: medicalAssistant, extension: "113"},
	{id: "nwosu", given: "Chidinma", family: "Nwosu", suffix: "MA", female: true, duty: medicalAssistant, extension: "211", site: 1},
	{id: "torres", given: "Maya", family: "Torres", female: true, duty: frontDesk, extension: "100", languages: []string{"en", "es"}},
	{id: "whitfield", given: "Grace", family: "Whitfield", female: true, duty: biller, extension: "121"},
	{id: "petrova", given: "Nadia", family: "Petrova", female: true, duty: manager, extension: "120", languages: []string{"en", "ru"}},
})

// clinicians are those with a schedule of their own.
const clinicians = 4

func employ(list []staff) []staff {
	for i := range list {
		s := &list[i]
		s.email = signInName(s) + "@harborstreet.example"
		s.npi = npi(194700100 + i*37)
		s.workDays = `["mon","tue","wed","thu","fri"]`
		if s.prefix != "" {
			s.name = s.prefix + " " + s.given + " " + s.family
		} else {
			s.name = s.given + " " + s.family
			if s.suffix != "" {
				s.name += ", " + s.suffix
			}
		}
		s.ref = "Practitioner/" + s.id
		w := writer{}
		w.referenceTo("", s.ref, s.name)
		s.who = string(w.buf)
	}
	return list
}

// signature ends a note.
func (s *staff) signature() string { return s.given + " " + s.family + ", " + s.suffix }

// npi completes a National Provider Identifier: nine digits and the Luhn check digit over the prefix 80840.
func npi(nine int) string {
	s := itoa(nine)
	sum := 24 // what the prefix 80840 adds
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return s + itoa((10-sum%10)%10)
}

func (w *writer) practitioner(s *staff) {
	w.resource("Practitioner", s.id, "us-core-practitioner")
	w.array("identifier")
	w.identifier("", "http://hl7.org/fhir/sid/us-npi", s.npi)
	w.endArray()
	w.bool("active", true)
	w.array("name")
	w.object("")
	w.text("use", "official")
	w.text("family", s.family)
	w.strings("given", s.given)
	w.strings("prefix", s.prefix)
	w.strings("suffix", s.suffix)
	w.end()
	w.endArray()
	w.array("telecom")
	w.contact("phone", "555-010-0100;ext="+s.extension, "work")
	w.contact("email", s.email, "work")
	w.endArray()
	if s.female {
		w.text("gender", "female")
	} else {
		w.text("gender", "male")
	}
	if s.suffix != "" {
		w.array("qualification")
		w.object("")
		w.concept("code", words(s.suffix))
		w.end()
		w.endArray()
	}
	if len(s.languages) > 0 {
		w.array("communication")
		for _, l := range s.languages {
			w.concept("", languages[l].concept)
		}
		w.endArray()
	}
	w.finish()
}

func (w *writer) practitionerRole(s *staff) {
	w.resource("PractitionerRole", s.id+"-role", "us-core-practitionerrole")
	w.bool("active", true)
	w.referenceTo("practitioner", s.ref, s.name)
	w.referenceTo("organization", practiceOrganization.ref(), practiceOrganization.name)
	w.concepts("code", duties[s.duty])
	if s.specialty != "" {
		w.concepts("specialty", words(s.specialty))
	}
	w.array("location")
	w.referenceTo("", sites[s.site].ref(), sites[s.site].name)
	w.endArray()
	w.array("telecom")
	w.contact("phone", "555-010-0100;ext="+s.extension, "work")
	w.endArray()
	w.array("availableTime")
	for _, half := range [][2]string{{"08:00:00", "12:00:00"}, {"13:00:00", "17:00:00"}} {
		w.object("")
		w.raw("daysOfWeek", s.workDays)
		w.text("availableStartTime", half[0])
		w.text("availableEndTime", half[1])
		w.end()
	}
	w.endArray()
	w.finish()
}
