package outbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// resolver knows some names.
type resolver map[string][]string

func (r resolver) lookup(_ context.Context, name string) (out []netip.Addr, err error) {
	for _, a := range r[name] {
		out = append(out, netip.MustParseAddr(a))
	}
	if out == nil {
		return nil, errors.New("no such host")
	}
	return out, nil
}

func client(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// A14: every spelling of an address inside of the house is refused, also where the whole internet may be asked. What
// is given back must be a refusal, not a connection that happened to fail.
func TestA14SpellingsOfInsideAddresses(t *testing.T) {
	// A server inside, and names that lead to it by some trick.
	met := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met++ }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	names := resolver{
		"localhost": {"127.0.0.1"}, "rebind.example": {"93.184.216.34", "127.0.0.1"}, "six.example": {"::1"}, "mapped.example": {"::ffff:127.0.0.1"},
		"private.example": {"10.0.0.5"}, "metadata.google.internal": {"169.254.169.254"}, "cgnat.example": {"100.64.1.1"}, "nat64.example": {"64:ff9b::7f00:1"},
		"ula.example": {"fd00::1"}, "multicast.example": {"224.0.0.1"}, "zero.example": {"0.0.0.0"}, "sixtofour.example": {"2002:7f00:1::1"}, "teredo.example": {"2001:0:7f00:1::1"},
		"xn--localhost": {"127.0.0.1"}, "127.0.0.1.nip.example": {"127.0.0.1"}, "site.example": {"fec0::1"}, "doc.example": {"2001:db8::1"}, "broadcast.example": {"255.255.255.255"},
	}
	c := client(t, Options{Allow: []string{"*", "*:" + port, "http://*", "http://*:" + port}, Lookup: names.lookup, Timeout: 2 * time.Second})
	hosts := []string{
		"127.0.0.1", "127.1", "127.0.1", "127.0.0.1.", "127.000.000.001", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "0x7f.1", "2130706433", "017700000001", "127.255.255.254",
		"0", "0.0.0.0", "0.0.0.1", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
		"[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd12:3456::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[2001::7f00:1]", "[100::1]", "[3fff::1]", "[5f00::1]",
		"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1",
		"255.255.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "0xA9FEA9FE", "2852039166", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]",
		"localhost", "LOCALHOST", "localhost.", "LocalHost.", "rebind.example", "six.example", "mapped.example", "private.example", "metadata.google.internal", "cgnat.example", "nat64.example",
		"ula.example", "multicast.example", "zero.example", "sixtofour.example", "teredo.example", "xn--localhost", "127.0.0.1.nip.example", "site.example", "doc.example", "broadcast.example",
		"１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "ⓛocalhost", "127.0.0.1%00.example", "good.example@127.0.0.1", "127.0.0.1#@good.example", "127.0.0.1\\@good.example", "%31%32%37.0.0.1",
	}
	if len(hosts) < 60 {
		t.Fatalf("only %d spellings", len(hosts))
	}
	for _, h := range hosts {
		for _, scheme := range []string{"http", "https"} {
			address := scheme + "://" + h + ":" + port + "/latest/meta-data"
			r, err := http.NewRequest("POST", address, strings.NewReader("secret"))
			if err != nil {
				continue // not even an address
			}
			res, err := c.Do(r)
			if err == nil {
				res.Body.Close()
				t.Errorf("%s was asked", address)
				continue
			}
			if _, ok := errors.AsType[*Refused](err); !ok {
				t.Errorf("%s: not refused but failed: %v", address, err)
			}
		}
	}
	if met != 0 {
		t.Errorf("the server inside was met %d times", met)
	}
	t.Logf("%d spellings refused", len(hosts))
}

func TestPublicAddresses(t *testing.T) {
	for _, a := range []string{"93.184.216.34", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "198.17.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken for an inside address", a)
		}
	}
}

