package synthetic

import "strings"

// identity is who a patient is: what the front desk asks.
type identity struct {
	k                int
	given, middle    string
	family           string
	preferred        string // what the patient is called, if not the given name
	maiden           string
	female           bool
	birth            day
	death            day // never, unless the patient has died
	heritage         *heritage
	races            []*race
	ethnicity        *race // nil if not asked
	language         string
	interpreter      bool
	gender           genderIdentity
	line, city, zip  string
	mobile, home     string
	email            string
	marital          *concept
	occupation       string
	mrn              string
	twin             int // the patient of whom this one is an accidental second registration, or -1
	contactName      string
	contactRelation  *concept
	contactRelations string
	contactPhone     string
}

// genderIdentity is how a patient describes their gender.
type genderIdentity struct {
	identity, pronouns *concept
}

var (
	womanIdentity     = genderIdentity{tho("gender-identity", "female", "female"), coded(loincURI, "LA29519-8", "she/her/her/hers/herself", "she/her")}
	manIdentity       = genderIdentity{tho("gender-identity", "male", "male"), coded(loincURI, "LA29518-0", "he/him/his/his/himself", "he/him")}
	nonBinaryIdentity = genderIdentity{tho("gender-identity", "non-binary", "non-binary"), coded(loincURI, "LA29520-6", "they/them/their/theirs/themselves", "they/them")}
)

var (
	hispanicOrLatino = &race{code: "2135-2", display: "Hispanic or Latino"}
	notHispanic      = &race{code: "2186-5", display: "Not Hispanic or Latino"}
)

var (
	married      = tho("v3-MaritalStatus", "M", "Married")
	neverMarried = tho("v3-MaritalStatus", "S", "Never Married")
	divorced     = tho("v3-MaritalStatus", "D", "Divorced")
	widowed      = tho("v3-MaritalStatus", "W", "Widowed")
)

var (
	mother  = tho("v3-RoleCode", "MTH", "mother")
	father  = tho("v3-RoleCode", "FTH", "father")
	wife    = tho("v3-RoleCode", "WIFE", "wife")
	husband = tho("v3-RoleCode", "HUSB", "husband")
	sister  = tho("v3-RoleCode", "SIS", "sister")
	brother = tho("v3-RoleCode", "BRO", "brother")
	child   = tho("v3-RoleCode", "CHILD", "child")
	friend  = tho("v3-RoleCode", "FRND", "unrelated friend")
)

// ageBand is a share of the practice's patients.
type ageBand struct {
	from, to int
	weight   float64
}

var ageBands = []ageBand{{0, 0, 1.8}, {1, 4, 5}, {5, 11, 8}, {12, 17, 7.5}, {18, 29, 13}, {30, 44, 18}, {45, 64, 27}, {65, 79, 15}, {80, 97, 4.7}}

// spacing of accidental second registrations and of namesakes among the patients.
const (
	duplicateEvery, duplicateAt, duplicateBack = 97, 53, 31
	namesakeEvery, namesakeAt, namesakeBack    = 61, 40, 19
)

// identityOf draws who patient k is.
func (w *practice) identityOf(k int) identity {
	d := diceFor(w.Seed, uint64(k)*2)
	scripted := w.castSize()
	if k >= scripted+duplicateBack && k%duplicateEvery == duplicateAt {
		return w.identityOf(k-duplicateBack).misheard(&d, k)
	}
	id := drawIdentity(&d, k, w.today)
	if k >= scripted+namesakeBack && k%namesakeEvery == namesakeAt {
		other := w.identityOf(k - namesakeBack)
		id.given, id.family, id.female, id.gender, id.preferred = other.given, other.family, other.female, other.gender, other.preferred
	}
	return id
}

