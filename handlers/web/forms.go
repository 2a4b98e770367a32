package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
)

// Form reads the request's fields, trimmed. Invalid encodings are refused.
type Form struct{ url.Values }

// ReadForm reads the form of a request. Strangers can't send files.
func ReadForm(c echo.Context) (Form, error) {
	// Only signed-in users may send files: a form with files is read into memory as a whole before it is checked.
	if User(c) == nil &&
		strings.HasPrefix(strings.ToLower(c.Request().Header.Get(echo.HeaderContentType)), "multipart/") {
		return Form{}, echo.NewHTTPError(http.StatusUnsupportedMediaType)
	}
	v, err := c.FormParams()
	if err != nil {
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			return Form{}, he
		}
		return Form{}, echo.NewHTTPError(400).SetInternal(err)
	}
	for _, values := range v {
		for i := range values {
			// PostgreSQL stores no zero bytes, and invalid UTF-8 is not text that a person typed.
			values[i] = strings.ReplaceAll(strings.ToValidUTF8(values[i], "\uFFFD"), "\x00", "")
		}
	}
	return Form{v}, nil
}

// Query reads the parameters of the address as a form is read.
func Query(c echo.Context) Form { return Form{c.QueryParams()} }

// Raw is a field as it was sent.
func (f Form) Raw(name string) string { return f.Values.Get(name) }

// Get is a field without the space around it.
func (f Form) Get(name string) string { return strings.TrimSpace(f.Raw(name)) }

// text is a multi-line field, as it was typed.
func (f Form) Text(name string) string { return strings.ReplaceAll(f.Raw(name), "\r\n", "\n") }

// has reports whether the form has the field, even an empty one.
func (f Form) Has(name string) bool { _, ok := f.Values[name]; return ok }

// version is the version of the thing that the form was opened with.
func (f Form) Version() int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		return -1
	}
	return n
}

// prefixed are the fields whose names begin with a prefix, keyed by the rest of the name.
func (f Form) Prefixed(prefix string) map[string]string {
	out := map[string]string{}
	for name := range f.Values {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			out[rest] = f.Get(name)
		}
	}
	return out
}

// Problems returns the refusals that belong to a form: each field's sentence, and "" for the form as a whole. ok is
// false for every other error, which the caller must return unchanged.
func Problems(err error) (problems map[string]string, status int, ok bool) {
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
