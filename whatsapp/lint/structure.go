package lint

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// naming checks name and category.
func (l *linter) naming() {
	switch {
	case !whatsapp.ValidTemplateName(l.Name):
		f := Finding{
			Rule:     "name",
			Severity: Error,
			Field:    "name",
			End:      len(l.Name),
			Message: "A name has lower-case letters, digits and underscores only, at most 512, for example " +
				"appointment_reminder.",
		}
		if good := whatsapp.TemplateName(l.Name); good != "" && l.Name != "" {
			f.Fix = &Fix{"Make it " + good, "name", good}
		}
		l.add(f)
	case l.NameUsedBy != "":
		l.add(
			Finding{
				Rule:     "name_taken",
				Severity: Error,
				Field:    "name",
				Message:  "The name is in use by " + l.NameUsedBy + ": choose another one, or add a language or a version there.",
				Fix:      &Fix{"Make it " + nextName(l.Name), "name", nextName(l.Name)},
			},
		)
	case !l.NameLocked.IsZero():
		l.add(
			Finding{
				Rule:     "name_locked",
				Severity: Error,
				Field:    "name",
				Message: "A template with this name was deleted; WhatsApp keeps the name until " + l.NameLocked.UTC().
					Format("2 January 2006") +
					".",
				Fix: &Fix{"Make it " + nextName(l.Name), "name", nextName(l.Name)},
			},
		)
	}
	authentication := l.Content.Type == whatsapp.TypeAuthentication
	switch {
	case l.Category == whatsapp.Marketing:
		l.add(
			Finding{
				Rule:     "category",
				Severity: Error,
				Field:    "category",
				Message:  "Parley sends no promotion: choose utility or authentication.",
				Fix:      &Fix{"Make it utility", "category", "UTILITY"},
			},
		)
	case l.Category == whatsapp.Authentication && !authentication:
		l.add(
			Finding{
				Rule:     "category_type",
				Severity: Error,
				Field:    "category",
				Message: "Authentication takes only one-time codes, in WhatsApp's own words: choose the authentication type, or " +
					"the utility category.",
				Fix: &Fix{"Make it utility", "category", "UTILITY"},
			},
		)
	case l.Category != whatsapp.Authentication && authentication:
		l.add(
			Finding{
				Rule:     "category_type",
				Severity: Error,
				Field:    "category",
				Message:  "A one-time code belongs to the authentication category.",
				Fix:      &Fix{"Make it authentication", "category", "AUTHENTICATION"},
			},
		)
	case l.Category != whatsapp.Utility && l.Category != whatsapp.Authentication:
		l.error("category", "category", "Choose utility or authentication.")
	}
	if l.SameTextAs != "" {
		l.warn(
			"same_text",
			"body",
			"The text is the same as that of "+l.SameTextAs+
				": WhatsApp rejects a second template with it. Use that one, or say it differently.",
		)
	}
}

