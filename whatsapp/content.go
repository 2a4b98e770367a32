package whatsapp

import (
	"slices"
	"strconv"

	"parley/whatsapp/plaintext"
)

// ContentType is one of the Content API's types that WhatsApp accepts.
type ContentType string

// The types that Parley writes, and twilio/card, which it only reads.
const (
	TypeText           ContentType = "twilio/text"
	TypeMedia          ContentType = "twilio/media"
	TypeQuickReply     ContentType = "twilio/quick-reply"
	TypeCallToAction   ContentType = "twilio/call-to-action"
	TypeListPicker     ContentType = "twilio/list-picker"
	TypeCard           ContentType = "whatsapp/card"
	TypeTwilioCard     ContentType = "twilio/card"
	TypeLocation       ContentType = "twilio/location"
	TypeAuthentication ContentType = "whatsapp/authentication"
	TypeCarousel       ContentType = "twilio/carousel"
)

// ContentTypes are the types in the order in which the editor offers them.
func ContentTypes() []ContentType {
	return []ContentType{
		TypeText,
		TypeMedia,
		TypeQuickReply,
		TypeCallToAction,
		TypeCard,
		TypeAuthentication,
		TypeCarousel,
		TypeListPicker,
		TypeLocation,
	}
}

// Known reports whether Parley can write the type.
func (t ContentType) Known() bool { return slices.Contains(ContentTypes(), t) }

// SessionOnly reports whether WhatsApp has no templates of the type: it is sent in open sessions, without approval
// (Twilio, Content types overview).
func (t ContentType) SessionOnly() bool { return t == TypeListPicker || t == TypeLocation }

// Limits of Twilio's Content API and of WhatsApp, in characters or in pieces.
const (
	MaxHeader        = 60
	MaxFooter        = 60
	MaxButton        = 20
	MaxCardReply     = 25 // a quick reply of whatsapp/card
	MaxID            = 200
	MaxItem          = 24
	MaxDescription   = 72
	MaxItems         = 10
	MaxCardText      = 160 // title and body of one card of a carousel together
	MaxCards         = 10
	MinCards         = 2
	MaxCardActions   = 2
	MaxQuickReplies  = 10
	SessionReplies   = 3 // quick replies of a content that is not approved
	MaxURLActions    = 2
	MaxURL           = 2000
	MaxCode          = 15
	MaxCopyCode      = 25
	MaxLabel         = 1000
	MaxCodeMinutes   = 90
	MaxTemplateNames = 100 // placeholders
	MaxTemplateName  = 512
)

// The kinds of actions.
const (
	ActionReply = "QUICK_REPLY"
	ActionURL   = "URL"
	ActionPhone = "PHONE_NUMBER"
	ActionCode  = "COPY_CODE"
	ActionVoice = "VOICE_CALL"
)

// Content is a template's content. Its type decides which fields are used: fields that a type does not have are empty.
type Content struct {
	Type      ContentType `json:"-"`
	Body      string      `json:"-"`
	Header    string      `json:"header,omitempty"`
	Footer    string      `json:"footer,omitempty"`
	Media     string      `json:"media,omitempty"`  // address of a picture, video or document
	Button    string      `json:"button,omitempty"` // the button that opens a list
	Actions   []Action    `json:"actions,omitempty"`
	Items     []Item      `json:"items,omitempty"`
	Cards     []Card      `json:"cards,omitempty"`
	Latitude  string      `json:"latitude,omitempty"` // as typed; the lint checks it
	Longitude string      `json:"longitude,omitempty"`
	Label     string      `json:"label,omitempty"`
	Address   string      `json:"address,omitempty"`
	// authentication: advice not to share the code, and for how many minutes it is good (0: not said)
	Advice  bool   `json:"advice,omitempty"`
	Minutes int    `json:"minutes,omitempty"`
	Copy    string `json:"copy,omitempty"` // the label of the button that copies the code
}

// Action is a button.
type Action struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	Value string `json:"value,omitempty"` // URL, phone number in E.164, or code
	ID    string `json:"id,omitempty"`    // comes back as ButtonPayload
}

// Item is a line of a list picker.
type Item struct {
	Title       string `json:"title"`
	ID          string `json:"id,omitempty"`
	Description string `json:"description,omitempty"`
}

// Card is one card of a carousel.
type Card struct {
	Title   string   `json:"title,omitempty"`
	Body    string   `json:"body"`
	Media   string   `json:"media"`
	Actions []Action `json:"actions,omitempty"`
}

// ButtonID is the id of the button or list item that says title, empty if there is none.
func (c Content) ButtonID(title string) string {
	actions := slices.Clone(c.Actions)
	for _, card := range c.Cards {
		actions = append(actions, card.Actions...)
	}
	for _, a := range actions {
		if plaintext.Normalize(a.Title) == plaintext.Normalize(title) {
			return a.ID
		}
	}
	for _, i := range c.Items {
		if plaintext.Normalize(i.Title) == plaintext.Normalize(title) {
			return i.ID
		}
	}
	return ""
}

// ActionTypes are the buttons that a content of the type may have, empty if none.
func (t ContentType) ActionTypes() []string {
	switch t {
	case TypeQuickReply:
		return []string{ActionReply}
	case TypeCallToAction:
		return []string{ActionURL, ActionPhone, ActionCode, ActionVoice}
	case TypeCard, TypeTwilioCard:
		return []string{ActionReply, ActionURL, ActionPhone, ActionCode}
	case TypeCarousel:
		return []string{ActionReply, ActionURL, ActionPhone}
	default:
		return nil
	}
}

