package search

import (
	"slices"
	"strconv"
	"strings"
)

// resultParams are parameters about the result rather than about resources.
var resultParams = map[string]bool{
	"_sort": true, "_count": true, "_total": true, "_summary": true, "_elements": true, "_include": true, "_revinclude": true,
	"_contained": true, "_containedType": true, "_format": true, "_pretty": true, "_type": true, "_maxresults": true, "_score": true,
}

// result reads a parameter about the result.
func (c *compiler) result(typ string, p Param) error {
	out := c.out
	base, modifier, _ := strings.Cut(p.Name, ":")
	if modifier != "" && base != "_include" && base != "_revinclude" {
		return unsupported(p.Name, "takes no modifier")
	}
	switch base {
	case "_format", "_pretty", "_score":
		return nil
	case "_count", "_maxresults":
		n, err := strconv.Atoi(p.Value)
		if err != nil || n < 0 {
			return wrong(p.Name, "%q is not a number of resources; write 0 or more", p.Value)
		}
		out.Count = n
	case "_total":
		switch p.Value {
		case "none", "estimate", "accurate":
			out.Total = p.Value
		default:
			return wrong(p.Name, "%q is not one of none, estimate, accurate", p.Value)
		}
	case "_summary":
		switch p.Value {
		case "true", "text", "data", "count", "false":
			out.Summary.Mode = p.Value
		default:
			return wrong(p.Name, "%q is not one of true, text, data, count, false", p.Value)
		}
	case "_elements":
		for _, e := range strings.Split(p.Value, ",") {
			if e = strings.TrimSpace(e); e != "" {
				out.Summary.Elements = append(out.Summary.Elements, e)
			}
		}
	case "_contained":
		if p.Value != "false" {
			return unsupported(p.Name, "searching in contained resources is not supported; leave it away")
		}
	case "_containedType":
		return unsupported(p.Name, "searching in contained resources is not supported; leave it away")
	case "_type":
		if typ != "" {
			return wrong(p.Name, "this search is already limited to %s; use it on the server's base address", typ)
		}
		return c.types(p)
	case "_sort":
		return c.sort(typ, p)
	case "_include", "_revinclude":
		return c.include(typ, p, base == "_revinclude", modifier)
	}
	return nil
}

// types limits a search over all types.
func (c *compiler) types(p Param) error {
	keep := map[int]bool{}
	for _, name := range strings.Split(p.Value, ",") {
		n := c.Number(strings.TrimSpace(name))
		if n == 0 {
			return wrong(p.Name, "%q is not a FHIR R4 resource type", name)
		}
		keep[n] = true
	}
	f := &c.out.Plan.Filter
	f.DenyTypes = slices.Clone(f.DenyTypes)
	for n := range c.Names() {
		if !keep[n+1] && !slices.Contains(f.DenyTypes, n+1) {
			f.DenyTypes = append(f.DenyTypes, n+1)
		}
	}
	return nil
}

func (c *compiler) include(typ string, p Param, reverse bool, modifier string) error {
	in := Include{Reverse: reverse}
	switch modifier {
	case "":
	case "iterate", "recurse":
		in.Iterate = true
	default:
		return unsupported(p.Name, "the modifier %q is not known; use :iterate", modifier)
	}
	if p.Value == "*" {
		if reverse {
			return unsupported(p.Name, "* is too broad here; name the type and parameter, such as Provenance:target")
		}
		in.Source, in.Param = typ, "*"
		c.out.Includes = append(c.out.Includes, in)
		return nil
	}
	parts := strings.Split(p.Value, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return wrong(p.Name, "%q must be written as Type:parameter or Type:parameter:TargetType", p.Value)
	}
	in.Source, in.Param = parts[0], parts[1]
	if len(parts) == 3 {
		in.Target = parts[2]
		if in.Target != "" && c.Number(in.Target) == 0 {
			return wrong(p.Name, "%q is not a FHIR R4 resource type", in.Target)
		}
	}
	if c.Number(in.Source) == 0 {
		return wrong(p.Name, "%q is not a FHIR R4 resource type", in.Source)
	}
	if in.Param != "*" {
		sp, ok := c.Param(in.Source, in.Param)
		if !ok || sp.Type != "reference" {
			return wrong(p.Name, "%s has no reference parameter %q", in.Source, in.Param)
		}
		if err := built(p.Name, sp); reverse && err != nil {
			return err
		}
	} else if reverse {
		return unsupported(p.Name, "* is too broad here; name the parameter")
	}
	c.out.Includes = append(c.out.Includes, in)
	return nil
}
