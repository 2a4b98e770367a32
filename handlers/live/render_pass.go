package live

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"parley/handlers/mask"
	"parley/models/inbox"
	"parley/views/components"
	view "parley/views/inbox"
	"parley/whatsapp"
)

// renderPass is one round of reading and rendering what has changed.
type renderPass struct {
	app    *Handlers
	ctx    context.Context
	now    time.Time
	rows   []inbox.InboxRow
	labels []inbox.Label
	totals inbox.UserCounts
	html   map[string]string
	counts map[int64]map[string]int
	known  bool // all numbers of the people in rows are read
}

func (s *renderPass) read(ids map[string]bool) (err error) {
	list := make([]string, 0, len(ids))
	for id := range ids {
		list = append(list, id)
	}
	if s.rows, err = inbox.Read(s.app.Store).InboxRowsOf(s.ctx, list); err != nil {
		return err
	}
	if s.labels, err = inbox.Read(s.app.Store).Labels(s.ctx); err != nil {
		return err
	}
	s.totals, err = inbox.Read(s.app.Store).CountAll(s.ctx)
	return err
}

func (s *renderPass) update(l *listener, ids map[string]bool) ([]byte, error) {
	u := update{Counts: s.countsFor(l.user.ID)}
	if l.masked && !s.known {
		if err := mask.ReadRowNumbers(s.ctx, s.app.Store, s.rows); err != nil {
			return nil, err
		}
		s.known = true
	}
	found := map[string]bool{}
	for i := range s.rows {
		r := &s.rows[i]
		if !ids[r.PublicID] {
			continue
		}
		row := updatedRow{ID: r.PublicID, News: s.noticeOf(r, l)}
		if l.filter != nil && l.filter.Holds(r, s.now) {
			html, err := s.render(r, l)
			if err != nil {
				return nil, err
			}
			row.HTML, row.Key = html, r.Key(*l.filter, s.now)
			found[r.PublicID] = true
		}
		if row.HTML != "" || row.News != nil {
			u.Rows = append(u.Rows, row)
		}
	}
	if l.filter != nil {
		for id := range ids {
			if !found[id] {
				u.Gone = append(u.Gone, id)
			}
		}
		slices.Sort(u.Gone)
	}
	return json.Marshal(u)
}

func (s *renderPass) countsFor(user int64) map[string]int {
	if s.counts[user] == nil {
		s.counts[user] = view.Counts(s.totals.For(user))
	}
	return s.counts[user]
}

// noticeOf is the notice about a row for a reader: a message that has just arrived in a conversation that is theirs or
// unassigned.
func (s *renderPass) noticeOf(r *inbox.InboxRow, l *listener) *notice {
	if r.UnreadCount == 0 || r.LastDirection != whatsapp.Inbound || r.LastInboundAt == nil ||
		s.now.Sub(*r.LastInboundAt) > 5*time.Second ||
		r.AssigneeID != nil && *r.AssigneeID != l.user.ID {
		return nil
	}
	return &notice{Title: components.NameOf(s.masked(l), r.Who()), Body: r.LastLine}
}

func (s *renderPass) masked(l *listener) context.Context {
	if l.masked {
		return components.WithMask(s.ctx, mask.OwnNumbers(s.ctx, s.app.Store, s.app.Log, l.user))
	}
	return s.ctx
}

func (s *renderPass) render(r *inbox.InboxRow, l *listener) (string, error) {
	variant := r.PublicID + l.list
	if l.masked {
		variant += "#"
	}
	if html, ok := s.html[variant]; ok {
		return html, nil
	}
	var b bytes.Buffer
	row := *r
	mask.Row(s.masked(l), &row)
	p := view.RowProps{Row: row, List: l.list, Labels: s.labels, Key: r.Key(*l.filter, s.now), Now: s.now}
	err := view.Row(p).
		Render(s.masked(l), &b)
	s.html[variant] = b.String()
	return s.html[variant], err
}
