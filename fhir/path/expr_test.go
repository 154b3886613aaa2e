package path

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
)

const patient = `{"resourceType":"Patient","id":"p","active":true,
"name":[{"use":"official","family":"Chalmers","given":["Peter","James"],"_given":[null,{"extension":[{"url":"http://e","valueString":"x"}]}]},{"use":"usual","given":["Jim"]}],
"birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
"_gender":{"extension":[{"url":"http://e","valueCode":"unknown"}]},
"multipleBirthInteger":2,
"contact":[{"name":{"family":"Abels"},"relationship":[{"text":"partner"}]}],
"generalPractitioner":[{"reference":"#gp"},{"reference":"Practitioner/9"}],
"contained":[{"resourceType":"Practitioner","id":"gp","name":[{"family":"House"}]}],
"extension":[{"url":"http://q","valueQuantity":{"value":1.50,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}]}`

func parsed(t testing.TB, s string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// texts evaluates an expression on the patient above and writes the results side by side.
func texts(t testing.TB, env Env, expr string) (string, error) {
	t.Helper()
	e, err := Compile(expr)
	if err != nil {
		return "", err
	}
	vs, err := e.Eval(env, Root(parsed(t, patient)))
	if err != nil {
		return "", err
	}
	var out []string
	for _, v := range vs {
		s := v.Text()
		if s == "" {
			s = v.TypeName()
		}
		out = append(out, s)
	}
	return strings.Join(out, " "), nil
}

func TestEval(t *testing.T) {
	env := Env{
		Now:       time.Date(2026, 11, 24, 23, 30, 0, 0, time.FixedZone("", -5*3600)),
		Variables: map[string][]Value{"limit": {IntegerOf(7)}, "names": {StringOf("a"), StringOf("b")}},
	}
	for _, c := range []struct{ expr, want string }{
		// exact decimals
		{"extension('http://q').value.value", "1.50"},
		{"extension('http://q').value.value + 1", "2.50"},
		{"1.50", "1.50"}, {"0.1 + 0.2", "0.3"}, {"1.0 / 3.0", "0.3333333333333333333333333333"}, {"10 / 4", "2.5"}, {"7 div 2 * 2 + 7 mod 2", "7"},
		{"100 * 1.10", "110.00"}, {"-7 div 2", "-3"}, {"-7 mod 2", "-1"}, {"2147483647 + 1", ""}, {"1e3", "error"},
		{"2.power(31)", ""}, {"2.power(30)", "1073741824"}, {"2.power(-1)", "0.5"}, {"(-8).abs()", "8"}, {"3.7.truncate()", "3"}, {"2.5.round()", "3"},
		{"4 days", "4 days"}, {"1 'mg' + 1 'g'", "1001 'mg'"}, {"3 'h' - 30 minutes", "2.5 'h'"}, {"2 'mg' * 3", "6 'mg'"}, {"6 'mg' / 2 'mg'", "3 '1'"},
		{"1 'mmol/L' = 1 'mol/m3'", "true"}, {"1 '[in_i]' = 2.54 'cm'", "true"}, {"120 'mm[Hg]' > 15 'kPa'", "true"}, {"1 'mg' = 1 'mL'", ""}, {"37 'Cel' = 37 'Cel'", "true"},
		{"1 year = 12 months", "true"}, {"1 year = 1 'a'", ""}, {"1 year ~ 1 'a'", "true"}, {"1 'L'.toQuantity('mL')", "1000 'mL'"},

		// navigation, choices, primitives that have only extensions
		{"Patient.name.given", "Peter James Jim"}, {"name[0].given[1]", "James"}, {"Resource.id | DomainResource.id", "p"}, {"Person.name", ""},
		{"multipleBirth", "2"}, {"multipleBirthInteger", "2"}, {"multipleBirth is integer", "true"}, {"multipleBirth.ofType(boolean)", ""},
		{"gender.exists()", "true"}, {"gender.hasValue()", "false"}, {"gender = 'male'", "false"}, {"gender.extension('http://e').value", "unknown"},
		{"name.given.extension.value", "x"}, {"contact.type().name", "BackboneElement"}, {"contact.name.type().name", "HumanName"},
		{"contained.name.family", "House"}, {"children().count()", "12"}, {"descendants().where($this is Coding).count()", "0"},
		{"name.where(use = 'official').given.first()", "Peter"}, {"name.select(given.count())", "2 1"}, {"name.given.select($index)", "0 1 2"},
		{"birthDate.value", ""}, {"birthDate.getValue() is System.Date", "true"}, {"id.is(System.String)", "false"},
		{"name.given.aggregate($total & $this, '')", "PeterJamesJim"}, {"repeat(contact).name.family", "Abels"},
		{"generalPractitioner.resolve().id", "gp"}, {"generalPractitioner.resolve() is Practitioner", "true"},
		{"%resource.id & %rootResource.id & %context.id", "ppp"}, {"%limit + 1", "8"}, {"%names.join('-')", "a-b"}, {"%`vs-x`", "http://hl7.org/fhir/ValueSet/x"}, {"%nobody", "error"},
		{"iif(active, 'yes', 'no')", "yes"}, {"name.exists(use = 'old')", "false"}, {"name.all(given.exists())", "true"},

		{"getResourceKey()", "Patient/p"}, {"generalPractitioner.getReferenceKey()", "Practitioner/9"}, {"generalPractitioner.getReferenceKey(Patient)", ""},
		{"generalPractitioner.getReferenceKey(Practitioner)", "Practitioner/9"}, {"name.ofType()", "error"},

		// three-valued logic
		{"{} and false", "false"}, {"{} and true", ""}, {"{} or true", "true"}, {"false implies {}", "true"}, {"{} implies true", "true"}, {"true xor {}", ""},

		// dates
		{"birthDate + 1 month", "1975-01-25"}, {"@2024-01-31 + 1 month", "2024-02-29"}, {"@2024-02-29 + 1 year", "2025-02-28"}, {"@2024 + 13 months", "2025"},
		{"@2024-05 - 40 days", "2024-04"}, {"@T23:30 + 45 minutes", "00:15"}, {"@T00:10 - 20 minutes", "23:50"}, {"@2024-12-31T23:59:59Z + 1 second", "2025-01-01T00:00:00Z"},
		{"@2024-03-10T10:00:00.25Z + 1 hour", "2024-03-10T11:00:00.25Z"}, {"@2024-03-10T10:00:00.25Z + 1 millisecond", "2024-03-10T10:00:00.251Z"}, {"@2024-05-01T10:00 + 90 seconds", "2024-05-01T10:01"},
		{"@2024-05-01 < @2024-05-02T00:00:00Z", "true"}, {"@2024-05-01T00:00:00Z < @2024-05-03T00:00:00", "true"}, {"@2024-05-01T00:00:00Z < @2024-05-01T10:00:00", ""},
		{"@2024-05-01T23:00:00-02:00 = @2024-05-02T01:00:00Z", "true"}, {"@T10:30 < @T10:30:01", ""}, {"@T10:29 < @T10:30:01", "true"},
		{"@2024-02-30", "error"}, {"@2024-13", "error"}, {"@T24:00", "error"}, {"today()", "2026-11-24"}, {"now()", "2026-11-24T23:30:00.000-05:00"}, {"timeOfDay()", "23:30:00.000"},
		{"'2024-05-01T10:00:00Z'.toDate()", "2024-05-01"}, {"'nonsense'.toDate()", ""}, {"@2024-05.highBoundary()", "2024-05-31"}, {"@2024-05-01T10:15.lowBoundary()", "2024-05-01T10:15:00.000+14:00"},
		{"0.2.lowBoundary(1)", "0.1"}, {"0.lowBoundary(1)", "-0.5"}, {"0.highBoundary(1)", "0.5"},

		// strings
		{"'aéz'.length()", "3"}, {"'aéz'.substring(1, 1)", "é"}, {"'aéz'.indexOf('z')", "2"}, {"'a-b'.replaceMatches('(\\\\w)-(\\\\w)', '$2_$1')", "b_a"},
		{"'abc'.matches('^B')", "false"}, {"'ab' + {}", ""}, {"'ab' & {}", "ab"}, {"'a b'.encode('hex')", "612062"}, {"'zz'.decode('hex')", ""},
		{"'x'.toChars() = 'x'", "true"}, {"'A B' ~ 'a  b'", "true"}, {"1.587.toString()", "1.587"}, {"('b' | 'a').sort()", "a b"}, {"(3|1|2).sort(-$this)", "3 2 1"},

		// collections
		{"(1 | 2 | 2.0).count()", "2"}, {"1 in (2 | 1.0)", "true"}, {"(1|2|3).exclude(2)", "1 3"}, {"(1|2|3).intersect(3|2)", "2 3"}, {"(1|2).combine(2)", "1 2 2"},
		{"(1|2|3).tail()", "2 3"}, {"(1|2|3).last()", "3"}, {"(1|2|3).take(2)", "1 2"}, {"(1|2|3).skip(9)", ""}, {"(1|2)[5]", ""}, {"{}.count()", "0"},
		{"(1|2).single()", "error"}, {"(1|2) + 1", "error"}, {"'a' > 1", "error"}, {"(true|'a').allTrue()", "error"}, {"-'a'", "error"},
		{"name = name", "true"}, {"name[0] = name[1]", "false"}, {"1.trace('x') + 1", "2"},
	} {
		got, err := texts(t, env, c.expr)
		switch {
		case c.want == "error":
			if err == nil {
				t.Errorf("%s: an error was expected, got %q", c.expr, got)
			}
		case err != nil:
			t.Errorf("%s: %v", c.expr, err)
		case got != c.want:
			t.Errorf("%s: got %q, want %q", c.expr, got, c.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct {
		expr   string
		offset int
		reason string
	}{
		{"", 0, "not the end"},
		{"name.", 5, "after a dot"},
		{"name given", 5, "does not continue"},
		{"name.where(use = 'x'", 20, `","`},
		{"name.fooBar()", 5, "no function fooBar()"},
		{"name.Where(true)", 5, "do you mean where()?"},
		{"name.where()", 5, "where() takes 1 argument, not 0"},
		{"name.first(1)", 5, "no arguments"},
		{"'abc", 0, "never closed"},
		{`'a\x'`, 2, "unknown escape"},
		{`"abc"`, 0, "single quotes"},
		{"value is Quantitty", 9, "no type Quantitty"},
		{"value.ofType(System.Foo)", 13, "no type System.Foo"},
		{"@2024-1", 0, "no such date"},
		{"$that", 0, "unknown variable"},
		{"a.$this", 2, "cannot follow a dot"},
		{"99999999999", 0, "32 bits"},
		{"'a'.matches('[')", 4, "regular expression"},
		{"a ? b", 2, "no meaning"},
		{"/* x", 0, "never closed"},
		{strings.Repeat("(", 300) + "1", 200, "deeper than 200"},
		{strings.Repeat("-", 300) + "1", 200, "deeper than 200"},
		{"{1}", 1, "empty collection"},
	} {
		_, err := Compile(c.expr)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.40q: want an *Error, got %v", c.expr, err)
			continue
		}
		if e.Offset != c.offset || !strings.Contains(e.Reason, c.reason) {
			t.Errorf("%.40q: got offset %d, %q; want %d, %q", c.expr, e.Offset, e.Reason, c.offset, c.reason)
		}
	}
}

func TestErrorShowsThePlace(t *testing.T) {
	_, err := Compile("name\n  .where(use = ))")
	want := "FHIRPath, line 2, column 16 (name .where(use = ⟶))): here a value, a name or a function must stand, not \")\""
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, err = texts(t, Env{}, "name.given.single()")
	want = "FHIRPath, column 12 (name.given.⟶single()): single() demands at most one item, but there are 3"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestErrorsHoldNoData makes sure that an error about a value does not show the value.
func TestErrorsHoldNoData(t *testing.T) {
	for _, expr := range []string{"name.family + 1", "name.first().family < birthDate", "name.given.single()", "name.where(family.abs() > 1)", "birthDate + 1 'cm'", "id.lowBoundary()"} {
		_, err := texts(t, Env{}, expr)
		if err == nil {
			t.Errorf("%s gave no error", expr)
			continue
		}
		for _, secret := range []string{"Chalmers", "Peter", "1974"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows %q: %v", expr, secret, err)
			}
		}
	}
}

// TestLimits runs expressions that would otherwise take for ever or fill the memory.
func TestLimits(t *testing.T) {
	for _, expr := range []string{
		"(1|2|3|4|5|6|7|8|9|10).repeat($this + 1).count()",
		"descendants().select(%resource.descendants().select(%resource.descendants().select(%resource.descendants()))).count()",
		strings.Repeat("descendants().select(", 20) + "1" + strings.Repeat(")", 20),
		"'ab'" + strings.Repeat(".replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", 20),
		"%resource.descendants().descendants().descendants().aggregate($total & $total, 'xxxxxxxxxxxxxxxx')",
		"9.9999999999999999" + strings.Repeat(".power(99)", 10) + ".toString().matches('x') and (1|2).repeat($this * 2 + 1).exists()",
		"1.repeat($this.toString() + 'x')",
	} {
		start := time.Now()
		got, err := texts(t, Env{}, expr)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.60s took %v", expr, took)
		}
		if err == nil && len(got) > maxString {
			t.Errorf("%.60s gave %d bytes", expr, len(got))
		}
	}
	if _, err := texts(t, Env{MaxSteps: 10}, "descendants().count()"); err == nil || !strings.Contains(err.Error(), "too many steps") {
		t.Errorf("a small budget gave %v", err)
	}
}

func TestClockIsExplicit(t *testing.T) {
	if _, err := texts(t, Env{}, "now()"); err == nil {
		t.Error("now() without a clock gave no error")
	}
}

type terms struct{}

func (terms) MemberOf(v Value, set string) (member, known bool, err error) {
	s, _ := v.Str()
	return s == "official", set == "http://known", nil
}

type profiles struct{}

func (profiles) ConformsTo(v Value, profile string) (conforms, known bool, err error) {
	return v.TypeName() == "Patient", profile == "http://mine", nil
}

func TestHelpers(t *testing.T) {
	practitioner := parsed(t, `{"resourceType":"Practitioner","id":"9"}`)
	var traced []string
	env := Env{
		Terms: terms{}, Profiles: profiles{},
		Resolver: ResolverFunc(func(ref string) (fhir.Node, error) {
			if ref == "Practitioner/9" {
				return practitioner.Root(), nil
			}
			return fhir.Node{}, nil
		}),
		Trace: func(name string, vs []Value) { traced = append(traced, name+"="+vs[0].Text()) },
	}
	for _, c := range []struct{ expr, want string }{
		{"name.select(use.memberOf('http://known'))", "true false"}, {"name[0].use.memberOf('http://other')", ""},
		{"conformsTo('http://mine')", "true"}, {"conformsTo('http://hl7.org/fhir/StructureDefinition/Person')", "false"}, {"conformsTo('http://other')", "error"},
		{"generalPractitioner.resolve().id", "gp 9"}, {"name[0].given.first().trace('t')", "Peter"},
	} {
		got, err := texts(t, env, c.expr)
		if c.want == "error" {
			if err == nil {
				t.Errorf("%s: an error was expected, got %q", c.expr, got)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.expr, got, err, c.want)
		}
	}
	if len(traced) != 1 || traced[0] != "t=Peter" {
		t.Errorf("traced %q", traced)
	}
}

func TestHTMLChecks(t *testing.T) {
	for _, c := range []struct {
		div  string
		good bool
	}{
		{`<div xmlns="http://www.w3.org/1999/xhtml"><p class="x">Hello <b>you</b>&nbsp;</p></div>`, true},
		{`<div xmlns="http://www.w3.org/1999/xhtml"> <p/> </div>`, false},
		{`<div>Hello</div>`, false},
		{`<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>`, false},
		{`<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x">a</p></div>`, false},
		{`<div xmlns="http://www.w3.org/1999/xhtml"><a href=" javascript:x">a</a></div>`, false},
		{`<div xmlns="http://www.w3.org/1999/xhtml"><p>a</div>`, false},
		{`<!DOCTYPE div [<!ENTITY a "b">]><div xmlns="http://www.w3.org/1999/xhtml">&a;</div>`, false},
	} {
		if fault := narrativeFault(c.div); (fault == "") != c.good {
			t.Errorf("%s: %q", c.div, fault)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	e := MustCompile("name.where(use = 'official').given.select($this & '-' & $index.toString()).join(',')")
	root := Root(parsed(t, patient))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				vs, err := e.Eval(Env{}, root)
				if err != nil || len(vs) != 1 || vs[0].Text() != "Peter-0,James-1" {
					t.Errorf("got %s, %v", show(vs), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestElementAsStart(t *testing.T) {
	r := parsed(t, patient)
	contact := r.Get("contact").First()
	v := Element(contact, fhir.Node{}, "Patient.contact")
	vs, err := MustCompile("name.exists() or telecom.exists() or address.exists() or organization.exists()").Eval(Env{Resource: r.Root()}, v)
	if err != nil || len(vs) != 1 || vs[0].Text() != "true" {
		t.Errorf("got %s, %v", show(vs), err)
	}
	birth := Element(r.Get("birthDate"), r.Get("_birthDate"), "date")
	holds, known, err := MustCompile("hasValue() or (children().count() > id.count())").Bool(&Env{Resource: r.Root()}, birth)
	if !holds || !known || err != nil {
		t.Errorf("ele-1: %v %v %v", holds, known, err)
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"Patient.name.where(use = 'a').given[0]", "1 + 2 * -3.5 'mg' div 2", "@2024-05-01T10:00:00.5+02:00 > now()", "%`a-b`.is(System.String) and {} | $this", "a.repeat(b).aggregate($total+$this,0)", "'\\u00e9'.matches('x') /* c */ // d"} {
		f.Add(s)
	}
	root := Root(parsed(f, patient))
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Compile(s)
		if err != nil {
			_ = err.Error()
			return
		}
		_ = e.Check("Patient")
		vs, err := e.Eval(Env{MaxSteps: 20000, Now: time.Unix(1e9, 0).UTC()}, root)
		if err != nil {
			_ = err.Error()
		}
		for _, v := range vs {
			_ = v.Text()
		}
	})
}

func BenchmarkEval(b *testing.B) {
	needSuite(b)
	obs := Root(input(b, "observation-example.xml"))
	pat := Root(input(b, "patient-example.xml"))
	for _, c := range []struct {
		focus Value
		expr  string
	}{
		{obs, "Observation.code"}, {obs, "Observation.component.code | Observation.code"}, {obs, "(Observation.value as CodeableConcept)"},
		{pat, "Patient.name"}, {pat, "Patient.telecom.where(system='phone')"}, {pat, "Patient.deceased.exists() and Patient.deceased != false"},
		{pat, "hasValue() or (children().count() > id.count())"}, {pat, "contact.all(name.exists() or telecom.exists() or address.exists() or organization.exists())"},
	} {
		e := MustCompile(c.expr)
		env := &Env{}
		b.Run(c.expr, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := e.run(env, c.focus, func(*machine) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("compile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Compile("Patient.telecom.where(system='phone')"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
