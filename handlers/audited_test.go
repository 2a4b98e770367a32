package handlers_test

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/handlers/web"
	"parley/models/modelstest"
)

// Tables that say who changed what: the audit log, and the histories of single things that pages show.
var histories = []string{"audit_events", "conversation_events", "consent_events", "access_events", "approval_events"}

// What users change without an event in any of them, and why: by a form, or in a table.
var unaudited = map[string]string{
	"/account/availability":                "it is the person's own",
	"/account/preferences":                 "they are the person's own",
	"/contacts/columns":                    "they are the person's own",
	"/inbox/filters":                       "they are the person's own",
	"/conversations/:id/macro":             "the chat shows each message with its author",
	"/conversations/:id/notes":             "the chat shows each note with its author",
	"/conversations/:id/replies":           "the chat shows each message with its author",
	"/conversations/:id/scheduled-replies": "the chat shows each message with its author",
	"/conversations/:id/templates":         "the chat shows each message with its author",
	"/messages/:id/retry":                  "the chat shows each message with its author",
	"/notifications/:id/test":              "the chat shows each message with its author",
	"/sandbox/send":                        "the chat shows each message with its author",
	"/notifications/:id":                   "unchanged, it only gets a dry run; TestChangedNotification holds the rest",
	"/templates/autosave":                  "typing; a draft's beginning, saving and submission leave events",
	"alerts":                               "they are the person's own",
	"contact_selections":                   "they are the person's own",
	"drafts":                               "they are the person's own",
	"sessions":                             "they say how somebody is signed in",
}

var change = regexp.MustCompile(`(?i)\b(?:insert\s+into|update|delete\s+from)\s+"?([a-z_]+)"?`)

// changes collects the tables that the statements of one request change.
type changes struct {
	mu     sync.Mutex
	tables map[string]bool
}

func (c *changes) see(sql string, rows int64) {
	if rows == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range change.FindAllStringSubmatch(strings.ReplaceAll(sql, "DO UPDATE SET", ""), -1) {
		if unaudited[m[1]] == "" && !slices.Contains([]string{"of", "set", "skip"}, strings.ToLower(m[1])) {
			c.tables[m[1]] = true
		}
	}
}

type changesKey struct{}

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// audited serves the program, and holds for every form that a test sends that what it changes leaves an event in the
// audit log.
func (a *app) audited() http.Handler {
	table := map[string]web.Route{}
	for _, r := range routesOf(a) {
		table[r.Method+" "+r.Path] = r
	}
	modelstest.CaptureSQL(a.Store, func(ctx context.Context, read func() (string, int64)) {
		if seen, ok := ctx.Value(changesKey{}).(*changes); ok {
			seen.see(read())
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, ok := table[r.Method+" "+a.routeFor(r.Method, r.URL.Path)]
		if !ok || r.Method == http.MethodGet || route.Role == web.Public || unaudited[route.Path] != "" {
			a.Echo.ServeHTTP(w, r)
			return
		}
		seen, answered := &changes{tables: map[string]bool{}}, &statusWriter{ResponseWriter: w}
		a.Echo.ServeHTTP(answered, r.WithContext(context.WithValue(r.Context(), changesKey{}, seen)))
		seen.mu.Lock()
		defer seen.mu.Unlock()
		said := slices.ContainsFunc(histories, func(table string) bool { return seen.tables[table] })
		if len(seen.tables) > 0 && answered.status < 400 && !said {
			a.t.Errorf("%s changes %v without an event", route.Path, slices.Sorted(maps.Keys(seen.tables)))
		}
	})
}

// routeFor is the pattern of the route that answers a path, without its query.
func (a *app) routeFor(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	c := a.Echo.NewContext(nil, nil)
	a.Echo.Router().Find(method, path, c)
	return c.Path()
}

// A form's change without an event in the audit log is noticed.
func TestChangesAreSeen(t *testing.T) {
	c := &changes{tables: map[string]bool{}}
	c.see(`SELECT * FROM contacts FOR UPDATE SKIP LOCKED`, 1)
	c.see(`UPDATE "labels" SET "name" = 'x'`, 0)
	c.see(`INSERT INTO drafts (body) VALUES ('x') ON CONFLICT DO UPDATE SET body = 'x'`, 1)
	if len(c.tables) > 0 {
		t.Error(c.tables)
	}
	c.see(`WITH x AS (DELETE FROM tags RETURNING id) UPDATE "contacts" SET tags = '{}'`, 2)
	if got := slices.Sorted(maps.Keys(c.tables)); !slices.Equal(got, []string{"contacts", "tags"}) {
		t.Error(got)
	}
}
