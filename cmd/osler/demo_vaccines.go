package main

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// demoLot is a lot in the refrigerator of the demo practice.
type demoLot struct {
	cvx, name, ndc, mvx, maker, number string
	doses, low                         int
	days                               int // from today to the expiry
	funding                            stock.Funding
	route                              string
	site                               int
	recalled                           bool
}

var demoLots = []demoLot{
	{"140", "Influenza, split virus, trivalent, PF", "49281-0425-50", "PMC", "Sanofi Pasteur", "UT8240AA", 48, 10, 210, stock.Private, "IM", 0, false},
	{"140", "Influenza, split virus, trivalent, PF", "49281-0425-50", "PMC", "Sanofi Pasteur", "UT8241BA", 20, 10, 210, stock.VFC, "IM", 0, false},
	{"135", "Influenza, high-dose, trivalent, PF", "", "PMC", "Sanofi Pasteur", "UJ1190AC", 6, 10, 180, stock.Private, "IM", 0, false},
	{"115", "Tdap", "", "PMC", "Sanofi Pasteur", "U7012CA", 12, 4, 24, stock.Private, "IM", 0, false},
	{"187", "Zoster recombinant", "", "SKB", "GlaxoSmithKline", "9H4T2", 8, 3, 400, stock.Private, "IM", 0, false},
	{"216", "Pneumococcal conjugate PCV20", "", "PFR", "Pfizer", "GX3391", 9, 3, 330, stock.Private, "IM", 0, false},
	{"03", "MMR", "", "MSD", "Merck Sharp & Dohme", "W028411", 10, 4, 260, stock.VFC, "SQ", 0, false},
	{"165", "HPV9", "", "MSD", "Merck Sharp & Dohme", "X017755", 3, 1, 300, stock.VFC, "IM", 0, true},
	{"140", "Influenza, split virus, trivalent, PF", "49281-0425-50", "PMC", "Sanofi Pasteur", "UT8240AA", 24, 10, 210, stock.Private, "IM", 1, false},
	{"83", "Hep A, ped/adol, 2 dose", "", "SKB", "GlaxoSmithKline", "K5D92", 5, 2, -12, stock.Private, "IM", 1, false},
}

var demoRoutes = map[string]string{"IM": "Into the muscle", "SQ": "Under the skin"}

// stockVaccines fills the refrigerators of the demo practice's sites.
func stockVaccines(ctx context.Context, s *record.Session, now time.Time) error {
	sites := []fhir.Reference{{Reference: "Location/harbor-street-site", Display: "Harbor Street"}, {Reference: "Location/mill-pond-site", Display: "Mill Pond"}}
	for _, d := range demoLots {
		vaccine := fhir.Concept(stock.CVX, d.cvx, d.name)
		vaccine.Text = d.name
		route := fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", d.route, "")
		route.Text = demoRoutes[d.route]
		half := fhir.NewDecimal(5, 1)
		once := []fhir.Identifier{{System: "urn:ietf:rfc:3986", Value: "urn:uuid:" + facts.NewUUID()}}
		l := stock.New(stock.About{Vaccine: vaccine, NDC: d.ndc, Manufacturer: d.mvx, Maker: d.maker, Number: d.number, Expires: fhir.DateOf(now.AddDate(0, 0, d.days)), Site: sites[d.site],
			Funding: d.funding, Low: d.low, VIS: []stock.Statement{{Edition: fhir.NewDate(2025, time.January, 31)}}, Dose: half, Route: route}, once)
		moves := []stock.Move{{Kind: stock.Received, By: d.doses, At: now.AddDate(0, -1, 0), Author: fhir.Reference{Display: "Demo practice"}}}
		if d.recalled {
			moves = append(moves, stock.Move{Kind: stock.Recall, Reason: "Letter of the maker: temperature during transport", At: now.AddDate(0, 0, -2), Author: fhir.Reference{Display: "Demo practice"}})
		}
		for i, m := range moves {
			ops, err := l.Ops(m)
			if err != nil {
				return err
			}
			done, err := s.Do(ctx, ops)
			if err != nil {
				return err
			}
			if i+1 < len(moves) {
				if l, err = stock.Read(ctx, s, done[0].ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
