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
		"another port":             {[]string{"second"}, "https://desk.example.com:8443/webhooks", form, 0},
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
