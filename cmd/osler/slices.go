package main

import (
	"github.com/osler-ehr/osler/exchange/rest"
	"github.com/osler-ehr/osler/slice"
)

// features lists every feature of the program, in menu order.
func features(d slice.Deps) []slice.Slice {
	return []slice.Slice{
		rest.Slice(d, rest.Options{}),
	}
}
