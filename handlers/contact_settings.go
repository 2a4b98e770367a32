package handlers

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/privacy"
	"parley/services/contacts"
	"parley/views/settings"
	"parley/whatsapp/intent"
)

func (a *App) showContactSettings(c echo.Context) error {
	return a.contactSettings(c, settings.ContactsProps{}, 0)
}

func (a *App) contactSettings(c echo.Context, p settings.ContactsProps, status int) error {
	ctx := c.Request().Context()
	var err error
	if p.Tags, err = people.Read(a.Store).Tags(ctx); err != nil {
		return err
	}
	if p.Fields, err = people.Read(a.Store).ContactFields(ctx); err != nil {
		return err
	}
	if p.Topics, err = people.Read(a.Store).Topics(ctx); err != nil {
		return err
	}
	return a.page(c, view{title: "Contacts", area: "settings", status: status}, settings.Contacts(p), nil)
}

// settingsForm is one of the page's forms, and the message that is shown once it is saved.
type settingsForm struct {
	id    string // what refusals belong to: a kind of thing for a new one, else the thing's own
	typed form
	said  string
}

// settled answers a change to tags, fields or topics with its outcome.
func (a *App) settled(c echo.Context, s settingsForm, err error) error {
	if problems, status, ok := problemsOf(err); ok {
		p := settings.ContactsProps{
			For:      s.id,
			Problems: problems,
			Typed: map[string]string{
				"name":    s.typed.get("name"),
				"label":   s.typed.get("label"),
				"kind":    s.typed.get("kind"),
				"choices": s.typed.text("choices"),
			},
		}
		return a.contactSettings(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/contacts", s.said)
}

func (a *App) addTag(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Contacts.AddTag(c.Request().Context(), actor(c), f.get("name"))
	return a.settled(c, settingsForm{id: "tag", typed: f, said: "The tag was added."}, err)
}

func (a *App) saveTag(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.get("delete") != "" {
		uses, err := segments.Read(a.Store).TagUses(c.Request().Context(), userOf(c).ID, c.Param("id"))
		if err != nil {
			return err
		}
		if len(uses) > 0 && f.get("sure") == "" {
			return a.askUses(c, f, uses, askBefore{
				what:   "Delete the tag",
				then:   "Where it narrows a list or an audience, nobody is left in it. Opt-in pages give no tag any more.",
				button: "Delete it all the same",
				area:   "settings",
				back:   "/settings/contacts",
			})
		}
		err = a.Contacts.DeleteTag(c.Request().Context(), actor(c), c.Param("id"))
		return a.settled(c, settingsForm{id: c.Param("id"), typed: f, said: "The tag was deleted."}, err)
	}
	err = a.Contacts.RenameTag(c.Request().Context(), actor(c), c.Param("id"), f.get("name"))
	return a.settled(c, settingsForm{id: c.Param("id"), typed: f, said: "Renamed."}, err)
}

func (a *App) addField(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Contacts.AddField(c.Request().Context(), actor(c), fieldOf(f))
	return a.settled(c, settingsForm{id: "field", typed: f, said: "The field was added."}, err)
}

func (a *App) saveField(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.get("archive") != "" {
		uses, err := segments.Read(a.Store).FieldUses(c.Request().Context(), userOf(c).ID, c.Param("id"))
		if err != nil {
			return err
		}
		if len(uses) > 0 && f.get("sure") == "" {
			return a.askUses(c, f, uses, askBefore{
				what:   "Archive the field",
				then:   "Where it narrows a list or an audience, nobody is left in it. What it fills is filled as before.",
				button: "Archive it all the same",
				area:   "settings",
				back:   "/settings/contacts",
			})
		}
		err = a.Contacts.ArchiveField(c.Request().Context(), actor(c), c.Param("id"))
		said := "Archived. What contacts have in it stays."
		return a.settled(c, settingsForm{id: c.Param("id"), typed: f, said: said}, err)
	}
	err = a.Contacts.SaveField(c.Request().Context(), actor(c), c.Param("id"), fieldOf(f))
	return a.settled(c, settingsForm{id: c.Param("id"), typed: f, said: "Saved."}, err)
}

// fieldOf is the field of contacts that a form describes.
func fieldOf(f form) contacts.Field {
	return contacts.Field{
		Label:   f.get("label"),
		Kind:    people.FieldKind(f.get("kind")),
		Choices: strings.Split(f.text("choices"), "\n"),
	}
}

func (a *App) addTopic(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Contacts.AddTopic(c.Request().Context(), actor(c), f.get("name"))
	return a.settled(c, settingsForm{
		id:    "topic",
		typed: f,
		said:  "The topic was added. Set it in the settings of templates that need it.",
	}, err)
}

func (a *App) archiveTopic(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	uses, err := segments.Read(a.Store).TopicUses(c.Request().Context(), userOf(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	if len(uses) > 0 && f.get("sure") == "" {
		return a.askUses(c, f, uses, askBefore{
			what: "Archive the topic",
			then: "Where it narrows a list or an audience, nobody is left in it. " +
				"Templates and opt-in pages keep it until you choose another: nobody who left the topic gets them.",
			button: "Archive it all the same",
			area:   "settings",
			back:   "/settings/contacts",
		})
	}
	err = a.Contacts.ArchiveTopic(c.Request().Context(), actor(c), c.Param("id"))
	return a.settled(c, settingsForm{id: "topic", said: "The topic was archived."}, err)
}

func (a *App) showKeywords(c echo.Context) error {
	k, err := models.Read(a.Store).Keywords(c.Request().Context())
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Keywords", area: "settings"},
		settings.Keywords(settings.KeywordsProps{Keywords: k}),
		nil,
	)
}

func (a *App) saveKeywords(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	k := intent.Keywords{
		Words:   map[intent.Keyword][]string{},
		Replies: map[intent.Keyword]map[string]string{},
		Silent:  f.get("replies") == "",
	}
	for _, kind := range intent.KeywordKinds() {
		k.Words[kind] = strings.FieldsFunc(
			f.text("words-"+string(kind)),
			func(r rune) bool { return r == ',' || r == '\n' || r == ';' || r == '،' || r == '、' },
		)
		k.Replies[kind] = map[string]string{}
		for _, l := range settings.ReplyLanguages {
			if text := strings.TrimSpace(f.text("reply-" + string(kind) + "-" + l)); text != "" {
				k.Replies[kind][l] = text
			}
		}
	}
	if f.get("reset") != "" {
		k = intent.DefaultKeywords()
	}
	err = a.Contacts.SaveKeywords(c.Request().Context(), actor(c), k)
	if problems, status, ok := problemsOf(err); ok {
		return a.page(
			c,
			view{title: "Keywords", area: "settings", status: status},
			settings.Keywords(settings.KeywordsProps{Keywords: k, Problems: problems}),
			nil,
		)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/keywords", "Saved. The words count from now on.")
}

func (a *App) showPrivacy(c echo.Context) error {
	p, err := models.Read(a.Store).Privacy(c.Request().Context())
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Privacy", area: "settings"},
		settings.Privacy(
			settings.PrivacyProps{
				MessageMonths: strconv.Itoa(p.MessageMonths),
				MediaMonths:   strconv.Itoa(p.MediaMonths),
				Masked:        p.Masked,
			},
		),
		nil,
	)
}

// savePrivacy stores the settings, or previews what they would remove.
func (a *App) savePrivacy(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	shown := settings.PrivacyProps{MessageMonths: f.get("message_months"), MediaMonths: f.get("media_months")}
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
	if f.get("do") == "preview" {
		if err = a.Contacts.CheckPrivacy(p); err == nil {
			r, err := privacy.Read(a.Store).RetentionPreview(c.Request().Context(), p)
			if err != nil {
				return err
			}
			shown.Preview = &r
			return a.page(c, view{title: "Privacy", area: "settings"}, settings.Privacy(shown), nil)
		}
	} else {
		err = a.Contacts.SavePrivacy(c.Request().Context(), actor(c), p)
	}
	if problems, status, ok := problemsOf(err); ok {
		shown.Problems = problems
		return a.page(c, view{title: "Privacy", area: "settings", status: status}, settings.Privacy(shown), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/privacy", "Saved. What is older is removed within the hour.")
}
