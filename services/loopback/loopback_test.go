package loopback

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHost(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost":              true,
		"localhost:8080":         true,
		"LOCALHOST.:8080":        true,
		"desk.localhost":         true,
		"127.0.0.1:8080":         true,
		"127.8.9.10":             true,
		"::1":                    true,
		"[::1]:8080":             true,
		"[::1]":                  true,
		"[::ffff:127.0.0.1]:80":  true,
		"":                       false,
		":8080":                  false,
		"0.0.0.0:8080":           false,
		"[::]:8080":              false,
		"192.168.1.2:8080":       false,
		"desk.example.com":       false,
		"localhost.example.com":  false,
		"127.0.0.1.example.com":  false,
		"notlocalhost":           false,
		"127.1":                  false,
		"2130706433":             false,
		"localhost@evil.example": false,
	} {
		if got := Host(host); got != want {
			t.Errorf("Host(%q) = %v", host, got)
		}
	}
}

func TestURL(t *testing.T) {
	for address, want := range map[string]bool{
		"http://localhost:8080":               true,
		"https://desk.localhost":              true,
		"http://[::1]:8080":                   true,
		"https://desk.example.com":            false,
		"http://localhost@desk.example.com":   false,
		"http://localhost.desk.example.com:1": false,
		"":                                    false,
	} {
		if got := URL(address); got != want {
			t.Errorf("URL(%q) = %v", address, got)
		}
	}
}

func TestRequest(t *testing.T) {
	for name, c := range map[string]struct {
		host   string
		header http.Header
		want   bool
	}{
		"the browser beside it":         {"localhost:8080", nil, true},
		"a name that was rebound":       {"evil.example:8080", nil, false},
		"through a proxy on the net":    {"127.0.0.1:8080", http.Header{"X-Forwarded-For": {"203.0.113.9"}}, false},
		"with a head made up":           {"127.0.0.1:8080", http.Header{"X-Forwarded-For": {"127.0.0.1, 203.0.113.9"}}, false},
		"through a proxy for itself":    {"127.0.0.1:8080", http.Header{"X-Forwarded-For": {"127.0.0.1"}}, true},
		"a proxy that tells its name":   {"127.0.0.1:8080", http.Header{"X-Forwarded-Host": {"desk.example.com"}}, false},
		"a proxy that tells an address": {"127.0.0.1:8080", http.Header{"X-Real-Ip": {"203.0.113.9"}}, false},
		"a proxy by the standard":       {"127.0.0.1:8080", http.Header{"Forwarded": {"for=203.0.113.9"}}, false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.Header = c.host, c.header
		if r.Header == nil {
			r.Header = http.Header{}
		}
		if got := Request(r); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
