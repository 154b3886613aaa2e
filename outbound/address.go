package outbound

import (
	"errors"
	"net/netip"
	"strings"
)

// inside are ranges that are not part of the public internet, or lead into one that may not be.
// (IANA special-purpose address registries; RFC 6890, RFC 6598, RFC 6666, RFC 3056, RFC 4380, RFC 6052, RFC 8215, RFC 9637.)
var inside = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48",
)

// global is the one range of IPv6 from which public addresses are given.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// public reports whether an address is of the public internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !global.Contains(a) {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// host is the host of an address in the one form in which hosts are compared: a name in small letters, or an IP.
func host(text string) (name string, ip netip.Addr, err error) {
	if strings.HasPrefix(text, "[") {
		text = strings.TrimSuffix(text[1:], "]")
	}
	if a, err := netip.ParseAddr(text); err == nil {
		if a.Zone() != "" {
			return "", a, errors.New("an address with a zone leads to this machine's own network")
		}
		return "", a.Unmap(), nil
	}
	name = strings.TrimSuffix(strings.ToLower(text), ".")
	if name == "" || len(name) > 253 {
		return "", ip, errors.New("it names no host")
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if !isLabel(l) {
			return "", ip, errors.New("the host is no plain name; write names in other scripts in their xn-- form")
		}
	}
	// What ends in a number is an address in an old spelling, such as 127.1 or 0x7f000001, to some resolvers.
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		return "", ip, errors.New("the host is a number that is no plain IP address")
	}
	return name, ip, nil
}

func isLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for i := range len(l) {
		c := l[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
