package notifications

import (
	"context"
	"math"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// ReportFilter says what a report counts. Zero values mean everything.
type ReportFilter struct {
	From, To                             time.Time // days, both included
	SenderID, TemplateID, NotificationID int64
	By                                   string // day, template, sender, notification
	Nothing                              bool   // it names something that is gone: the report is empty
}

// ReportRow is one line of a report.
type ReportRow struct {
	Key                   string // day, or public id
	Label                 string
	Sent, Delivered, Read int64
	Failed, Refused       int64
	Replied, OptedOut     int64
	DeliveredIn, ReadIn   time.Duration // the median, to a quarter; 0 if there is none
	Cost                  float64       `gorm:"-"`
	steps                 [2]map[int]int64
}

// reportKey is what a report is grouped by: the column, and its public id and name.
type reportKey struct{ column, id, name, joins string }

var reportKeys = map[string]reportKey{
	"day": {"day", "to_char(x.k, 'YYYY-MM-DD')", "to_char(x.k, 'YYYY-MM-DD')", ""},
	"template": {"version_id", "coalesce(t.public_id, '')", "coalesce(t.name, 'Replies and notes by hand')",
		" LEFT JOIN template_versions v ON v.id = x.k LEFT JOIN templates t ON t.id = v.template_id"},
	"sender": {"sender_id", "s.public_id", "s.name", " JOIN senders s ON s.id = x.k"},
	"notification": {
		"notification_id",
		"coalesce(n.public_id, '')",
		"coalesce(nullif(n.name, ''), t.name, 'No notification')",
		` LEFT JOIN notifications n ON n.id = x.k LEFT JOIN template_versions v ON v.id = n.version_id
			LEFT JOIN templates t ON t.id = v.template_id`,
	},
}

var reportCounts = query("report_counts")

// Report counts sent messages and their results. It adds up what the trigger has counted, so it is exact and takes no
// longer for a million messages.
func (r Reads) Report(ctx context.Context, f ReportFilter) ([]ReportRow, error) {
	if f.Nothing {
		return nil, nil
	}
	key, ok := reportKeys[f.By]
	if !ok {
		key = reportKeys["day"]
	}
	where, args := "r.day BETWEEN ? AND ?", []any{f.From.Format(time.DateOnly), f.To.Format(time.DateOnly)}
	for _, c := range []struct {
		sql string
		id  int64
	}{
		{" AND r.sender_id = ?", f.SenderID},
		{" AND r.version_id IN (SELECT id FROM template_versions WHERE template_id = ?)", f.TemplateID},
		{" AND r.notification_id = ?", f.NotificationID},
	} {
		if c.id != 0 {
			where += c.sql
			args = append(args, c.id)
		}
	}
	if f.By == "notification" {
		where += " AND r.notification_id <> 0"
	}
	var rows []struct {
		Key, Label, Measure string
		Category            whatsapp.Category
		Code                int
		N                   int64
	}
	// Numbers first, then names for the remaining rows.
	err := r.read(ctx).
		Raw("SELECT "+key.id+" AS key, "+key.name+" AS label, x.measure, x.code, x.category, x.n FROM (@counts) x"+
			key.joins+" ORDER BY 1", map[string]any{
			"counts": clause.NamedExpr{SQL: reportCounts, Vars: []any{map[string]any{
				"by":     gorm.Expr("r." + key.column),
				"filter": gorm.Expr(where, args...),
			}}},
		}).
		Find(&rows).
		Error
	if err != nil {
		return nil, err
	}
	rules, err := r.NotifyRules(ctx)
	if err != nil {
		return nil, err
	}
	var out []ReportRow
	at := map[string]int{}
	for _, row := range rows {
		i, ok := at[row.Key]
		if !ok {
			i = len(out)
			at[row.Key] = i
			out = append(out, ReportRow{Key: row.Key, Label: row.Label, steps: [2]map[int]int64{{}, {}}})
		}
		o := &out[i]
		switch row.Measure {
		case "delivered_in":
			o.steps[0][row.Code] += row.N
		case "read_in":
			o.steps[1][row.Code] += row.N
		case "to":
			o.Cost += float64(row.N) * rules.PriceOf(letters(row.Code), row.Category)
		}
		into := map[string]*int64{
			"sent":      &o.Sent,
			"delivered": &o.Delivered,
			"read":      &o.Read,
			"failed":    &o.Failed,
			"refused":   &o.Refused,
			"replied":   &o.Replied,
			"opted_out": &o.OptedOut,
		}[row.Measure]
		if into != nil {
			*into += row.N
		}
	}
	for i := range out {
		out[i].DeliveredIn, out[i].ReadIn = median(out[i].steps[0]), median(out[i].steps[1])
	}
	return out, nil
}

// letters are a country's two letters from its number: see country_code in the schema.
func letters(code int) string {
	if code == 0 {
		return ""
	}
	return string(rune(code/256)) + string(rune(code%256))
}

// median is the middle of durations that were counted in steps: see duration_step in the schema.
func median(steps map[int]int64) time.Duration {
	var all, sum int64
	last := 0
	for k, n := range steps {
		all += n
		last = max(last, k)
	}
	if all == 0 {
		return 0
	}
	for k := range last + 1 {
		if sum += steps[k]; sum*2 >= all {
			seconds := (math.Pow(1.25, float64(k)) + math.Pow(1.25, float64(k+1))) / 2
			return time.Duration((seconds - 1) * float64(time.Second)).Round(100 * time.Millisecond)
		}
	}
	return 0
}

var reportCodes = query("report_codes")

// ReportCodes counts failures by code.
func (r Reads) ReportCodes(ctx context.Context, f ReportFilter) ([]FailureCount, error) {
	if f.Nothing {
		return nil, nil
	}
	where, args := "r.day BETWEEN ? AND ? AND r.measure = 'failed'", []any{
		f.From.Format(time.DateOnly),
		f.To.Format(time.DateOnly),
	}
	if f.SenderID != 0 {
		where += " AND r.sender_id = ?"
		args = append(args, f.SenderID)
	}
	var out []FailureCount
	err := r.read(ctx).Raw(reportCodes, map[string]any{"filter": gorm.Expr(where, args...)}).Scan(&out).Error
	return out, err
}

var sumReports = query("report_sum")

// SumReports sums up the steps. It is called every few seconds; reports stay exact meanwhile, because they read both.
func SumReports(ctx context.Context, s *models.Store) error {
	_, err := base.Pool(s).Exec(ctx, sumReports)
	return err
}
