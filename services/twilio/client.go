// Package twilio is the only code that speaks to Twilio: it sends messages, submits templates, looks up what happened,
// fetches media, and reads and checks webhooks. It has no database access. The simulator is just another host to it.
// Start at client.go; what an error means for a message is in errors.go.
package twilio

import (
	"bytes"
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

	"parley/services/egress"
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
	media    *http.Client
	base     *url.URL // TWILIO_BASE_URL, nil for Twilio itself
}

// Options for New.
type Options struct {
	BaseURL string        // another host for all of Twilio's products; empty for Twilio itself
	Timeout time.Duration // for one call; 10 seconds if 0
	Egress  egress.Guard  // of what Twilio's media addresses redirect to
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
	return &Client{
		creds:    creds,
		messages: api.NewApiService(h),
		content:  content.NewApiService(h),
		senders:  messaging.NewApiService(h),
		handler:  h,
		base:     via.base,
		media:    mediaClient(via.base, opt.Egress),
	}, nil
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
