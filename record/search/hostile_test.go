package search_test

import (
	"fmt"
	"strings"
)

// hostile are 200 values of the kinds that break systems which paste what they are sent into statements, patterns,
// paths, pages or numbers.
func hostile() []string {
	out := []string{
		// Statements.
		`'`, `''`, `"`, "`", `;`, `--`, `/*`, `*/`, `#`, `\`, `\'`, `\\'`, `');--`, `' OR '1'='1`, `' OR 1=1--`, `" OR "1"="1`, `') OR ('1'='1`, `1 OR 1=1`, `1; DROP TABLE resource`,
		`'; DROP TABLE resource; --`, `' UNION SELECT NULL--`, `' UNION SELECT body FROM resource--`, `' UNION ALL SELECT sql FROM sqlite_master--`, `'||(SELECT hex(body) FROM resource)||'`,
		`' AND (SELECT count(*) FROM sqlite_master)>0--`, `'; ATTACH DATABASE '/tmp/x' AS x; --`, `'; PRAGMA writable_schema=1; --`, `'; VACUUM INTO '/tmp/x'; --`, `' AND randomblob(1000000000)--`,
		`'; SELECT pg_sleep(10); --`, `' || pg_sleep(10)--`, `'; COPY resource TO PROGRAM 'id'; --`, `1)) OR 1=1--`, `x' AND email IS NULL; --`, `' HAVING 1=1--`, `' ORDER BY 99--`, `' LIMIT 0 OFFSET 1--`,
		`admin'--`, `' OR ''='`, `' OR 'a' LIKE '%`, `0x27206f722031`, `CHAR(39)`, `' /*!50000OR*/ 1=1`, `%27%20OR%201=1`, `%2527`, `$$`, `$1`, `$1$2`, `?`, `?1`, `:name`, `@x`, `{{7*7}}`, `${7*7}`, `#{7*7}`, `<%= 7*7 %>`, `{"$gt":""}`, `[$ne]=1`,
		`' OR resource MATCH 'x`, `"; SELECT load_extension('x'); --`, `' OR json_extract(body,'$')--`, `'; UPDATE resource SET org=0; --`, `'; DELETE FROM audit; --`, `\x27 OR 1=1`,
		// Patterns.
		`%`, `_`, `%%`, `%a%`, `_____`, `*`, `**`, `.*`, `^$`, `[a-z]`, `(a+)+$`, `(?i)a`, `a{1000000}`, `\%`, `\_`, `%_%_%_%_%_%`, `?*`, `[`, `]`, `(`, `)`, `[^]`, `(((((((((((((((((((((`,
		// Separators of searches.
		`,`, `,,`, `,,,,,,`, `|`, `||`, `|||`, `a|`, `|a`, `a|b|c`, `a|b|c|d`, `$`, `a$b`, `a$b$c`, `$$$`, `\,`, `\|`, `\$`, `\\,`, `a\`, `a,\`, `a\,b,c`, `:`, `a:b`, `Patient/`, `/1`, `Patient/1/2`, `Patient/1/_history/1`, `Patient?x=1`, `#a`, `urn:uuid:`, `http://`, `http://a|`, `//`,
		// Paths.
		`../../etc/passwd`, `..\..\x`, `/etc/passwd`, `file:///etc/passwd`, `C:\x`, `\\server\share`, `a/../b`, `%00`, `%2e%2e%2f`,
		// Pages and protocols.
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `&lt;`, `&#0;`, `<!--`, `]]>`, "a\r\nSet-Cookie: x=1", "a\nb", "a\tb", `%0d%0aX: y`, `${jndi:ldap://x}`, `() { :; };`, "| ls", "; ls", "$(ls)", "&& ls",
		// Characters.
		"\x00", "a\x00b", "\x01", "\x7f", "\x1b[2J", "\ufeff", "\u200b", "\u202ea", "\u0301", "é", "e\u0301", "ß", "İ", "ı", "ﬀ", "𝒜", "😀", "👩‍👩‍👧‍👦", "\xff", "\xc0\xaf", "a\xed\xa0\x80", "\u2028", "ｓｅｌｅｃｔ", "ＮＵＬＬ", "ʼ OR 1=1", "’ OR 1=1",
		// Numbers.
		`0`, `-0`, `-1`, `1e308`, `1e309`, `-1e999999999`, `1e-400`, `NaN`, `Infinity`, `-Inf`, `0x10`, `1_000`, `9223372036854775808`, `18446744073709551616`, `1.7976931348623159e308`, `.`, `1.`, `.5`, `+1`, `1,5`, `١٢٣`, `eq`, `ge`, `gele5`, `ap0`, `ap1e308`, `ne1e-300`, `5|`, `5||`, `5|||`, `5|http://unitsofmeasure.org|`,
		// Dates.
		`0000`, `0001-01-01`, `9999-12-31T23:59:59.999Z`, `10000-01-01`, `2026-13`, `2026-02-30`, `2026-00-00`, `2026-01-01T25:00:00Z`, `2026-01-01T24:00:00Z`, `2026-01-01T00:00:60Z`, `2026-01-01T00:00:00+99:99`, `ge2026-01-01T00:00:00.000000000000000001Z`, `-2026`, `2026-1-1`, `ap0001`, `ap9999`, `today`, `now`,
		// Much.
		strings.Repeat("a", 100_000), strings.Repeat("%", 10_000), strings.Repeat("a,", 999), many("a%d,", 100), many("a%d,", 101), many("%d,", 999), many("x|%d,", 1000), many("2026-01-01T00:00:00.%03dZ,", 100), many("ge%d,", 100), many("a%d|b$%d,", 100), many("Patient/%d,", 1000), strings.Repeat(",", 5_000), strings.Repeat("|", 5_000), strings.Repeat("$", 5_000), strings.Repeat(`\`, 9_999), strings.Repeat("9", 5_000), strings.Repeat("é", 50_000),
		// Words of other things.
		`null`, `undefined`, `true`, `false`, `None`, `nil`, `{}`, `[]`, `()`, `__proto__`, `constructor`, `toString`, `_id`, `_has`,
	}
	return out
}

// many are numbered values.
func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
	}
	return strings.ReplaceAll(b.String(), "%03d", "123")
}

// hostileNames are names of parameters, good and bad ones, of every kind of search.
var hostileNames = []string{
	"_id", "_lastUpdated", "_tag", "_profile:below", "_source", "_text", "_content", "_list", "_sort", "_count", "_include", "_revinclude", "_elements", "_summary", "_total", "_type", "_contained", "_query", "_filter",
	"code", "code:not", "code:text", "code:in", "code:not-in", "code:below", "code:above", "code:missing", "code:of-type", "identifier:of-type", "identifier", "combo-code-value-quantity", "code-value-quantity",
	"subject", "subject:Patient", "subject:identifier", "patient", "patient.name", "patient.name:contains", "patient.birthdate", "subject:Patient.identifier", "patient.organization.name",
	"date", "date:missing", "value-quantity", "value-string", "value-string:contains", "value-string:exact", "_has:Observation:subject:code", "_has:Provenance:target:agent", "has-member.code", "name", "name:exact", "name:contains", "address", "birthdate", "url", "url:below", "near",
}
