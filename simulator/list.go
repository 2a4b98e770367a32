package simulator

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"
)

// page is a part of a list of the newer APIs: PageSize, Page, and the PageToken that Twilio gave for it.
type page struct {
	number, size, from, to, all int
	query                       url.Values
}

// page reads which part of a list of n is asked for. The caller holds the lock.
func (s *Simulator) page(c echo.Context, n int) (page, error) {
	p := page{size: 50, all: n, query: c.QueryParams()}
	if v := c.QueryParam("PageSize"); v != "" {
		var err error
		if p.size, err = strconv.Atoi(v); err != nil || p.size < 1 || p.size > 1000 {
			return p, errors.New("invalid PageSize")
		}
	}
	if most := s.faults.PageAtMost; most > 0 {
		p.size = min(p.size, most)
	}
	if v := c.QueryParam("Page"); v != "" {
		var err error
		if p.number, err = strconv.Atoi(v); err != nil || p.number < 0 {
			return p, errors.New("invalid Page")
		}
	}
	if p.number > 0 && c.QueryParam("PageToken") != p.token(p.number) {
		return p, errors.New("invalid PageToken")
	}
	p.from = min(p.number*p.size, n)
	p.to = min(p.from+p.size, n)
	return p, nil
}

// token is the token that Twilio gives for a page. Callers must not interpret it; this one has a dot, as Twilio's may.
func (p page) token(number int) string { return fmt.Sprintf("PT%d.%d", p.size, number) }

// meta is the frame around a list of the newer APIs.
func (p page) meta(list, key string) map[string]any {
	at := func(number int) string {
		query := url.Values{}
		for k, v := range p.query {
			query[k] = v
		}
		query.Set("PageSize", strconv.Itoa(p.size))
		query.Set("Page", strconv.Itoa(number))
		query.Del("PageToken")
		if number > 0 {
			query.Set("PageToken", p.token(number))
		}
		return list + "?" + query.Encode()
	}
	out := map[string]any{
		"page":              p.number,
		"page_size":         p.size,
		"key":               key,
		"url":               at(p.number),
		"first_page_url":    at(0),
		"previous_page_url": nil,
		"next_page_url":     nil,
	}
	if p.number > 0 {
		out["previous_page_url"] = at(p.number - 1)
	}
	if p.to < p.all {
		out["next_page_url"] = at(p.number + 1)
	}
	return out
}
