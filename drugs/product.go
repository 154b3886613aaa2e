package drugs

import (
	"math/big"
	"strings"
)

// Product is a medicine as it is prescribed: ingredients in their strengths, in one dose form.
type Product struct {
	RxCUI string
	Name  string // RxNorm's
	Brand string // "" for the generic
	Form  Form
	Parts []Part
}

// Part is an ingredient in its strength.
type Part struct {
	Ingredient *Ingredient
	Precise    string   // the ingredient as the product's name has it, with its salt, in lower case
	Amount     *big.Rat // nil where the name does not say
	Unit       string   // mg, units, mEq, %
	Per        string   // of what: mL, puff, hour, mg; "" = of one tablet, capsule and so on
}

// Generic is what it is called without strength and form: acetaminophen and oxycodone.
func (p *Product) Generic() string {
	var names []string
	for _, part := range p.Parts {
		names = append(names, part.label())
	}
	return strings.Join(names, " and ")
}

// label is the ingredient's name; with its salt where two salts are different medicines.
func (p Part) label() string {
	switch p.Ingredient.Name {
	case "metoprolol":
		return p.Precise
	}
	return p.Ingredient.Name
}

// Strength is as a label writes it: 325 mg and 5 mg, 80 mg/mL, 75 micrograms.
func (p *Product) Strength() string {
	var out []string
	for _, part := range p.Parts {
		if s := part.strength(); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " and ")
}

func (p Part) strength() string {
	if p.Amount == nil {
		return ""
	}
	amount, unit := Readable(p.Amount, p.Unit)
	s := Number(amount) + " " + unit
	if p.Per != "" {
		s += "/" + p.Per
	}
	return s
}

// Label is the medicine on a line of text: generic name, brand, strength and form.
func (p *Product) Label() string {
	s := p.Generic()
	if p.Brand != "" {
		s += " " + strings.ToUpper(p.Brand)
	}
	if st := p.Strength(); st != "" {
		s += " " + st
	}
	return s + " " + p.Form.Name
}
