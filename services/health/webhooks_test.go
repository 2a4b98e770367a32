package health

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/models"
	"parley/services/servicetest"
)

// The test of the webhooks calls our own address with Twilio's signature, and only our own answer is good.
func TestOwnAddressIsCalled(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	for status, said := range map[int]string{
		200: "was accepted", 204: "was accepted", 302: "HTTP 302", 403: "does not match", 404: "HTTP 404",
		0: "Nothing answers",
	} {
		var address string
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mac := hmac.New(sha1.New, []byte("token"))
			_, _ = mac.Write([]byte(address + TestPath + "Test1"))
			signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
			if r.Method != http.MethodPost || r.URL.Path != TestPath || r.Header.Get("X-Twilio-Signature") != signature {
				t.Errorf("%s %s is signed with %q", r.Method, r.URL.Path, r.Header.Get("X-Twilio-Signature"))
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		if address = srv.URL; status == 0 {
			srv.Close()
		}
		s := New(w.Store, w.Twilio, Options{PublicURL: address, Token: "token", Log: w.Log})
		c, err := s.Webhooks(t.Context())
		if err != nil || c.OK != (status == 200 || status == 204) || !strings.Contains(c.Said, said) {
			t.Errorf("%d: %+v, %v", status, c, err)
		}
		stored, err := models.Read(w.Store).Checks(t.Context())
		if err != nil || stored[models.CheckWebhooks].OK != c.OK {
			t.Errorf("%d: %+v is stored, %v", status, stored[models.CheckWebhooks], err)
		}
		srv.Close()
	}
}
