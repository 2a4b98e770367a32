package api

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/services/notifying"
)

// apiNotify sends one template to one number for another program. Errors are JSON: a field and a sentence.
func (h *Handlers) apiNotify(c echo.Context) error {
	fail := func(status int, field, code, text string) error {
		return c.JSON(status, map[string]any{"error": text, "field": field, "code": code})
	}
	if !h.tries.Allow(c.RealIP()) {
		c.Response().Header().Set("Retry-After", "60")
		return fail(http.StatusTooManyRequests, "", "too_many_calls", "Too many calls: wait a minute.")
	}
	secret, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
	if !ok || len(secret) < 20 {
		return fail(http.StatusUnauthorized, "Authorization", "unauthorized", "Send the key as “Authorization: Bearer …”.")
	}
	key, err := accounts.APIKeyByKey(c.Request().Context(), h.Store, secret)
	if models.KindOf(err) == models.KindNotFound {
		return fail(http.StatusUnauthorized, "Authorization", "unauthorized", "This key is not known, or it was taken away.")
	}
	if err != nil {
		return err
	}
	idempotency := strings.TrimSpace(c.Request().Header.Get("Idempotency-Key"))
	if idempotency == "" || len(idempotency) > notifying.MaxKey {
		return fail(
			http.StatusBadRequest,
			"Idempotency-Key",
			"no_idempotency_key",
			"Send an Idempotency-Key of at most 200 characters: the same key sends one message, however often you ask.",
		)
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	var in notifying.Call
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return fail(http.StatusBadRequest, "", "invalid_json", web.JSONProblem(err))
	}
	out, err := h.Notifying.TakeCall(c.Request().Context(), notifying.CallRequest{
		Key:            key,
		IdempotencyKey: idempotency,
		Body:           body,
		Call:           in,
	})
	if err != nil {
		return err
	}
	return c.JSONBlob(out.Status, out.Body)
}
