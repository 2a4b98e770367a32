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

// SignedBy says which of the tokens made the signature, counted from 1, for any of the forms in which Twilio may have
// written the URL; 0 if none did. It compares in constant time.
func SignedBy(tokens []string, rawURL string, form url.Values, signature string) int {
	if len(signature) != base64.StdEncoding.EncodedLen(sha1.Size) {
		return 0 // noise, which costs nothing
	}
	by := 0
	for _, u := range signedURLs(rawURL) {
		for i, t := range tokens {
			if by == 0 && hmac.Equal([]byte(Signature(t, u, form)), []byte(signature)) {
				by = i + 1
			}
		}
	}
	return by
}
