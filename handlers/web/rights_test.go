package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/models/modelstest"
)

// A route lets in the role that it names and the ones above it; visitors are asked to sign in, also a page of somebody
// else than the user who is signed in.
func TestRequire(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	site := &Site{Store: store}
	users := map[string]*accounts.User{"": nil}
	for _, role := range append(models.Roles(), "owner") {
		users[string(role)] = &accounts.User{PublicID: "me", Role: role}
	}
	call := func(need models.Role, u *accounts.User, page string) (reached bool, status int, err error) {
		e := echo.New()
		r := httptest.NewRequest(http.MethodGet, "/contacts", nil)
		r.Header.Set("X-Parley-User", page)
		w := httptest.NewRecorder()
		c := e.NewContext(r, w)
		if u != nil {
			SetUser(c, u)
		}
		err = site.require(need)(func(echo.Context) error { reached = true; return nil })(c)
		return reached, w.Code, err
	}
	for _, c := range []struct {
		need models.Role
		who  string
		in   bool
	}{
		{Public, "", true}, {models.Agent, "", false},
		{models.Agent, "agent", true}, {models.Operator, "agent", false}, {models.Admin, "agent", false},
		{models.Agent, "operator", true}, {models.Operator, "operator", true}, {models.Admin, "operator", false},
		{models.Agent, "admin", true}, {models.Operator, "admin", true}, {models.Admin, "admin", true},
		{models.Agent, "owner", false}, {"owner", "admin", false},
	} {
		reached, status, err := call(c.need, users[c.who], "")
		if reached != c.in {
			t.Errorf("%q at a route of %q: let in %v", c.who, c.need, reached)
		}
		if forbidden := models.KindOf(err) == models.KindForbidden; c.who != "" && forbidden == c.in {
			t.Errorf("%q at a route of %q: %v", c.who, c.need, err)
		}
		if c.who == "" && !c.in && status != http.StatusSeeOther {
			t.Errorf("a visitor at a route of %q: %d", c.need, status)
		}
	}
	if reached, _, _ := call(models.Agent, users["admin"], "me"); !reached {
		t.Error("a user's own page is refused")
	}
	if reached, _, _ := call(models.Agent, users["admin"], "another"); reached {
		t.Error("the page of another user is let in")
	}
}

// Each kind of refusal has its status, and anything else is our fault.
func TestStatusOfErrors(t *testing.T) {
	t.Parallel()
	for kind, want := range map[models.Kind]int{
		models.KindInvalid:   422,
		models.KindNotFound:  404,
		models.KindConflict:  409,
		models.KindForbidden: 403,
		models.KindTooMany:   429,
	} {
		if got, _ := describe(&models.Error{Kind: kind, Code: "page.another_site"}); got != want {
			t.Errorf("%v: %d, want %d", kind, got, want)
		}
	}
	if got, said := describe(http.ErrBodyNotAllowed); got != 500 || said != ours {
		t.Errorf("%d %s", got, said)
	}
}
