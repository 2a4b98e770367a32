package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"parley/models"
	"parley/models/people"
	"parley/models/people/optins"
	"parley/models/senders"
	"parley/whatsapp"
	"parley/whatsapp/intent"
	"parley/whatsapp/locale"
	"parley/whatsapp/phone"
	"parley/whatsapp/plaintext"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$`)

// OptinForm is an opt-in page as a user defines it.
type OptinForm struct {
	ID       string // the page's public id, empty for a new one
	Version  int    // the one that the form was opened with
	Page     optins.OptinSource
	SenderID string // public ids; those of topic and tag may be empty
	TopicID  string
	TagID    string
}

// SaveOptin stores an opt-in page. Refusals name the field.
func (s *Service) SaveOptin(ctx context.Context, a models.Actor, f OptinForm) (*optins.OptinSource, error) {
	in := f.Page
	errs := checkOptin(&in)
	sender, err := senders.Read(s.store).SenderByPublicID(ctx, f.SenderID)
	if err != nil {
		errs = append(errs, models.Invalid("sender", "optin.sender_missing"))
	} else if words, err := models.Read(s.store).Keywords(ctx); err != nil {
		return nil, err
	} else if k := words.Of(in.Keyword); k == intent.StopKeyword || k == intent.HelpKeyword {
		errs = append(errs, models.Invalid("keyword", "optin.keyword_taken", "Meaning", strings.ToUpper(string(k))))
	}
	if f.TopicID != "" {
		t, err := people.Read(s.store).TopicByPublicID(ctx, f.TopicID)
		if err != nil {
			errs = append(errs, models.Invalid("topic", "topic.gone"))
		} else {
			in.TopicID = &t.ID
		}
	}
	if f.TagID != "" {
		tags, err := people.Read(s.store).Tags(ctx)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(tags, func(t people.Tag) bool { return t.PublicID == f.TagID }); i >= 0 {
			in.TagID = &tags[i].ID
		} else {
			errs = append(errs, models.Invalid("tag", "optin.tag_gone"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	o := &optins.OptinSource{}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		version := 0
		if f.ID != "" {
			if o, err = optins.OptinForUpdate(tx, f.ID); err != nil {
				return err
			}
			version = f.Version
		}
		o.Slug, o.Name, o.Business = in.Slug, in.Name, in.Business
		o.Headline, o.Wording, o.Color = in.Headline, in.Wording, in.Color
		o.Keyword, o.Reply, o.Confirm = in.Keyword, in.Reply, in.Confirm
		o.SenderID, o.TopicID, o.TagID = sender.ID, in.TopicID, in.TagID
		return optins.SaveOptinSource(tx, a, o, version)
	})
	return o, err
}

func checkOptin(in *optins.OptinSource) (errs []error) {
	bad := func(field, code string) { errs = append(errs, models.Invalid(field, code)) }
	if in.Name == "" || whatsapp.Length(in.Name) > 80 {
		bad("name", "optin.name_length")
	}
	if !slugForm.MatchString(in.Slug) {
		bad("slug", "optin.slug_form")
	}
	if in.Business == "" || whatsapp.Length(in.Business) > 80 {
		bad("business", "optin.business_missing")
	}
	if in.Headline == "" || whatsapp.Length(in.Headline) > 120 {
		bad("headline", "optin.headline_length")
	}
	if err := checkWording(in); err != nil {
		errs = append(errs, err)
	}
	in.Keyword = strings.Join(strings.Fields(in.Keyword), " ")
	if !validKeyword(in.Keyword) {
		bad("keyword", "optin.keyword_form")
	}
	if whatsapp.Length(in.Reply) > 1000 {
		bad("reply", "optin.reply_too_long")
	}
	if !slices.Contains(optins.OptinColors, in.Color) {
		bad("color", "optin.color_unknown")
	}
	return errs
}

// checkWording refuses an incomplete opt-in text. WhatsApp requires it to say that messages come on WhatsApp, and from
// which business.
func checkWording(in *optins.OptinSource) error {
	switch lower := strings.ToLower(in.Wording); {
	case in.Wording == "" || whatsapp.Length(in.Wording) > 1000:
		return models.Invalid("wording", "optin.wording_length")
	case !strings.Contains(lower, "whatsapp"):
		return models.Invalid("wording", "optin.wording_without_whatsapp")
	case !strings.Contains(lower, strings.ToLower(in.Business)):
		return models.Invalid("wording", "optin.wording_without_business", "Business", in.Business)
	}
	return nil
}

// validKeyword accepts a word that people will send exactly as shown: punctuation at the end would get lost.
func validKeyword(word string) bool {
	n := whatsapp.Length(word)
	return n >= 1 && n <= 60 && !strings.HasSuffix(word, ".") && !strings.HasSuffix(word, "!")
}

// CloseOptin closes a page, or opens it again. Its consent events stay.
func (s *Service) CloseOptin(ctx context.Context, a models.Actor, id string, closed bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, err := optins.OptinForUpdate(tx, id)
		if err != nil {
			return err
		}
		o.ClosedAt = nil
		if closed {
			o.ClosedAt = new(tx.Now())
		}
		return optins.SaveOptinSource(tx, a, o, o.Version)
	})
}

// NewOptinKey gives a page a new key for the API and returns it: only its hash is stored, and the previous key stops
// working.
func (s *Service) NewOptinKey(ctx context.Context, a models.Actor, id string) (string, error) {
	key := "parley_" + strings.ToLower(rand.Text())
	return key, s.store.InTx(ctx, func(tx *models.Tx) error {
		o, err := optins.OptinForUpdate(tx, id)
		if err != nil {
			return err
		}
		h := sha256.Sum256([]byte(key))
		o.APIKeyHash = h[:]
		if err := optins.SaveOptinSource(tx, a, o, o.Version); err != nil {
			return err
		}
		return models.Audit(
			tx,
			a,
			"optin.key",
			models.About("optin_source", o.PublicID),
			"A new API key was made for "+o.Name,
		)
	})
}

// WhatsAppLink opens WhatsApp on a person's phone with the page's keyword as the text. Source: WhatsApp, "How to use
// click to chat".
func WhatsAppLink(senderPhone, text string) string {
	encoded := strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
	return "https://wa.me/" + strings.TrimPrefix(senderPhone, "+") + "?text=" + encoded
}

// Form is what a person fills in on an opt-in page.
type Form struct {
	Phone, Name, Language string
	PhoneConfirmed        string // the number in E.164, if the person confirmed a number to check
	Agreed                bool
	IP, UserAgent         string
}

// OptIn handles the form of an opt-in page. The form alone is an opt-in only if the page says so and the person has not
// opted out before: anyone can type anyone's number. confirm reports whether the person has to send the keyword from
// their own phone. Refusals name phone, name or agreed.
func (s *Service) OptIn(ctx context.Context, o *optins.OptinSource, f Form) (confirm bool, err error) {
	number, err := phone.Confirmed(f.Phone, "", f.PhoneConfirmed)
	var errs []error
	if err != nil {
		errs = append(errs, models.InvalidBecause("phone", err))
	}
	if whatsapp.Length(f.Name) > 200 {
		errs = append(errs, models.Invalid("name", "contact.name_too_long"))
	}
	if !f.Agreed {
		errs = append(errs, models.Invalid("agreed", "optin.agreement_missing"))
	}
	if err := errors.Join(errs...); err != nil {
		return false, err
	}
	if !locale.KnownLanguage(f.Language) {
		f.Language = ""
	}
	proof := "The opt-in page “" + o.Name + "” was sent in from " + f.IP + " with " + plaintext.Cut(f.UserAgent, 200)
	confirm = o.Confirm
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if !confirm {
			c, err := optins.OptinContact(tx, number, f.Name, f.Language)
			if err != nil {
				return err
			}
			if !c.StaysOut() {
				e := people.ConsentEvent{
					Kind:    whatsapp.OptedIn,
					Source:  whatsapp.SourceWebForm,
					TopicID: o.TopicID,
					Proof:   proof,
					Wording: o.Wording,
				}
				if err := people.RecordConsent(tx, models.System("Opt-in page"), c, e); err != nil {
					return err
				}
				return optins.TagContact(tx, c, o.TagID)
			}
			confirm = true // after an opt-out only the person's own phone counts
		}
		return optins.RequestOptin(
			tx,
			&optins.OptinRequest{
				SourceID:  o.ID,
				Match:     whatsapp.MatchPhone(number),
				Phone:     number,
				Name:      f.Name,
				Language:  f.Language,
				IP:        plaintext.Cut(f.IP, 60),
				UserAgent: plaintext.Cut(f.UserAgent, 300),
				Wording:   o.Wording,
			},
		)
	})
	return confirm, err
}
