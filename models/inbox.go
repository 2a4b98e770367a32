package models

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// InboxView is one of the inbox's lists.
type InboxView string

// The views.
const (
	ViewAll        InboxView = "all"
	ViewMine       InboxView = "mine"
	ViewUnassigned InboxView = "unassigned"
	ViewWaiting    InboxView = "waiting"
	ViewFailed     InboxView = "failed"
	ViewResolved   InboxView = "resolved"
)

// InboxViews lists the views in the order of the tabs.
func InboxViews() []InboxView {
	return []InboxView{ViewAll, ViewMine, ViewUnassigned, ViewWaiting, ViewFailed, ViewResolved}
}

// InboxFilter narrows the inbox. After is the cursor of the last row seen, empty for the first page.
type InboxFilter struct {
	View   InboxView
	UserID int64
	Query  string
	After  string
	Limit  int
}

// InboxRow is a conversation as the list shows it.
type InboxRow struct {
	Conversation
	ContactName, ContactProfileName, ContactPhone string
	SenderName                                    string
	AssigneeName                                  string
}

// Title is what the row's contact is called.
func (r *InboxRow) Title() string { return r.Who().Title() }

// Who is the person, as far as lists show them.
func (r *InboxRow) Who() *Contact {
	c := Contact{Name: r.ContactName, ProfileName: r.ContactProfileName}
	if r.ContactPhone != "" {
		c.Phone = &r.ContactPhone
	}
	return &c
}

// Inbox lists conversations by what needs an answer first: sessions that close soonest with a person
// waiting stand on top, then all others by their latest message. The second result is the next cursor,
// empty at the end.
func (s *Store) Inbox(ctx context.Context, f InboxFilter) ([]InboxRow, string, error) {
	section, at, id, err := readInboxCursor(f.After)
	if err != nil {
		return nil, "", Invalid("after", "The list can't be continued from here: open the inbox again.")
	}
	now := s.Now()
	var rows []InboxRow
	if section == 'r' && f.View != ViewResolved {
		q := s.inbox(ctx, f).Where("v.state = 'open' AND v.waiting_since IS NOT NULL AND v.window_closes_at > ?", now).
			Order("v.window_closes_at, v.id").Limit(f.Limit + 1)
		if f.After != "" {
			q = q.Where("(v.window_closes_at, v.id) > (?, ?)", at, id)
		}
		if err := q.Scan(&rows).Error; err != nil {
			return nil, "", err
		}
		if len(rows) > f.Limit {
			last := rows[f.Limit-1]
			return rows[:f.Limit], inboxCursor('r', *last.WindowClosesAt, last.ID), nil
		}
	}
	q := s.inbox(ctx, f).Order("v.last_message_at DESC, v.id DESC").Limit(f.Limit + 1 - len(rows)).Where("v.last_message_at IS NOT NULL")
	if f.View != ViewResolved {
		q = q.Where("NOT (v.waiting_since IS NOT NULL AND v.window_closes_at IS NOT NULL AND v.window_closes_at > ?)", now)
	}
	if section == 'l' {
		q = q.Where("(v.last_message_at, v.id) < (?, ?)", at, id)
	}
	var rest []InboxRow
	if err := q.Scan(&rest).Error; err != nil {
		return nil, "", err
	}
	rows = append(rows, rest...)
	if len(rows) <= f.Limit {
		return rows, "", nil
	}
	last := rows[f.Limit-1]
	if len(rows)-len(rest) >= f.Limit { // the page is full with the waiting ones
		return rows[:f.Limit], inboxCursor('r', *last.WindowClosesAt, last.ID), nil
	}
	return rows[:f.Limit], inboxCursor('l', *last.LastMessageAt, last.ID), nil
}

func (s *Store) inbox(ctx context.Context, f InboxFilter) *gorm.DB {
	q := s.read(ctx).Table("conversations v").
		Select(`v.*, c.name AS contact_name, c.profile_name AS contact_profile_name, coalesce(c.phone, '') AS contact_phone,
			s.name AS sender_name, coalesce(u.name, '') AS assignee_name`).
		Joins("JOIN contacts c ON c.id = v.contact_id JOIN senders s ON s.id = v.sender_id LEFT JOIN users u ON u.id = v.assignee_id")
	if like := searchPattern(f.Query); like != "" {
		q = q.Where("c.search LIKE ?", like)
	}
	switch f.View {
	case ViewResolved:
		return q.Where("v.state = 'resolved'")
	case ViewMine:
		q = q.Where("v.assignee_id = ?", f.UserID)
	case ViewUnassigned:
		q = q.Where("v.assignee_id IS NULL")
	case ViewWaiting:
		q = q.Where("v.waiting_since IS NOT NULL")
	case ViewFailed:
		q = q.Where("v.failed_count > 0")
	}
	return q.Where("v.state = 'open'")
}

func inboxCursor(section byte, at time.Time, id int64) string {
	return fmt.Sprintf("%c%d-%d", section, at.UnixMicro(), id)
}

func readInboxCursor(s string) (section byte, at time.Time, id int64, err error) {
	if s == "" {
		return 'r', time.Time{}, 0, nil
	}
	micro, row, ok := strings.Cut(s[1:], "-")
	m, err1 := strconv.ParseInt(micro, 10, 64)
	id, err2 := strconv.ParseInt(row, 10, 64)
	if !ok || err1 != nil || err2 != nil || (s[0] != 'r' && s[0] != 'l') {
		return 0, at, 0, fmt.Errorf("cursor %q", s)
	}
	return s[0], time.UnixMicro(m), id, nil
}

// Counters are the numbers of the sidebar, the inbox's tabs and Home, read in one query.
type Counters struct {
	All, Mine, Unassigned, Waiting, Failed int
	OpenSessions, ClosingSoon              int
	Unread                                 int
	ApprovalsPending, ApprovalsRejected    int
}

// Count reads the counters as userID sees them.
func (s *Store) Count(ctx context.Context, userID int64) (Counters, error) {
	var out Counters
	err := s.read(ctx).Raw(`SELECT v.*, t.* FROM
		(SELECT count(*) FILTER (WHERE state = 'open') AS all,
			count(*) FILTER (WHERE state = 'open' AND assignee_id = @user) AS mine,
			count(*) FILTER (WHERE state = 'open' AND assignee_id IS NULL) AS unassigned,
			count(*) FILTER (WHERE state = 'open' AND waiting_since IS NOT NULL) AS waiting,
			count(*) FILTER (WHERE state = 'open' AND failed_count > 0) AS failed,
			count(*) FILTER (WHERE window_closes_at > @now) AS open_sessions,
			count(*) FILTER (WHERE state = 'open' AND waiting_since IS NOT NULL AND window_closes_at > @now AND window_closes_at <= @soon) AS closing_soon,
			count(*) FILTER (WHERE state = 'open' AND unread_count > 0) AS unread
		 FROM conversations WHERE state = 'open' OR window_closes_at > @now) v,
		(SELECT count(*) FILTER (WHERE state IN ('submitted', 'pending')) AS approvals_pending,
			count(*) FILTER (WHERE state = 'rejected' AND NOT EXISTS (SELECT 1 FROM template_versions n
				WHERE n.template_id = x.template_id AND n.language = x.language AND n.number > x.number)) AS approvals_rejected
		 FROM template_versions x WHERE state IN ('submitted', 'pending', 'rejected')) t`,
		map[string]any{"user": userID, "now": s.Now(), "soon": s.Now().Add(time.Hour)}).Scan(&out).Error
	return out, err
}