func nextName(name string) string {
	base, digits := strings.TrimRight(name, "0123456789"), ""
	if cut := strings.TrimSuffix(base, "_"); cut != base && base != name {
		digits, base = name[len(base):], cut
	} else {
		base = name
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 1<<20 {
		n = 1
	}
	if len(base) > whatsapp.MaxTemplateName-8 {
		base = base[:whatsapp.MaxTemplateName-8]
	}
	return base + "_" + strconv.Itoa(n+1)
}

// structure checks that the content has what its type needs.
func (l *linter) structure() {
	c := &l.Content
	switch c.Type {
	case whatsapp.TypeMedia:
		l.need(c.Media != "", "media", "Add the address of the picture or file.")
	case whatsapp.TypeCard, whatsapp.TypeTwilioCard:
		l.card()
	case whatsapp.TypeQuickReply:
		l.need(len(c.Actions) > 0, "actions", "Add at least one reply.")
		l.replies(whatsapp.MaxQuickReplies)
	case whatsapp.TypeCallToAction:
		l.need(len(c.Actions) > 0, "actions", "Add at least one button.")
		l.dials()
	case whatsapp.TypeListPicker:
		l.list()
	case whatsapp.TypeLocation:
		l.place()
	case whatsapp.TypeAuthentication:
		l.need(
			strings.TrimSpace(c.Copy) != "",
			"copy",
			"Say what the button says that copies the code, for example “Copy code”.",
		)
		if c.Minutes < 0 || c.Minutes > whatsapp.MaxCodeMinutes {
			l.error("minutes", "minutes", "The code is good for 1 to 90 minutes; leave the field empty to say nothing about it.")
		}
	case whatsapp.TypeCarousel:
		l.carousel()
	case whatsapp.TypeText: // the text is all it needs
	}
	l.actions("action", c.Actions)
	if c.Type.SessionOnly() {
		l.warn(
			"unapprovable",
			"type",
			"WhatsApp approves no template of this type. Parley makes it ready for chats whose session is open.",
		)
	}
}

// card checks a card: it has something besides its text, and one head.
func (l *linter) card() {
	c := &l.Content
	l.need(
		c.Header != "" || c.Footer != "" || c.Media != "" || len(c.Actions) > 0,
		"header",
		"A card needs at least one of header, footer, picture and buttons besides its text.",
	)
	if c.Header != "" && c.Media != "" {
		l.error("count", "header", "A card has a header text or a picture, not both: remove one.")
	}
	l.replies(whatsapp.MaxQuickReplies)
	l.dials()
}

func (l *linter) need(ok bool, field, message string) {
	if !ok {
		l.error("missing", field, message)
	}
}

func (l *linter) count(kind string) int {
	n := 0
	for _, a := range l.Content.Actions {
		if a.Type == kind {
			n++
		}
	}
	return n
}

func (l *linter) replies(most int) {
	if n := l.count(whatsapp.ActionReply); n > most {
		l.error("count", "actions", "There are "+strconv.Itoa(n)+" replies; WhatsApp takes "+strconv.Itoa(most)+" at most.")
	}
}

func (l *linter) dials() {
	if n := l.count(whatsapp.ActionURL); n > whatsapp.MaxURLActions {
		l.error("count", "actions", "There are "+strconv.Itoa(n)+" links; WhatsApp takes two at most.")
	}
	if n := l.count(whatsapp.ActionPhone) + l.count(whatsapp.ActionVoice); n > 1 {
		l.error("count", "actions", "Only one button may call: a number or a WhatsApp call.")
	}
	if n := l.count(whatsapp.ActionCode); n > 1 {
		l.error("count", "actions", "Only one button may copy a code.")
	}
}

// actions checks what each button does.
func (l *linter) actions(prefix string, actions []whatsapp.Action) {
	titles, ids := map[string]bool{}, map[string]bool{}
	for i, a := range actions {
		field := prefix + "-" + strconv.Itoa(i+1)
		title := strings.ToLower(strings.TrimSpace(a.Title))
		l.need(title != "" || a.Type == whatsapp.ActionCode, field+"-title", "Say what the button says.")
		if titles[title] && title != "" {
			l.error("twice", field+"-title", "Two buttons say the same.")
		}
		titles[title] = true
		if a.Type == whatsapp.ActionReply && a.ID != "" {
			if ids[a.ID] {
				l.error("twice", field+"-id", "Two replies have the same ID: answers could not be told apart.")
			}
			ids[a.ID] = true
		}
		switch a.Type {
		case whatsapp.ActionURL:
			l.need(strings.TrimSpace(a.Value) != "", field+"-value", "Give the address that the button opens.")
		case whatsapp.ActionPhone:
			if n, err := phone.Read(a.Value, ""); err != nil || n.Verdict == phone.Assumed {
				l.error("phone", field+"-value", "Give the number that the button calls, with its country code: +49 …")
			} else if n.Verdict != phone.Valid {
				l.add(Finding{Rule: "phone", Severity: Warning, Field: field + "-value", Message: n.Doubt()})
			} else if p := n.E164; p != strings.TrimSpace(a.Value) {
				l.add(
					Finding{
						Rule:     "phone",
						Severity: Warning,
						Field:    field + "-value",
						Message:  "Twilio takes the number without spaces.",
						Fix:      &Fix{"Make it " + p, field + "-value", p},
					},
				)
			}
		case whatsapp.ActionCode:
			l.need(strings.TrimSpace(a.Value) != "", field+"-value", "Give the code that the button copies.")
		}
	}
}

func (l *linter) list() {
	c := &l.Content
	l.need(strings.TrimSpace(c.Button) != "", "button", "Say what the button says that opens the list.")
	l.need(len(c.Items) > 0, "items", "Add at least one item.")
	if len(c.Items) > whatsapp.MaxItems {
		l.error("count", "items", "There are "+strconv.Itoa(len(c.Items))+" items; WhatsApp takes ten at most.")
	}
	titles, ids := map[string]bool{}, map[string]bool{}
	for i, it := range c.Items {
		field := "item-" + strconv.Itoa(i+1)
		title := strings.TrimSpace(it.Title)
		l.need(title != "", field+"-title", "Say what the item says.")
		if titles[title] && title != "" {
			l.error("twice", field+"-title", "Two items say the same.")
		}
		if ids[it.ID] && it.ID != "" {
			l.error("twice", field+"-id", "Two items have the same ID.")
		}
		titles[title], ids[it.ID] = true, true
	}
}

func (l *linter) place() {
	degrees := func(field, label, s string, most float64) {
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil || math.IsNaN(n) || n < -most || n > most {
			l.error(
				"place",
				field,
				fmt.Sprintf("Give the %[1]s in degrees, between -%[2]d and %[2]d, for example 52.5200.", label, int(most)),
			)
		}
	}
	degrees("latitude", "latitude", l.Content.Latitude, 90)
	degrees("longitude", "longitude", l.Content.Longitude, 180)
}

func (l *linter) carousel() {
	c := &l.Content
	l.need(strings.TrimSpace(c.Body) != "", "body", "Write the text above the cards.")
	if n := len(c.Cards); n < whatsapp.MinCards || n > whatsapp.MaxCards {
		l.error("count", "cards", "A carousel has 2 to 10 cards; this one has "+strconv.Itoa(n)+".")
	}
	for i, card := range c.Cards {
		field := "card-" + strconv.Itoa(i+1)
		l.need(strings.TrimSpace(card.Body) != "", field+"-body", "Write the card's text.")
		l.need(strings.TrimSpace(card.Media) != "", field+"-media", "Every card needs a picture or video.")
		if n := len(card.Actions); n < 1 || n > whatsapp.MaxCardActions {
			l.error("count", field+"-actions", "A card has one or two buttons; this one has "+strconv.Itoa(n)+".")
		}
		if n := whatsapp.Length(card.Title + card.Body); n > whatsapp.MaxCardText {
			l.error(
				"length",
				field+"-body",
				"Title and text have "+strconv.Itoa(n)+" characters together; WhatsApp takes 160 at most.",
			)
		}
		if i > 0 && kinds(card.Actions) != kinds(c.Cards[0].Actions) {
			l.error("mixed_cards", field+"-actions", "The buttons differ in kind or number from the first card's.")
		}
		l.actions(field+"-action", card.Actions)
	}
}

func kinds(actions []whatsapp.Action) string {
	var b strings.Builder
	for _, a := range actions {
		b.WriteString(a.Type + " ")
	}
	return b.String()
}
