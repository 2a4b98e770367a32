package models

import (
	"context"
	"strconv"
	"strings"
	"time"

	"parley/whatsapp"
)

// TemplateFilter narrows the list of templates. After is the cursor of the last row seen.
type TemplateFilter struct {
	State    string // an approval state, "review" for submitted and pending, or "archived"
	Category whatsapp.Category
	Language string
	Query    string
	After    string
	Limit    int
}

// TemplateRow is a version as the list shows it: the latest of each template and language.
type TemplateRow struct {
	TemplateVersion
	TemplateName, TemplatePublicID string
	TemplateCategory               whatsapp.Category
	Sandbox, Imported              bool
	SendRole                       Role
	AuthorName                     string
	ServingNumber                  int // of the approved version that serves meanwhile, 0 if none
	Use
}

// Use is what became of a template's messages in the last 30 days.
type Use struct {
	Sent, Delivered, Read, Failed int
	SentBefore, FailedBefore      int // of these, older than a week
}

// Rate is n of all that left, in percent.
func (u Use) Rate(n int) int {
	if u.Sent+u.Failed == 0 {
		return 0
	}
	return (n*100 + (u.Sent+u.Failed)/2) / (u.Sent + u.Failed)
}

// Rising reports whether the last week failed clearly more than the three weeks before: at least five
// failures, more than one in twenty, and more than half as much again.
func (u Use) Rising() bool {
	failed, all := u.Failed-u.FailedBefore, u.Sent+u.Failed-u.SentBefore-u.FailedBefore
	if failed < 5 || failed*20 < all {
		return false
	}
	before := u.SentBefore + u.FailedBefore
	return before == 0 || float64(failed)/float64(all) > 1.5*float64(u.FailedBefore)/float64(before)
}

const latestVersion = `NOT EXISTS (SELECT 1 FROM template_versions n WHERE n.template_id = v.template_id AND n.language = v.language AND n.number > v.number)`

