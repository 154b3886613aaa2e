package config

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// grammar is a small program of the kind that this package is for.
type grammar struct {
	File
	Data   string `help:"Directory of the database." default:"data" short:"d"`
	Serve  serve  `cmd:"" help:"Run the server."`
	Token  token  `cmd:"" help:"Make an access token."`
	Backup struct {
		Keep   int          `help:"How many to keep." default:"7"`
		Create backupCreate `cmd:"" help:"Make a backup."`
		Verify backupVerify `cmd:"" help:"Check a backup."`
	} `cmd:"" help:"Backups."`
}

type serve struct {
	Listen       string         `help:"Address to listen at." default:"localhost:8080"`
	IdleClinical time.Duration  `help:"End idle sessions of staff after so long." default:"15m"`
	TrustProxy   []netip.Prefix `help:"Networks of trusted proxies."`
	Modules      []string       `help:"Features." enum:"portal,billing,vitals" default:"portal,billing"`
	Log          string         `help:"Form of the log." enum:"text,json" default:"text"`
	Tls          bool           `help:"Use TLS." negatable:""`
	MaxBody      int            `help:"Megabytes." default:"16"`
	SMTPPassword string         `help:"Password of the mail server." secret:""`
	Workers      uint8          `help:"Workers." secret:""`
	Force        bool           `help:"Do as I say." only:"flag"`
}

func (s *serve) Run(out *strings.Builder) error {
	out.WriteString("serving at " + s.Listen)
	return nil
}

type token struct {
	TTL    time.Duration `help:"How long it is good." default:"1h"`
	Scopes string        `help:"Scopes." required:""`
}

type backupCreate struct {
	To string `help:"Directory." required:""`
}

type backupVerify struct {
	Path string `arg:""`
}

// given runs Parse with a file of the text, if any.
func given(t testing.TB, args, env, text string) (*grammar, *Command, error) {
	t.Helper()
	s := Source{Args: strings.Fields(args), Environ: strings.Split(env, "\n"), Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer),
		Exit: func(int) { t.Fatal("exit") }}
	if text != "" {
		s.DefaultFile = filepath.Join(t.TempDir(), "osler.conf")
		if err := os.WriteFile(s.DefaultFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := &grammar{}
	cmd, err := Parse(g, s, kong.Name("osler"))
	return g, cmd, err
}

func TestWhereOptionsAreFound(t *testing.T) {
	for _, c := range []struct {
		about, args, env, file string
		want                   string // of serve's Listen
	}{
		{"nowhere", "serve", "", "", "localhost:8080"},
		{"in the file", "serve", "", "listen = :1", ":1"},
		{"in the file, for the command", "serve", "", "listen = :1\n[serve]\nlisten = :2", ":2"},
		{"in the file, for another command", "serve", "", "listen = :1\n[backup]\nkeep = 2", ":1"},
		{"in the environment", "serve", "OSLER_LISTEN=:3", "[serve]\nlisten = :2", ":3"},
		{"on the command line", "serve --listen=:4", "OSLER_LISTEN=:3", "listen = :2", ":4"},
		{"on the command line, as the default is", "serve --listen=localhost:8080", "OSLER_LISTEN=:3", "listen = :2", "localhost:8080"},
		{"other variables", "serve", "LISTEN=:5\nOSLERLISTEN=:6\nPATH=/bin", "", "localhost:8080"},
		{"what Kubernetes sets for a service called osler", "serve", "OSLER_SERVICE_HOST=10.0.0.1\nOSLER_SERVICE_PORT=80\nOSLER_SERVICE_PORT_HTTP=80\n" +
			"OSLER_PORT=tcp://10.0.0.1:80\nOSLER_PORT_80_TCP=tcp://10.0.0.1:80\nOSLER_PORT_80_TCP_ADDR=10.0.0.1\nOSLER_WEB_SERVICE_HOST=10.0.0.2", "", "localhost:8080"},
	} {
		g, cmd, err := given(t, c.args, c.env, c.file)
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
			continue
		}
		if g.Serve.Listen != c.want || cmd.Name() != "serve" {
			t.Errorf("%s: %s of %s, want %s", c.about, g.Serve.Listen, cmd.Name(), c.want)
		}
	}
}

