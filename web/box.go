package web

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Column is a side of the chart.
type Column int

// The columns beside the timeline.
const (
	Start Column = iota // left: what is true of the patient now
	End                 // right: what was measured, planned and filed
)

// Box is a panel of the chart with its place. A slice returns it as the component of its panel; what returns another component
// stands last at the right.
type Box struct {
	Column Column
	Order  int // from the top; the chart's own boxes stand at 10, 20, 30 ...
	Body   templ.Component
	Print  templ.Component // on the chart summary; nil leaves the panel out
}

// Render draws the body.
func (b Box) Render(ctx context.Context, w io.Writer) error { return b.Body.Render(ctx, w) }
