package settings

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/privacy"
	peopleservice "parley/services/people"
	view "parley/views/settings"
	"parley/whatsapp/intent"
)

func (h *Handlers) showContactSettings(c echo.Context) error {
	return h.contactSettings(c, view.ContactsProps{}, 0)
}

func (h *Handlers) contactSettings(c echo.Context, p view.ContactsProps, status int) error {
	ctx := c.Request().Context()
	var err error
	if p.Tags, err = people.Read(h.Store).Tags(ctx); err != nil {
		return err
	}
	if p.Fields, err = people.Read(h.Store).ContactFields(ctx); err != nil {
		return err
	}
	if p.Topics, err = people.Read(h.Store).Topics(ctx); err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Contacts", Area: "settings", Status: status}, view.Contacts(p), nil)
}

// settingsForm is one of the page's forms, and the message that is shown once it is saved.
type settingsForm struct {
	id    string // what refusals belong to: a kind of thing for a new one, else the thing's own
	typed web.Form
	said  string
}

// settled answers a change to tags, fields or topics with its outcome.
func (h *Handlers) settled(c echo.Context, s settingsForm, err error) error {
	if problems, status, ok := web.Problems(err); ok {
		p := view.ContactsProps{
			For:      s.id,
			Problems: problems,
			Typed: map[string]string{
				"name":    s.typed.Get("name"),
				"label":   s.typed.Get("label"),
				"kind":    s.typed.Get("kind"),
				"choices": s.typed.Text("choices"),
			},
		}
		return h.contactSettings(c, p, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/contacts", s.said)
}

func (h *Handlers) addTag(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = h.People.AddTag(c.Request().Context(), web.Actor(c), f.Get("name"))
	return h.settled(c, settingsForm{id: "tag", typed: f, said: "The tag was added."}, err)
}

func (h *Handlers) saveTag(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Get("delete") != "" {
		uses, err := segments.Read(h.Store).TagUses(c.Request().Context(), web.User(c).ID, c.Param("id"))
		if err != nil {
			return err
		}
		if len(uses) > 0 && f.Get("sure") == "" {
			return h.Site.AskUses(c, f, uses, web.AskBefore{
				What:   "Delete the tag",
				Then:   "Where it narrows a list or an audience, nobody is left in it. Opt-in pages give no tag any more.",
				Button: "Delete it all the same",
				Area:   "settings",
				Back:   "/settings/contacts",
			})
		}
		err = h.People.DeleteTag(c.Request().Context(), web.Actor(c), c.Param("id"))
		return h.settled(c, settingsForm{id: c.Param("id"), typed: f, said: "The tag was deleted."}, err)
	}
	err = h.People.RenameTag(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("name"))
	return h.settled(c, settingsForm{id: c.Param("id"), typed: f, said: "Renamed."}, err)
}

func (h *Handlers) addField(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = h.People.AddField(c.Request().Context(), web.Actor(c), fieldOf(f))
	return h.settled(c, settingsForm{id: "field", typed: f, said: "The field was added."}, err)
}

func (h *Handlers) saveField(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Get("archive") != "" {
		uses, err := segments.Read(h.Store).FieldUses(c.Request().Context(), web.User(c).ID, c.Param("id"))
		if err != nil {
			return err
		}
		if len(uses) > 0 && f.Get("sure") == "" {
			return h.Site.AskUses(c, f, uses, web.AskBefore{
				What:   "Archive the field",
				Then:   "Where it narrows a list or an audience, nobody is left in it. What it fills is filled as before.",
				Button: "Archive it all the same",
				Area:   "settings",
				Back:   "/settings/contacts",
			})
		}
		err = h.People.ArchiveField(c.Request().Context(), web.Actor(c), c.Param("id"))
		said := "Archived. What contacts have in it stays."
		return h.settled(c, settingsForm{id: c.Param("id"), typed: f, said: said}, err)
	}
	err = h.People.SaveField(c.Request().Context(), web.Actor(c), c.Param("id"), fieldOf(f))
	return h.settled(c, settingsForm{id: c.Param("id"), typed: f, said: "Saved."}, err)
}

// fieldOf is the field of contacts that a form describes.
func fieldOf(f web.Form) peopleservice.Field {
	return peopleservice.Field{
		Label:   f.Get("label"),
		Kind:    people.FieldKind(f.Get("kind")),
		Choices: strings.Split(f.Text("choices"), "\n"),
	}
}

func (h *Handlers) addTopic(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = h.People.AddTopic(c.Request().Context(), web.Actor(c), f.Get("name"))
	return h.settled(c, settingsForm{
		id:    "topic",
		typed: f,
		said:  "The topic was added. Set it in the settings of templates that need it.",
	}, err)
}

func (h *Handlers) archiveTopic(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	uses, err := segments.Read(h.Store).TopicUses(c.Request().Context(), web.User(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	if len(uses) > 0 && f.Get("sure") == "" {
		return h.Site.AskUses(c, f, uses, web.AskBefore{
			What: "Archive the topic",
			Then: "Where it narrows a list or an audience, nobody is left in it. " +
				"Templates and opt-in pages keep it until you choose another: nobody who left the topic gets them.",
			Button: "Archive it all the same",
			Area:   "settings",
			Back:   "/settings/contacts",
		})
	}
	err = h.People.ArchiveTopic(c.Request().Context(), web.Actor(c), c.Param("id"))
	return h.settled(c, settingsForm{id: "topic", said: "The topic was archived."}, err)
}

func (h *Handlers) showKeywords(c echo.Context) error {
	k, err := models.Read(h.Store).Keywords(c.Request().Context())
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Keywords", Area: "settings"},
		view.Keywords(view.KeywordsProps{Keywords: k}),
		nil,
	)
}

func (h *Handlers) saveKeywords(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	k := intent.Keywords{
		Words:   map[intent.Keyword][]string{},
		Replies: map[intent.Keyword]map[string]string{},
		Silent:  f.Get("replies") == "",
	}
	for _, kind := range intent.KeywordKinds() {
		k.Words[kind] = strings.FieldsFunc(
			f.Text("words-"+string(kind)),
			func(r rune) bool { return r == ',' || r == '\n' || r == ';' || r == '،' || r == '、' },
		)
		k.Replies[kind] = map[string]string{}
		for _, l := range view.ReplyLanguages {
			if text := strings.TrimSpace(f.Text("reply-" + string(kind) + "-" + l)); text != "" {
				k.Replies[kind][l] = text
			}
		}
	}
	if f.Get("reset") != "" {
		k = intent.DefaultKeywords()
	}
	err = h.People.SaveKeywords(c.Request().Context(), web.Actor(c), k)
	if problems, status, ok := web.Problems(err); ok {
		return h.Site.Page(
			c,
			web.View{Title: "Keywords", Area: "settings", Status: status},
			view.Keywords(view.KeywordsProps{Keywords: k, Problems: problems}),
			nil,
		)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/keywords", "Saved. The words count from now on.")
}

func (h *Handlers) showPrivacy(c echo.Context) error {
	p, err := models.Read(h.Store).Privacy(c.Request().Context())
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Privacy", Area: "settings"},
		view.Privacy(
			view.PrivacyProps{
				MessageMonths: strconv.Itoa(p.MessageMonths),
				MediaMonths:   strconv.Itoa(p.MediaMonths),
				Masked:        p.Masked,
			},
		),
		nil,
	)
}

// savePrivacy stores the settings, or previews what they would remove.
func (h *Handlers) savePrivacy(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	shown := view.PrivacyProps{MessageMonths: f.Get("message_months"), MediaMonths: f.Get("media_months")}
	number := func(s string) int {
		if s == "" {
			return 0
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			return -1
		}
		return n
	}
	p := models.Privacy{MessageMonths: number(shown.MessageMonths), MediaMonths: number(shown.MediaMonths)}
	for _, r := range f.Values["masked"] {
		p.Masked = append(p.Masked, models.Role(r))
	}
	shown.Masked = p.Masked
	if f.Get("do") == "preview" {
		if err = h.People.CheckPrivacy(p); err == nil {
			r, err := privacy.Read(h.Store).RetentionPreview(c.Request().Context(), p)
			if err != nil {
				return err
			}
			shown.Preview = &r
			return h.Site.Page(c, web.View{Title: "Privacy", Area: "settings"}, view.Privacy(shown), nil)
		}
	} else {
		err = h.People.SavePrivacy(c.Request().Context(), web.Actor(c), p)
	}
	if problems, status, ok := web.Problems(err); ok {
		shown.Problems = problems
		return h.Site.Page(c, web.View{Title: "Privacy", Area: "settings", Status: status}, view.Privacy(shown), nil)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/privacy", "Saved. What is older is removed within the hour.")
}