func TestFormsOfTheFile(t *testing.T) {
	g, _, err := given(t, "serve", "", "\ufeff# The practice.\r\n"+`
data = /srv/osler data # a path with a space
max-body=32
idle-clinical =	10m

[ serve ]   # all of the server's
trust-proxy = 10.0.0.0/8, fd00::/8
modules = portal,vitals
log = "json" # quoted
tls = yes
smtp-password = "a # b \" c "
[token]
ttl = 2h
`)
	if err != nil {
		t.Fatal(err)
	}
	want := grammar{Data: "/srv/osler data"}
	want.Serve = serve{
		Listen: "localhost:8080", IdleClinical: 10 * time.Minute, MaxBody: 32,
		TrustProxy: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		Modules:    []string{"portal", "vitals"}, Log: "json", Tls: true, SMTPPassword: `a # b " c `,
	}
	if d := cmp.Diff(want.Serve, g.Serve, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" || g.Data != want.Data {
		t.Errorf("data %q\n%s", g.Data, d)
	}
}

// Whatever is wrong is refused, by name and place.
func TestWhatIsRefused(t *testing.T) {
	for _, c := range []struct {
		about, args, env, file string
		want                   []string // in the error
	}{
		{"an unknown option in the file", "serve", "", "data = x\n\nlisen = :1", []string{"osler.conf:3: there is no option lisen; did you mean listen?"}},
		{"one that resembles nothing", "serve", "", "colour = red", []string{"osler.conf:1: there is no option colour"}},
		{"the first of two", "serve", "", "[serve]\nzzz = 1\naaa = 1", []string{"osler.conf:2: there is no option zzz"}},
		{"an option of another command in a section", "serve", "", "[serve]\nttl = 1h", []string{"osler.conf:2: ttl is not an option of the command serve"}},
		{"another spelling", "serve", "", "Listen = :1", []string{"osler.conf:1", "did you mean listen?"}},
		{"an underscore", "serve", "", "max_body = 1", []string{"osler.conf:1", "did you mean max-body?"}},
		{"an unknown section", "serve", "", "[server]\nlisten = :1", []string{"osler.conf:2: the section [server] above", "did you mean serve?"}},
		{"an unknown section, for another command's run", "token --scopes=x", "", "[server]\nlisten = :1", []string{"[server]"}},
		{"a bad duration in the file", "serve", "", "[serve]\nidle-clinical = 15 minutes", []string{`osler.conf:2: idle-clinical = "15 minutes": `, "duration"}},
		{"a bad number in the file", "serve", "", "max-body = many", []string{`osler.conf:1: max-body = "many": `}},
		{"a bad network in the file", "serve", "", "trust-proxy = 10.0.0.0/8,10.0.0.0/99", []string{`osler.conf:1: trust-proxy = "10.0.0.0/8,10.0.0.0/99": `}},
		{"a bad choice in the file", "serve", "", "log = xml", []string{`osler.conf:1: log = "xml": use one of text, json`}},
		{"a bad choice among many", "serve", "", "modules = portal,surgery", []string{`osler.conf:1: modules = `, "use one of portal, billing, vitals"}},
		{"a bad yes or no", "serve", "", "tls = maybe", []string{`osler.conf:1: tls = "maybe": `}},
		{"a bad duration in the environment", "serve", "OSLER_IDLE_CLINICAL=long", "", []string{`environment variable OSLER_IDLE_CLINICAL: idle-clinical = "long": `}},
		{"an empty number in the environment", "serve", "OSLER_MAX_BODY=", "", []string{`OSLER_MAX_BODY`}},
		{"an unknown variable", "serve", "OSLER_LISEN=:1", "", []string{"environment variable OSLER_LISEN: there is no such option; did you mean OSLER_LISTEN?"}},
		{"an unknown variable that resembles those of Kubernetes", "serve", "OSLER_LISTEN_PORT=80", "", []string{"OSLER_LISTEN_PORT"}},
		{"a variable in lower case", "serve", "OSLER_listen=:1", "", []string{"OSLER_listen"}},
		{"an unknown flag", "serve --lisen=:1", "", "", []string{"--lisen", "--listen"}},
		{"a bad value of a flag", "serve --idle-clinical=long", "", "", []string{"--idle-clinical", "long"}},
		{"another command's flag", "serve --ttl=1h", "", "", []string{"--ttl"}},
		{"an unknown command", "sreve", "", "", []string{"sreve"}},
		{"no command", "", "", "", []string{"serve"}},
		{"a missing option", "token", "", "", []string{"--scopes"}},
		{"a confirmation in the file", "serve", "", "force = yes", []string{"osler.conf:1: there is no option force"}},
		{"a confirmation in the environment", "serve", "OSLER_FORCE=1", "", []string{"OSLER_FORCE"}},
		{"help in the file", "serve", "", "help = yes", []string{"osler.conf:1: there is no option help"}},
		{"a file that names another", "serve", "", "config = other.conf", []string{"osler.conf:1: a file cannot name another"}},
		{"an option twice", "serve", "", "data = a\nlog = json\ndata = b", []string{"osler.conf:3: data was given in line 1 already"}},
		{"an option twice, in two halves of a section", "serve", "", "[serve]\nlog = json\n[token]\n[serve]\nlog = text", []string{"osler.conf:5: log was given in line 2 already"}},
		{"no equals sign", "serve", "", "listen :1", []string{"osler.conf:1: write an option as name = value"}},
		{"no name", "serve", "", "= 1", []string{"osler.conf:1: write an option as name = value"}},
		{"an open section", "serve", "", "[serve", []string{"osler.conf:1: write a section as [command]"}},
		{"an empty section", "serve", "", "[]", []string{"osler.conf:1: write a section as [command]"}},
		{"open quotes", "serve", "", `listen = ":1`, []string{"osler.conf:1: listen: the quotes are not closed"}},
		{"something after quotes", "serve", "", `listen = ":1" :2`, []string{"osler.conf:1: listen: something follows after the quotes"}},
		{"not text", "serve", "", "listen = \xff", []string{"osler.conf:1: this is not text in UTF-8"}},
		{"a file that is not there", "serve --config=/nowhere/x.conf", "", "", []string{"/nowhere/x.conf"}},
		{"the same from the environment", "serve", "OSLER_CONFIG=/nowhere/x.conf", "", []string{"/nowhere/x.conf"}},
	} {
		_, _, err := given(t, c.args, c.env, c.file)
		if err == nil {
			t.Errorf("%s: no error", c.about)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in: %v", c.about, want, err)
			}
		}
	}
}

