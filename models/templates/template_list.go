package templates

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/internal/base"
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
	SendRole                       models.Role
	AuthorName                     string
	ServingNumber                  int // of the approved version that is sent meanwhile, 0 if none
	Use
}

// Use are the results of a template's messages in the last 30 days.
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

var (
	templates      = query("templates")
	templateBoard  = query("template_board")
	templateCounts = query("template_counts")
	templateUse    = query("template_use")
	templateChats  = query("template_chats")
	templatePlaces = query("template_places")
)

// templateCursor is the last row of a page of the list of templates.
type templateCursor struct {
	changed time.Time
	id      int64
}

// cursor reads After, nil for the first page.
func (f TemplateFilter) cursor() (*templateCursor, error) {
	at, id, ok := strings.Cut(f.After, ".")
	if !ok {
		return nil, nil
	}
	micro, err := strconv.ParseInt(at, 10, 64)
	row, err2 := strconv.ParseInt(id, 10, 64)
	if err != nil || err2 != nil {
		return nil, models.Invalid("after", "template.page_gone")
	}
	return &templateCursor{time.UnixMicro(micro), row}, nil
}

// where is the filter over versions v and templates t, after a row unless it is nil.
func (f TemplateFilter) where(last *templateCursor) clause.Expr {
	sql, args := []string{"t.deleted_at IS NULL"}, []any{}
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
		like := "%" + base.LikeEscape(w) + "%"
		add("(t.name LIKE ? OR lower(v.body) LIKE ?)", like, like)
	}
	if last != nil {
		add("(v.updated_at, v.id) < (?, ?)", last.changed, last.id)
	}
	return gorm.Expr(strings.Join(sql, " AND "), args...)
}

// Templates lists the latest version of each template and language, last changed first, with the cursor
// of the next page, empty if there is none.
func (r Reads) Templates(ctx context.Context, f TemplateFilter) ([]TemplateRow, string, error) {
	before, err := f.cursor()
	if err != nil {
		return nil, "", err
	}
	args := r.useArgs()
	args["filter"], args["n"] = f.where(before), f.Limit+1
	var out []TemplateRow
	err = r.read(ctx).Raw(templates, args).Scan(&out).Error
	if err != nil || len(out) <= f.Limit {
		return out, "", err
	}
	out = out[:f.Limit]
	last := out[f.Limit-1]
	return out, strconv.FormatInt(last.UpdatedAt.UnixMicro(), 10) + "." + strconv.FormatInt(last.ID, 10), nil
}

// useArgs are the days from which the use of templates is counted.
func (r Reads) useArgs() map[string]any {
	now := r.store.Now()
	return map[string]any{
		"week":  now.AddDate(0, 0, -7).Format(time.DateOnly),
		"since": now.AddDate(0, 0, -30).Format(time.DateOnly),
	}
}

// BoardColumn is one state of the board: its newest cards, and how many there are.
type BoardColumn struct {
	State string
	Count int
	Rows  []TemplateRow
}

// boardStates are the board's columns; each covers some approval states.
var boardStates = []string{"draft", "review", "rejected", "approved", "stopped"}

// Board is the templates by state, at most n cards in each column.
func (r Reads) Board(ctx context.Context, f TemplateFilter, n int) ([]BoardColumn, error) {
	f.State = ""
	var rows []struct {
		TemplateRow
		Column string
		Total  int
	}
	args := r.useArgs()
	args["filter"], args["n"] = f.where(nil), n
	err := r.read(ctx).Raw(templateBoard, args).Scan(&rows).Error
	out := make([]BoardColumn, len(boardStates))
	for i, state := range boardStates {
		out[i].State = state
		for _, row := range rows {
			if row.Column == state {
				out[i].Rows, out[i].Count = append(out[i].Rows, row.TemplateRow), row.Total
			}
		}
	}
	return out, err
}

// TemplateCounts are how many templates and languages there are in each state, and which languages.
func (r Reads) TemplateCounts(ctx context.Context) (states map[string]int, languages []string, err error) {
	var rows []struct {
		State, Language string
		Archived        bool
		N               int
	}
	err = r.read(ctx).Raw(templateCounts).Scan(&rows).Error
	states = map[string]int{}
	seen := map[string]bool{}
	for _, row := range rows {
		if !seen[row.Language] {
			seen[row.Language], languages = true, append(languages, row.Language)
		}
		switch {
		case row.Archived:
			states["archived"] += row.N
			continue
		case row.State == string(whatsapp.Submitted) || row.State == string(whatsapp.Pending):
			states["review"] += row.N
		default:
			states[row.State] += row.N
		}
		states[""] += row.N
	}
	return states, languages, err
}

// TemplateUse are the results of each of a template's versions in the last 30 days, by version id.
func (r Reads) TemplateUse(ctx context.Context, templateID int64) (map[int64]Use, error) {
	var rows []struct {
		VersionID int64
		Use
	}
	args := r.useArgs()
	args["template"] = templateID
	err := r.read(ctx).Raw(templateUse, args).Scan(&rows).Error
	out := map[int64]Use{}
	for _, row := range rows {
		out[row.VersionID] = row.Use
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
func (r Reads) UsedIn(
	ctx context.Context,
	templateID int64,
	n int,
) (notifications []TemplatePlace, chats int, err error) {
	err = r.read(ctx).Raw(templatePlaces, map[string]any{"template": templateID, "n": n}).Scan(&notifications).Error
	if err != nil {
		return nil, 0, err
	}
	args := r.useArgs()
	args["template"] = templateID
	err = r.read(ctx).Raw(templateChats, args).Scan(&chats).Error
	return notifications, chats, err
}