func drawIdentity(d *dice, k int, today day) identity {
	weights := make([]float64, len(ageBands))
	for i, b := range ageBands {
		weights[i] = b.weight
	}
	band := ageBands[d.weighted(weights)]
	age := d.between(band.from, band.to)
	id := identity{k: k, death: never, twin: -1, female: d.chance(0.53), language: "en"}
	id.birth = today - day(age*365+age/4+1+d.below(364))
	if age == 0 {
		id.birth = today - day(d.between(6, 360))
	}
	if age > 50 && d.chance(0.004+float64(age-50)*0.0035) {
		id.death = today - day(d.between(25, 1000))
	}
	shares := make([]float64, len(heritages))
	for i, h := range heritages {
		shares[i] = h.weight
	}
	h := heritages[d.weighted(shares)]
	id.heritage = h
	id.given = h.firstName(d, id.female, id.birth)
	id.middle = h.firstName(d, id.female, id.birth)
	if id.middle == id.given || d.chance(0.45) {
		id.middle = ""
	}
	id.family = pick(d, h.families)
	if d.chance(h.double) {
		if second := pick(d, h.families); second != id.family {
			id.family += " " + second
		}
	} else if d.chance(0.03) {
		if second := pick(d, pick(d, heritages).families); second != id.family && !strings.Contains(second, " ") {
			id.family += "-" + second
		}
	}
	if nick := nicknames[id.given]; nick != "" && d.chance(0.5) {
		id.preferred = nick
	}
	id.drawAnswers(d, age)
	id.drawHome(d, age)
	id.mrn = itoa(200_000_000 + int((uint64(k)*104_729+377_862)%699_999_953))
	return id
}

func (h *heritage) firstName(d *dice, female bool, birth day) string {
	g := h.children
	switch y := birth.year(); {
	case y < 1965:
		g = h.elders
	case y < 2000:
		g = h.adults
	}
	if female {
		return pick(d, g.female)
	}
	return pick(d, g.male)
}

// drawAnswers draws race, ethnicity, language, gender identity and marital status.
func (id *identity) drawAnswers(d *dice, age int) {
	h := id.heritage
	id.races = []*race{pick(d, h.race)}
	switch {
	case d.chance(0.03):
		id.races = []*race{raceDeclined}
	case d.chance(0.03):
		id.races = []*race{raceNotKnown}
	case d.chance(0.03) && id.races[0] == white:
		id.races = whiteAndBlack
	}
	id.ethnicity = notHispanic
	if d.chance(h.hispanic) {
		id.ethnicity = hispanicOrLatino
	}
	if d.chance(0.04) {
		id.ethnicity = nil
	}
	if len(h.languages) > 0 && d.chance(h.foreign) {
		id.language = h.languages[0]
		if d.chance(0.25) {
			id.language = pick(d, h.languages)
		}
		id.interpreter = d.chance(0.5)
	}
	id.gender = manIdentity
	if id.female {
		id.gender = womanIdentity
	}
	if age >= 14 && age < 60 && d.chance(0.012) {
		id.gender = nonBinaryIdentity
		if d.chance(0.5) {
			id.gender = womanIdentity
			if id.female {
				id.gender = manIdentity
			}
		}
	}
	switch {
	case age < 20:
		id.marital = neverMarried
	case age > 68 && d.chance(0.3):
		id.marital = widowed
	case d.chance(min(0.75, float64(age-18)*0.03)):
		id.marital = married
	case age > 30 && d.chance(0.3):
		id.marital = divorced
	default:
		id.marital = neverMarried
	}
	if id.female && (id.marital == married || id.marital == widowed) && d.chance(0.3) {
		id.maiden = pick(d, h.families)
	}
	if age >= 18 && age < 67 {
		id.occupation = pick(d, occupations)
	}
}