// HasBody reports whether the type has a text of its own.
func (t ContentType) HasBody() bool { return t != TypeLocation && t != TypeAuthentication }

// InSession reports whether the content may be sent in an open session without an approval: all except carousels, codes
// to copy and authentication (Twilio, Content types overview).
func (c *Content) InSession() bool {
	if c.Type == TypeCarousel || c.Type == TypeAuthentication {
		return false
	}
	replies := 0
	for _, a := range c.Actions {
		if a.Type == ActionCode {
			return false
		}
		if a.Type == ActionReply {
			replies++
		}
	}
	return replies <= SessionReplies
}

// Part is one text of a content with its limits.
type Part struct {
	Field     string // name of its field in forms: body, action-1-title, card-2-body
	Label     string
	Text      *string
	Max       int
	Variables bool // may contain placeholders
	Short     bool // a header, footer or title: one line, without formatting
	URL       bool
}

// Parts are the content's texts in the order in which placeholders are numbered.
func (c *Content) Parts() []Part {
	var out []Part
	add := func(p Part) { out = append(out, p) }
	if c.Type == TypeCard {
		add(Part{Field: "header", Label: "Header", Text: &c.Header, Max: MaxHeader, Variables: true, Short: true})
	}
	if c.Type.HasBody() {
		add(Part{Field: "body", Label: "Text", Text: &c.Body, Max: MaxTemplateBody, Variables: true})
	}
	if c.Type == TypeCard || c.Type == TypeTwilioCard {
		add(Part{Field: "footer", Label: "Footer", Text: &c.Footer, Max: MaxFooter, Short: true})
	}
	if c.hasMedia() {
		add(Part{Field: "media", Label: "Picture or file", Text: &c.Media, Max: MaxURL, Variables: true, URL: true})
	}
	switch c.Type {
	case TypeListPicker:
		add(Part{Field: "button", Label: "Button", Text: &c.Button, Max: MaxButton, Short: true})
		for i := range c.Items {
			n := "item-" + strconv.Itoa(i+1)
			add(
				Part{
					Field:     n + "-title",
					Label:     "Item " + strconv.Itoa(i+1),
					Text:      &c.Items[i].Title,
					Max:       MaxItem,
					Variables: true,
					Short:     true,
				},
			)
			add(
				Part{
					Field:     n + "-description",
					Label:     "Description " + strconv.Itoa(i+1),
					Text:      &c.Items[i].Description,
					Max:       MaxDescription,
					Variables: true,
					Short:     true,
				},
			)
			add(Part{Field: n + "-id", Label: "ID " + strconv.Itoa(i+1), Text: &c.Items[i].ID, Max: MaxID})
		}
	case TypeLocation:
		add(Part{Field: "label", Label: "Name of the place", Text: &c.Label, Max: MaxLabel, Variables: true})
		add(Part{Field: "address", Label: "Address", Text: &c.Address, Max: MaxLabel, Variables: true})
	case TypeAuthentication:
		add(Part{Field: "copy", Label: "Button", Text: &c.Copy, Max: MaxCopyCode, Short: true})
	case TypeText,
		TypeMedia,
		TypeQuickReply,
		TypeCallToAction,
		TypeCard,
		TypeTwilioCard,
		TypeCarousel: // they have no texts but those above and below
	}
	out = append(out, actionParts("action", "Button", c.Type, c.Actions)...)
	for i := range c.Cards {
		n, label := "card-"+strconv.Itoa(i+1), "Card "+strconv.Itoa(i+1)
		add(
			Part{
				Field:     n + "-title",
				Label:     label + ", title",
				Text:      &c.Cards[i].Title,
				Max:       MaxCardText,
				Variables: true,
				Short:     true,
			},
		)
		add(Part{Field: n + "-body", Label: label + ", text", Text: &c.Cards[i].Body, Max: MaxCardText, Variables: true})
		add(
			Part{
				Field:     n + "-media",
				Label:     label + ", picture",
				Text:      &c.Cards[i].Media,
				Max:       MaxURL,
				Variables: true,
				URL:       true,
			},
		)
		out = append(out, actionParts(n+"-action", label+", button", c.Type, c.Cards[i].Actions)...)
	}
	return out
}

func (c *Content) hasMedia() bool {
	return c.Type == TypeMedia || c.Type == TypeCard || c.Type == TypeTwilioCard
}

func actionParts(prefix, label string, t ContentType, actions []Action) []Part {
	var out []Part
	for i := range actions {
		a := &actions[i]
		n, l := prefix+"-"+strconv.Itoa(i+1), label+" "+strconv.Itoa(i+1)
		out = append(out, Part{Field: n + "-title", Label: l, Text: &a.Title, Max: MaxTitle(t, a.Type), Short: true})
		switch a.Type {
		case ActionReply:
			out = append(out, Part{Field: n + "-id", Label: l + ", ID", Text: &a.ID, Max: MaxID, Variables: true})
		case ActionURL:
			out = append(
				out,
				Part{Field: n + "-value", Label: l + ", address", Text: &a.Value, Max: MaxURL, Variables: true, URL: true},
			)
		case ActionCode:
			out = append(out, Part{Field: n + "-value", Label: l + ", code", Text: &a.Value, Max: MaxCode, Variables: true})
		default:
			out = append(out, Part{Field: n + "-value", Label: l + ", number", Text: &a.Value, Max: MaxButton})
		}
	}
	return out
}

// MaxTitle is how long a button's title may be.
func MaxTitle(t ContentType, action string) int {
	if t == TypeCard && action == ActionReply {
		return MaxCardReply
	}
	return MaxButton
}
