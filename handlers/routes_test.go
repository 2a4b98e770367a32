package handlers_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"parley/handlers"
	"parley/handlers/web"
	"parley/models"
)

// Every route admits exactly the roles that it should: visitors go to the sign-in page, lower roles are refused, the
// role itself and higher ones pass. No route exists outside the table.
func TestEveryRouteAndRole(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	stranger, people := a.as(
		"",
	), map[models.Role]*visitor{
		models.Agent:    a.as("ana"),
		models.Operator: a.as("otto"),
		models.Admin:    a.as("ada"),
	}
	table := map[string]web.Route{}
	for _, r := range routesOf(a) {
		table[r.Method+" "+r.Path] = r
	}
	walked := 0
	for _, r := range a.Echo.Routes() {
		route, ok := table[r.Method+" "+r.Path]
		if !ok {
			if !strings.HasPrefix(r.Path, "/simulator") && r.Path != "/static/*" && r.Path != "/*" {
				t.Errorf("%s %s is in no table", r.Method, r.Path)
			}
			continue
		}
		walked++
		if route.Role == web.Public || route.Path == "/events" {
			continue
		}
		path := strings.NewReplacer(":id", "0123456789abcdef", ":key", "x").Replace(route.Path)
		ask := func(v *visitor) answer {
			if route.Method == http.MethodGet {
				return v.get(path)
			}
			return v.post(path, url.Values{})
		}
		if got := ask(stranger); got.Status != http.StatusUnauthorized &&
			(got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/signin")) {
			t.Errorf("%s %s lets a stranger in: %d", route.Method, path, got.Status)
		}
		for role, v := range people {
			if route.Name == "signout.do" || route.Name == "account.password" {
				continue
			}
			got := ask(v)
			if role.Can(route.Role) == (got.Status == http.StatusForbidden) {
				t.Errorf("%s %s as %s: %d, the table asks for %s", route.Method, path, role, got.Status, route.Role)
			}
			if got.Status >= 500 {
				t.Errorf("%s %s as %s: %d\n%s", route.Method, path, role, got.Status, got.Text())
			}
		}
	}
	if walked != len(table) || walked < 50 {
		t.Errorf("walked %d routes of %d", walked, len(table))
	}
}

func routesOf(a *app) []web.Route { return handlers.Table(handlers.Options{Development: true}) }

// routes.txt is the whole table, for people to read. UPDATE=1 writes it.
func TestTableIsWritten(t *testing.T) {
	t.Parallel()
	var list []string
	for _, r := range handlers.Table(handlers.Options{Development: true}) {
		body := ""
		if r.MaxBody > 0 {
			body = fmt.Sprintf("  up to %d KB", r.MaxBody>>10)
		}
		role := cmp.Or(string(r.Role), "public")
		list = append(list, fmt.Sprintf("%-46s %-4s  %-8s  %s%s", r.Path, r.Method, role, r.Name, body))
	}
	slices.Sort(list)
	want := "path, method, who may, name\n\n" + strings.Join(list, "\n") + "\n"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("routes.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("routes.txt is behind the table: run UPDATE=1 go test ./handlers -run TestTableIsWritten")
	}
}

// An unknown id is answered with a plain sentence, not a stack trace; so is an unknown path.
func TestUnknownIdsArePlain(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	for _, p := range []string{"/inbox/nope", "/contacts/0123456789abcdef", "/templates/%27%3B--", "/notifications/x", "/access/x", "/media/x", "/versions/x/edit", "/nothing", "/inbox/%00"} {
		r := ada.get(p)
		if r.Status != http.StatusNotFound || r.Doc().Find("[data-testid=error]").Length() != 1 {
			t.Errorf("%s: %d %s", p, r.Status, r.Text())
		}
	}
}

// Another site's page can't act as a signed-in user.
func TestCrossSiteRequestsAreRefused(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	for name, h := range map[string]http.Header{
		"cross-site fetch": {"Sec-Fetch-Site": {"cross-site"}},
		"foreign origin":   {"Origin": {"https://evil.example"}},
	} {
		req, err := http.NewRequest(http.MethodPost, a.URL+"/settings/users", strings.NewReader("name=x"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = h
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r := ada.send(req); r.Status != http.StatusForbidden {
			t.Errorf("%s: %d", name, r.Status)
		}
	}
}

// Every page has the strict content security policy and no inline script, style or handler.
func TestPagesAreStrict(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.joined("+4915123456789", "Noor", "<script>alert(1)</script> *bold* \u202Ertl")
	ada := a.as("ada")
	for _, r := range handlers.Table(handlers.Options{Development: true}) {
		if r.Method != http.MethodGet || strings.Contains(r.Path, ":") || r.Path == "/events" {
			continue
		}
		got := ada.get(r.Path)
		if csp := got.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self';") ||
			strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", r.Path, csp)
		}
		d := got.Doc()
		if n := d.Find("script:not([src]), style, [style], [onclick], [onchange], [onsubmit], [hx-on]").Length(); n > 0 {
			t.Errorf("%s has %d inline scripts or styles", r.Path, n)
		}
		if strings.Contains(got.Body, "<script>alert") {
			t.Errorf("%s shows a person's text as markup", r.Path)
		}
	}
}
