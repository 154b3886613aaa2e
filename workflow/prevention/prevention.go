package prevention

import (
	"context"
	"net/http"
	"net/url"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Slice is preventive care: a rule that the chart and outside callers ask, a page with the reasons, and the decisions not
// to do something.
func Slice(d slice.Deps) slice.Slice {
	p := &pages{d}
	right, decide := slice.To(access.Search, "Observation"), slice.To(access.Create, "ServiceRequest")
	return slice.Slice{
		Name: "prevention",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/prevention", Right: right, Page: p.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/prevention/{recommendation}", Right: decide, Page: p.ask},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prevention/{recommendation}", Right: decide, Page: p.decide},
		},
		Menu: []web.Entry{{Name: "prevention", Label: "Prevention", Href: "/patients/{id}/prevention", Icon: "shield"}},
		Rules: []slice.Rule{{
			Name: "preventive-care", Title: "Preventive care and monitoring", Right: right,
			Description: "Looks at age, sex, problems, smoking, weight and past tests; says which recommendations of grade A and B of the US Preventive Services Task Force, and which checks of chronic disease, are due.",
			Advise: func(ctx context.Context, s *record.Session, patient string) ([]slice.Advice, error) {
				list, err := stand(ctx, s, patient, d.Shell.Clock())
				if err != nil {
					return nil, err
				}
				return advice(list, base(patient)), nil
			},
		}},
	}
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/prevention" }

// advice is what is due now or soon.
func advice(list []Standing, href string) (out []slice.Advice) {
	for _, s := range list {
		if s.State > Soon {
			continue
		}
		a := slice.Advice{Summary: s.Name, Due: s.Due(), Detail: s.because(), Urgency: slice.Info, Source: s.By, SourceURL: s.URL, Href: href}
		if s.State == Overdue {
			a.Urgency = slice.Warning
		}
		out = append(out, a)
	}
	return out
}

// because is why it applies, what counts as done, and what must be asked first.
func (s Standing) because() string {
	text := s.Why + "."
	if s.Ask != "" {
		text += " Find out first: " + s.Ask + "."
	}
	return text
}
