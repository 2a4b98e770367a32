package handlers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"parley/models"
	"parley/models/people/optins"
	"parley/models/senders"
	"parley/services/accounts"
	"parley/services/contacts"
	"parley/views/components"
	"parley/views/optin"
	"parley/whatsapp/phone"
)

// limits limit how often one address may do something.
type limits struct {
	mu    sync.Mutex
	every time.Duration
	burst int
	byKey map[string]*rate.Limiter
}

func newLimits(every time.Duration, burst int) *limits {
	return &limits{every: every, burst: burst, byKey: map[string]*rate.Limiter{}}
}

// allow counts one attempt of a key. The table of keys is cleared when it grows large: all keys then start over.
func (l *limits) allow(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.byKey) > 50_000 {
		l.byKey = map[string]*rate.Limiter{}
	}
	r := l.byKey[key]
	if r == nil {
		r = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.byKey[key] = r
	}
	return r.Allow()
}

func (a *App) showOptins(c echo.Context) error {
	list, err := optins.Read(a.Store).OptinSources(c.Request().Context())
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Opt-in pages", area: "contacts", topics: []string{"optins"}},
		optin.List(optin.ListProps{List: list, Base: a.PublicURL}),
		nil,
	)
}

func (a *App) newOptin(c echo.Context) error {
	return a.optinForm(
		c,
		optin.FormProps{
			Source: optins.OptinSource{Color: "green", Confirm: true, Keyword: "JOIN", Headline: "Messages from us on WhatsApp",
				Wording: "I agree to get messages from {business} on WhatsApp. I can stop at any time by writing STOP.",
				Reply:   "You will get our messages here. Write STOP at any time to end them."},
		},
		0,
	)
}

func (a *App) optinForm(c echo.Context, p optin.FormProps, status int) error {
	ctx := c.Request().Context()
	var err error
	if p.Senders, err = senders.Read(a.Store).Senders(ctx); err != nil {
		return err
	}
	if err := a.contactWords(c, &p.Words); err != nil {
		return err
	}
	p.Base = a.PublicURL
	title := "New opt-in page"
	if p.Source.PublicID != "" {
		title = p.Source.Name
	}
	return a.page(c, view{title: title, area: "contacts", status: status}, optin.Form(p), nil)
}

func (a *App) optinFormOf(c echo.Context) (optin.FormProps, error) {
	o, err := optins.Read(a.Store).OptinByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return optin.FormProps{}, err
	}
	p := optin.FormProps{Source: *o, Sender: o.Sender.PublicID, Link: contacts.WhatsAppLink(o.Sender.Phone, o.Keyword)}
	if o.Topic != nil {
		p.Topic = o.Topic.PublicID
	}
	if o.Tag != nil {
		p.Tag = o.Tag.PublicID
	}
	return p, nil
}

func (a *App) showOptin(c echo.Context) error {
	p, err := a.optinFormOf(c)
	if err != nil {
		return err
	}
	return a.optinForm(c, p, 0)
}

