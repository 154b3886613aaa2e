package patients

import "github.com/osler-ehr/osler/web"

// Palette is what the command palette lists for a query.
type Palette struct {
	Query    string
	Hits     []Hit
	More     bool        // there are more than Hits
	For      string      // OKAFOR, Adaeze: whose Commands these are
	Commands []web.Entry // for the open chart
	Go       []web.Entry // for the whole program
}

func (p Palette) empty() bool { return len(p.Hits)+len(p.Commands)+len(p.Go) == 0 }
