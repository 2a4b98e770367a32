package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
)

// form reads the request's fields, trimmed. Invalid encodings are refused.
type form struct{ url.Values }

func readForm(c echo.Context) (form, error) {
	// Only signed-in users may send files: a form with files is read into memory as a whole before it is checked.
	if userOf(c) == nil &&
		strings.HasPrefix(strings.ToLower(c.Request().Header.Get(echo.HeaderContentType)), "multipart/") {
		return form{}, echo.NewHTTPError(http.StatusUnsupportedMediaType)
	}
	v, err := c.FormParams()
	if err != nil {
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			return form{}, he
		}
		return form{}, echo.NewHTTPError(400).SetInternal(err)
	}
	for _, values := range v {
		for i := range values {
			// PostgreSQL stores no zero bytes, and invalid UTF-8 is not text that a person typed.
			values[i] = strings.ReplaceAll(strings.ToValidUTF8(values[i], "\uFFFD"), "\x00", "")
		}
	}
	return form{v}, nil
}

func (f form) get(name string) string { return strings.TrimSpace(f.Get(name)) }

// text is a multi-line field, as it was typed.
func (f form) text(name string) string { return strings.ReplaceAll(f.Get(name), "\r\n", "\n") }

// has reports whether the form has the field, even an empty one.
func (f form) has(name string) bool { _, ok := f.Values[name]; return ok }

// version is the version of the thing that the form was opened with.
func (f form) version() int {
	n, err := strconv.Atoi(f.get("version"))
	if err != nil {
		return -1
	}
	return n
}

// prefixed are the fields whose names begin with a prefix, keyed by the rest of the name.
func (f form) prefixed(prefix string) map[string]string {
	out := map[string]string{}
	for name := range f.Values {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			out[rest] = f.get(name)
		}
	}
	return out
}

// problemsOf returns the refusals that belong to a form: each field's sentence, and "" for the form as a whole. ok is
// false for every other error, which the caller must return unchanged.
func problemsOf(err error) (problems map[string]string, status int, ok bool) {
	problems = map[string]string{}
	for _, e := range flatten(err) {
		m, is := errors.AsType[*models.Error](e)
		if !is || (m.Kind != models.KindInvalid && m.Kind != models.KindConflict && m.Kind != models.KindTooMany) {
			return nil, 0, false
		}
		if s := statusOf[m.Kind]; s > status {
			status = s
		}
		if problems[m.Field] == "" {
			problems[m.Field] = m.Message()
		}
	}
	return problems, status, len(problems) > 0
}

func flatten(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok { // joined errors are unwrapped level by level
		var out []error
		for _, e := range many.Unwrap() {
			out = append(out, flatten(e)...)
		}
		return out
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