func (a *App) saveOptin(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	in := optins.OptinSource{
		Name:     f.get("name"),
		Slug:     f.get("slug"),
		Business: f.get("business"),
		Headline: f.get("headline"),
		Wording:  strings.ReplaceAll(strings.TrimSpace(f.text("wording")), "{business}", f.get("business")),
		Color:    f.get("color"),
		Keyword:  f.get("keyword"),
		Reply:    strings.TrimSpace(f.text("reply")),
		Confirm:  f.get("confirm") != "",
	}
	o, err := a.Contacts.SaveOptin(c.Request().Context(), actor(c), contacts.OptinForm{
		ID:       c.Param("id"),
		Version:  f.version(),
		Page:     in,
		SenderID: f.get("sender"),
		TopicID:  f.get("topic"),
		TagID:    f.get("tag"),
	})
	if problems, status, ok := problemsOf(err); ok {
		p := optin.FormProps{}
		if c.Param("id") != "" {
			if p, err = a.optinFormOf(c); err != nil {
				return err
			}
			in.PublicID, in.Version = p.Source.PublicID, p.Source.Version
			in.ClosedAt, in.APIKeyHash = p.Source.ClosedAt, p.Source.APIKeyHash
		}
		p.Source, p.Sender, p.Topic, p.Tag, p.Problems = in, f.get("sender"), f.get("topic"), f.get("tag"), problems
		return a.optinForm(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/contacts/optins/"+o.PublicID, "Saved.")
}

func (a *App) closeOptin(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	closed := f.get("closed") != ""
	if err := a.Contacts.CloseOptin(c.Request().Context(), actor(c), c.Param("id"), closed); err != nil {
		return a.refused(c, err, "/contacts/optins/"+c.Param("id"))
	}
	if closed {
		return a.done(c, "/contacts/optins/"+c.Param("id"), "Closed. What was recorded stays.")
	}
	return a.done(c, "/contacts/optins/"+c.Param("id"), "Open again.")
}

func (a *App) newOptinKey(c echo.Context) error {
	key, err := a.Contacts.NewOptinKey(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.optinFormOf(c)
	if err != nil {
		return err
	}
	p.NewKey = key
	return a.optinForm(c, p, 0)
}

// optinQR serves the QR code as a file for printing.
func (a *App) optinQR(c echo.Context) error {
	p, err := a.optinFormOf(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := components.QR(p.Link, "QR code to WhatsApp").Render(c.Request().Context(), &b); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", disposition("qr-"+p.Source.Slug+".svg"))
	return c.Blob(
		http.StatusOK,
		"image/svg+xml",
		bytes.Replace(b.Bytes(), []byte("<svg "), []byte(`<svg xmlns="http://www.w3.org/2000/svg" `), 1),
	)
}

// publicOptin finds an open page. For any other address it answers with a page that says so.
func (a *App) publicOptin(c echo.Context) (*optins.OptinSource, error) {
	o, err := optins.Read(a.Store).OptinBySlug(c.Request().Context(), c.Param("slug"))
	if models.KindOf(err) == models.KindNotFound {
		return nil, render(c, http.StatusNotFound, optin.Closed())
	}
	return o, err
}

func publicProps(o *optins.OptinSource) optin.PublicProps {
	return optin.PublicProps{Source: *o, Link: contacts.WhatsAppLink(o.Sender.Phone, o.Keyword)}
}

func (a *App) showJoin(c echo.Context) error {
	o, err := a.publicOptin(c)
	if err != nil || o == nil {
		return err
	}
	return render(c, http.StatusOK, optin.Public(publicProps(o)))
}

// join handles the form of a public page. The answer is the same whether or not the number is known.
func (a *App) join(c echo.Context) error {
	o, err := a.publicOptin(c)
	if err != nil || o == nil {
		return err
	}
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := publicProps(o)
	p.Phone, p.Name, p.Agreed = f.get("phone"), f.get("name"), f.get("agreed") != ""
	p.PhoneConfirmed = f.get("phone_confirmed")
	if !a.joins.allow(accounts.Network(c.RealIP())) {
		p.Problems = map[string]string{
			"": "There were many forms from your network just now. Wait a minute and send it again.",
		}
		return render(c, http.StatusTooManyRequests, optin.Public(p))
	}
	if f.get("website") != "" { // a honeypot: only programs fill in a field that people can't see
		p.Confirm = true
		return render(c, http.StatusOK, optin.Public(p))
	}
	language, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	language, _, _ = strings.Cut(language, "-")
	confirm, err := a.Contacts.OptIn(
		c.Request().Context(),
		o,
		contacts.Form{
			Phone:          p.Phone,
			PhoneConfirmed: p.PhoneConfirmed,
			Name:           p.Name,
			Language:       strings.ToLower(strings.TrimSpace(language)),
			Agreed:         p.Agreed,
			IP:             c.RealIP(),
			UserAgent:      c.Request().UserAgent(),
		},
	)
	if problems, status, ok := problemsOf(err); ok {
		p.Problems = problems
		return render(c, status, optin.Public(p))
	}
	if err != nil {
		return err
	}
	p.Confirm, p.Done = confirm, !confirm
	return render(c, http.StatusOK, optin.Public(p))
}

// apiOptin accepts an opt-in from the business's own form, as JSON. Errors are JSON too: field, code and sentence.
func (a *App) apiOptin(c echo.Context) error {
	fail := func(status int, code, text string) error {
		return c.JSON(status, map[string]any{"error": text, "field": "", "code": code})
	}
	key, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
	if !a.apiTries.allow(accounts.Network(c.RealIP())) {
		c.Response().Header().Set("Retry-After", "60")
		return fail(http.StatusTooManyRequests, "too_many_calls", "Too many calls: wait a minute.")
	}
	if !ok || len(key) < 20 {
		return fail(http.StatusUnauthorized, "unauthorized", "Send the page's key as “Authorization: Bearer …”.")
	}
	o, err := optins.Read(a.Store).OptinByKey(c.Request().Context(), key)
	closed := func() error {
		return fail(http.StatusUnauthorized, "unauthorized", "This key is not known, or its page is closed.")
	}
	if models.KindOf(err) == models.KindNotFound {
		return closed()
	}
	if err != nil {
		return err
	}
	in, err := readOptin(c.Request().Body)
	if err != nil {
		return fail(http.StatusBadRequest, "invalid_json", jsonProblem(err))
	}
	if o.ClosedAt != nil && !in.OptsOut() {
		return closed()
	}
	out, err := a.Contacts.TakeAPI(c.Request().Context(), o, in)
	if e, ok := errors.AsType[*models.Error](err); ok && e.Kind == models.KindInvalid {
		code := cmp.Or(string(phone.ReasonOf(e)), e.Code)
		return c.JSON(http.StatusUnprocessableEntity, map[string]string{"error": e.Message(), "field": e.Field, "code": code})
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if out.Changed {
		status = http.StatusCreated
	}
	return c.JSON(status, out)
}

// readOptin reads a call's body. A call that can't be accepted as it is may still be an opt-out.
func readOptin(r io.Reader) (contacts.APIOptin, error) {
	var in contacts.APIOptin
	body, err := io.ReadAll(r)
	if err != nil {
		return in, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err = d.Decode(&in); err == nil {
		return in, nil
	}
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return in, err
	}
	if out, ok := contacts.OptOutOf(fields, jsonProblem(err)); ok {
		return out, nil
	}
	return in, err
}

// jsonProblem says what is wrong with a body without revealing the program's internals.
func jsonProblem(err error) string {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s has the wrong type.", t.Field)
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "There is no field " + strings.Trim(field, `"`) + "."
	}
	if errors.Is(err, io.EOF) {
		return "The body is empty: send a JSON object."
	}
	return "The body is no JSON object, or a time in it is not written as 2026-11-23T09:30:00Z."
}
