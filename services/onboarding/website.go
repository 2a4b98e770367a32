package onboarding

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"parley/models"
	"parley/models/onboarding"
	"parley/services/egress"
)

// WebsiteArgs asks a job to check a request's website.
type WebsiteArgs struct {
	RequestID string `json:"request_id"`
	Website   string `json:"website"`
}

// Kind names the job.
func (WebsiteArgs) Kind() string { return "look_at_website" }

// CheckWebsite checks a website and stores the result with the request. It only contacts servers in the public network:
// a typed address must not reach our own network.
func (s *Service) CheckWebsite(ctx context.Context, a WebsiteArgs) error {
	state, said := s.ask(ctx, a.Website)
	return s.store.InTx(
		ctx,
		func(tx *models.Tx) error { return onboarding.NoteWebsite(tx, a.RequestID, a.Website, state, said) },
	)
}

func (s *Service) ask(ctx context.Context, website string) (state, said string) {
	guard := egress.Guard{Allowed: s.opt.Allowed}
	if s.opt.Local { // a simulation may check local servers
		guard.Allowed = append(slices.Clone(guard.Allowed), netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"))
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: guard.Transport()}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, website, nil)
	if err != nil {
		return "fails", "the address is not right."
	}
	req.Header.Set("User-Agent", "Parley (looks whether the website answers)")
	res, err := client.Do(req)
	if err != nil {
		state, said = problem(err)
		if state == "fails" && said == noName && (s.opt.Local && reserved(req.URL.Hostname()) || !namesWork(ctx)) {
			return "unknown", "its name could not be looked up from here"
		}
		return state, said
	}
	defer res.Body.Close() //nolint:errcheck // its content is not read
	_, _ = io.CopyN(io.Discard, res.Body, 1<<10)
	switch {
	case res.StatusCode < 400,
		res.StatusCode == http.StatusUnauthorized,
		res.StatusCode == http.StatusForbidden,
		res.StatusCode == http.StatusTooManyRequests,
		res.StatusCode == http.StatusMethodNotAllowed:
		return "answers", ""
	}
	return "fails", fmt.Sprintf("it answers %d %s.", res.StatusCode, strings.ToLower(http.StatusText(res.StatusCode)))
}

const noName = "there is no such name."

// reserved reports whether a name is reserved for examples and never answers (RFC 2606).
func reserved(host string) bool {
	for _, end := range []string{
		"example.com",
		"example.net",
		"example.org",
		".example",
		".test",
		".invalid",
		"localhost",
	} {
		if host == strings.TrimPrefix(end, ".") || strings.HasSuffix(host, "."+strings.TrimPrefix(end, ".")) {
			return true
		}
	}
	return false
}

// namesWork reports whether names can be looked up at all from here: behind a closed network every name is unknown, and
// that says nothing about the website.
func namesWork(ctx context.Context) bool {
	_, err := net.DefaultResolver.LookupHost(ctx, "api.twilio.com")
	return err == nil
}

// problem distinguishes problems of the website from problems of the connection to it: only the former count.
func problem(err error) (state, said string) {
	cert, isCert := errors.AsType[*tls.CertificateVerificationError](err)
	dns, isDNS := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, egress.ErrPrivate):
		return "fails", "its address is inside a private network."
	case isDNS && dns.IsNotFound:
		return "fails", noName
	case isCert && cert != nil:
		return "fails", "its certificate is not valid."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "fails", "nothing answers there."
	}
	return "unknown", "it could not be reached from here"
}

// RecheckWebsite asks a job to check a request's website again.
func (s *Service) RecheckWebsite(ctx context.Context, r *onboarding.AccessRequest) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return s.checkWebsite(tx, r) })
}
