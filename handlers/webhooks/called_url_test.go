package webhooks

import (
	"net/http/httptest"
	"testing"
)

func TestCalledURL(t *testing.T) {
	for _, c := range []struct{ public, host, want string }{
		{"https://desk.example.com", "desk.example.com", "https://desk.example.com/webhooks/x?m=1"},
		{"https://desk.example.com", "desk.example.com:8443", "https://desk.example.com:8443/webhooks/x?m=1"},
		{"https://desk.example.com", "127.0.0.1:8080", "https://desk.example.com:8080/webhooks/x?m=1"},
		{"https://desk.example.com:8443", "desk.example.com:9", "https://desk.example.com:8443/webhooks/x?m=1"},
		{"https://us:pa@desk.example.com", "desk.example.com:8443", "https://us:pa@desk.example.com:8443/webhooks/x?m=1"},
		{"https://desk.example.com/parley", "desk.example.com:8443", "https://desk.example.com:8443/parley/webhooks/x?m=1"},
		{"https://desk.example.com", "desk.example.com:evil", "https://desk.example.com/webhooks/x?m=1"},
		{"https://desk.example.com", "desk.example.com:0", "https://desk.example.com/webhooks/x?m=1"},
		{"https://[2001:db8::1]", "[2001:db8::1]:8443", "https://[2001:db8::1]:8443/webhooks/x?m=1"},
	} {
		r := httptest.NewRequest("POST", "/webhooks/x?m=1", nil)
		r.Host = c.host
		if got := (&Handlers{PublicURL: c.public}).calledURL(r); got != c.want {
			t.Errorf("PUBLIC_URL %s, Host %s: %s, want %s", c.public, c.host, got, c.want)
		}
	}
}
