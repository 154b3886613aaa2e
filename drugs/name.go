package drugs

import (
	"math/big"
	"regexp"
	"strings"
)

// spelled is a product's name taken apart, its ingredients not looked up yet.
type spelled struct {
	brand string
	form  Form
	parts []spelledPart
}

type spelledPart struct {
	name      string // lower case, with its salt
	amount    *big.Rat
	unit, per string
}

// spell takes a name apart that follows RxNorm's pattern of clinical drugs:
//
//	24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet [Glucophage]
//
// ok is false for any other pattern.
func spell(name string) (spelled, bool) {
	var out spelled
	rest := strings.TrimSpace(name)
	if at := brandAtEnd.FindStringSubmatchIndex(rest); at != nil {
		out.brand, rest = rest[at[2]:at[3]], rest[:at[0]]
	}
	parts := strings.Split(rest, " / ")
	for i, part := range parts {
		if i == 0 {
			part = part[len(quantityAtStart.FindString(part)):]
		}
		m := component.FindStringSubmatch(part)
		if m == nil || (i == len(parts)-1) != (m[4] != "") {
			return spelled{}, false
		}
		amount, ok := new(big.Rat).SetString(m[2])
		if !ok || amount.Sign() <= 0 {
			return spelled{}, false
		}
		unit, per, _ := strings.Cut(strings.ToUpper(m[3]), "/")
		u, known := units[unit]
		p, knownPer := units[per]
		if !known || per != "" && !knownPer {
			return spelled{}, false
		}
		out.parts = append(out.parts, spelledPart{strings.ToLower(m[1]), amount, u, p})
		if m[4] == "" {
			continue
		}
		if out.form, ok = FormOf(m[4]); !ok {
			return spelled{}, false
		}
	}
	return out, true
}

var (
	brandAtEnd      = regexp.MustCompile(` \[([^\]]+)\]$`)
	quantityAtStart = regexp.MustCompile(`^(?:NDA[0-9]+ )?(?:Abuse-Deterrent |Breath-Actuated )?(?:[0-9.]+ (?:HR|ML|ACTUAT) )?`)
	component       = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9 ,.'()-]*?) ([0-9]+(?:\.[0-9]+)?) ((?i:MG|MCG|UNT|MEQ|G|%)(?:/(?i:ML|ACTUAT|HR|MG))?)(?: ([A-Za-z][A-Za-z -]*))?$`)
)

// units are RxNorm's, as labels write them.
var units = map[string]string{"": "", "MG": "mg", "MCG": "micrograms", "UNT": "units", "MEQ": "mEq", "G": "g", "%": "%", "ML": "mL", "ACTUAT": "puff", "HR": "hour"}

// salts are the words at the end of a name that say in which salt or make an ingredient comes.
var salts = []string{
	", modified", ", macrocrystals", ", monohydrate", ", porcine", " hydrochloride", " hydrocholoride", " sodium", " potassium", " calcium", " besylate", " tartrate", " maleate", " mesylate", " hydrobromide", " bromide", " monohydrate", " hyclate",
	" acetate", " acetonide", " dihydrate", " succinate", " sulfate", " phosphate", " bitartrate", " fumarate", " citrate", " nitrate", " disodium", " medoxomil", " cilexetil", " axetil", " proxetil",
	" dipropionate", " propionate", " furoate", " valerate", " pamoate", " oxalate", " malate", " magnesium", " strontium", " anhydrous", " trihydrate", " hemihydrate", " (usp)",
	" hcl", " hbr", " er", " xr", " sr", " xl", " dr", " ec",
}

// bare leaves the salts out of a name, one after the other; it yields every step, the whole name first.
func bare(name string) []string {
	out := []string{name}
	for {
		cut := name
		for _, salt := range salts {
			if c, ok := strings.CutSuffix(cut, salt); ok && c != "" {
				cut = c
				break
			}
		}
		if cut == name {
			return out
		}
		name = cut
		out = append(out, name)
	}
}
