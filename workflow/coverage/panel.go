package coverage

// Panel is who pays, in order.
type Panel struct {
	Rows []Plan
}

// Plan is one row.
type Plan struct {
	Payer  string
	Kind   string // PPO, Medicare
	Member string // member or subscriber number
	Until  string // ends 31-Dec-2026
	Active bool
}
