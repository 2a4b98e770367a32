package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// maxPages is how many pages of a list are read at most. A list that goes on beyond is an error: what was not read is
// not known.
const maxPages = 50

// pageReader reads a page of a list. It returns the next page's address as Twilio gave it, empty after the last one,
// and whether it has seen enough.
type pageReader func(*json.Decoder) (next string, enough bool, err error)

// pages reads one of Twilio's lists, page by page, until read has seen enough or there is no next page. first is the
// address of the first page.
//
// The addresses are made and followed here because twilio-go 1.31 takes every ".123" out of a query: of a
// business-scoped user id, and of a page token.
func (c *Client) pages(ctx context.Context, first string, read pageReader) error {
	seen := map[string]bool{}
	for at := first; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if seen[at] || len(seen) == maxPages {
			return &Error{Message: fmt.Sprintf("Twilio's list goes on after %d pages", len(seen)), Outcome: OutcomeUnknown}
		}
		seen[at] = true
		res, err := c.handler.Get(at, nil, map[string]any{"Content-Type": "application/x-www-form-urlencoded"}, "")
		if err != nil {
			return decode(err)
		}
		next, enough, err := read(json.NewDecoder(res.Body))
		if closeErr := res.Body.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return &Error{Message: "Twilio's list can't be read", Outcome: OutcomeUnknown, Err: err}
		}
		if enough || next == "" {
			return nil
		}
		if at, err = c.following(first, next); err != nil {
			return &Error{Message: "Twilio's list can't be followed", Outcome: OutcomeUnknown, Err: err}
		}
	}
}

// following is the address of a list's next page. Our credentials go with it, so it must be the same list on the same
// host: Twilio's, or the one that TWILIO_BASE_URL names.
func (c *Client) following(first, next string) (string, error) {
	list, err := url.Parse(first)
	if err != nil {
		return "", err
	}
	to, err := list.Parse(next)
	if err != nil {
		return "", err
	}
	path, known := to.Path, to.Scheme == list.Scheme && sameProduct(list.Host, to.Host)
	if !known && c.base != nil && to.Scheme == c.base.Scheme && to.Host == c.base.Host {
		path, known = strings.TrimPrefix(path, strings.TrimRight(c.base.Path, "/")), true
	}
	if !known || path != list.Path {
		return "", fmt.Errorf("the next page is another place: %s", next)
	}
	list.RawQuery = to.RawQuery
	return list.String(), nil
}

// sameProduct reports whether a host is the one of the same product at Twilio: api.twilio.com, or that of an edge and
// region such as api.dublin.ie1.twilio.com.
func sameProduct(host, other string) bool {
	product, _, _ := strings.Cut(host, ".")
	return other == host || strings.HasPrefix(other, product+".") && strings.HasSuffix(other, ".twilio.com")
}
