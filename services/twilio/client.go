// Package twilio is the only code that speaks to Twilio: it sends messages, submits templates, looks
// up what happened, fetches media, and reads and checks webhooks. It knows no database. The simulator is
// just another host to it. Start at client.go; what an error means for a message is in errors.go.
package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	content "github.com/twilio/twilio-go/rest/content/v1"
	messaging "github.com/twilio/twilio-go/rest/messaging/v2"
)

// Credentials sign calls: the account's own token, or an API key and its secret.
type Credentials struct {
	AccountSID string
	Username   string // account SID or API key
	Password   string // auth token or API secret
}

// Client calls Twilio for one account. It is safe for concurrent use and retries nothing by itself.
type Client struct {
	creds    Credentials
	messages *api.ApiService
	content  *content.ApiService
	senders  *messaging.ApiService
	handler  *client.RequestHandler
	http     *http.Client
	base     *url.URL // TWILIO_BASE_URL, nil for Twilio itself
}

// Options for New.
type Options struct {
	BaseURL string        // another host for all of Twilio's products; empty for Twilio itself
	Timeout time.Duration // for one call; 10 seconds if 0
}

// New makes a client.
func New(creds Credentials, opt Options) (*Client, error) {
	if opt.Timeout == 0 {
		opt.Timeout = 10 * time.Second
	}
	// Twilio is called many times at once: connections are kept for all of them.
	keeping := http.DefaultTransport.(*http.Transport).Clone()
	keeping.MaxIdleConns, keeping.MaxIdleConnsPerHost = 256, 128
	via := &transport{next: keeping}
	if opt.BaseURL != "" {
		u, err := url.Parse(opt.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("TWILIO_BASE_URL: %w", err)
		}
		via.base = u
	}
	hc := &http.Client{Transport: via, Timeout: opt.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	tc := &client.Client{Credentials: client.NewCredentials(creds.Username, creds.Password), HTTPClient: hc}
	tc.SetAccountSid(creds.AccountSID)
	h := client.NewRequestHandler(tc)
	return &Client{creds: creds, messages: api.NewApiService(h), content: content.NewApiService(h), senders: messaging.NewApiService(h), handler: h, base: via.base,
		http: &http.Client{Transport: http.DefaultTransport, Timeout: 60 * time.Second}}, nil
}

// transport sends calls to another host where one is set, and gives every error answer a JSON body,
// without which twilio-go would lose its HTTP status.
type transport struct {
	base *url.URL
	next http.RoundTripper
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.base != nil {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host, r.Host = t.base.Scheme, t.base.Host, t.base.Host
		r.URL.Path = strings.TrimRight(t.base.Path, "/") + r.URL.Path
	}
	res, err := t.next.RoundTrip(r)
	if err != nil || res.StatusCode < 400 {
		return res, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	var e struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  int    `json:"status"`
	}
	if json.Unmarshal(body, &e) != nil || e.Status == 0 {
		e.Status = res.StatusCode
		if e.Message == "" {
			e.Message = http.StatusText(res.StatusCode)
		}
		if body, err = json.Marshal(e); err != nil {
			return nil, err
		}
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// MaxMedia is the size of the largest file that WhatsApp takes, in bytes.
const MaxMedia = 16 << 20

// FetchMedia opens a file that came with an inbound message. The caller closes it. Twilio answers with
// a redirect to a signed store, to which our credentials are not sent.
func (c *Client) FetchMedia(ctx context.Context, mediaURL string) (io.ReadCloser, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, mediaURL, nil)
	if err != nil {
		return nil, "", fmt.Errorf("fetch media: %w", err)
	}
	// Our credentials go to Twilio and to nobody else.
	if host := req.URL.Hostname(); host == "twilio.com" || strings.HasSuffix(host, ".twilio.com") || c.base != nil && req.URL.Host == c.base.Host {
		req.SetBasicAuth(c.creds.Username, c.creds.Password)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("fetch media: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, "", &Error{Status: res.StatusCode, Message: "media: " + res.Status, Outcome: outcomeOf(res.StatusCode, 0)}
	}
	return res.Body, res.Header.Get("Content-Type"), nil
}
