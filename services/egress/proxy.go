package egress

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// inside are the suffixes of names that exist in private networks only. Source: RFC 6761, 6762, 8375; ICANN's
// resolution 2024.07.29.06 (.internal); appendix G of RFC 6762.
var inside = []string{
	"localhost", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan",
}

// lookUpFor is how long a name is looked up here before that is left to the proxy.
const lookUpFor = 3 * time.Second

// behindProxy refuses a host that must not be requested through a proxy. A name is looked up here, and each of its
// addresses has to be permitted. If it can't be looked up here, as in a network that leaves names to its proxy, the
// proxy decides, unless the name's form shows that it is private. A name's addresses may change before the proxy looks
// it up, so a proxy that reaches more than the public network should restrict requests itself.
func (g Guard) behindProxy(ctx context.Context, host string) error {
	name := host
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) { // net/http reads "１" as 1
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPrivate, err)
		}
		name = ascii
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if addr, err := netip.ParseAddr(name); err == nil {
		return g.checked(host, addr)
	}
	within, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(within, "ip", name)
	switch {
	case err == nil:
		return g.checked(host, addrs...)
	case ctx.Err() != nil:
		return ctx.Err()
	case liesInside(name):
		return fmt.Errorf("%w: %s", ErrPrivate, host)
	}
	return nil
}

func (g Guard) checked(host string, addrs ...netip.Addr) error {
	if slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !g.Permits(a) }) {
		return fmt.Errorf("%w: %s", ErrPrivate, host)
	}
	return nil
}

// liesInside reports whether a name belongs to a private network, or is a number that others read as an address, such
// as 127.1 or 0x7f000001. Source: WHATWG URL, "ends in a number".
func liesInside(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == name || strings.Trim(last, "0123456789") == "" {
		return true
	}
	if _, err := strconv.ParseUint(last, 0, 64); err == nil {
		return true
	}
	return slices.ContainsFunc(inside, func(end string) bool { return strings.HasSuffix(name, "."+end) })
}
