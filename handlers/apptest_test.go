package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/alexedwards/argon2id"
	"github.com/labstack/echo/v4"

	"parley/handlers"
	"parley/handlers/web"
	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	accountservice "parley/services/accounts"
	"parley/services/assembly"
	"parley/services/config"
	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

const (
	account  = "AC0123456789abcdef0123456789abcdef"
	token    = "token0for0tests0"
	password = "correct horse battery"
)

// app is the real program on httptest, with the simulator as its Twilio.
type app struct {
	*assembly.Services
	t        testing.TB
	URL      string
	Echo     *echo.Echo
	Sim      *simulator.Simulator
	built    assembly.Options // what Services was built from
	options  handlers.Options
	mediaDir string
}

// newApp starts everything. The simulator's clock is the program's.
func newApp(t testing.TB) *app {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	a := &app{t: t, URL: "http://" + srv.Listener.Addr().String()}
	cfg, log := config.Config{Addr: "localhost:0", PublicURL: a.URL, DataDir: t.TempDir()}, slog.New(slog.DiscardHandler)
	a.mediaDir = filepath.Join(cfg.DataDir, "media")
	var err error
	a.Sim, err = simulator.New(simulator.Options{
		AccountSID:  account,
		AuthToken:   token,
		WebhookBase: a.URL,
		Log:         log,
		ReviewDelay: 30 * time.Millisecond,
		StepDelay:   5 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := assembly.Options{Config: cfg, Pool: modelstest.Pool(t, modelstest.URL(t)), Log: log}
	o.Account = assembly.Account{
		Credentials: twilio.Credentials{AccountSID: account, Username: account, Password: token},
		Tokens:      []string{"another0token", token},
		BaseURL:     a.Sim.BaseURL(a.URL),
		Timeout:     3 * time.Second,
		Now:         a.Sim.Now,
	}
	hurry(t, &o)
	a.built = o
	if a.Services, err = assembly.New(o); err != nil {
		t.Fatal(err)
	}
	a.options = handlers.Options{
		SessionKey:  []byte(strings.Repeat("k", 32)),
		Simulation:  web.Simulation{URL: "/simulator"},
		Development: true,
	}
	a.Echo = handlers.New(a.Services, a.options)
	a.Sim.Register(a.Echo)
	srv.Config.Handler = a.audited()
	srv.Start()
	a.people()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.Hub.Close()
		a.Sim.Close()
		srv.Close()
		if err := errors.Join(a.Stop(context.Background()), a.Close()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// hurry shortens the polling intervals for tests. Benchmarks use the program's own.
func hurry(t testing.TB, o *assembly.Options) {
	if _, ok := t.(*testing.B); ok {
		return
	}
	o.Dispatch.Poll, o.Dispatch.LookupAfter = 20*time.Millisecond, 50*time.Millisecond
	o.Dispatch.LookupUntil = 400 * time.Millisecond
	o.Every = assembly.Intervals{
		Poll:        200 * time.Millisecond,
		HealthCheck: 500 * time.Millisecond,
		Rules:       200 * time.Millisecond,
	}
}

// The users are ada the admin, otto the operator, ana the agent; the Sandbox and a number of their own.
func (a *app) people() {
	a.t.Helper()
	for name, role := range map[string]models.Role{"ada": models.Admin, "otto": models.Operator, "ana": models.Agent} {
		a.exec(
			"INSERT INTO users (email, name, role, password_hash) VALUES ($1, $2, $3, $4)",
			name+"@example.com",
			name,
			role,
			quickHash(),
		)
	}
	for _, s := range []accountservice.Sender{{Name: "Sandbox", Phone: simulator.SandboxPhone, State: whatsapp.SenderOnline, JoinWords: simulator.JoinWords, Default: true}, {Name: "Clinic", Phone: simulator.BusinessPhone, State: whatsapp.SenderOnline}} {
		if err := a.Accounts.SaveSender(a.t.Context(), models.System("test"), s); err != nil {
			a.t.Fatal(err)
		}
	}
	if _, err := modelstest.PoolOf(a.Store).Exec(a.t.Context(), "UPDATE senders SET messages_per_second = 500"); err != nil {
		a.t.Fatal(err)
	}
}

// quickHash is a hash of the password with minimal cost: the tests sign in hundreds of times.
var quickHash = sync.OnceValue(func() string {
	hash, err := argon2id.CreateHash(
		password,
		&argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	)
	if err != nil {
		panic(err)
	}
	return hash
})

// visitor is an HTTP client that acts like a browser without scripts.
type visitor struct {
	app    *app
	client *http.Client
}

// as signs somebody in; "" is a stranger.
func (a *app) as(name string) *visitor {
	a.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	v := &visitor{
		app: a,
		client: &http.Client{
			Jar:           jar,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if name != "" {
		if r := v.post("/signin", url.Values{"email": {name + "@example.com"}, "password": {password}}); r.Status != http.StatusSeeOther {
			a.t.Fatalf("%s can't sign in: %d %s", name, r.Status, r.Text())
		}
	}
	return v
}

// answer is an HTTP response.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// Doc is the response parsed as HTML.
func (r answer) Doc() *goquery.Document {
	d, err := goquery.NewDocumentFromReader(strings.NewReader(r.Body))
	if err != nil {
		panic(err)
	}
	return d
}

// Text is the visible text.
func (r answer) Text() string { return strings.Join(strings.Fields(r.Doc().Find("body").Text()), " ") }

// Problem is the sentence beside a field.
func (r answer) Problem(field string) string {
	return strings.TrimSpace(r.Doc().Find(`[data-problem="` + field + `"]`).First().Text())
}

func (v *visitor) send(req *http.Request) answer {
	v.app.t.Helper()
	res, err := v.client.Do(req)
	if err != nil {
		v.app.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to the end
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.app.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

func (v *visitor) get(path string) answer {
	v.app.t.Helper()
	req, err := http.NewRequest(http.MethodGet, v.app.URL+path, nil)
	if err != nil {
		v.app.t.Fatal(err)
	}
	return v.send(req)
}

func (v *visitor) post(path string, form url.Values) answer {
	v.app.t.Helper()
	req, err := http.NewRequest(http.MethodPost, v.app.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.app.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(req)
}

// uploadFile posts a file with other fields.
func (v *visitor) uploadFile(path, name string, content []byte, pairs ...string) answer {
	v.app.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1])
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		v.app.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	req, err := http.NewRequest(http.MethodPost, v.app.URL+path, &b)
	if err != nil {
		v.app.t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return v.send(req)
}

// eventually waits until a condition is true.
func (a *app) eventually(what string, ok func() bool) {
	a.t.Helper()
	modelstest.Eventually(a.t, what, ok)
}

// joined is a customer who joined the Sandbox and wrote; it returns their conversation.
func (a *app) joined(phone, name, text string) *conversations.Conversation {
	a.t.Helper()
	a.Sim.AddCustomer(phone, name)
	a.Sim.Write(phone, simulator.SandboxPhone, simulator.Outgoing{Body: "join " + simulator.JoinWords})
	a.conversation(phone, 1)
	a.Sim.Write(phone, simulator.SandboxPhone, simulator.Outgoing{Body: text})
	return a.conversation(phone, 2)
}

// conversation waits until a person's conversation holds n messages.
func (a *app) conversation(phone string, n int) *conversations.Conversation {
	a.t.Helper()
	var c *conversations.Conversation
	a.eventually("a conversation with "+phone, func() bool {
		rows, _, err := inbox.Read(a.Store).
			Inbox(a.t.Context(), inbox.InboxFilter{View: inbox.ViewAll, Query: phone, Limit: 1})
		if err != nil || len(rows) == 0 {
			return false
		}
		list, err := conversations.Read(a.Store).Thread(a.t.Context(), rows[0].ID, 0, 100)
		if err != nil || len(list) < n {
			return false
		}
		c, err = conversations.Read(a.Store).ConversationByPublicID(a.t.Context(), rows[0].PublicID)
		return err == nil
	})
	return c
}

func (a *app) thread(c *conversations.Conversation) []conversations.Message {
	a.t.Helper()
	list, err := conversations.Read(a.Store).Thread(a.t.Context(), c.ID, 0, 500)
	if err != nil {
		a.t.Fatal(err)
	}
	return list
}
