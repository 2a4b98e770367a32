package simulator

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// listMessages is Twilio's list of messages: newest first, 50 on a page or up to 1,000, filtered by recipient, sender
// and date of sending. A later page is requested by the token of the previous one, so that it continues where that one
// ended, even if messages were added since.
func (s *Simulator) listMessages(c echo.Context) error {
	if s.hit(&s.faults.ListError) || c.QueryParam("PageToken") != "" && s.hit(&s.faults.ListBreaks) {
		return restError(c, http.StatusInternalServerError, 20500, "An internal server error has occurred")
	}
	q := c.QueryParams()
	size, number, err := pageOf(q)
	if err != nil {
		return restError(c, http.StatusBadRequest, 20001, err.Error())
	}
	dates, err := sentBounds(q)
	if err != nil {
		return restError(c, http.StatusBadRequest, 20001, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if most := s.faults.PageAtMost; most > 0 {
		size = min(size, most)
	}
	list := s.filtered(q, dates)
	from, to, err := cutPage(list, size, q.Get("PageToken"))
	if err != nil {
		return restError(c, http.StatusBadRequest, 20001, err.Error())
	}
	messages := []map[string]any{}
	for _, m := range list[from:to] {
		messages = append(messages, s.messageJSON(*m))
	}
	q.Set("PageSize", strconv.Itoa(size))
	at := func(number int, token string) string {
		q.Set("Page", strconv.Itoa(number))
		q.Del("PageToken")
		if token != "" {
			q.Set("PageToken", token)
		}
		return "/2010-04-01/Accounts/" + s.opt.AccountSID + "/Messages.json?" + q.Encode()
	}
	out := map[string]any{
		"messages":          messages,
		"page":              number,
		"page_size":         size,
		"start":             number * size,
		"end":               max(0, number*size+len(messages)-1),
		"uri":               at(number, q.Get("PageToken")),
		"first_page_uri":    at(0, ""),
		"next_page_uri":     nil,
		"previous_page_uri": nil,
	}
	if to < len(list) {
		out["next_page_uri"] = at(number+1, pageAfter+list[to-1].Sid)
	}
	if from > 0 && from < len(list) {
		out["previous_page_uri"] = at(max(0, number-1), pageBefore+list[from].Sid)
	}
	return c.JSON(http.StatusOK, out)
}

// The prefixes of Twilio's page tokens; the message that the page comes after or before follows.
const (
	pageAfter  = "PA"
	pageBefore = "PB"
)

// pageOf reads PageSize and Page. Page has no effect on Twilio's side; without a token there is only the first page.
func pageOf(q url.Values) (size, number int, err error) {
	size = 50
	if v := q.Get("PageSize"); v != "" {
		if size, err = strconv.Atoi(v); err != nil || size < 1 || size > 1000 {
			return 0, 0, errors.New("invalid PageSize")
		}
	}
	if v := q.Get("Page"); v != "" {
		if number, err = strconv.Atoi(v); err != nil || number < 0 {
			return 0, 0, errors.New("invalid Page")
		}
	}
	if number > 0 && q.Get("PageToken") == "" {
		return 0, 0, errors.New("a PageToken is required: follow next_page_uri")
	}
	return size, number, nil
}

// cutPage is where the page of a token begins and ends in the list.
func cutPage(list []*Message, size int, token string) (from, to int, err error) {
	if token == "" {
		return 0, min(size, len(list)), nil
	}
	i := slices.IndexFunc(list, func(m *Message) bool { return strings.HasSuffix(token, m.Sid) })
	switch {
	case i >= 0 && token == pageAfter+list[i].Sid:
		return i + 1, min(i+1+size, len(list)), nil
	case i >= 0 && token == pageBefore+list[i].Sid:
		return max(0, i-size), i, nil
	}
	return 0, 0, errors.New("invalid PageToken")
}

// filtered are the messages that a request asks for, newest first. The caller holds the lock.
func (s *Simulator) filtered(q url.Values, dates []func(time.Time) bool) []*Message {
	to, from := q.Get("To"), q.Get("From")
	if s.faults.ListsEverybody {
		to = ""
	}
	var out []*Message
	for _, sid := range slices.Backward(s.state.Order) {
		m := s.state.Messages[sid]
		if m.Local || to != "" && m.To != to || from != "" && m.From != from {
			continue
		}
		if len(dates) > 0 && m.sentAt().IsZero() {
			continue // not sent: it has no date that could be within a bound
		}
		sent := m.sentAt().Truncate(time.Second)
		if !slices.ContainsFunc(dates, func(within func(time.Time) bool) bool { return !within(sent) }) {
			out = append(out, m)
		}
	}
	return out
}

// sentBounds reads the bounds of the date of sending. In an address they read DateSent=, DateSent<= and DateSent>=,
// which makes the sign a part of the parameter's name; it may also stand before the value (Twilio's OpenAPI file).
func sentBounds(q url.Values) ([]func(time.Time) bool, error) {
	var out []func(time.Time) bool
	for name, values := range q {
		sign, ok := strings.CutPrefix(name, "DateSent")
		if !ok {
			continue
		}
		for _, v := range values {
			bound, err := sentBound(sign, v)
			if err != nil {
				return nil, err
			}
			out = append(out, bound)
		}
	}
	return out, nil
}

func sentBound(sign, value string) (func(time.Time) bool, error) {
	bare := strings.TrimLeft(value, "<>=")
	sign = strings.TrimSuffix(sign+strings.TrimSuffix(value, bare), "=")
	from, until, err := span(bare)
	if err != nil {
		return nil, err
	}
	switch sign {
	case "":
		return func(t time.Time) bool { return !t.Before(from) && t.Before(until) }, nil
	case "<":
		return func(t time.Time) bool { return t.Before(until) }, nil
	case ">":
		return func(t time.Time) bool { return !t.Before(from) }, nil
	}
	return nil, errors.New("invalid date inequality")
}

// span is the day or the second that a date names, in GMT.
func span(value string) (from, until time.Time, err error) {
	if day, err := time.Parse(time.DateOnly, value); err == nil {
		return day, day.AddDate(0, 0, 1), nil
	}
	for _, layout := range []string{
		time.RFC3339, time.RFC1123Z, time.RFC1123, "2006-01-02T15:04:05", time.DateTime, "01/02/2006 15:04:05 MST",
	} {
		if t, err := time.Parse(layout, value); err == nil {
			t = t.Truncate(time.Second)
			return t, t.Add(time.Second), nil
		}
	}
	return from, until, errors.New("invalid date value")
}