func TestNamedFilesGoBeforeTheUsualOne(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.conf")
	if err := os.WriteFile(other, []byte("listen = :9"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, how := range [][2]string{{"serve --config=" + other, ""}, {"serve --config " + other, "OSLER_CONFIG=/nowhere"}, {"serve", "OSLER_CONFIG=" + other}, {"--config=" + other + " serve", ""}} {
		g, _, err := given(t, how[0], how[1], "listen = :1\nnonsense")
		if err != nil || g.Serve.Listen != ":9" {
			t.Errorf("%v: %s, %v", how, g.Serve.Listen, err)
		}
	}
	g := &grammar{}
	_, err := Parse(g, Source{Args: []string{"serve"}, DefaultFile: "/nowhere/osler.conf"})
	if err != nil || g.Serve.Listen != "localhost:8080" {
		t.Errorf("without the usual file: %v", err)
	}
}

func TestSectionsOfCommandsBelowCommands(t *testing.T) {
	g, cmd, err := given(t, "backup create", "", "[backup]\nkeep = 3\nto = /a\ndata = /d\n[backup create]\nto = /b")
	if err != nil {
		t.Fatal(err)
	}
	if g.Backup.Keep != 3 || g.Backup.Create.To != "/b" || g.Data != "/d" || cmd.Name() != "backup create" {
		t.Errorf("%s: %+v", cmd.Name(), g)
	}
	if _, _, err := given(t, "backup create", "", "[backup verify]\nto = /b"); err == nil || !strings.Contains(err.Error(), "to is not an option of the command backup verify") {
		t.Errorf("got %v", err)
	}
}

func TestARequiredOptionMayComeFromAnywhere(t *testing.T) {
	for _, c := range [][2]string{{"OSLER_SCOPES=system/*.rs", ""}, {"", "scopes = system/*.rs"}, {"", "[token]\nscopes = system/*.rs"}} {
		g, _, err := given(t, "token", c[0], c[1])
		if err != nil || g.Token.Scopes != "system/*.rs" {
			t.Errorf("%v: %q, %v", c, g.Token.Scopes, err)
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	_, cmd, err := given(t, "serve", "OSLER_SMTP_PASSWORD=hunter2", "workers = 3")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range cmd.Settings() {
		if strings.Contains(s.Value, "hunter2") || (s.Name == "workers" && s.Value != "hidden") {
			t.Errorf("%+v", s)
		}
	}
	_, _, err = given(t, "serve", "OSLER_WORKERS=hunter2", "")
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "OSLER_WORKERS") {
		t.Errorf("got %v", err)
	}
}

func TestSettingsTellWhereTheyComeFrom(t *testing.T) {
	_, cmd, err := given(t, "serve --log=json", "OSLER_MAX_BODY=8", "[serve]\n\ntrust-proxy = 10.0.0.0/8,fd00::/8")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range cmd.Settings() {
		from := s.From
		if i := strings.LastIndex(from, "osler.conf"); i >= 0 {
			from = from[i:]
		}
		got = append(got, s.Name+" = "+s.Value+" ("+from+")")
	}
	want := []string{
		"config =  (default)", "data = data (default)", "force = false (default)", "idle-clinical = 15m0s (default)",
		"listen = localhost:8080 (default)", "log = json (command line)", "max-body = 8 (environment variable OSLER_MAX_BODY)",
		"modules = portal,billing (default)", "smtp-password = hidden (default)", "tls = false (default)",
		"trust-proxy = 10.0.0.0/8,fd00::/8 (osler.conf:3)", "workers = hidden (default)",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRunPassesWhatTheCommandNeeds(t *testing.T) {
	_, cmd, err := given(t, "serve", "OSLER_LISTEN=:7", "")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := cmd.Run(&out); err != nil || out.String() != "serving at :7" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// Help is printed even where the file is broken: it may be needed to mend it.
func TestHelpNamesTheVariables(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "osler.conf")
	if err := os.WriteFile(broken, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	func() {
		defer func() { _ = recover() }()
		_, _ = Parse(&grammar{}, Source{Args: []string{"serve", "--help"}, DefaultFile: broken, Stdout: &out, Exit: func(code int) { panic(code) }}, kong.Name("osler"))
		t.Error("help did not exit")
	}()
	for _, want := range []string{"--idle-clinical=15m", "($OSLER_IDLE_CLINICAL)", "$OSLER_DATA", "$OSLER_CONFIG", "--force"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	for _, not := range []string{"OSLER_FORCE", "OSLER_HELP"} {
		if strings.Contains(out.String(), not) {
			t.Errorf("%q is in:\n%s", not, out.String())
		}
	}
}

func TestQuotedValuesAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[ -~é]{0,40}`).Draw(t, "value")
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		f, err := parseFile("f", "x = "+quoted+" # comment")
		if err != nil || f.sections[""]["x"].value != value {
			t.Fatalf("%s: %q, %v", quoted, f.sections[""]["x"].value, err)
		}
	})
}

func FuzzParseFile(f *testing.F) {
	f.Add("# c\n[serve]\nlisten = \":1\" # x\ntls = yes\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseFile("f", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("no place in: %v", err)
			}
			return
		}
		for section, entries := range got.sections {
			for option, e := range entries {
				if found, ok := got.find(section, option); !ok || found.value != e.value || e.line < 1 {
					t.Fatalf("[%s] %s: %+v", section, option, e)
				}
			}
		}
	})
}
