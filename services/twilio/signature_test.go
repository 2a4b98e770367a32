package twilio

import (
	"net/url"
	"testing"
)

// Twilio's own published vectors, all with token 12345.
func TestSignatureVectors(t *testing.T) {
	const u = "https://mycompany.com/myapp.php?foo=1&bar=2"
	five := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	if got := Signature("12345", u, five); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Error(got)
	}
	five.Set("Caller", "+12349013030")
	five.Set("From", "+12349013030")
	if got := Signature("12345", u, five); got != "0/KCTR6DLpKmkAf8muzZqo1nDgQ=" {
		t.Error(got)
	}
	dup := url.Values{"Sid": {"CA123"}, "SidAccount": {"AC123"}, "Digits": {"5678", "1234", "1234"}}
	if got := Signature("12345", u, dup); got != "IK+Dwps556ElfBT0I3Rgjkr1wJU=" {
		t.Error(got)
	}
}

func TestSigned(t *testing.T) {
	form := url.Values{"A": {"b"}}
	sig := Signature("second", "https://desk.example.com/webhooks", form)
	for name, c := range map[string]struct {
		tokens []string
		url    string
		form   url.Values
		want   int // which token, 0 for none
	}{
		"another configured token": {[]string{"first", "second"}, "https://desk.example.com/webhooks", form, 2},
		"with the standard port":   {[]string{"second"}, "https://desk.example.com:443/webhooks", form, 1},
		"with any other port":      {[]string{"second"}, "https://desk.example.com:8443/webhooks", form, 1},
		"another host":             {[]string{"second"}, "https://desk.example.com.evil.example/webhooks", form, 0},
		"another path":             {[]string{"second"}, "https://desk.example.com/webhook", form, 0},
		"a changed value":          {[]string{"second"}, "https://desk.example.com/webhooks", url.Values{"A": {"c"}}, 0},
		"an added parameter":       {[]string{"second"}, "https://desk.example.com/webhooks", url.Values{"A": {"b"}, "C": {""}}, 0},
		"no token":                 {nil, "https://desk.example.com/webhooks", form, 0},
	} {
		if got := SignedBy(c.tokens, c.url, c.form, sig); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if SignedBy([]string{"second"}, "https://desk.example.com/webhooks", form, "") != 0 {
		t.Error("an empty signature")
	}
}

// Signatures that Twilio's Node library 6.x accepts.
func TestSignedURLs(t *testing.T) {
	form := url.Values{"A": {"b"}}
	for name, c := range map[string]struct{ ours, signed string }{
		"we have a port, Twilio none":     {"https://desk.example.com:8443/hook?m=1", "https://desk.example.com/hook?m=1"},
		"we have none, Twilio a standard": {"https://desk.example.com/hook?m=1", "https://desk.example.com:443/hook?m=1"},
		"http":                            {"http://desk.example.com/hook", "http://desk.example.com:80/hook"},
		"user name and password":          {"https://us:pa@desk.example.com:8443/hook", "https://us:pa@desk.example.com/hook"},
		"capitals in the host":            {"https://Desk.Example.com/hook", "https://desk.example.com/hook"},
		"a space written as plus":         {"https://desk.example.com/hook?q=a+b", "https://desk.example.com/hook?q=a%20b"},
		"a bracket escaped in the query":  {"https://desk.example.com/hook?q[]=1", "https://desk.example.com/hook?q%5B%5D=1"},
		"a name without a value":          {"https://desk.example.com/hook?q", "https://desk.example.com/hook?q="},
		"IPv6":                            {"https://[2001:db8::1]:8443/hook", "https://[2001:db8::1]/hook"},
	} {
		if SignedBy([]string{"t"}, c.ours, form, Signature("t", c.signed, form)) != 1 {
			t.Errorf("%s: %s is not accepted for %s", name, c.signed, c.ours)
		}
	}
	for _, other := range []string{"https://desk.example.com/hook", "https://pa@desk.example.com/hook", "https://us:pa@evil.example/hook"} {
		if SignedBy([]string{"t"}, "https://us:pa@desk.example.com/hook", form, Signature("t", other, form)) != 0 {
			t.Errorf("%s is accepted", other)
		}
	}
}

// PUBLIC_URL and the address that Twilio signed may each have any port or none: Twilio's Node library accepts all
// combinations.
func TestSignedWithAnyPort(t *testing.T) {
	form := url.Values{"MessageSid": {"SM1"}}
	for _, scheme := range []struct{ name, standard string }{{"https", ":443"}, {"http", ":80"}} {
		for _, authority := range []string{"desk.example.com", "us:pa@desk.example.com", "[2001:db8::1]", "us@[2001:db8::1]"} {
			for _, ours := range []string{"", scheme.standard, ":8443"} {
				for _, signed := range []string{"", scheme.standard, ours} {
					for _, tail := range []string{"/webhooks/twilio/messages", "/webhooks/twilio/status?m=1&x=a%20b"} {
						know, made := scheme.name+"://"+authority+ours+tail, scheme.name+"://"+authority+signed+tail
						if SignedBy([]string{"t"}, know, form, Signature("t", made, form)) != 1 {
							t.Errorf("signed for %s, it is not taken at %s", made, know)
						}
					}
				}
				foreign := scheme.name + "://" + authority + ":9999/webhooks/twilio/messages"
				if SignedBy([]string{"t"}, scheme.name+"://"+authority+ours+"/webhooks/twilio/messages", form, Signature("t", foreign, form)) != 0 {
					t.Errorf("signed for %s, it is taken at port %q", foreign, ours)
				}
			}
		}
	}
}
