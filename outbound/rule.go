package outbound

import (
	"fmt"
	"net/netip"
	"strings"
)

// rule is one entry of the list of what may be asked.
type rule struct {
	scheme string // "https", or "http" where the entry says so
	name   string // of a host; with a star in front: of all below
	below  bool
	all    bool // every public host
	ips    netip.Prefix
	port   string // "" = the scheme's own
}

// parseRule reads an entry: see [Options.Allow].
func parseRule(entry string) (r rule, err error) {
	text := strings.TrimSpace(entry)
	r.scheme = "https"
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		if scheme != "http" && scheme != "https" {
			return r, fmt.Errorf("%q: an entry begins with a host, https:// or http://", entry)
		}
		r.scheme, text = scheme, strings.TrimSuffix(rest, "/")
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		r.ips = p.Masked()
		return r, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		r.ips = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		return r, nil
	}
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		text, r.port = text[:i], text[i+1:]
		if !isPort(r.port) {
			return r, fmt.Errorf("%q: what stands after the colon is no port", entry)
		}
	}
	if r.all = text == "*"; r.all {
		return r, nil
	}
	text, r.below = strings.CutPrefix(text, "*.")
	name, ip, err := host(text)
	switch {
	case err != nil:
		return r, fmt.Errorf("%q: %w", entry, err)
	case ip.IsValid() && r.below:
		return r, fmt.Errorf("%q: there is nothing below an IP address; write a range such as 10.1.0.0/16", entry)
	case ip.IsValid():
		r.ips = netip.PrefixFrom(ip, ip.BitLen())
	default:
		r.name = name
	}
	return r, nil
}

func isPort(s string) bool {
	if s == "" || len(s) > 5 {
		return false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
		n = 10*n + int(c-'0')
	}
	return n > 0 && n < 1<<16
}

func standardPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// names reports whether the rule lists a host under a scheme and port.
func (r *rule) names(scheme, name string, ip netip.Addr, port string) bool {
	if r.scheme != scheme {
		return false
	}
	if r.ips.IsValid() {
		return ip.IsValid() && r.ips.Contains(ip) && (r.port == "" || r.port == port)
	}
	own := r.port
	if own == "" {
		own = standardPort(scheme)
	}
	switch {
	case own != port:
		return false
	case r.all:
		return !ip.IsValid() || public(ip)
	case ip.IsValid():
		return false
	case r.below:
		return strings.HasSuffix(name, "."+r.name)
	}
	return name == r.name
}

// lists reports whether the rule lists an IP address itself.
func (r *rule) lists(ip netip.Addr) bool { return r.ips.IsValid() && r.ips.Contains(ip) }
