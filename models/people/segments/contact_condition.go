package segments

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/people"
	"parley/whatsapp"
)

// condition is a filter as SQL over contacts c.
type condition struct {
	sql  []string
	args map[string]any
}

// condition turns the filter into SQL. Names of tags and kinds of fields are looked up.
func (r Reads) condition(ctx context.Context, f ContactFilter) (*condition, error) {
	c := &condition{args: map[string]any{"now": r.store.Now()}}
	c.add("c.gone = ''")
	for part := &f; part != nil; part = part.Within {
		if err := r.narrow(ctx, c, *part); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// nobody is the condition for a filter that names something that is gone: it matches no contact, never all of them.
const nobody = "false"

// narrow adds a filter's own conditions.
func (r Reads) narrow(ctx context.Context, c *condition, f ContactFilter) error {
	if len(f.Unknown) > 0 {
		c.add(nobody)
	}
	if err := r.searching(ctx, c, f); err != nil {
		return err
	}
	if err := r.consenting(ctx, c, f); err != nil {
		return err
	}
	c.inSession(f.Session, r.store.Now())
	c.seen(f.Seen, r.store.Now())
	if f.Language != "" {
		c.add("c.language = " + c.arg(f.Language))
	}
	if f.Country != "" {
		c.add("c.country = " + c.arg(f.Country))
	}
	if f.Blocked {
		c.add("c.blocked_at IS NOT NULL")
	}
	if f.Import != "" {
		c.add("c.import_id = (SELECT id FROM imports WHERE public_id = " + c.arg(f.Import) + ")")
	}
	return r.onFields(ctx, c, f)
}

// inSession adds whether a session is open, or closes within some hours.
func (c *condition) inSession(session string, now time.Time) {
	switch session {
	case "":
	case "open":
		c.add("c.window_closes_at > @now")
	case "closed":
		c.add("(c.window_closes_at IS NULL OR c.window_closes_at <= @now)")
	default:
		n, _ := strconv.Atoi(session) // a value that is not a number of hours matches nobody
		c.add("c.window_closes_at > @now AND c.window_closes_at <= " + c.arg(now.Add(time.Duration(n)*time.Hour)))
	}
}

// seen adds when people were seen last: within some days, not within them (a negative number), or never.
func (c *condition) seen(seen string, now time.Time) {
	switch n, _ := strconv.Atoi(seen); {
	case seen == "":
	case seen == "never":
		c.add("c.last_seen_at IS NULL")
	case n > 0:
		c.add("c.last_seen_at >= " + c.arg(now.AddDate(0, 0, -n)))
	case n < 0:
		c.add("c.last_seen_at < " + c.arg(now.AddDate(0, 0, n)))
	default:
		c.add(nobody)
	}
}

func (c *condition) add(sql string) { c.sql = append(c.sql, sql) }

func (c *condition) arg(v any) string {
	name := "f" + strconv.Itoa(len(c.args))
	c.args[name] = v
	return "@" + name
}

// where is the condition as it follows WHERE.
func (c *condition) where() string { return strings.Join(c.sql, " AND ") }

// expr is the condition as a value of a statement: its SQL is inserted where the statement names it.
func (c *condition) expr() clause.Expression {
	if !namesValue.MatchString(c.where()) {
		return gorm.Expr(c.where())
	}
	return clause.NamedExpr{SQL: c.where(), Vars: []any{c.args}}
}

// raw is a statement with the condition's values. GORM takes a map for a value if the statement names none.
func (c *condition) raw(db *gorm.DB, sql string) *gorm.DB {
	if !namesValue.MatchString(sql) {
		return db.Raw(sql)
	}
	return db.Raw(sql, c.args)
}

var namesValue = regexp.MustCompile(`@[a-z]`)

// searching adds the search and the tags.
func (r Reads) searching(ctx context.Context, c *condition, f ContactFilter) error {
	if f.Query == "" && len(f.Tags)+len(f.NotTags) == 0 {
		return nil
	}
	tags, err := people.Read(r.store).Tags(ctx)
	if err != nil {
		return err
	}
	if found := SearchCondition(f.Query, f.Whole, c.arg); found != "" {
		or := []string{found}
		var named models.IDs
		for _, t := range tags {
			if strings.Contains(strings.ToLower(t.Name), strings.ToLower(strings.TrimSpace(f.Query))) {
				named = append(named, t.ID)
			}
		}
		if len(named) > 0 {
			or = append(or, "c.tags && CAST("+c.arg(named.Text())+" AS bigint[]) AND c.tags <> '{}'")
		}
		c.add("(" + strings.Join(or, " OR ") + ")")
	}
	ids := func(public []string) models.IDs {
		out := models.IDs{}
		for _, p := range public {
			i := slices.IndexFunc(tags, func(t people.Tag) bool { return t.PublicID == p })
			if i < 0 {
				c.add(nobody)
				continue
			}
			out = append(out, tags[i].ID)
		}
		return out
	}
	if len(f.Tags) > 0 {
		c.add("c.tags @> CAST(" + c.arg(ids(f.Tags).Text()) + " AS bigint[]) AND c.tags <> '{}'")
	}
	if len(f.NotTags) > 0 {
		c.add("NOT c.tags && CAST(" + c.arg(ids(f.NotTags).Text()) + " AS bigint[])")
	}
	return nil
}

// consenting adds the condition on consent: in general, or for a topic.
func (r Reads) consenting(ctx context.Context, c *condition, f ContactFilter) error {
	if f.Topic == "" {
		if f.Consent != "" {
			c.add("c.consent = " + c.arg(f.Consent))
		}
		if f.Scope != "" {
			c.add("c.consent_scope = " + c.arg(f.Scope))
		}
		return nil
	}
	var id int64
	err := r.read(ctx).Raw("SELECT id FROM topics WHERE public_id = ? AND archived_at IS NULL", f.Topic).Scan(&id).Error
	switch {
	case err != nil:
		return err
	case id == 0:
		c.add(nobody)
		return nil
	case f.Consent != "":
		c.add(c.arg(people.ConsentSQL(id, gorm.Expr("true"))) + " = " + c.arg(f.Consent))
	}
	switch elsewhere := c.arg(people.ConsentSQL(id, gorm.Expr("false"))); f.Scope {
	case "":
	case whatsapp.ScopeAll:
		c.add(elsewhere + " = 'opted_in'")
	case whatsapp.ScopeSandbox:
		c.add(elsewhere + " = 'sandbox_only'")
	default:
		c.add(nobody)
	}
	return nil
}

func (r Reads) onFields(ctx context.Context, c *condition, in ContactFilter) error {
	if len(in.Fields) == 0 {
		return nil
	}
	fields, err := people.Read(r.store).ContactFields(ctx)
	if err != nil {
		return err
	}
	for _, f := range in.Fields {
		i := slices.IndexFunc(fields, func(d people.ContactField) bool { return d.Key == f.Key })
		if i < 0 {
			c.add(nobody)
			continue
		}
		c.onField(&fields[i], f)
		if in.Whole {
			c.onShownField(&fields[i], f)
		}
	}
	return nil
}

// onField adds a condition on one field. Keys are letters, digits and _ only.
func (c *condition) onField(d *people.ContactField, f FieldCondition) {
	text := "c.fields ->> '" + d.Key + "'"
	value, err := d.Parse(f.Value)
	switch {
	case f.Op == "set":
		c.add("c.fields <> '{}' AND " + text + " IS NOT NULL")
	case f.Op == "empty":
		c.add(text + " IS NULL")
	case f.Op == "has":
		c.add("c.fields <> '{}' AND lower(" + text + ") LIKE " + c.arg(SearchPattern(f.Value)))
		if !strings.ContainsAny(f.Value, "\"\\\n\t") { // the search holds the fields as JSON, and has an index
			c.add("c.search LIKE " + c.arg(SearchPattern(f.Value)))
		}
	case err != nil || value == nil:
		c.add(nobody)
	case f.Op == "is":
		b, _ := json.Marshal(people.Fields{d.Key: value})
		c.add("c.fields <> '{}' AND c.fields @> CAST(" + c.arg(string(b)) + " AS jsonb)")
	case f.Op == "not":
		b, _ := json.Marshal(people.Fields{d.Key: value})
		c.add("NOT c.fields @> CAST(" + c.arg(string(b)) + " AS jsonb)")
	default:
		sign := map[string]string{"more": ">", "less": "<"}[f.Op]
		if sign == "" {
			c.add(nobody)
			return
		}
		if d.Kind == people.NumberField {
			c.add("c.fields <> '{}' AND CASE WHEN jsonb_typeof(c.fields -> '" + d.Key + "') = 'number'" +
				" THEN CAST(" + text + " AS numeric) " + sign + " " + c.arg(value) + " ELSE false END")
			return
		}
		c.add("c.fields <> '{}' AND " + text + " " + sign + " " + c.arg(fmt.Sprint(value)))
	}
}

// onShownField adds the further conditions on a field for readers who see masked numbers: parts of the person's numbers
// can't be searched for, and a field that contains one is neither more nor less than any value.
func (c *condition) onShownField(d *people.ContactField, f FieldCondition) {
	text := "lower(coalesce(c.fields ->> '" + d.Key + "', ''))"
	switch {
	case f.Op == "has":
		c.add(shownLike(text, SearchPattern(f.Value), c.arg))
	case (f.Op == "more" || f.Op == "less") && d.Kind != people.DateField:
		c.add(showsAll(text, c.arg))
	}
}
