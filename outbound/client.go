package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Options say what may be asked.
type Options struct {
	// Allow lists what may be asked; an empty list allows nothing. An entry is
	//
	//	hooks.example.org        this host over https, at port 443
	//	hooks.example.org:8443   the same at another port
	//	*.example.org            every host below
	//	*                        every host of the public internet
	//	10.1.2.3, 10.1.0.0/16    these addresses, at every port, although they are inside of a house. A name that
	//	                         leads to them must be listed too.
	//	http://...               any of these, without encryption
	Allow []string
	// Timeout is for one request, from the look-up of the name to the last byte; 0 = 10 s. MaxBytes is how much of an
	// answer is read; 0 = 10 MB.
	Timeout  time.Duration
	MaxBytes int64
	Roots    *x509.CertPool // nil = the system's
	// Lookup finds the addresses of a name; nil = the system's resolver.
	Lookup func(ctx context.Context, name string) ([]netip.Addr, error)
}

// Refused tells that an address may not be asked. It is for the person who named it.
type Refused struct {
	Host   string
	Reason string
}

func (e *Refused) Error() string { return fmt.Sprintf("%s may not be reached: %s", e.Host, e.Reason) }

// Client asks other servers. It is safe for many goroutines.
type Client struct {
	rules    []rule
	lookup   func(ctx context.Context, name string) ([]netip.Addr, error)
	maxBytes int64
	http     *http.Client
}

// New makes a client. The error names an entry of the list that cannot be read.
func New(o Options) (*Client, error) {
	c := &Client{lookup: o.Lookup, maxBytes: o.MaxBytes}
	for _, entry := range o.Allow {
		r, err := parseRule(entry)
		if err != nil {
			return nil, err
		}
		c.rules = append(c.rules, r)
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if c.maxBytes <= 0 {
		c.maxBytes = 10 << 20
	}
	if c.lookup == nil {
		c.lookup = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		}
	}
	c.http = &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: sameOrigin,
		Transport: &http.Transport{
			Proxy: nil, DialContext: c.dial, TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns: 100, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
		},
	}
	return c, nil
}

// maxRedirects is how many redirects within an origin are followed.
const maxRedirects = 3

// sameOrigin refuses to follow anybody elsewhere: what goes along, a body or a credential, is for one server.
func sameOrigin(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	if r.URL.Scheme != first.Scheme || origin(r.URL) != origin(first) {
		return &Refused{r.URL.Hostname(), "the server sends on to another one; name that one instead"}
	}
	if len(via) > maxRedirects {
		return &Refused{r.URL.Hostname(), "the server sends on and on"}
	}
	return nil
}

func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = standardPort(u.Scheme)
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

// Check reports whether an address may be asked as far as that can be told without asking anybody: a *Refused if not.
func (c *Client) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return &Refused{"the address", "it cannot be read"}
	}
	return c.check(u)
}

func (c *Client) check(u *url.URL) error {
	refuse := func(reason string) error { return &Refused{clip(u.Host), reason} }
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return refuse("only https:// addresses are asked")
	case u.User != nil:
		return refuse("a name or password cannot stand in an address")
	case u.Opaque != "" || u.Host == "":
		return refuse("it names no host")
	}
	port := u.Port()
	if port == "" {
		port = standardPort(u.Scheme)
	}
	if !isPort(port) || strings.HasSuffix(u.Host, ":") {
		return refuse("what stands after the colon is no port")
	}
	name, ip, err := host(u.Hostname())
	if err != nil {
		return refuse(err.Error())
	}
	for i := range c.rules {
		if c.rules[i].names(u.Scheme, name, ip, port) {
			return nil
		}
	}
	if len(c.rules) == 0 {
		return refuse("this server sends nothing to other servers; an administrator can list those that it may")
	}
	return refuse("it is not on the administrator's list of servers for this scheme and port")
}

// clip keeps what somebody sent from making a message long.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// dial connects to an address that was judged.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	text, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	name, ip, err := host(text)
	if err != nil {
		return nil, &Refused{clip(text), err.Error()}
	}
	ips := []netip.Addr{ip}
	if name != "" {
		if ips, err = c.lookup(ctx, name); err != nil {
			return nil, fmt.Errorf("the name %s is not known: %w", clip(name), err)
		}
	}
	if len(ips) == 0 {
		return nil, fmt.Errorf("the name %s has no address", clip(name))
	}
	// One address inside among others outside is no accident.
	for i, a := range ips {
		ips[i] = a.Unmap()
		if !public(ips[i]) && !c.lists(ips[i]) {
			return nil, &Refused{clip(text), "it leads to an address inside of a network; an administrator can list that address if it is meant"}
		}
	}
	var d net.Dialer
	var errs []error
	for _, a := range ips {
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (c *Client) lists(ip netip.Addr) bool {
	for i := range c.rules {
		if c.rules[i].lists(ip) {
			return true
		}
	}
	return false
}

// Do sends a request. Reading more of the answer than the limit is an error. A *Refused says that it was not sent.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	if err := c.check(r.URL); err != nil {
		return nil, err
	}
	res, err := c.http.Do(r)
	if err != nil {
		if refused, ok := errors.AsType[*Refused](err); ok {
			return nil, refused
		}
		return nil, withoutAddress(err)
	}
	res.Body = &bounded{res.Body, c.maxBytes}
	return res, nil
}

// withoutAddress takes away the address that net/http puts into its errors: it may hold secrets or names.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		if e.Timeout() {
			return errors.New("there was no answer in time")
		}
		return e.Err
	}
	return err
}

// Open gets what stands at an address; reading more than limit bytes of it is an error.
func (c *Client) Open(ctx context.Context, address string, limit int64) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &Refused{"the address", "it cannot be read"}
	}
	res, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("the server answered with status %d", res.StatusCode)
	}
	res.Body.(*bounded).left = limit
	return res.Body, nil
}

// bounded ends with an error when too much comes.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.ReadCloser.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, errors.New("the answer is larger than what is read")
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

// Close gives up the connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }
