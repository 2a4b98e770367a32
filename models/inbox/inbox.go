package inbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/conversations"
	"parley/models/people"
	"parley/models/people/segments"
)

// InboxView is one of the inbox's lists.
type InboxView string

// The views.
const (
	ViewMine       InboxView = "mine"
	ViewUnassigned InboxView = "unassigned"
	ViewAll        InboxView = "all"
	ViewWaiting    InboxView = "waiting"
	ViewClosing    InboxView = "closing"
	ViewSnoozed    InboxView = "snoozed"
	ViewResolved   InboxView = "resolved"
	ViewMentions   InboxView = "mentions"
	ViewFailed     InboxView = "failed"
)

// InboxViews lists the views in the order of the tabs.
func InboxViews() []InboxView {
	return []InboxView{
		ViewMine,
		ViewUnassigned,
		ViewAll,
		ViewWaiting,
		ViewClosing,
		ViewMentions,
		ViewSnoozed,
		ViewResolved,
		ViewFailed,
	}
}

// closingSoon is how long before its end a session is listed in the view "closing soon" and turns amber.
const closingSoon = time.Hour

// InboxFilter narrows the inbox. After is the cursor of the last row seen, empty for the first page.
type InboxFilter struct {
	View     InboxView
	UserID   int64
	Query    string
	Whole    bool                    // Query finds numbers only as a whole: for users who see masked ones
	Label    int64                   // conversations with it; 0: any
	Assignee int64                   // -1: nobody, 0: any
	SenderID int64                   // 0: any
	Priority *conversations.Priority // nil: any
	// Nothing says that the filter names something that is gone, or makes no sense: then it matches nothing.
	Nothing bool
	After   string
	Limit   int
}

// byRisk reports whether the view lists unanswered conversations first, the session that closes soonest on top.
func (f InboxFilter) byRisk() bool {
	return f.View != ViewResolved && f.View != ViewSnoozed && f.View != ViewMentions
}

