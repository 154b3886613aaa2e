package ordering

import (
	"net/http"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// Option changes the slice.
type Option func(*desk)

// WithOutside has decision services of others asked while orders are written.
func WithOutside(o slice.Outside) Option {
	return func(e *desk) { e.outside = o }
}

// WithMedicines has medicines known by their codes, for checks that look at them.
func WithMedicines(l *drugs.Library) Option {
	return func(e *desk) { e.medicines = l }
}

// outsideBox is the id of the element that shows what they say.
const outsideBox = "order-outside"

// others answers the form with what services of others say of the basket: order-sign if it could be signed as it stands, order-select
// before. The form does not wait for it, and it stops nothing.
func (e *desk) others(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	f.Set("box", "") // what is still being typed is no order yet
	f.Set("add", "")
	var b basket
	ctx, now := r.Context(), e.d.Shell.Clock()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		b, err = e.fill(ctx, s, id, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(b.Items) == 0 || e.outside == nil || !e.outside.Any() {
		return web.Fragment{Body: slice.DrawHeard(outsideBox, nil)}, nil
	}
	hook, author := "order-sign", facts.Author(ctx)
	var drafts []*fhir.Resource
	for i, it := range b.Items {
		day, ok := typedDue(f.Text(it.field("due")), now)
		if !ok {
			hook, day = "order-select", time.Time{}
		}
		o := it.order(f, chart.ID, author, b.Reasons, day, now)
		o.ID, o.Status, o.Meta = "draft-"+strconv.Itoa(i+1), "draft", fhir.Meta{}
		if !known(priorities, o.Priority) {
			hook, o.Priority = "order-select", ""
		}
		doc, err := fhir.New("ServiceRequest", o)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, doc)
	}
	return web.Fragment{Body: slice.DrawHeard(outsideBox, e.outside.Ask(ctx, chart.Session, hook, chart.ID, drafts))}, nil
}
