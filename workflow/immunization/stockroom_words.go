package immunization

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// signed writes a change with its sign.
func signed(n int) string {
	switch {
	case n > 0:
		return "+" + strconv.Itoa(n)
	case n < 0:
		return "−" + strconv.Itoa(-n)
	}
	return "0"
}

func fundingOptions() (out []ui.Option) {
	for _, f := range stock.Fundings {
		out = append(out, ui.Option{Value: string(f), Label: f.Words()})
	}
	return out
}

// changeOptions are what may happen to a lot.
func changeOptions(l stock.Lot) []ui.Option {
	out := []ui.Option{{Label: "Choose"}, {Value: string(stock.Wasted), Label: "Wasted or written off"}, {Value: string(stock.Counted), Label: "Counted"},
		{Value: string(stock.Received), Label: "More received"}, {Value: string(stock.Sent), Label: "Moved to another site"}, {Value: string(stock.Corrected), Label: "The lot was written down wrongly"}}
	if l.Recalled() {
		return append(out, ui.Option{Value: string(stock.Released), Label: "Recall taken back"})
	}
	return append(out, ui.Option{Value: string(stock.Recall), Label: "Recalled"})
}

// mostAtOnce is more than any vaccine is given of at once, in mL: above lies a slip of the hand.
const mostAtOnce = 5

// millilitres takes how much is given; zero if the field is empty or wrong.
func millilitres(f *web.Form, name string) fhir.Decimal {
	text := strings.TrimSpace(strings.TrimSuffix(strings.ToLower(f.Text(name)), "ml"))
	if text == "" {
		return fhir.Decimal{}
	}
	n, err := fhir.ParseDecimal(text)
	switch {
	case err != nil || n.Sign() <= 0:
		f.Wrong(name, "Write how many millilitres, such as 0.5.")
	case n.Float64() > mostAtOnce:
		f.Wrong(name, "No vaccine is given in more than 5 mL at once.")
	default:
		return n
	}
	return fhir.Decimal{}
}
