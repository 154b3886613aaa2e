package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	cd "github.com/chromedp/chromedp"

	"github.com/osler-ehr/osler/web"
)

// program is a running osler with a practice.
type program struct {
	base    string
	signIns map[string][2]string // by role: name and password
	stop    func()               // before the test ends
	process *exec.Cmd
}

var signInLine = regexp.MustCompile(`^  (\w+) +([\w.]+) +([a-z-]{19})$`)

// built is the program, made once for the package.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "osler-built")
	if err != nil {
		return "", err
	}
	atEnd(func() { _ = os.RemoveAll(dir) })
	bin := filepath.Join(dir, "osler")
	if out, err := exec.Command("go", "build", "-o", bin, "../osler").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

func build(t *testing.T) string {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// demo runs the program with a small demo practice until the test ends.
func demo(t *testing.T) program {
	t.Helper()
	return start(t, build(t), "demo", "--patients", "8", "--data", filepath.Join(t.TempDir(), "demo"), "--addr", "127.0.0.1:0")
}

// start runs the program until it says its address and, of a demo, who may sign in.
func start(t *testing.T, bin string, args ...string) program {
	t.Helper()
	c := exec.Command(bin, args...)
	c.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p := program{signIns: map[string][2]string{}, process: c, stop: sync.OnceFunc(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	})}
	t.Cleanup(p.stop)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := lines.Text()
		if _, at, ok := strings.Cut(line, "http://"); ok {
			p.base = "http://" + at
			if args[0] != "demo" {
				break
			}
		}
		if m := signInLine.FindStringSubmatch(line); m != nil {
			p.signIns[m[1]] = [2]string{m[2], m[3]}
			if m[1] == "patient" {
				break
			}
		}
	}
	if p.base == "" || args[0] == "demo" && len(p.signIns) < 6 {
		t.Fatalf("the program did not say where it serves and who may sign in: %s", said.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p
}

// client signs in by HTTP alone.
func (p program) client(t *testing.T, role string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 5 * time.Minute}
	resp, err := c.PostForm(p.base+"/signin", url.Values{"name": {p.signIns[role][0]}, "password": {p.signIns[role][1]}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s cannot sign in: %d", role, resp.StatusCode)
	}
	return c
}

// enter makes the tab a signed-in one of the role, by the cookies that signing in gave.
func (p program) enter(t *testing.T, ctx context.Context, c *http.Client) {
	t.Helper()
	at, err := url.Parse(p.base)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range c.Jar.Cookies(at) {
		if _, err := cd.Call(ctx, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: p.base, HTTPOnly: new(true), SameSite: network.CookieSameSiteLax}); err != nil {
			t.Fatal(err)
		}
	}
}

func (p program) get(t *testing.T, c *http.Client, path string) (status int, at, body string) {
	t.Helper()
	resp, err := c.Get(p.base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Request.URL.Path, string(b)
}

var roles = []string{"clinician", "nurse", "frontdesk", "biller", "administrator", "patient"}

var (
	linkTag  = regexp.MustCompile(`<(?:a|form)\b[^>]*>`)
	linkTo   = regexp.MustCompile(` (?:href|action)="(/[^"]*)"`)
	dressing = regexp.MustCompile(`/assets/|/preferences|/signout`)
)

// linksOf are the addresses to which a page leads: by links, and by forms that only ask.
func linksOf(body string) (out []string) {
	for _, tag := range linkTag.FindAllString(body, -1) {
		if m := linkTo.FindStringSubmatch(tag); m != nil && !strings.Contains(tag, `method="post"`) {
			out = append(out, m[1])
		}
	}
	return out
}

// TestProgramLinks signs in as each role and follows every link that can be reached: none is dead, none leads to what the role may not see.
func TestProgramLinks(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the program")
	}
	p := demo(t)
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			c := p.client(t, role)
			seen := map[string]bool{"/": true}
			for todo := []string{"/"}; len(todo) > 0 && len(seen) < 400; todo = todo[1:] {
				status, at, body := p.get(t, c, todo[0])
				if status != http.StatusOK {
					t.Errorf("%s: %d", todo[0], status)
				}
				if role == "patient" {
					if at == "/" {
						t.Error("a patient's home is the own record")
					}
					for _, word := range []string{"Must act", "Patient or command", "Care gaps", `href="/patients"`} {
						if strings.Contains(body, word) {
							t.Errorf("%s shows a patient %q", todo[0], word)
						}
					}
				}
				for _, link := range linksOf(body) {
					to := strings.ReplaceAll(link, "&amp;", "&")
					to, _, _ = strings.Cut(to, "#")
					if to != "" && !seen[to] && !dressing.MatchString(to) {
						seen[to] = true
						todo = append(todo, to)
					}
				}
			}
			if len(seen) < 4 {
				t.Errorf("only %d addresses could be reached", len(seen))
			}
			t.Logf("%d addresses", len(seen))
			if status, _, body := p.get(t, c, "/patients/nobody"); status != http.StatusNotFound || !strings.Contains(body, "There is nothing here for you") {
				t.Errorf("a patient that is not there: %d", status)
			}
		})
	}
	desk := p.client(t, "frontdesk")
	_, _, body := p.get(t, desk, "/patients/p000000")
	for _, want := range []string{"Allergies unavailable", "Contact", "Coverage", "Past appointments"} {
		if !strings.Contains(body, want) {
			t.Errorf("the desk's page of a patient does not say %q", want)
		}
	}
	for _, not := range []string{"Problems", "Medications", "Results"} {
		if strings.Contains(body, not) {
			t.Errorf("the desk's page of a patient says %q", not)
		}
	}
}

// TestProgramSignIn goes in and out, and looks at the cookie.
func TestProgramSignIn(t *testing.T) {
	ctx, _ := tab(t, web.Demo)
	p := demo(t)
	faults := listen(t, ctx, p.base)
	who := p.signIns["clinician"]
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+"/patients/p000000"), cd.WaitVisible(`input[name="password"]`))
	do(t, ctx, cd.SendKeys(`input[name="name"]`, who[0]), cd.SendKeys(`input[name="password"]`, "wrong wrong wrong\r"), cd.WaitVisible(".field-error"))
	axeCheck(t, ctx, axeSource(t))
	if got := eval[string](t, ctx, `document.querySelector('input[name="name"]').value`); got != who[0] {
		t.Errorf("after a wrong password the name is %q", got)
	}
	do(t, ctx, cd.SendKeys(`input[name="password"]`, who[1]+"\r"), cd.WaitVisible(".chart"))
	if got := eval[string](t, ctx, "location.pathname"); got != "/patients/p000000" {
		t.Errorf("signing in led to %s, not to where the person wanted to go", got)
	}
	cookies, err := cd.Call(ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, c := range cookies.Cookies {
		if strings.HasSuffix(c.Name, "osler") {
			found = true
			if !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax && c.SameSite != network.CookieSameSiteStrict {
				t.Errorf("the cookie %s: httpOnly %v, sameSite %q", c.Name, c.HTTPOnly, c.SameSite)
			}
		}
	}
	if !found {
		t.Error("there is no session cookie")
	}
	do(t, ctx, cd.Evaluate[cd.Void](`document.querySelector('form[action="/signout"]').submit()`), cd.WaitVisible(`input[name="password"]`))
	do(t, ctx, cd.Navigate(p.base+"/patients/p000000"), cd.WaitVisible(`input[name="password"]`)) // out is out
	for _, f := range faults() {
		t.Error(f)
	}
}
