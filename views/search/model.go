package search

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/people"
	"parley/models/senders"
	"parley/views/components"
	"parley/whatsapp"
)

// Props are what the search shows.
type Props struct {
	Text, By, Sender, Since, Until, Problem string
	File                                    bool
	In                                      *conversations.Conversation // nil: search everywhere
	Hits                                    []inbox.Hit
	Contacts                                []people.Contact
	Next                                    string
	Gone                                    []components.Gone // filter values that no longer exist
	Users                                   []accounts.User
	Senders                                 []senders.Sender
	Zone                                    *time.Location // time zone of the days
	Now                                     time.Time
}

// Group is a section of the palette; Item is a line of it. Key is an action of the page itself, empty for a plain link.
type Group struct {
	Title string
	Items []Item
}

// Item is an entry of the palette.
type Item struct{ Icon, Title, Hint, Href, Key string }

func (p Props) hint(ctx context.Context) string {
	if p.In != nil {
		return "In the chat with " + components.NameOf(ctx, p.In.Contact) + "."
	}
	return "Across all messages and contacts."
}

func (p Props) everywhere() string { return "/search?q=" + url.QueryEscape(p.Text) }

func (p Props) authors() []components.Option {
	out := []components.Option{
		{Label: "Written by anybody"},
		{Value: "inbound", Label: "By customers"},
		{Value: "outbound", Label: "By us"},
		{Value: "note", Label: "Notes"},
	}
	for _, u := range p.Users {
		out = append(out, components.Option{Value: u.PublicID, Label: "By " + u.Name})
	}
	return out
}

func (p Props) senders() []components.Option {
	out := []components.Option{{Label: "Any sender"}}
	for _, s := range p.Senders {
		out = append(out, components.Option{Value: s.PublicID, Label: s.Name})
	}
	return out
}

func direction(h inbox.Hit) string {
	switch h.Direction {
	case whatsapp.Outbound:
		return "You: "
	case whatsapp.InternalNote:
		return "Note: "
	case whatsapp.Inbound:
	}
	return ""
}

// part is a piece of a text, matched or not.
type part struct {
	Text string
	Hit  bool
}

// around is how many characters of a long text are shown before the first match.
const around = 60

// marked splits a text at the words that match the search, whole or by their beginning, as the search itself does.
func marked(text, query string) (out []part) {
	words := inbox.Words(query)
	text = strings.Join(strings.Fields(text), " ")
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }
	plain, first := 0, -1
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isWord(r) {
			i += size
			continue
		}
		end := i
		for end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if !isWord(r) {
				break
			}
			end += size
		}
		word := strings.ToLower(text[i:end])
		for n, w := range words {
			if word == w || n == len(words)-1 && strings.HasPrefix(word, w) {
				if first < 0 {
					first = len(out)
				}
				out = append(out, part{Text: text[plain:i]}, part{Text: text[i:end], Hit: true})
				plain = end
				break
			}
		}
		i = end
	}
	out = append(out, part{Text: text[plain:]})
	if first >= 0 {
		if lead := []rune(out[first].Text); len(lead) > around {
			out[first].Text = "… " + string(lead[len(lead)-around:])
		}
	}
	last := len(out) - 1
	if tail := []rune(out[last].Text); len(tail) > 160 {
		out[last].Text = string(tail[:160]) + " …"
	}
	return out
}
