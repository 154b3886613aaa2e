package identity

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientAddress is where a request came from. Proxies that are trusted are looked behind: of X-Forwarded-For the
// last address that is none of them. What a client writes there itself stands further left, and does not count.
// The zero value is returned if it cannot be told.
func ClientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := plain(peer.Addr())
	isTrusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(addr); i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break // the proxy itself is the best that is known
		}
		addr = hop
	}
	return addr
}

// parseHop reads an address, with a port or without.
func parseHop(s string) (netip.Addr, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plain(ap.Addr()), nil
	}
	a, err := netip.ParseAddr(s)
	return plain(a), err
}

// plain gives one address one form: no zone, and IPv4 as such.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
