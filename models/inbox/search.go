package inbox

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models/conversations"
	"parley/models/people"
	"parley/whatsapp"
)

// MessageQuery is what is searched for among messages.
type MessageQuery struct {
	Text           string
	ConversationID int64 // 0: in all
	Direction      whatsapp.Direction
	AuthorID       int64 // 0: anybody's
	SenderID       int64
	Since, Until   time.Time
	HasFile        bool
	Nothing        bool  // it names something that is gone, or makes no sense: nothing is found
	Before         int64 // id of the last hit seen, 0 for the first page
	Limit          int
}

// Hit is a message that was found, with its conversation and contact.
type Hit struct {
	conversations.Message
	ConversationPublicID                          string
	ContactID                                     int64
	ContactName, ContactProfileName, ContactPhone string
	ContactNumbers                                []string `gorm:"-"` // all numbers, only where they were read
}

// Who is the person, as far as lists show them.
func (h *Hit) Who() *people.Contact {
	return (&InboxRow{
		ContactName:        h.ContactName,
		ContactProfileName: h.ContactProfileName,
		ContactPhone:       h.ContactPhone,
		ContactNumbers:     h.ContactNumbers,
	}).Who()
}

// A search reads the newest messages, then asks the index about stretches (the parts that the index messages_words
// divides messages into) from the latest one backwards.
const (
	newest  = 5_000
	stretch = 500_000
)

// mostSearched is how much of one message is searched, in characters: an index holds at most 1 MB of its words. It is
// the number in stretch_words.
const mostSearched = 100_000

var (
	searchNewest    = query("search_newest")
	searchStretches = query("search_stretches")
)

// SearchMessages finds messages that contain all words of a text, newest first; the last word may be the beginning of
// one. Within one conversation parts of words are found as well. The second result is the cursor of the next page, 0 at
// the end. A frequent word is found among the newest messages at once, a rarer one in the latest stretches; only what
// is rare everywhere is looked up in the whole index, where reading all entries of a frequent word would take seconds.
func (r Reads) SearchMessages(ctx context.Context, q MessageQuery) ([]Hit, int64, error) {
	words := Words(q.Text)
	if q.Nothing || len(words) == 0 && (q.ConversationID == 0 || !q.HasFile) {
		return nil, 0, nil
	}
	var top int64
	if err := r.read(ctx).Raw("SELECT coalesce(max(id), 0) FROM messages").Scan(&top).Error; err != nil {
		return nil, 0, err
	}
	if q.Before > 0 {
		top = min(top, q.Before-1)
	}
	if q.ConversationID != 0 {
		filter := q.conditions().and("m.id <= ?", top).andLike(words)
		return r.hits(ctx, searchStretches, q.Limit, map[string]any{"filter": filter.expr()})
	}
	filter := q.conditions().andLike(words).and(
		"m.body <> '' AND to_tsvector('simple', left(m.body, ?)) @@ to_tsquery('simple', ?)",
		mostSearched, tsquery(words, ""))
	out, next, err := r.hits(ctx, searchNewest, q.Limit, map[string]any{
		"filter": filter.expr(),
		"top":    top,
		"newest": newest,
	})
	if err != nil || next > 0 || top <= newest {
		return out, next, err
	}
	return r.inStretches(ctx, q, words, top)
}

// inStretches searches the stretches backwards, twice as many each time, so that only the newest entries of a fairly
// frequent word are read.
func (r Reads) inStretches(ctx context.Context, q MessageQuery, words []string, top int64) ([]Hit, int64, error) {
	var out []Hit
	for last, width := top/stretch, int64(1); last >= 0 && len(out) <= q.Limit; last, width = last-width, 2*width {
		// id + 0: a generic plan would read half of the primary key to combine it with the words.
		filter := q.conditions().and(
			"m.body <> '' AND stretch_words(m.id, m.body) @@ CAST(? AS tsquery) AND m.id + 0 <= ?",
			stretchQuery(words, last, width), top)
		limit := q.Limit + 1 - len(out)
		some, next, err := r.hits(ctx, searchStretches, limit, map[string]any{"filter": filter.expr()})
		if err != nil {
			return nil, 0, err
		}
		if out = append(out, some...); next > 0 {
			break
		}
	}
	if len(out) <= q.Limit {
		return out, 0, nil
	}
	return out[:q.Limit], out[q.Limit-1].ID, nil
}

// stretchQuery asks for the words in width stretches, from last backwards.
func stretchQuery(words []string, last, width int64) string {
	var out []string
	for i := last; i > last-width && i >= 0; i-- {
		out = append(out, "("+tsquery(words, strconv.FormatInt(i, 10)+"/")+")")
	}
	return strings.Join(out, " | ")
}

// hits reads at most limit messages, newest first.
func (r Reads) hits(ctx context.Context, sql string, limit int, args map[string]any) ([]Hit, int64, error) {
	args["n"] = limit + 1
	var out []Hit
	err := r.read(ctx).Raw(sql, args).Scan(&out).Error
	if err != nil || len(out) <= limit {
		return out, 0, err
	}
	return out[:limit], out[limit-1].ID, nil
}

// messageConditions are what holds for each message m that is found.
type messageConditions struct {
	sql  []string
	args []any
}

func (c *messageConditions) and(sql string, args ...any) *messageConditions {
	c.sql, c.args = append(c.sql, sql), append(c.args, args...)
	return c
}

// andLike adds that all words must occur, also as parts of other words.
func (c *messageConditions) andLike(words []string) *messageConditions {
	for _, w := range words {
		c.and("lower(m.body) LIKE ?", "%"+w+"%") // a word has no characters that are special in LIKE
	}
	return c
}

// expr is the conditions as a value of a statement.
func (c *messageConditions) expr() clause.Expr {
	return gorm.Expr(strings.Join(c.sql, " AND "), c.args...)
}

// conditions are the conditions of q besides the text.
func (q MessageQuery) conditions() *messageConditions {
	c := (&messageConditions{}).and("m.erased_at IS NULL")
	if q.ConversationID != 0 {
		c.and("m.conversation_id = ?", q.ConversationID)
	} else {
		c.and("m.notification_id IS NULL") // as in the index: the texts of notifications are listed under Notifications
	}
	if q.Direction != "" {
		c.and("m.direction = ?", q.Direction)
	}
	if q.AuthorID != 0 {
		c.and("m.author_id = ?", q.AuthorID)
	}
	if q.SenderID != 0 {
		c.and("m.sender_id = ?", q.SenderID)
	}
	if !q.Since.IsZero() {
		c.and("m.created_at >= ?", q.Since)
	}
	if !q.Until.IsZero() {
		c.and("m.created_at < ?", q.Until)
	}
	if q.HasFile {
		c.and("m.kind = 'media'")
	}
	return c
}

// Words are a text's words as the search reads them, at most 8.
func Words(text string) []string {
	words := strings.FieldsFunc(
		strings.ToLower(text),
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) },
	)
	return words[:min(len(words), 8)]
}

// begun is the number of letters from which on the last word may be the beginning of one: shorter prefixes match so
// many words that finding them all takes too long.
const begun = 3

// tsquery asks for all words, each with the index's prefix before; the last one may be the beginning of a word.
func tsquery(words []string, before string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "'" + before + w + "'"
		if i == len(words)-1 && utf8.RuneCountInString(w) >= begun {
			out[i] += ":*"
		}
	}
	return strings.Join(out, " & ")
}
