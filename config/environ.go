package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// entry is a value and the place where it stands.
type entry struct {
	value string
	place string
}

// environ is the options that the environment gives, by option name.
type environ map[string]entry

// linkForm is what Kubernetes sets by itself for a service that is called osler.
var linkForm = regexp.MustCompile(`^OSLER_(.*_)?(SERVICE_HOST=|SERVICE_PORT(_.*)?=|PORT=(tcp|udp|sctp)://|PORT_\d+_(TCP|UDP|SCTP)(_.*)?=)`)

func readEnviron(vars []string, known names) (environ, error) {
	options := map[string]string{}
	for _, option := range known[""] {
		options[envName(option)] = option
	}
	e := environ{}
	for _, v := range vars {
		name, value, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, envPrefix) {
			continue
		}
		option, ok := options[name]
		if !ok {
			if linkForm.MatchString(v) {
				continue
			}
			var all []string
			for n := range options {
				all = append(all, n)
			}
			slices.Sort(all)
			return nil, fmt.Errorf("environment variable %s: there is no such option%s", name, suggest(name, all))
		}
		e[option] = entry{value, "environment variable " + name}
	}
	return e, nil
}

func (e environ) find(option string) (entry, bool) {
	found, ok := e[option]
	return found, ok
}