// drawHome draws where the patient lives and how to reach them.
func (id *identity) drawHome(d *dice, age int) {
	weights := make([]float64, len(towns))
	for i, t := range towns {
		weights[i] = t.weight
	}
	t := towns[d.weighted(weights)]
	id.line, id.city, id.zip = itoa(d.between(1, 180))+" "+pick(d, streets), t.city, t.zip
	if d.chance(0.2) {
		id.line += ", Apt " + itoa(d.between(1, 24))
	}
	id.mobile = phone(d)
	if age > 60 && d.chance(0.6) {
		id.home = phone(d)
	}
	if age >= 16 && d.chance(0.85) {
		id.email = lowerASCII(id.given) + "." + lowerASCII(id.family) + itoa(id.birth.year()%100) + "@mail.example"
	}
	h := id.heritage
	// A parent stands in for a child; an adult has a spouse, a child or a friend.
	contactFemale := d.chance(0.6)
	switch {
	case age < 18 && contactFemale:
		id.contactRelation, id.contactRelations = mother, "mother"
	case age < 18:
		id.contactRelation, id.contactRelations = father, "father"
	case id.marital == married && id.female:
		id.contactRelation, id.contactRelations, contactFemale = husband, "husband", false
	case id.marital == married:
		id.contactRelation, id.contactRelations, contactFemale = wife, "wife", true
	case age > 60 && d.chance(0.7):
		id.contactRelation, id.contactRelations = child, "daughter"
		if !contactFemale {
			id.contactRelations = "son"
		}
	case d.chance(0.5):
		id.contactRelation, id.contactRelations = sister, "sister"
		if !contactFemale {
			id.contactRelation, id.contactRelations = brother, "brother"
		}
	default:
		id.contactRelation, id.contactRelations = friend, "friend"
	}
	born := id.birth - 30*365
	if age > 60 && id.contactRelation == child {
		born = id.birth + 28*365
	} else if age >= 18 {
		born = id.birth
	}
	id.contactName = h.firstName(d, contactFemale, born) + " "
	if id.contactRelation == friend {
		id.contactName += pick(d, heritages[0].families)
	} else {
		id.contactName += id.family
	}
	id.contactPhone = phone(d)
}

// misheard is the same person, registered once more with small errors.
func (id identity) misheard(d *dice, k int) identity {
	id.twin, id.k = id.k, k
	id.mrn = itoa(200_000_000 + int((uint64(k)*104_729+377_862)%699_999_953))
	id.death = never
	switch d.below(4) {
	case 0: // called by the preferred name, old telephone number
		if nick := nicknames[id.given]; nick != "" {
			id.given = nick
		} else {
			id.given = id.given[:len(firstRune(id.given))] + "."
		}
		id.mobile = phone(d)
	case 1: // day and month swapped, or a neighbouring day
		y, m, dd := id.birth.date()
		if swapped := dayOf(y, dd, m); dd <= 12 && swapped < id.birth {
			id.birth = swapped
		} else {
			id.birth--
		}
		id.email = ""
	case 2: // accents lost and the second family name dropped; or, in a plain name, two letters swapped
		family, given := id.family, id.given
		id.family, _, _ = strings.Cut(plainLetters(family), " ")
		id.given = plainLetters(given)
		id.middle = ""
		if id.family == family && id.given == given && len(family) > 3 {
			id.family = family[:2] + family[3:4] + family[2:3] + family[4:]
		}
		if id.family == family && id.given == given {
			id.mobile = phone(d)
		}
	default: // moved house
		id.line, id.email = itoa(d.between(1, 180))+" "+pick(d, streets), ""
		id.family = strings.ReplaceAll(id.family, "'", "")
	}
	return id
}

func phone(d *dice) string {
	n := d.below(10000)
	return "(555) 010-" + itoa(10000 + n)[1:]
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// accents maps the accented letters of our names to plain ones.
var accents = strings.NewReplacer("á", "a", "à", "a", "ã", "a", "ā", "a", "ä", "a", "ạ", "a", "ặ", "a", "ả", "a", "ầ", "a", "ç", "c", "č", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "ễ", "e", "ế", "e",
	"í", "i", "ï", "i", "ł", "l", "Ł", "L", "ñ", "n", "ó", "o", "ö", "o", "ø", "o", "ô", "o", "õ", "o", "ú", "u", "ü", "u", "ũ", "u", "ấ", "a", "š", "s", "Á", "A", "Ó", "O", "Đ", "D", "ő", "o", "è", "e", "É", "E", "Í", "I", "ě", "e", "ý", "y")

func plainLetters(s string) string { return accents.Replace(s) }

// lowerASCII is s in plain small letters, for mail addresses.
func lowerASCII(s string) string {
	s = strings.ToLower(plainLetters(s))
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return -1
	}, s)
}
