package synthetic

// The organisation that owns everything in the practice.
const (
	PracticeName = "Harbor Street Family Practice"
	PracticeID   = "harbor-street" // of its Organization resource
)

// Account is a sign-in that a demo of the practice needs.
type Account struct {
	SignInName  string // "p.rao"
	DisplayName string // "Dr Priya Rao"
	Role        string // administrator, clinician, nurse, frontdesk or biller
	Resource    string // the person's own resource: "Practitioner/rao"
}

// roles are what the practice's people are to the program.
var roles = [...]string{physician: "clinician", nursePractitioner: "clinician", registeredNurse: "nurse", medicalAssistant: "nurse", frontDesk: "frontdesk", biller: "biller", manager: "administrator"}

// Accounts are the people who work in the practice, the clinician with the fullest day first.
func Accounts() []Account {
	list := make([]Account, len(employees))
	for i := range employees {
		s := &employees[i]
		list[i] = Account{SignInName: signInName(s), DisplayName: s.name, Role: roles[s.duty], Resource: s.ref}
	}
	return list
}

func signInName(s *staff) string { return lowerASCII(s.given[:1]) + "." + lowerASCII(s.family) }
