package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/services/egress"
)

// MaxMedia is the size of the largest file that WhatsApp takes, in bytes.
const MaxMedia = 16 << 20

// ErrForeignMedia is the error for a file whose address is not Twilio's.
var ErrForeignMedia = errors.New("the file's address is not one of Twilio's")

// mostRedirects is how often an address may lead on to another.
const mostRedirects = 5

// mediaClient fetches files. They lie at Twilio, which leads on to a store of its own: any public address over https.
// The host of TWILIO_BASE_URL stands for Twilio wherever it lies.
func mediaClient(base *url.URL, guard egress.Guard) *http.Client {
	return &http.Client{
		Transport: &mediaTransport{base: base, guarded: guard.Transport(), plain: http.DefaultTransport},
		Timeout:   60 * time.Second,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > mostRedirects || r.URL.Scheme != "https" && !sameHost(base, r.URL) {
				return ErrForeignMedia
			}
			if _, signed := twilios(base, r.URL); !signed {
				r.Header.Del("Authorization") // net/http keeps it for another port and for a subdomain
			}
			return nil
		},
	}
}

type mediaTransport struct {
	base    *url.URL
	guarded *egress.Transport
	plain   http.RoundTripper
}

func (t *mediaTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if sameHost(t.base, r.URL) {
		return t.plain.RoundTrip(r)
	}
	return t.guarded.RoundTrip(r)
}

func sameHost(base, u *url.URL) bool {
	return base != nil && u.Scheme == base.Scheme && u.Host == base.Host
}

// twilios reports whether an address is one of Twilio's own, for which base stands where it is set, and whether our
// credentials belong there.
func twilios(base, u *url.URL) (ours, signed bool) {
	if sameHost(base, u) {
		return true, true
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme != "https" || u.User != nil || u.Port() != "" && u.Port() != "443" {
		return false, false
	}
	signed = host == "twilio.com" || strings.HasSuffix(host, ".twilio.com")
	return signed || host == "twiliocdn.com" || strings.HasSuffix(host, ".twiliocdn.com"), signed
}

// FetchMedia opens a file that came with an inbound message. The caller closes it. Our credentials go to Twilio and to
// nobody else: not to the store that Twilio leads on to. An address that is not Twilio's is ErrForeignMedia, and one
// that leads into a private network is egress.ErrPrivate; trying again is of no use for either.
func (c *Client) FetchMedia(ctx context.Context, mediaURL string) (io.ReadCloser, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, mediaURL, nil)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrForeignMedia, err)
	}
	ours, signed := twilios(c.base, req.URL)
	if !ours {
		return nil, "", ErrForeignMedia
	}
	if signed {
		req.SetBasicAuth(c.creds.Username, c.creds.Password)
	}
	res, err := c.media.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("fetch media: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, "", &Error{Status: res.StatusCode, Message: "media: " + res.Status, Outcome: outcomeOf(res.StatusCode, 0)}
	}
	return res.Body, res.Header.Get("Content-Type"), nil
}