func TestTheListDecides(t *testing.T) {
	for _, c := range []struct {
		allow, address string
		ok             bool
	}{
		{"", "https://hooks.example.org/x", false},
		{"hooks.example.org", "https://hooks.example.org/x", true},
		{"hooks.example.org", "https://HOOKS.example.org:443/x", true},
		{"hooks.example.org", "https://hooks.example.org./x", true},
		{"Hooks.Example.org.", "https://hooks.example.org/x", true},
		{"hooks.example.org", "http://hooks.example.org/x", false},
		{"hooks.example.org", "https://hooks.example.org:8443/x", false},
		{"hooks.example.org:8443", "https://hooks.example.org:8443/x", true},
		{"hooks.example.org:8443", "https://hooks.example.org/x", false},
		{"hooks.example.org", "https://hooks.example.org.evil.example/x", false},
		{"hooks.example.org", "https://evilhooks.example.org/x", false},
		{"hooks.example.org", "https://x.hooks.example.org/", false},
		{"hooks.example.org", "https://hooks.example.org@evil.example/", false},
		{"hooks.example.org", "https://user:pw@hooks.example.org/", false},
		{"*.example.org", "https://a.b.example.org/", true},
		{"*.example.org", "https://example.org/", false},
		{"*.example.org", "https://evilexample.org/", false},
		{"http://hooks.example.org", "http://hooks.example.org/", true},
		{"http://hooks.example.org", "https://hooks.example.org/", false},
		{"*", "https://anything.example/", true},
		{"*", "http://anything.example/", false},
		{"*", "https://127.0.0.1/", false},
		{"*", "https://8.8.8.8/", true},
		{"10.1.0.0/16", "https://10.1.2.3:9443/", true},
		{"10.1.0.0/16", "https://10.2.0.1/", false},
		{"10.1.2.3", "https://[::ffff:10.1.2.3]/", true},
		{"*", "ftp://anything.example/", false},
		{"*", "file:///etc/passwd", false},
		{"*", "https:opaque", false},
		{"*", "https://anything.example:99999/", false},
		{"*", "https://anything.example:/", false},
	} {
		o := Options{}
		if c.allow != "" {
			o.Allow = []string{c.allow}
		}
		if err := client(t, o).Check(c.address); (err == nil) != c.ok {
			t.Errorf("list %q, %s: %v", c.allow, c.address, err)
		}
	}
	for _, bad := range []string{"ftp://x", "a b", "x:99999", "*.10.0.0.1", "127.1", "", "http://"} {
		if _, err := New(Options{Allow: []string{bad}}); err == nil {
			t.Errorf("the entry %q is accepted", bad)
		}
	}
}

// local is a server on this machine, reached by a name that only the test knows.
func local(t *testing.T, h http.HandlerFunc) (port string) {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestAListedAddressInsideIsReached(t *testing.T) {
	port := local(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello "+r.Host) })
	names := resolver{"lab.example": {"127.0.0.1"}}
	ask := func(allow ...string) (string, error) {
		body, err := client(t, Options{Allow: allow, Lookup: names.lookup}).Open(context.Background(), "http://lab.example:"+port+"/", 100)
		if err != nil {
			return "", err
		}
		defer body.Close()
		b, err := io.ReadAll(body)
		return string(b), err
	}
	if got, err := ask("http://lab.example:"+port, "127.0.0.1"); err != nil || got != "hello lab.example:"+port {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := ask("http://lab.example:" + port); err == nil {
		t.Error("the name alone is enough")
	}
	if _, err := ask("127.0.0.1"); err == nil {
		t.Error("the address alone is enough")
	}
}

func TestRedirectsStayWithinTheOrigin(t *testing.T) {
	var leaked string
	other := local(t, func(_ http.ResponseWriter, r *http.Request) { leaked = r.Header.Get("Authorization") })
	var to string
	port := local(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			_, _ = io.WriteString(w, "end")
			return
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	})
	names := resolver{"a.example": {"127.0.0.1"}, "b.example": {"127.0.0.1"}}
	c := client(t, Options{Allow: []string{"http://a.example:" + port, "http://b.example:" + port, "http://a.example:" + other, "127.0.0.1", "http://127.0.0.1"}, Lookup: names.lookup})
	for target, ok := range map[string]bool{
		"/end": true, "http://A.example:" + port + "/end": true,
		"http://b.example:" + port + "/end": false, "http://a.example:" + other + "/": false, "http://127.0.0.1:" + port + "/end": false, "https://a.example:" + port + "/end": false,
		"/again": false, "file:///etc/passwd": false,
	} {
		to = target
		r, err := http.NewRequest("GET", "http://a.example:"+port+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer secret")
		res, err := c.Do(r)
		if (err == nil) != ok {
			t.Errorf("sent on to %s: %v", target, err)
		}
		if res != nil {
			res.Body.Close()
		}
	}
	if leaked != "" {
		t.Errorf("a credential went to another origin: %s", leaked)
	}
}

func TestLimitsInTimeAndSize(t *testing.T) {
	release := make(chan struct{})
	port := local(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-release
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 2000))
	})
	defer close(release)
	c := client(t, Options{Allow: []string{"http://127.0.0.1"}, MaxBytes: 1000, Timeout: 200 * time.Millisecond})
	began := time.Now()
	_, err := c.Open(context.Background(), "http://127.0.0.1:"+port+"/slow?secret", 10)
	if err == nil || time.Since(began) > 30*time.Second || strings.Contains(err.Error(), "secret") {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	for limit, ok := range map[int64]bool{1999: false, 2000: true, 3000: true} {
		body, err := c.Open(context.Background(), "http://127.0.0.1:"+port+"/", limit)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(body)
		if (err == nil) != ok || int64(len(b)) > limit {
			t.Errorf("limit %d: %d bytes, %v", limit, len(b), err)
		}
		body.Close()
	}
}

func TestNoProxyOfTheEnvironment(t *testing.T) {
	met := false
	proxy := local(t, func(http.ResponseWriter, *http.Request) { met = true })
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:"+proxy)
	t.Setenv("http_proxy", "http://127.0.0.1:"+proxy)
	c := client(t, Options{Allow: []string{"http://a.example"}, Lookup: resolver{"a.example": {"10.0.0.1"}}.lookup})
	if _, err := c.Open(context.Background(), "http://a.example/", 10); err == nil || met {
		t.Errorf("%v, proxy met: %v", err, met)
	}
}