// where writes the filter as SQL.
func (f TemplateFilter) where() (string, []any) {
	sql, args := []string{latestVersion, "t.deleted_at IS NULL"}, []any{}
	add := func(s string, a ...any) { sql, args = append(sql, s), append(args, a...) }
	switch f.State {
	case "archived":
		add("t.archived_at IS NOT NULL")
	case "":
		add("t.archived_at IS NULL")
	case "review":
		add("t.archived_at IS NULL AND v.state IN ('submitted', 'pending')")
	default:
		add("t.archived_at IS NULL AND v.state = ?", f.State)
	}
	if f.Category != "" {
		add("coalesce(nullif(v.category, ''), t.category) = ?", f.Category)
	}
	if f.Language != "" {
		add("v.language = ?", f.Language)
	}
	for _, w := range strings.Fields(strings.ToLower(f.Query)) {
		like := "%" + likeEscape(w) + "%"
		add("(t.name LIKE ? OR lower(v.body) LIKE ?)", like, like)
	}
	return strings.Join(sql, " AND "), args
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace

const templateColumns = `v.*, t.name AS template_name, t.public_id AS template_public_id, t.category AS template_category, t.sandbox, t.imported, t.send_role`

// wentWell counts what left the queue and neither failed nor was kept back.
const wentWell = `CASE WHEN r.measure = 'settled' THEN r.n WHEN r.measure IN ('failed', 'refused', 'canceled') THEN -r.n END`

// useColumns add up what the reports have counted of some versions r; both days are the one a week ago.
const useColumns = `CAST(coalesce(sum(` + wentWell + `), 0) AS bigint) AS sent,
	CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'delivered'), 0) AS bigint) AS delivered, CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'read'), 0) AS bigint) AS read,
	CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'failed'), 0) AS bigint) AS failed,
	CAST(coalesce(sum(` + wentWell + `) FILTER (WHERE r.day < ?), 0) AS bigint) AS sent_before,
	CAST(coalesce(sum(r.n) FILTER (WHERE r.measure = 'failed' AND r.day < ?), 0) AS bigint) AS failed_before `

// useOf are the reports' numbers for the versions o since a day.
const useOf = `FROM template_versions o JOIN (SELECT * FROM report_days UNION ALL SELECT * FROM report_steps) r ON r.version_id = o.id AND r.version_id <> 0 AND r.day > ? `

// useSQL adds to each row of "page" what became of its messages.
const useSQL = ` LEFT JOIN LATERAL (SELECT ` + useColumns + useOf + `WHERE o.template_id = p.template_id AND o.language = p.language) u ON true
	LEFT JOIN LATERAL (SELECT max(number) AS serving_number FROM template_versions o WHERE o.template_id = p.template_id AND o.language = p.language AND o.state = 'approved') g ON true
	LEFT JOIN users a ON a.id = p.author_id `

// Templates lists the latest version of each template and language, last changed first, with the cursor
// of the next page, empty if there is none.
func (s *Store) Templates(ctx context.Context, f TemplateFilter) ([]TemplateRow, string, error) {
	where, args := f.where()
	if at, id, ok := strings.Cut(f.After, "."); ok {
		micro, err := strconv.ParseInt(at, 10, 64)
		row, err2 := strconv.ParseInt(id, 10, 64)
		if err != nil || err2 != nil {
			return nil, "", Invalid("after", "This page does not exist: go back to the first one.")
		}
		where += " AND (v.updated_at, v.id) < (?, ?)"
		args = append(args, time.UnixMicro(micro), row)
	}
	args = append(args, f.Limit+1)
	var out []TemplateRow
	err := s.read(ctx).
		Raw(`WITH p AS MATERIALIZED (SELECT `+templateColumns+` FROM template_versions v JOIN templates t ON t.id = v.template_id
		WHERE `+where+` ORDER BY v.updated_at DESC, v.id DESC LIMIT ?)
		SELECT p.*, u.*, coalesce(g.serving_number, 0) AS serving_number, coalesce(a.name, '') AS author_name FROM p`+useSQL+`ORDER BY p.updated_at DESC, p.id DESC`, append(args, s.useArgs()...)...).
		Scan(&out).
		Error
	if err != nil || len(out) <= f.Limit {
		return out, "", err
	}
	out = out[:f.Limit]
	last := out[f.Limit-1]
	return out, strconv.FormatInt(last.UpdatedAt.UnixMicro(), 10) + "." + strconv.FormatInt(last.ID, 10), nil
}

func (s *Store) useArgs() []any {
	now := s.Now()
	week := now.AddDate(0, 0, -7).Format(time.DateOnly)
	return []any{week, week, now.AddDate(0, 0, -30).Format(time.DateOnly)}
}

// BoardColumn is one state of the board: its newest cards, and how many there are.
type BoardColumn struct {
	State string
	Count int
	Rows  []TemplateRow
}

// BoardStates are the board's columns; each stands for some approval states.
var BoardStates = []string{"draft", "review", "rejected", "approved", "stopped"}

const boardState = `CASE WHEN v.state IN ('submitted', 'pending') THEN 'review' WHEN v.state IN ('paused', 'disabled') THEN 'stopped' WHEN v.state = 'ready' THEN 'approved' ELSE v.state END`

// Board is the templates by state, at most n cards in each column.
func (s *Store) Board(ctx context.Context, f TemplateFilter, n int) ([]BoardColumn, error) {
	f.State = ""
	where, args := f.where()
	var rows []struct {
		TemplateRow
		Column string
		Total  int
	}
	args = append(args, n)
	err := s.read(ctx).Raw(`WITH p AS MATERIALIZED (SELECT * FROM (SELECT `+templateColumns+`, `+boardState+` AS "column",
		row_number() OVER (PARTITION BY `+boardState+` ORDER BY v.updated_at DESC, v.id DESC) AS place, count(*) OVER (PARTITION BY `+boardState+`) AS total
		FROM template_versions v JOIN templates t ON t.id = v.template_id WHERE `+where+`) x WHERE place <= ?)
		SELECT p.*, u.*, coalesce(g.serving_number, 0) AS serving_number, coalesce(a.name, '') AS author_name FROM p`+useSQL+`ORDER BY p.place`, append(args, s.useArgs()...)...).Scan(&rows).Error
	out := make([]BoardColumn, len(BoardStates))
	for i, state := range BoardStates {
		out[i].State = state
		for _, r := range rows {
			if r.Column == state {
				out[i].Rows, out[i].Count = append(out[i].Rows, r.TemplateRow), r.Total
			}
		}
	}
	return out, err
}

// TemplateCounts are how many templates and languages there are in each state, and which languages.
func (s *Store) TemplateCounts(ctx context.Context) (states map[string]int, languages []string, err error) {
	var rows []struct {
		State, Language string
		Archived        bool
		N               int
	}
	err = s.read(ctx).
		Raw(`SELECT v.state, v.language, t.archived_at IS NOT NULL AS archived, count(*) AS n FROM template_versions v JOIN templates t ON t.id = v.template_id
		WHERE t.deleted_at IS NULL AND ` + latestVersion + ` GROUP BY 1, 2, 3 ORDER BY v.language`).
		Scan(&rows).
		Error
	states = map[string]int{}
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Language] {
			seen[r.Language], languages = true, append(languages, r.Language)
		}
		switch {
		case r.Archived:
			states["archived"] += r.N
			continue
		case r.State == string(whatsapp.Submitted) || r.State == string(whatsapp.Pending):
			states["review"] += r.N
		default:
			states[r.State] += r.N
		}
		states[""] += r.N
	}
	return states, languages, err
}

// TemplateUse is what became of each of a template's versions in the last 30 days, by version id.
func (s *Store) TemplateUse(ctx context.Context, templateID int64) (map[int64]Use, error) {
	var rows []struct {
		VersionID int64
		Use
	}
	err := s.read(ctx).
		Raw("SELECT r.version_id, "+useColumns+useOf+"WHERE o.template_id = ? GROUP BY 1", append(s.useArgs(), templateID)...).
		Scan(&rows).
		Error
	out := map[int64]Use{}
	for _, r := range rows {
		out[r.VersionID] = r.Use
	}
	return out, err
}

// TemplatePlace is where a template is used.
type TemplatePlace struct {
	PublicID, State string
	CreatedAt       time.Time
	Total           int
}

// UsedIn are the latest notifications with a template, and how many chats it was sent in by hand in the
// last 30 days.
func (s *Store) UsedIn(
	ctx context.Context,
	templateID int64,
	n int,
) (notifications []TemplatePlace, chats int, err error) {
	err = s.read(ctx).
		Raw(`SELECT n.public_id, n.state, n.created_at, (SELECT count(*) FROM notification_recipients r WHERE r.notification_id = n.id) AS total
		FROM notifications n WHERE n.version_id IN (SELECT id FROM template_versions WHERE template_id = ?) ORDER BY n.id DESC LIMIT ?`, templateID, n).
		Scan(&notifications).
		Error
	if err != nil {
		return nil, 0, err
	}
	err = s.read(ctx).
		Raw("SELECT CAST(coalesce(sum(r.n), 0) AS bigint) "+useOf+"WHERE o.template_id = ? AND r.notification_id = 0 AND r.measure = 'sent'",
			s.Now().AddDate(0, 0, -30).Format(time.DateOnly), templateID).
		Scan(&chats).
		Error
	return notifications, chats, err
}
