package contacts

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$`)

// SaveOptin stores an opt-in page, new or the one with the public id. senderID, topicID and tagID are public ids,
// the last two may be empty. Refusals name the field.
func (s *Service) SaveOptin(
	ctx context.Context,
	a models.Actor,
	id string,
	version int,
	in models.OptinSource,
	senderID, topicID, tagID string,
) (*models.OptinSource, error) {
	errs := checkOptin(&in)
	sender, err := s.store.SenderByPublicID(ctx, senderID)
	if err != nil {
		errs = append(errs, models.Invalid("sender", "Choose the sender that people write to."))
	} else if words, err := s.store.Keywords(ctx); err != nil {
		return nil, err
	} else if k := words.Of(in.Keyword); k == whatsapp.StopKeyword || k == whatsapp.HelpKeyword {
		errs = append(
			errs,
			models.Invalid("keyword", "This word means "+strings.ToUpper(string(k))+" already: choose another one."),
		)
	}
	if topicID != "" {
		t, err := s.store.TopicByPublicID(ctx, topicID)
		if err != nil {
			errs = append(errs, models.Invalid("topic", "This topic is no longer in use: choose another one, or none."))
		} else {
			in.TopicID = &t.ID
		}
	}
	if tagID != "" {
		tags, err := s.store.Tags(ctx)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(tags, func(t models.Tag) bool { return t.PublicID == tagID }); i >= 0 {
			in.TagID = &tags[i].ID
		} else {
			errs = append(errs, models.Invalid("tag", "This tag no longer exists: choose another one, or none."))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	o := &models.OptinSource{}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if id != "" {
			if o, err = tx.OptinForUpdate(id); err != nil {
				return err
			}
		} else {
			version = 0
		}
		o.Slug, o.Name, o.Business, o.Headline, o.Wording, o.Color, o.Keyword, o.Reply, o.Confirm = in.Slug, in.Name, in.Business, in.Headline, in.Wording, in.Color, in.Keyword, in.Reply, in.Confirm
		o.SenderID, o.TopicID, o.TagID = sender.ID, in.TopicID, in.TagID
		return tx.SaveOptinSource(a, o, version)
	})
	return o, err
}

func checkOptin(in *models.OptinSource) (errs []error) {
	bad := func(field, text string) { errs = append(errs, models.Invalid(field, text)) }
	if in.Name == "" || whatsapp.Length(in.Name) > 80 {
		bad("name", "Give the page a name of 1 to 80 characters, for the team.")
	}
	if !slugForm.MatchString(in.Slug) {
		bad("slug", "The address has small letters a to z, digits and hyphens only, at most 60.")
	}
	if in.Business == "" || whatsapp.Length(in.Business) > 80 {
		bad("business", "Name your business as people know it: WhatsApp wants an opt-in to name it.")
	}
	if in.Headline == "" || whatsapp.Length(in.Headline) > 120 {
		bad("headline", "Write a headline of 1 to 120 characters.")
	}
	switch lower := strings.ToLower(in.Wording); {
	case in.Wording == "" || whatsapp.Length(in.Wording) > 1000:
		bad("wording", "Write what people agree to, in 1 to 1,000 characters.")
	case !strings.Contains(lower, "whatsapp"):
		bad("wording", "Say that the messages come on WhatsApp: its rules want that.")
	case !strings.Contains(lower, strings.ToLower(in.Business)):
		bad("wording", "Name "+in.Business+" in the text: WhatsApp's rules want an opt-in to say whose messages come.")
	}
	in.Keyword = strings.Join(strings.Fields(in.Keyword), " ")
	if in.Keyword == "" || whatsapp.Length(in.Keyword) > 60 || strings.HasSuffix(in.Keyword, ".") ||
		strings.HasSuffix(in.Keyword, "!") {
		bad("keyword", "Choose a keyword of 1 to 60 characters that people send, without a mark at its end.")
	}
	if whatsapp.Length(in.Reply) > 1000 {
		bad("reply", "The answer has at most 1,000 characters.")
	}
	if !slices.Contains(models.OptinColors, in.Color) {
		bad("color", "Choose a colour from the list.")
	}
	return errs
}

// CloseOptin closes a page, or opens it again. What was recorded through it stays.
func (s *Service) CloseOptin(ctx context.Context, a models.Actor, id string, closed bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, err := tx.OptinForUpdate(id)
		if err != nil {
			return err
		}
		o.ClosedAt = nil
		if closed {
			now := time.Now()
			o.ClosedAt = &now
		}
		return tx.SaveOptinSource(a, o, o.Version)
	})
}

// NewOptinKey gives a page a new key for the API and returns it: only its hash is kept, and the one before is worth
// nothing any more.
func (s *Service) NewOptinKey(ctx context.Context, a models.Actor, id string) (string, error) {
	key := "parley_" + strings.ToLower(rand.Text())
	return key, s.store.InTx(ctx, func(tx *models.Tx) error {
		o, err := tx.OptinForUpdate(id)
		if err != nil {
			return err
		}
		h := sha256.Sum256([]byte(key))
		o.APIKeyHash = h[:]
		return errors.Join(
			tx.SaveOptinSource(a, o, o.Version),
			tx.Audit(a, "optin.key", "optin_source", o.PublicID, "A new API key was made for "+o.Name, nil),
		)
	})
}

// WhatsAppLink opens WhatsApp on a person's phone with the page's keyword written already.
// Source: WhatsApp, "How to use click to chat".
func WhatsAppLink(senderPhone, text string) string {
	return "https://wa.me/" + strings.TrimPrefix(
		senderPhone,
		"+",
	) + "?text=" + strings.ReplaceAll(
		url.QueryEscape(text),
		"+",
		"%20",
	)
}

// Form is what somebody fills in on an opt-in page.
type Form struct {
	Phone, Name, Language string
	PhoneConfirmed        string // the number in E.164, if the person was asked about a doubtful one
	Agreed                bool
	IP, UserAgent         string
}

// OptIn takes the form of an opt-in page. The form alone is an opt-in only where the page says so and the person
// has not opted out before: anyone can type anyone's number. confirm reports that the keyword has to follow from the
// person's own phone. Refusals name phone, name or agreed.
func (s *Service) OptIn(ctx context.Context, o *models.OptinSource, f Form) (confirm bool, err error) {
	number, err := phone.Confirmed(f.Phone, "", f.PhoneConfirmed)
	var errs []error
	if err != nil {
		errs = append(errs, models.InvalidBecause("phone", err))
	}
	if whatsapp.Length(f.Name) > 200 {
		errs = append(errs, models.Invalid("name", "A name has at most 200 characters."))
	}
	if !f.Agreed {
		errs = append(errs, models.Invalid("agreed", "Tick the box if you agree: without it nothing is sent to you."))
	}
	if err := errors.Join(errs...); err != nil {
		return false, err
	}
	if !whatsapp.KnownLanguage(f.Language) {
		f.Language = ""
	}
	proof := "The opt-in page “" + o.Name + "” was sent in from " + f.IP + " with " + cut(f.UserAgent, 200)
	confirm = o.Confirm
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if !confirm {
			c, err := tx.OptinContact(number, f.Name, f.Language)
			if err != nil {
				return err
			}
			if !c.StaysOut() {
				e := models.ConsentEvent{
					Kind:    whatsapp.OptedIn,
					Source:  whatsapp.SourceWebForm,
					TopicID: o.TopicID,
					Proof:   proof,
					Wording: o.Wording,
				}
				return errors.Join(tx.RecordConsent(models.System("Opt-in page"), c, e), tx.TagContact(c, o.TagID))
			}
			confirm = true // who left comes back by their own phone only
		}
		return tx.RequestOptin(
			&models.OptinRequest{
				SourceID:  o.ID,
				Match:     whatsapp.MatchPhone(number),
				Phone:     number,
				Name:      f.Name,
				Language:  f.Language,
				IP:        cut(f.IP, 60),
				UserAgent: cut(f.UserAgent, 300),
				Wording:   o.Wording,
			},
		)
	})
	return confirm, err
}

// APIOptin is an opt-in or opt-out that the business's own form tells.
type APIOptin struct {
	Phone          string     `json:"phone"`
	PhoneConfirmed bool       `json:"phone_confirmed"` // take the number also if its country is not known to use it
	Name           string     `json:"name"`
	Language       string     `json:"language"`
	Consent        string     `json:"consent"` // opted_in if empty, or opted_out in any word of whatsapp.ReadConsent
	Proof          string     `json:"proof"`
	Wording        string     `json:"wording"` // what the person was shown; the page's own if empty
	OccurredAt     *time.Time `json:"occurred_at"`

	Problem string `json:"-"` // what is wrong with the call as a whole: only an opt-out is taken then
}

// APIResult is what came of it.
type APIResult struct {
	Contact string           `json:"contact"`
	Consent whatsapp.Consent `json:"consent"`
	Changed bool             `json:"changed"`
	Note    string           `json:"note,omitempty"`
	Field   string           `json:"field,omitempty"` // what else was wrong with an opt-out; Error and Code say why
	Error   string           `json:"error,omitempty"`
	Code    string           `json:"code,omitempty"`
}

// phoneOf reads a number that a program sends. A doubtful one is taken if the program says so, or if a contact has it:
// then somebody confirmed it, or wrote from it. An opt-out always counts.
func (s *Service) phoneOf(ctx context.Context, text string, confirmed bool) (string, error) {
	n, err := phone.Read(text, "")
	if err != nil {
		return "", err
	}
	if n.Verdict != phone.Valid && !confirmed {
		match := whatsapp.MatchPhone(n.E164)
		known, err := s.store.ContactsAtMatches(ctx, []string{match})
		if err != nil {
			return "", err
		}
		confirmed = known[match] != nil
	}
	if confirmed {
		return n.E164, nil
	}
	return phone.Confirmed(text, "", "")
}

// TakeAPI records what the business's own form tells. An opt-in that is older than the person's opt-out changes
// nothing. The same call twice changes nothing the second time. Refusals name the field. An opt-out is recorded whatever
// else is wrong, as long as the number can be read: the result says what was.
func (s *Service) TakeAPI(ctx context.Context, o *models.OptinSource, in APIOptin) (APIResult, error) {
	out := APIResult{}
	var errs []error
	bad := func(field, code string, args ...any) { errs = append(errs, models.Invalid(field, code, args...)) }
	kind := whatsapp.Consent(in.Consent)
	switch {
	case kind == "":
		kind = whatsapp.OptedIn
	case in.OptsOut():
		kind = whatsapp.OptedOut
	}
	if in.Problem != "" {
		bad("", "api.body_unreadable", "Reason", in.Problem)
	}
	number, err := s.phoneOf(ctx, in.Phone, in.PhoneConfirmed || kind == whatsapp.OptedOut)
	if err != nil && phone.ReasonOf(err) == "" {
		return out, err
	}
	if err != nil {
		errs = append(errs, models.InvalidBecause("phone", err))
	}
	if kind != whatsapp.OptedIn && kind != whatsapp.OptedOut {
		bad("consent", "Consent is opted_in or opted_out.")
	}
	if in.Proof = strings.TrimSpace(in.Proof); in.Proof == "" || whatsapp.Length(in.Proof) > 2000 {
		bad("proof", "Give the proof in 1 to 2,000 characters: the form's address and entry, the person's IP address.")
	}
	if in.Wording = strings.TrimSpace(in.Wording); in.Wording == "" {
		in.Wording = o.Wording
	}
	if whatsapp.Length(in.Wording) > 2000 || whatsapp.Length(in.Name) > 200 {
		bad("wording", "The wording has at most 2,000 characters, a name 200.")
	}
	if !whatsapp.KnownLanguage(in.Language) {
		bad("language", "The language is none that WhatsApp has: write a code such as de or pt_BR.")
	}
	now := s.store.Now()
	if in.OccurredAt == nil {
		in.OccurredAt = &now
	}
	if in.OccurredAt.After(now.Add(5 * time.Minute)) {
		bad("occurred_at", "occurred_at lies in the future.")
		in.OccurredAt = &now
	}
	if wrong := errors.Join(errs...); wrong != nil {
		if kind != whatsapp.OptedOut || err != nil {
			return out, wrong
		}
		in = in.inSpite(o.Name)
		e, _ := errors.AsType[*models.Error](errs[0])
		out.Field, out.Error, out.Code, out.Note = e.Field, e.Message(), e.Code, optOutKept(errs).Message()
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.OptinContact(number, strings.TrimSpace(in.Name), in.Language)
		if err != nil {
			return err
		}
		out.Contact, out.Consent = c.PublicID, c.Consent
		switch {
		case kind == whatsapp.OptedIn && c.StaysOut() && !in.OccurredAt.After(*cmp.Or(c.OptedOutAt, c.ConsentAt)):
			out.Note = "The person opted out later than that, and stays opted out."
			return nil
		case kind == c.ShownConsent() && (o.TopicID == nil || kind == whatsapp.OptedOut):
			if out.Note == "" {
				out.Note = "Nothing new."
			}
			return tx.TagContact(c, o.TagID)
		}
		e := models.ConsentEvent{
			Kind:       kind,
			Source:     whatsapp.SourceAPI,
			Proof:      in.Proof,
			Wording:    in.Wording,
			OccurredAt: in.OccurredAt.UTC(),
		}
		if kind == whatsapp.OptedIn {
			e.TopicID = o.TopicID
		}
		if e.TopicID != nil && c.StaysOut() { // a later opt-in to a topic ends the general opt-out as well
			general := e
			general.TopicID = nil
			if err := tx.RecordConsent(models.System("API of "+o.Name), c, general); err != nil {
				return err
			}
		}
		if err := tx.RecordConsent(models.System("API of "+o.Name), c, e); err != nil {
			return err
		}
		out.Consent, out.Changed = kind, true
		if kind == whatsapp.OptedOut {
			return nil
		}
		return tx.TagContact(c, o.TagID)
	})
	return out, err
}
