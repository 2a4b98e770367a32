package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientIP(t *testing.T) {
	prefixes := func(list ...string) (out []netip.Prefix) {
		for _, s := range list {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	for name, c := range map[string]struct {
		trusted         []netip.Prefix
		from, forwarded string
		want            string
	}{
		"nobody is trusted, not even loopback": {nil, "127.0.0.1:1", "203.0.113.9", "127.0.0.1"},
		"nor a private address":                {nil, "10.0.0.1:1", "203.0.113.9", "10.0.0.1"},
		"the proxy is":                         {prefixes("127.0.0.1/32"), "127.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		"another is not":                       {prefixes("127.0.0.1/32"), "127.0.0.2:1", "203.0.113.9", "127.0.0.2"},
		"a made-up head is skipped":            {prefixes("127.0.0.1/32"), "127.0.0.1:1", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		"two proxies":                          {prefixes("127.0.0.1/32", "10.0.0.0/8"), "127.0.0.1:1", "203.0.113.9, 10.1.2.3", "203.0.113.9"},
		"IPv6":                                 {prefixes("::1/128"), "[::1]:1", "2001:db8::7", "2001:db8::7"},
		"without the header":                   {prefixes("127.0.0.1/32"), "127.0.0.1:1", "", "127.0.0.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.from
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		r.Header.Set("X-Real-IP", "192.0.2.66")
		if got := ipFrom(c.trusted)(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
