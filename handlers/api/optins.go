package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/people/optins"
	peopleservice "parley/services/people"
	"parley/whatsapp/phone"
)

// apiOptin accepts an opt-in from the business's own form, as JSON. Errors are JSON too: field, code and sentence.
func (h *Handlers) apiOptin(c echo.Context) error {
	fail := func(status int, code, text string) error {
		return c.JSON(status, map[string]any{"error": text, "field": "", "code": code})
	}
	key, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
	if !h.tries.Allow(c.RealIP()) {
		c.Response().Header().Set("Retry-After", "60")
		return fail(http.StatusTooManyRequests, "too_many_calls", "Too many calls: wait a minute.")
	}
	if !ok || len(key) < 20 {
		return fail(http.StatusUnauthorized, "unauthorized", "Send the page's key as “Authorization: Bearer …”.")
	}
	o, err := optins.Read(h.Store).OptinByKey(c.Request().Context(), key)
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
		return fail(http.StatusBadRequest, "invalid_json", web.JSONProblem(err))
	}
	if o.ClosedAt != nil && !in.OptsOut() {
		return closed()
	}
	out, err := h.People.TakeAPI(c.Request().Context(), o, in)
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
func readOptin(r io.Reader) (peopleservice.APIOptin, error) {
	var in peopleservice.APIOptin
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
	if out, ok := peopleservice.OptOutOf(fields, web.JSONProblem(err)); ok {
		return out, nil
	}
	return in, err
}
