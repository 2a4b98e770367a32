package search

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/people/segments"
	"parley/models/senders"
	view "parley/views/search"
	"parley/whatsapp"
)

// searchPage is how many results are shown at once.
const searchPage = 30

// showSearch searches all messages and contacts.
func (h *Handlers) showSearch(c echo.Context) error {
	ctx := c.Request().Context()
	p := view.Props{
		Text:   plaintext.Cut(strings.TrimSpace(c.QueryParam("q")), 200),
		By:     c.QueryParam("by"),
		Sender: c.QueryParam("sender"),
		Since:  c.QueryParam("since"),
		Until:  c.QueryParam("until"),
		File:   c.QueryParam("file") != "",
		Now:    h.Store.Now(),
	}
	q := inbox.MessageQuery{Text: p.Text, HasFile: p.File, Before: web.Int64Param(c, "before"), Limit: searchPage}
	var err error
	if p.Zone, err = h.Site.ShownZone(c, web.Query(c)); err != nil {
		return err
	}
	if p.Users, err = accounts.Read(h.Store).Users(ctx); err != nil {
		return err
	}
	if p.Senders, err = senders.Read(h.Store).Senders(ctx); err != nil {
		return err
	}
	if q.ConversationID, err = h.searchedChat(c, &p); err != nil {
		return err
	}
	h.unknownSearch(c, &p)
	q.Nothing = len(p.Gone) > 0
	if !narrowSearch(&p, &q) {
		p.Problem = "Give days such as 2026-11-23."
		return h.Site.Page(
			c,
			web.View{Title: "Search", Area: "inbox", Status: http.StatusUnprocessableEntity},
			view.Page(p),
			nil,
		)
	}
	if err := h.findMessages(c, &p, q); err != nil {
		return err
	}
	if p.In == nil && p.Text != "" && !q.Nothing {
		page, err := segments.Read(h.Store).
			Contacts(ctx, segments.ContactFilter{Query: p.Text, Limit: 8, Whole: mask.Applies(c)})
		if err != nil {
			return err
		}
		p.Contacts = page.Rows
	}
	if err := mask.ReadNumbersOf(ctx, h.Store, p.Contacts); err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Search", Area: "inbox"}, view.Page(p), nil)
}

// searchedChat is the conversation that the search is limited to, 0 for all.
func (h *Handlers) searchedChat(c echo.Context, p *view.Props) (id int64, err error) {
	ctx, publicID := c.Request().Context(), c.QueryParam("in")
	if publicID == "" {
		return 0, nil
	}
	p.In, err = conversations.Read(h.Store).ConversationByPublicID(ctx, publicID)
	switch {
	case models.KindOf(err) == models.KindNotFound:
		p.In, p.Gone = nil, append(p.Gone, web.Gone(c, "in", "No such chat"))
		return 0, nil
	case err != nil:
		return 0, err
	}
	return p.In.ID, mask.ReadNumbers(ctx, h.Store, p.In.Contact)
}

// findMessages reads a page of results, and where the next page starts.
func (h *Handlers) findMessages(c echo.Context, p *view.Props, q inbox.MessageQuery) error {
	ctx := c.Request().Context()
	hits, next, err := inbox.Read(h.Store).SearchMessages(ctx, q)
	if err != nil {
		return err
	}
	if p.Hits, err = mask.Hits(ctx, h.Store, hits, p.Text); err != nil {
		return err
	}
	if next > 0 {
		v := c.QueryParams()
		v.Set("before", strconv.FormatInt(next, 10))
		p.Next = "/search?" + v.Encode()
	}
	return nil
}

// unknownSearch records which values of the search no longer exist or make no sense.
func (h *Handlers) unknownSearch(c echo.Context, p *view.Props) {
	author := func(u accounts.User) bool { return u.PublicID == p.By }
	if p.By != "" && !slices.Contains(whatsapp.Directions(), whatsapp.Direction(p.By)) &&
		!slices.ContainsFunc(p.Users, author) {
		p.Gone = append(p.Gone, web.Gone(c, "by", "No such person"))
	}
	if p.Sender != "" && !slices.ContainsFunc(p.Senders, func(s senders.Sender) bool { return s.PublicID == p.Sender }) {
		p.Gone = append(p.Gone, web.Gone(c, "sender", "No such sender"))
	}
	if file := c.QueryParam("file"); file != "" && file != "1" {
		p.Gone = append(p.Gone, web.Gone(c, "file", "No such kind of file"))
	}
	if utf8.RuneCountInString(strings.TrimSpace(c.QueryParam("q"))) > mostSearch {
		p.Gone = append(p.Gone, web.Gone(c, "q", "No such search: it is too long"))
	}
}

// mostSearch is the maximum length of a search, in characters.
const mostSearch = 200

// narrowSearch reads the filters. An invalid day is refused.
func narrowSearch(p *view.Props, q *inbox.MessageQuery) bool {
	if by := whatsapp.Direction(p.By); slices.Contains(whatsapp.Directions(), by) {
		q.Direction = by
	}
	for _, u := range p.Users {
		if u.PublicID == p.By {
			q.AuthorID = u.ID
		}
	}
	for _, s := range p.Senders {
		if s.PublicID == p.Sender {
			q.SenderID = s.ID
		}
	}
	day := func(s string, t *time.Time, plus int) bool {
		if s == "" {
			return true
		}
		d, err := time.ParseInLocation(time.DateOnly, s, p.Zone)
		*t = d.AddDate(0, 0, plus)
		return err == nil
	}
	return day(p.Since, &q.Since, 0) && day(p.Until, &q.Until, 1)
}
