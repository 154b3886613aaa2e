package identity

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Account is a person or program that can sign in.
type Account struct {
	ID           string // random; never changes
	SignInName   string // as the person wrote it; compared without regard to case and form
	DisplayName  string
	Roles        []Role
	Organisation string // ID of an Organization; empty where there is only one
	Resource     string // who it is in the record, such as Practitioner/abc or Patient/xyz; may be empty
	Disabled     bool
	Created      time.Time

	// Generation counts the changes that end all sessions and tokens of the account. Owned by this package.
	Generation int64
	// HasPassword tells whether the person has set a password yet. Owned by this package.
	HasPassword bool
}

// Has reports whether the account has the role.
func (a *Account) Has(r Role) bool { return slices.Contains(a.Roles, r) }

func (a *Account) clone() Account {
	c := *a
	c.Roles = slices.Clone(a.Roles)
	return c
}

// onlyPatient tells whether the longer idle time for patients applies.
func (a *Account) onlyPatient() bool { return len(a.Roles) == 1 && a.Roles[0] == Patient }

func (a *Account) principal() Principal {
	p := Principal{
		Kind:         Person,
		ID:           a.ID,
		Name:         a.DisplayName,
		Roles:        slices.Clone(a.Roles),
		Organisation: a.Organisation,
		Resource:     a.Resource,
	}
	if a.Has(ProgramRole) {
		p.Kind = Program
	}
	return p
}

const (
	maxNameRunes    = 100
	maxDisplayRunes = 200
)

// foldName is the form in which sign-in names are compared: compatibility-normalised (NFKC) and lower case.
func foldName(name string) string {
	return norm.NFKC.String(strings.ToLower(norm.NFKC.String(strings.TrimSpace(name))))
}

var (
	resourceForm     = regexp.MustCompile(`^(Practitioner|PractitionerRole|Patient|RelatedPerson|Person|Organization|Device)/[A-Za-z0-9\-.]{1,64}$`)
	organisationForm = regexp.MustCompile(`^[A-Za-z0-9\-.]{0,64}$`)
)

// check tidies an account and says what is wrong with it, if anything.
func (a *Account) check() error {
	a.SignInName = strings.TrimSpace(a.SignInName)
	a.DisplayName = strings.TrimSpace(a.DisplayName)
	if err := checkSignInName(a.SignInName); err != nil {
		return err
	}
	if a.DisplayName == "" {
		a.DisplayName = a.SignInName
	}
	if n := utf8.RuneCountInString(a.DisplayName); n > maxDisplayRunes || !printable(a.DisplayName, ' ') {
		return &InvalidError{"display name", "use up to 200 letters, digits, spaces and punctuation"}
	}
	if len(a.Roles) == 0 {
		return &InvalidError{"roles", "choose at least one"}
	}
	for i, r := range a.Roles {
		if !r.Valid() {
			return &InvalidError{"roles", "there is no role of this name"}
		}
		if slices.Contains(a.Roles[:i], r) {
			return &InvalidError{"roles", "a role is named twice"}
		}
	}
	if a.Has(ProgramRole) && len(a.Roles) > 1 {
		return &InvalidError{"roles", "a program cannot have the roles of people"}
	}
	if !organisationForm.MatchString(a.Organisation) {
		return &InvalidError{"organisation", "give the organisation's ID"}
	}
	if a.Resource != "" && !resourceForm.MatchString(a.Resource) {
		return &InvalidError{"resource", "give a type and an ID, such as Practitioner/abc or Patient/xyz"}
	}
	if a.Has(Patient) && !strings.HasPrefix(a.Resource, "Patient/") && !strings.HasPrefix(a.Resource, "RelatedPerson/") {
		return &InvalidError{"resource", "a patient's account needs the patient, or the related person, it is for"}
	}
	return nil
}

func checkSignInName(name string) error {
	n := utf8.RuneCountInString(name)
	if n < 2 || n > maxNameRunes || !printable(name) {
		return &InvalidError{"sign-in name", "use 2 to 100 letters, digits and punctuation, without spaces"}
	}
	return nil
}

// printable reports whether s is made of visible characters and the spaces given: no control characters, and
// none that change the direction or look like nothing.
func printable(s string, spaces ...rune) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) && !slices.Contains(spaces, r) {
			return false
		}
	}
	return true
}
