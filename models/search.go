package models

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// Hit is a message that was found, with whose conversation it stands in.
type Hit struct {
	Message
	ConversationPublicID                          string
	ContactID                                     int64
	ContactName, ContactProfileName, ContactPhone string
	ContactNumbers                                []string `gorm:"-"` // all, where somebody asked for them
}

// Who is the person, as far as lists show them.
func (h *Hit) Who() *Contact {
	return (&InboxRow{
		ContactName:        h.ContactName,
		ContactProfileName: h.ContactProfileName,
		ContactPhone:       h.ContactPhone,
		ContactNumbers:     h.ContactNumbers,
	}).Who()
}

// A search walks through the newest messages, then asks the index about stretches (as the index messages_words cuts
// them) from the latest one backwards.
const (
	newest  = 5_000
	stretch = 500_000
)

// mostSearched is how much of one message is searched, in characters: an index holds at most 1 MB of its words. It is the
// number in stretch_words.
const mostSearched = 100_000

// SearchMessages finds messages that hold all words of a text, the last one whole or begun, newest first; within one
// conversation also parts of words. The second result is from where to go on, 0 at the end. A word that many
// messages hold is found among the newest at once, what is rarer in the latest stretches; only what is rare
// everywhere is looked up in the whole index, where reading all of a frequent word would take seconds.
func (s *Store) SearchMessages(ctx context.Context, q MessageQuery) ([]Hit, int64, error) {
	words := Words(q.Text)
	if q.Nothing {
		return nil, 0, nil
	}
	if len(words) == 0 && (q.ConversationID == 0 || !q.HasFile) {
		return nil, 0, nil
	}
	var top int64
	if err := s.read(ctx).Raw("SELECT coalesce(max(id), 0) FROM messages").Scan(&top).Error; err != nil {
		return nil, 0, err
	}
	if q.Before > 0 {
		top = min(top, q.Before-1)
	}
	where, args := q.conditions()
	if q.ConversationID != 0 {
		return s.hits(
			ctx,
			q.Limit,
			"FROM messages m WHERE m.id <= ?"+where+likeAll(words),
			append([]any{top}, append(args, likes(words)...)...),
		)
	}
	walk := append([]any{top, newest}, append(likes(words), append(args, tsquery(words, ""))...)...)
	out, next, err := s.hits(
		ctx,
		q.Limit,
		"FROM (SELECT * FROM messages WHERE id <= ? ORDER BY id DESC LIMIT ?) m WHERE true"+likeAll(words)+where+
			" AND m.body <> '' AND to_tsvector('simple', left(m.body, "+itoa(mostSearched)+")) @@ to_tsquery('simple', ?)",
		walk,
	)
	if err != nil || next > 0 || top <= newest {
		return out, next, err
	}
	// Stretch by stretch backwards, twice as many each time: of a word that some hold, only the newest are read.
	// (id + 0: a plan that knows no values would read half of the primary key to combine it with the words.)
	out = nil
	for last, width := top/stretch, int64(1); last >= 0 && len(out) <= q.Limit; last, width = last-width, 2*width {
		some, next, err := s.hits(
			ctx,
			q.Limit+1-len(out),
			"FROM messages m WHERE m.body <> '' AND stretch_words(m.id, m.body) @@ CAST(? AS tsquery) AND m.id + 0 <= ?"+where,
			append([]any{inStretches(words, last, width), top}, args...),
		)
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

// inStretches asks for the words in width stretches, from last backwards.
func inStretches(words []string, last, width int64) string {
	var out []string
	for i := last; i > last-width && i >= 0; i-- {
		out = append(out, "("+tsquery(words, strconv.FormatInt(i, 10)+"/")+")")
	}
	return strings.Join(out, " | ")
}

// hits reads at most limit messages, newest first. What is found is materialized: else the planner may walk
// through all messages from the newest one, hoping for a hit.
func (s *Store) hits(ctx context.Context, limit int, from string, args []any) ([]Hit, int64, error) {
	var out []Hit
	err := s.read(ctx).
		Raw(`WITH every AS MATERIALIZED (SELECT m.id `+from+`), found AS (SELECT id FROM every ORDER BY id DESC LIMIT ?)
		SELECT m.*, v.public_id AS conversation_public_id, v.contact_id, c.name AS contact_name, c.profile_name AS contact_profile_name, coalesce(c.phone, '') AS contact_phone
		FROM found f JOIN messages m ON m.id = f.id JOIN conversations v ON v.id = m.conversation_id JOIN contacts c ON c.id = v.contact_id
		ORDER BY m.id DESC`, append(args, limit+1)...).
		Scan(&out).
		Error
	if err != nil || len(out) <= limit {
		return out, 0, err
	}
	return out[:limit], out[limit-1].ID, nil
}

func (q MessageQuery) conditions() (string, []any) {
	var args []any
	where := " AND m.erased_at IS NULL"
	add := func(cond string, v ...any) { where, args = where+" AND "+cond, append(args, v...) }
	if q.ConversationID != 0 {
		add("m.conversation_id = ?", q.ConversationID)
	} else {
		add("m.notification_id IS NULL") // what the index holds: the texts of notifications stand under Notifications
	}
	if q.Direction != "" {
		add("m.direction = ?", q.Direction)
	}
	if q.AuthorID != 0 {
		add("m.author_id = ?", q.AuthorID)
	}
	if q.SenderID != 0 {
		add("m.sender_id = ?", q.SenderID)
	}
	if !q.Since.IsZero() {
		add("m.created_at >= ?", q.Since)
	}
	if !q.Until.IsZero() {
		add("m.created_at < ?", q.Until)
	}
	if q.HasFile {
		add("m.kind = 'media'")
	}
	return where, args
}

// Words are a text's words as the search reads them, at most 8.
func Words(text string) []string {
	words := strings.FieldsFunc(
		strings.ToLower(text),
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) },
	)
	return words[:min(len(words), 8)]
}

// begun is from how many letters on the last word may be the beginning of one: shorter ones begin so many words that
// finding them all takes longer than anybody waits.
const begun = 3

// tsquery asks for all words, each with what stands before it in the index; the last one as the beginning of one.
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

func likeAll(words []string) string { return strings.Repeat(" AND lower(m.body) LIKE ?", len(words)) }

func likes(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = "%" + w + "%" // a word has none of the signs that LIKE reads
	}
	return out
}
