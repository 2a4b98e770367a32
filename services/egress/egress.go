// Package egress prevents requests to addresses from outside (a website that somebody typed, a file that a webhook
// names) from reaching private networks.
package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// ErrPrivate is the error of a request that was refused because its address is not in the public network.
var ErrPrivate = errors.New("the address is not a public one")

// Guard allows requests to public addresses, and to those in its ranges. Its zero value has no ranges.
type Guard struct {
	Allowed []netip.Prefix
	// Proxy is the operator's proxy for a request; if nil, HTTP_PROXY, HTTPS_PROXY and NO_PROXY decide.
	Proxy func(*http.Request) (*url.URL, error)
	// Roots are the trusted certificate authorities, nil for the system's.
	Roots *x509.CertPool
}

// Transport is an HTTP transport behind the guard. Without a proxy, the checked address is the one that is dialled, so
// that a name can't resolve to another address in between. The operator's proxy may be anywhere, also in a private
// network; the requested host is checked first: see Guard.behindProxy.
func (g Guard) Transport() *Transport {
	if g.Proxy == nil {
		g.Proxy = http.ProxyFromEnvironment
	}
	direct := g.transport(&net.Dialer{Timeout: 10 * time.Second, Control: g.control})
	proxied := g.transport(&net.Dialer{Timeout: 10 * time.Second})
	proxied.Proxy = g.Proxy
	return &Transport{guard: g, direct: direct, proxied: proxied}
}

func (g Guard) transport(dialer *net.Dialer) *http.Transport {
	return &http.Transport{
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          16,
		IdleConnTimeout:       30 * time.Second,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.Roots},
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
	}
}

// Transport sends requests behind a guard. A refused one is ErrPrivate.
type Transport struct {
	guard           Guard
	direct, proxied *http.Transport
}

// RoundTrip is http.RoundTripper's.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	proxy, err := t.guard.Proxy(r)
	if err == nil && proxy == nil {
		return t.direct.RoundTrip(r)
	}
	if err == nil {
		err = t.guard.behindProxy(r.Context(), r.URL.Hostname())
	}
	if err == nil {
		return t.proxied.RoundTrip(r)
	}
	if r.Body != nil {
		err = errors.Join(err, r.Body.Close())
	}
	return nil, err
}

// CloseIdleConnections is http.Client's.
func (t *Transport) CloseIdleConnections() {
	t.direct.CloseIdleConnections()
	t.proxied.CloseIdleConnections()
}

func (g Guard) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !g.Permits(to.Addr()) {
		return ErrPrivate
	}
	return nil
}

// Permits reports whether requests may go to an address.
func (g Guard) Permits(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range g.Allowed {
		if p.Contains(addr) {
			return true
		}
	}
	return public(addr)
}

// special are ranges outside of the public network, besides those that netip knows. Source: IANA, special-purpose
// address registries for IPv4 and IPv6.
var special = ranges(
	"0.0.0.0/8",
	"100.64.0.0/10",
	"192.0.0.0/24",
	"192.0.2.0/24",
	"192.88.99.0/24",
	"198.18.0.0/15",
	"198.51.100.0/24",
	"203.0.113.0/24",
	"240.0.0.0/4",
	"::/96",
	"64:ff9b:1::/48",
	"100::/64",
	"2001::/23",
	"2001:db8::/32",
	"3fff::/20",
	"5f00::/16",
	"fec0::/10",
)

func ranges(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func public(addr netip.Addr) bool {
	if !addr.IsValid() || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(addr) {
			return false
		}
	}
	if v4, ok := embedded(addr); ok {
		return public(v4)
	}
	return true
}

// embedded is the IPv4 address that an IPv6 one leads to: NAT64 (RFC 6052) and 6to4 (RFC 3056).
func embedded(addr netip.Addr) (netip.Addr, bool) {
	b := addr.As16()
	switch {
	case addr.Is4():
		return netip.Addr{}, false
	case netip.MustParsePrefix("64:ff9b::/96").Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case netip.MustParsePrefix("2002::/16").Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}
