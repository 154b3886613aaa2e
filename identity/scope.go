package identity

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Action is one of the things that may be done with resources of a type.
type Action uint8

// The actions, as SMART App Launch 2.2 names them: create, read (also versions and history of one resource),
// update (also patch), delete, search (also history of a type).
const (
	Create Action = 1 << iota
	Read
	Update
	Delete
	Search
	allActions = Create | Read | Update | Delete | Search
)

const actionLetters = "cruds"

// String is the letters of the actions.
func (a Action) String() string {
	var b strings.Builder
	for i, letter := range actionLetters {
		if a&(1<<i) != 0 {
			b.WriteRune(letter)
		}
	}
	return b.String()
}

// Level is whose resources a scope is about.
type Level string

// The levels.
const (
	PatientLevel Level = "patient" // of the one patient that the application was started for
	UserLevel    Level = "user"    // what the person may see
	SystemLevel  Level = "system"  // what the program may see
)

// Scope is one resource scope, such as user/Observation.rs?category=laboratory.
type Scope struct {
	Level   Level
	Type    string // a resource type, or "*"
	Actions Action
	Limit   url.Values // search parameters that what is asked for must match; nil = no limit
}

// Scopes are the scopes of a token, in the order given.
type Scopes struct {
	Resources []Scope
	Others    []string // such as launch/patient, openid, offline_access
}

// maxScopes bounds the work that one request can ask for; a SMART application needs some dozens.
const maxScopes = 200

// otherScopes are the scopes that are about no resources. (SMART App Launch 2.2, "Scopes for requesting context data"
// and "identity data".)
var otherScopes = []string{"openid", "profile", "fhirUser", "launch", "launch/patient", "launch/encounter", "offline_access", "online_access"}

// ParseScopes reads a list of scopes separated by spaces, in the notation of SMART App Launch 2 (patient/*.rs) or
// 1 (patient/*.read). Anything else is an error that names the scope: a scope that is misunderstood could give
// too much.
func ParseScopes(list string) (Scopes, error) {
	var out Scopes
	words := strings.Fields(list)
	if len(words) > maxScopes {
		return Scopes{}, fmt.Errorf("there are %d scopes; use at most %d", len(words), maxScopes)
	}
	for _, word := range words {
		if slices.Contains(otherScopes, word) {
			if !slices.Contains(out.Others, word) {
				out.Others = append(out.Others, word)
			}
			continue
		}
		scope, err := parseScope(word)
		if err != nil {
			return Scopes{}, err
		}
		out.Resources = append(out.Resources, scope)
	}
	return out, nil
}

func parseScope(word string) (Scope, error) {
	bad := func(why string) (Scope, error) { return Scope{}, fmt.Errorf("scope %q: %s", clip(word), why) }
	body, query, limited := strings.Cut(word, "?")
	level, rest, ok := strings.Cut(body, "/")
	s := Scope{Level: Level(level)}
	if !ok || !slices.Contains([]Level{PatientLevel, UserLevel, SystemLevel}, s.Level) {
		return bad("it must start with patient/, user/ or system/")
	}
	typ, actions, ok := strings.Cut(rest, ".")
	if !ok || !isTypeName(typ) {
		return bad("after the slash comes a resource type or *, then a dot, such as user/Observation.rs")
	}
	s.Type = typ
	if s.Actions, ok = parseActions(actions); !ok {
		return bad("after the dot come some of the letters c, r, u, d and s in this order, or read, write or *")
	}
	if limited {
		var err error
		if s.Limit, err = url.ParseQuery(query); err != nil || len(s.Limit) == 0 {
			return bad("after the question mark come search parameters, such as category=laboratory")
		}
		for name, values := range s.Limit {
			if name == "" || slices.Contains(values, "") {
				return bad("a search parameter after the question mark has no name or no value")
			}
		}
	}
	return s, nil
}

func isTypeName(s string) bool {
	if s == "*" {
		return true
	}
	if s == "" || len(s) > 64 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func parseActions(s string) (a Action, ok bool) {
	switch s {
	case "*":
		return allActions, true
	case "read":
		return Read | Search, true
	case "write":
		return Create | Update | Delete, true
	}
	next := 0
	for _, c := range s {
		i := strings.IndexRune(actionLetters, c)
		if i < next {
			return 0, false // unknown (-1), out of order, or twice
		}
		a |= 1 << i
		next = i + 1
	}
	return a, a != 0
}

// clip keeps an error short, whatever somebody sent.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}

// String writes the scope in the notation of SMART App Launch 2.
func (s Scope) String() string {
	out := string(s.Level) + "/" + s.Type + "." + s.Actions.String()
	if len(s.Limit) > 0 {
		out += "?" + s.Limit.Encode()
	}
	return out
}

// String writes the scopes so that ParseScopes reads them again.
func (s Scopes) String() string {
	words := make([]string, 0, len(s.Resources)+len(s.Others))
	for _, r := range s.Resources {
		words = append(words, r.String())
	}
	return strings.Join(append(words, s.Others...), " ")
}

// Covers reports whether the scope is about an action on a type, within its limit if it has one.
func (s Scope) Covers(resourceType string, a Action) bool {
	return (s.Type == "*" || s.Type == resourceType) && a != 0 && s.Actions&a == a
}

// Allows reports whether one scope gives the action on a type without a limit. It says nothing about whose
// resources: see [Scope.Level].
func (s Scopes) Allows(resourceType string, a Action) bool {
	return slices.ContainsFunc(s.Resources, func(r Scope) bool { return len(r.Limit) == 0 && r.Covers(resourceType, a) })
}

// Covering returns the scopes that give the action on a type. What is asked for is allowed if it meets the limit
// of at least one of them; if there is none, it is not.
func (s Scopes) Covering(resourceType string, a Action) []Scope {
	var out []Scope
	for _, r := range s.Resources {
		if r.Covers(resourceType, a) {
			out = append(out, r)
		}
	}
	return out
}

// Has reports whether one of the scopes that are about no resources is there.
func (s Scopes) Has(other string) bool { return slices.Contains(s.Others, other) }

// Within reports whether everything that s gives is also given by granted, so that a token never has more than
// what was agreed to. Levels count as different things, and so do limits.
func (s Scopes) Within(granted Scopes) bool {
	for _, o := range s.Others {
		if !granted.Has(o) {
			return false
		}
	}
	for _, r := range s.Resources {
		var given Action
		for _, g := range granted.Resources {
			if g.Level == r.Level && (g.Type == "*" || g.Type == r.Type) &&
				(len(g.Limit) == 0 || g.Limit.Encode() == r.Limit.Encode()) {
				given |= g.Actions
			}
		}
		if r.Actions&^given != 0 {
			return false
		}
	}
	return true
}
