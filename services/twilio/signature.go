package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// Signature is X-Twilio-Signature: HMAC-SHA1, under the auth token, of the URL followed by every name
// with its values, sorted; a repeated name counts each different value once.
// Source: Twilio, "Validating requests are coming from Twilio".
func Signature(token, rawURL string, form url.Values) string {
	names := make([]string, 0, len(form))
	for n := range form {
		names = append(names, n)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(rawURL)
	for _, n := range names {
		values := slices.Clone(form[n])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			b.WriteString(n)
			b.WriteString(v)
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(b.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// SignedBy says which of the tokens made the signature, counted from 1, for the URL with or without its standard
// port; 0 if none did. It compares in constant time.
func SignedBy(tokens []string, rawURL string, form url.Values, signature string) int {
	by := 0
	for i, t := range tokens {
		for _, u := range withAndWithoutPort(rawURL) {
			if hmac.Equal([]byte(Signature(t, u, form)), []byte(signature)) {
				by = i + 1
			}
		}
	}
	return by
}

func withAndWithoutPort(raw string) []string {
	u, err := url.Parse(raw)
	if err != nil {
		return []string{raw}
	}
	port := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	rest := strings.TrimPrefix(raw, u.Scheme+"://"+u.Host)
	switch u.Port() {
	case "":
		return []string{raw, u.Scheme + "://" + host + ":" + port + rest}
	case port:
		return []string{raw, u.Scheme + "://" + host + rest}
	}
	return []string{raw}
}
