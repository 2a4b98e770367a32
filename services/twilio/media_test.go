package twilio

import (
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"

	"parley/services/egress"
)

func TestWhoseMediaItIs(t *testing.T) {
	base, err := url.Parse("http://127.0.0.1:4010/twilio")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]struct{ ours, signed bool }{
		"https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1": {true, true},
		"https://API.Twilio.com:443/x":                                          {true, true},
		"https://mcs.us1.twilio.com/x":                                          {true, true},
		"https://mms.twiliocdn.com/x":                                           {true, false},
		"http://127.0.0.1:4010/twilio/x":                                        {true, true},
		"http://api.twilio.com/x":                                               {},
		"https://api.twilio.com:8443/x":                                         {},
		"https://user:pass@api.twilio.com/x":                                    {},
		"https://api.twilio.com@evil.example/x":                                 {},
		"https://api.twilio.com.evil.example/x":                                 {},
		"https://eviltwilio.com/x":                                              {},
		"https://evil.example/api.twilio.com":                                   {},
		"http://127.0.0.1:4011/x":                                               {},
		"https://127.0.0.1:4010/x":                                              {},
		"http://169.254.169.254/latest/meta-data":                               {},
		"ftp://api.twilio.com/x":                                                {},
		"/x":                                                                    {},
		"https://twilio.com.":                                                   {},
		"https://s3-external-1.amazonaws.com/media.twiliocdn.com/x":             {},
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if ours, signed := twilios(base, u); ours != want.ours || signed != want.signed {
			t.Errorf("%s: ours %v, signed %v", address, ours, signed)
		}
	}
}

// Media are fetched from Twilio and from its redirects, which get no credentials and must be in the public network.
func TestFetchMediaGoesNowhereElse(t *testing.T) {
	asked, authorization := 0, ""
	store := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, authorization = asked+1, r.Header.Get("Authorization")
		_, _ = io.WriteString(w, "the file")
	}))
	defer store.Close()
	plain := httptest.NewServer(store.Config.Handler)
	defer plain.Close()
	to, signed := "", 0
	twilio := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user == "user" && password == "secret" {
			signed++
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	}))
	defer twilio.Close()
	fetch := func(guard egress.Guard, address string) (string, error) {
		t.Helper()
		asked, authorization = 0, ""
		guard.Roots = x509.NewCertPool()
		guard.Roots.AddCert(store.Certificate())
		creds := Credentials{AccountSID: "AC1", Username: "user", Password: "secret"}
		c, err := New(creds, Options{BaseURL: twilio.URL, Egress: guard})
		if err != nil {
			t.Fatal(err)
		}
		body, _, err := c.FetchMedia(t.Context(), address)
		if err != nil {
			return "", err
		}
		defer body.Close() //nolint:errcheck // read to the end
		b, err := io.ReadAll(body)
		return string(b), err
	}
	here := egress.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

	to = store.URL
	if got, err := fetch(here, twilio.URL+"/Media/ME1"); err != nil || got != "the file" || signed != 1 || authorization != "" {
		t.Errorf("an allowed store: %q %v, signed %d, credentials %q", got, err, signed, authorization)
	}
	if _, err := fetch(egress.Guard{}, twilio.URL+"/Media/ME1"); !errors.Is(err, egress.ErrPrivate) || asked != 0 {
		t.Errorf("a store in a private network: %v, asked %d times", err, asked)
	}
	to = plain.URL
	if _, err := fetch(here, twilio.URL+"/Media/ME1"); !errors.Is(err, ErrForeignMedia) || asked != 0 {
		t.Errorf("a store without https: %v, asked %d times", err, asked)
	}
	for _, address := range []string{store.URL, plain.URL, "file:///etc/passwd", "://", "https://api.twilio.com.evil.example/"} {
		if _, err := fetch(here, address); !errors.Is(err, ErrForeignMedia) || asked != 0 {
			t.Errorf("%s: %v, asked %d times", address, err, asked)
		}
	}
	to = twilio.URL
	if _, err := fetch(here, twilio.URL+"/Media/ME1"); !errors.Is(err, ErrForeignMedia) {
		t.Errorf("a circle: %v", err)
	}
}
