package main

import (
	"fmt"
	"os"

	"github.com/osler-ehr/osler/workflow/vitals"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// growth reads the growth tables that the site has beside those of the program.
func (o *serveOptions) growth() ([]vitals.Option, error) {
	if o.Growth == "" {
		return nil, nil
	}
	who, err := growth.LoadWHO(os.DirFS(o.Growth))
	if err != nil {
		return nil, fmt.Errorf("--growth-tables: %w", err)
	}
	return []vitals.Option{vitals.WithWHO(who)}, nil
}
