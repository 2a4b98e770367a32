package egress

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestPermits(t *testing.T) {
	for addr, want := range map[string]bool{
		"93.184.216.34":            true,
		"2606:2800:220:1::1":       true,
		"127.0.0.1":                false,
		"127.8.8.8":                false,
		"0.0.0.0":                  false,
		"10.1.2.3":                 false,
		"172.16.0.1":               false,
		"192.168.1.1":              false,
		"169.254.169.254":          false,
		"100.64.0.1":               false,
		"224.0.0.1":                false,
		"255.255.255.255":          false,
		"198.18.0.1":               false,
		"::1":                      false,
		"::":                       false,
		"fe80::1":                  false,
		"fc00::1":                  false,
		"fd12::1":                  false,
		"ff02::1":                  false,
		"::ffff:127.0.0.1":         false,
		"::ffff:93.184.216.34":     true,
		"64:ff9b::7f00:1":          false,
		"64:ff9b::a9fe:a9fe":       false,
		"64:ff9b::5db8:d822":       true,
		"2002:7f00:1::":            false,
		"2002:a00:1::1":            false,
		"2001:0:4136:e378:8000::1": false,
		"2001:db8::1":              false,
		"::127.0.0.1":              false,
		"fec0::1":                  false,
	} {
		if got := (Guard{}).Permits(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
	g := Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	if !g.Permits(netip.MustParseAddr("10.1.2.3")) || g.Permits(netip.MustParseAddr("192.168.1.1")) {
		t.Error("what is allowed is not what was said")
	}
}

// The address that is dialled is checked, whatever the host name is.
func TestTransportAsksNobodyInside(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	get := func(g Guard) error {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, inside.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&http.Client{Transport: g.Transport()}).Do(req)
		if err != nil {
			return err
		}
		return res.Body.Close()
	}
	if err := get(Guard{}); !errors.Is(err, ErrPrivate) || asked {
		t.Errorf("%v, asked %v", err, asked)
	}
	if err := get(Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}); err != nil || !asked {
		t.Errorf("an allowed one: %v, asked %v", err, asked)
	}
}
