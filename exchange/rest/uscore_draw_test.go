package rest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	fhirpath "github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/record/searchtest"
)

// wanted is one way to search by a parameter: parameters as they are sent, and as the slow search takes them,
// which knows of no server's address.
type wanted struct {
	style string
	sent  []searchtest.Param
	slow  []searchtest.Param
	self  bool // the resource from which the value was taken must be found
}

func plainly(style, name, value string, self bool) wanted {
	p := []searchtest.Param{{Name: name, Value: value}}
	return wanted{style, p, p, self}
}

// drawer takes values for searches from resources, by US Core's own expressions.
type drawer struct {
	core *usCore
	docs map[string]*fhir.Resource
}

// values are what a parameter's expression gives for a resource.
func (d *drawer) values(r *fhir.Resource, p *usParam) []fhirpath.Value {
	expr, err := fhirpath.Compile(p.Expression)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", p.Code, err))
	}
	resolve := fhirpath.ResolverFunc(func(ref string) (fhir.Node, error) {
		if doc := d.docs[ref]; doc != nil {
			return doc.Root(), nil
		}
		return fhir.Node{}, nil
	})
	out, err := expr.Eval(fhirpath.Env{Resource: r.Root(), Resolver: resolve}, fhirpath.Root(r))
	if err != nil {
		panic(fmt.Sprintf("%s of %s/%s: %v", p.Code, r.Type(), r.ID(), err))
	}
	return slices.DeleteFunc(out, func(v fhirpath.Value) bool { return !v.HasValue() })
}

// wants are the ways to search for a resource by a parameter; none where the resource has no value.
func (d *drawer) wants(r *fhir.Resource, p *usParam) (out []wanted) {
	for _, v := range d.values(r, p) {
		switch p.Type {
		case "token":
			out = tokenWants(p, v)
		case "string":
			out = stringWants(p, v)
		case "date":
			out = dateWants(p, v)
		case "reference":
			out = d.referenceWants(p, v)
		default:
			panic(p.Code + " is a " + p.Type)
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func tokenWants(p *usParam, v fhirpath.Value) []wanted {
	var system, code string
	n := v.Node()
	switch v.TypeName() {
	case "Coding":
		system, code = n.Get("system").Text(), n.Get("code").Text()
	case "CodeableConcept":
		c := n.Get("coding").First()
		system, code = c.Get("system").Text(), c.Get("code").Text()
	case "Identifier":
		system, code = n.Get("system").Text(), n.Get("value").Text()
	default:
		code = v.Text()
	}
	if code == "" {
		return nil
	}
	code, system = escaped(code), escaped(system)
	out := []wanted{
		plainly("code", p.Code, code, true),
		plainly("code list", p.Code, "unheard-of,"+code, true),
		plainly("other code", p.Code, "unheard-of", false),
	}
	if system != "" {
		out = append(out,
			plainly("system|code", p.Code, system+"|"+code, true),
			plainly("system|code list", p.Code, system+"|"+code+","+system+"|unheard-of", true),
			plainly("other system|code", p.Code, "http://example.org/another|"+code, false))
	}
	return out
}

func stringWants(p *usParam, v fhirpath.Value) []wanted {
	var text string
	n := v.Node()
	switch v.TypeName() {
	case "HumanName":
		for _, key := range []string{"family", "given", "text"} {
			for c := range n.Get(key).Values() {
				text = c.Text()
				break
			}
			if text != "" {
				break
			}
		}
	case "Address":
		for _, key := range []string{"city", "line", "text"} {
			for c := range n.Get(key).Values() {
				text = c.Text()
				break
			}
			if text != "" {
				break
			}
		}
	default:
		text = v.Text()
	}
	if text == "" {
		return nil
	}
	letters := []rune(text)
	return []wanted{
		plainly("whole", p.Code, escaped(text), true),
		plainly("beginning", p.Code, escaped(string(letters[:(len(letters)+1)/2])), true),
		plainly("capitals", p.Code, escaped(strings.ToUpper(text)), true),
		plainly("list", p.Code, "Unheard of,"+escaped(text), true),
	}
}

func dateWants(p *usParam, v fhirpath.Value) []wanted {
	text := v.Text()
	if v.TypeName() == "Period" {
		if text = v.Node().Get("start").Text(); text == "" {
			return nil
		}
	}
	if len(text) < 4 {
		return nil
	}
	out := []wanted{plainly("as it stands", p.Code, text, v.TypeName() != "Period")}
	if len(text) > 10 {
		out = append(out, plainly("day", p.Code, text[:10], false))
	}
	layout := "2006-01-02"[:min(len(text), 10)]
	day, err := time.Parse(layout, text[:len(layout)])
	if err != nil {
		return out
	}
	before, after := day.AddDate(-1, 0, -2).Format(layout), day.AddDate(1, 0, 2).Format(layout)
	moment := day.AddDate(0, 0, -1).Format("2006-01-02T15:04:05Z")
	asked := p.comparators()
	if p.Code == "_lastUpdated" && len(asked) == 0 {
		asked = []string{"gt", "lt", "ge", "le"}
	}
	for _, c := range asked {
		switch c {
		case "gt", "ge":
			out = append(out, plainly(c, p.Code, c+before, true), plainly(c+" moment", p.Code, c+moment, false), plainly(c+" itself", p.Code, c+text, c == "ge" && v.TypeName() != "Period"))
		case "lt", "le":
			out = append(out, plainly(c, p.Code, c+after, v.TypeName() != "Period"), plainly(c+" itself", p.Code, c+text, c == "le" && v.TypeName() != "Period"))
		default:
			out = append(out, plainly(c, p.Code, c+text, false))
		}
	}
	if slices.Contains(asked, "ge") && slices.Contains(asked, "le") {
		both := []searchtest.Param{{Name: p.Code, Value: "ge" + before}, {Name: p.Code, Value: "le" + after}}
		out = append(out, wanted{"from and to", both, both, v.TypeName() != "Period"})
	}
	return out
}

func (d *drawer) referenceWants(p *usParam, v fhirpath.Value) (out []wanted) {
	ref := v.Node().Get("reference").Text()
	if v.TypeName() == "canonical" {
		return []wanted{plainly("canonical", p.Code, escaped(v.Text()), true)}
	}
	typ, id, ok := strings.Cut(ref, "/")
	if !ok || strings.Contains(id, "/") || strings.Contains(ref, ":") {
		return nil
	}
	out = []wanted{
		plainly("Type/id", p.Code, ref, true),
		plainly("id", p.Code, id, true),
		plainly("list", p.Code, typ+"/unheard-of,"+ref, true),
		plainly("other", p.Code, typ+"/unheard-of", false),
		{"address", []searchtest.Param{{Name: p.Code, Value: "https://ehr.example/fhir/" + ref}}, []searchtest.Param{{Name: p.Code, Value: ref}}, true},
	}
	if target := d.docs[ref]; target != nil {
		for _, chain := range p.Chain {
			next := d.core.params[typ+"."+chain]
			if next == nil {
				continue
			}
			for _, w := range d.wants(target, next) {
				c := wanted{style: "chain " + chain + " " + w.style, self: w.self}
				for _, q := range w.sent {
					c.sent = append(c.sent, searchtest.Param{Name: p.Code + "." + q.Name, Value: q.Value})
				}
				for _, q := range w.slow {
					c.slow = append(c.slow, searchtest.Param{Name: p.Code + "." + q.Name, Value: q.Value})
				}
				out = append(out, c)
			}
		}
	}
	return out
}

// escaped puts a backslash before what separates.
func escaped(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(s)
}