// Inbox lists conversations by what needs an answer first: sessions that close soonest with a person
// waiting stand on top, then all others by their latest message. The second result is the next cursor,
// empty at the end.
func (r Reads) Inbox(ctx context.Context, f InboxFilter) ([]InboxRow, string, error) {
	section, at, id, err := readInboxCursor(f.After)
	if err != nil {
		return nil, "", models.Invalid("after", "inbox.cannot_continue")
	}
	if f.Nothing {
		return nil, "", nil
	}
	now := r.store.Now()
	var rows []InboxRow
	if section == 'r' && f.byRisk() {
		q := r.inbox(ctx, f, now).Where("v.state = 'open' AND v.waiting_since IS NOT NULL AND v.window_closes_at > ?", now).
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
	if f.View == ViewClosing {
		return rows, "", nil // all of them are at risk
	}
	q := r.inbox(ctx, f, now).
		Order("v.last_message_at DESC, v.id DESC").
		Limit(f.Limit + 1 - len(rows)).
		Where("v.last_message_at IS NOT NULL")
	if f.byRisk() {
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

const inboxColumns = `v.*, c.name AS contact_name, c.profile_name AS contact_profile_name,
	coalesce(c.phone, '') AS contact_phone, s.name AS sender_name, coalesce(u.name, '') AS assignee_name,
	coalesce(u.public_id, '') AS assignee_public_id`

func (r Reads) inboxRows(ctx context.Context) *gorm.DB {
	return r.read(ctx).Table("conversations v").Select(inboxColumns).
		Joins("JOIN contacts c ON c.id = v.contact_id JOIN senders s ON s.id = v.sender_id").
		Joins("LEFT JOIN users u ON u.id = v.assignee_id")
}

func (r Reads) inbox(ctx context.Context, f InboxFilter, now time.Time) *gorm.DB {
	q := r.inboxRows(ctx)
	var args []any
	found := segments.SearchCondition(f.Query, f.Whole, func(v any) string {
		args = append(args, v)
		return "?"
	})
	if found != "" {
		q = q.Where("("+found+")", args...)
	}
	if f.Label != 0 {
		q = q.Where("v.labels @> CAST(? AS bigint[])", models.IDs{f.Label}.Text())
	}
	switch {
	case f.Assignee < 0:
		q = q.Where("v.assignee_id IS NULL")
	case f.Assignee > 0:
		q = q.Where("v.assignee_id = ?", f.Assignee)
	}
	if f.SenderID != 0 {
		q = q.Where("v.sender_id = ?", f.SenderID)
	}
	if f.Priority != nil {
		q = q.Where("v.priority = ?", *f.Priority)
	}
	return f.view(q, now)
}

// view narrows q to the view of f: inView in SQL.
func (f InboxFilter) view(q *gorm.DB, now time.Time) *gorm.DB {
	switch f.View {
	case ViewResolved:
		return q.Where("v.state = 'resolved'")
	case ViewSnoozed:
		return q.Where("v.state = 'snoozed'")
	case ViewMentions:
		return q.Where("v.id IN (SELECT conversation_id FROM mentions WHERE user_id = ?)", f.UserID)
	case ViewMine:
		q = q.Where("v.assignee_id = ?", f.UserID)
	case ViewUnassigned:
		q = q.Where("v.assignee_id IS NULL")
	case ViewWaiting:
		q = q.Where("v.waiting_since IS NOT NULL")
	case ViewClosing:
		q = q.Where("v.waiting_since IS NOT NULL AND v.window_closes_at <= ?", now.Add(closingSoon))
	case ViewFailed:
		q = q.Where("v.failed_count > 0")
	case ViewAll: // that are open
	}
	return q.Where("v.state = 'open'")
}

// InboxRowsOf are the rows of some conversations by public id, with the users mentioned in each, in no particular
// order.
func (r Reads) InboxRowsOf(ctx context.Context, publicIDs []string) ([]InboxRow, error) {
	var out []InboxRow
	err := r.inboxRows(ctx).
		Select(inboxColumns+`, c.search AS contact_search,
			CAST(ARRAY(SELECT user_id FROM mentions n WHERE n.conversation_id = v.id) AS text) AS mentioned`).
		Where("v.public_id IN ?", publicIDs).
		Scan(&out).
		Error
	return out, err
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

// InboxRow is a conversation as the list shows it.
type InboxRow struct {
	conversations.Conversation
	ContactName, ContactProfileName, ContactPhone string
	ContactNumbers                                []string `gorm:"-"` // all numbers, only where they were read
	SenderName                                    string
	AssigneeName, AssigneePublicID                string
	Mentioned                                     models.IDs // users; only from InboxRowsOf
	ContactSearch                                 string     // likewise
}

// Title is what the row's contact is called.
func (r *InboxRow) Title() string { return r.Who().Title() }

// Who is the person, as far as lists show them.
func (r *InboxRow) Who() *people.Contact {
	c := people.Contact{Name: r.ContactName, ProfileName: r.ContactProfileName, Numbers: r.ContactNumbers}
	if r.ContactPhone != "" {
		c.Phone = &r.ContactPhone
	}
	return &c
}

// atRisk reports whether the person waits and the session is still open.
func (r *InboxRow) atRisk(now time.Time) bool {
	return r.State == conversations.ConversationOpen && r.WaitingSince != nil && r.WindowOpen(now)
}

func (r *InboxRow) assignedTo(userID int64) bool {
	return r.AssigneeID != nil && *r.AssigneeID == userID
}

// numbers are all known numbers of the person.
func (r *InboxRow) numbers() []string {
	if r.ContactPhone == "" {
		return r.ContactNumbers
	}
	return append(slices.Clone(r.ContactNumbers), r.ContactPhone)
}

// Key is the row's sort key in the list of f: smaller keys come first. It is the order of Inbox.
func (r *InboxRow) Key(f InboxFilter, now time.Time) string {
	if f.byRisk() && r.atRisk(now) {
		return fmt.Sprintf("a%019d-%019d", r.WindowClosesAt.UnixMicro(), r.ID)
	}
	last := int64(0)
	if r.LastMessageAt != nil {
		last = r.LastMessageAt.UnixMicro()
	}
	const most = 1<<63 - 1
	return fmt.Sprintf("b%019d-%019d", most-last, most-r.ID)
}

// Holds reports whether a row of InboxRowsOf belongs to the list of f, as Inbox decides it in SQL. If f looks for whole
// numbers, r.ContactNumbers must be set.
func (f InboxFilter) Holds(r *InboxRow, now time.Time) bool {
	switch {
	case f.Nothing,
		r.LastMessageAt == nil,
		f.Label != 0 && !slices.Contains(r.Labels, f.Label),
		f.Assignee < 0 && r.AssigneeID != nil,
		f.Assignee > 0 && !r.assignedTo(f.Assignee),
		f.SenderID != 0 && r.SenderID != f.SenderID,
		f.Priority != nil && r.Priority != *f.Priority,
		!segments.Searched(f.Query, f.Whole, r.ContactSearch, r.numbers()):
		return false
	}
	return f.inView(r, now)
}

// inView reports whether a row belongs to the view of f, regardless of its other conditions.
func (f InboxFilter) inView(r *InboxRow, now time.Time) bool {
	open := r.State == conversations.ConversationOpen
	switch f.View {
	case ViewResolved:
		return r.State == conversations.ConversationResolved
	case ViewSnoozed:
		return r.State == conversations.ConversationSnoozed
	case ViewMentions:
		return slices.Contains(r.Mentioned, f.UserID)
	case ViewMine:
		return open && r.assignedTo(f.UserID)
	case ViewUnassigned:
		return open && r.AssigneeID == nil
	case ViewWaiting:
		return open && r.WaitingSince != nil
	case ViewClosing: // conversations at risk are open
		return r.atRisk(now) && !r.WindowClosesAt.After(now.Add(closingSoon))
	case ViewFailed:
		return open && r.FailedCount > 0
	case ViewAll: // that are open
	}
	return open
}
