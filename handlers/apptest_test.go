package handlers_test

import (
	"bytes"
	"context"
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
	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/services/accounts"
	"parley/services/approvals"
	"parley/services/contacts"
	"parley/services/health"
	"parley/services/importing"
	inboxservice "parley/services/inbox"
	"parley/services/jobs"
	"parley/services/live"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/notifying"
	"parley/services/onboarding"
	"parley/services/senders"
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
	t          testing.TB
	URL        string
	Store      *models.Store
	Deps       handlers.Deps
	Echo       *echo.Echo
	Sim        *simulator.Simulator
	Dispatcher *messaging.Dispatcher
	mediaDir   string
}

// paces are the polling intervals: short in a test, the program's own in a benchmark.
type paces struct{ poll, doubt, settle, tick, watch, look time.Duration }

func pacesOf(t testing.TB) paces {
	if _, ok := t.(*testing.B); ok {
		return paces{}
	}
	return paces{
		poll:   20 * time.Millisecond,
		doubt:  50 * time.Millisecond,
		settle: 400 * time.Millisecond,
		tick:   200 * time.Millisecond,
		watch:  200 * time.Millisecond,
		look:   500 * time.Millisecond,
	}
}

// newApp starts everything. The simulator's clock is the program's.
func newApp(t testing.TB) *app {
	t.Helper()
	log, pace := slog.New(slog.NewTextHandler(io.Discard, nil)), pacesOf(t)
	srv := httptest.NewUnstartedServer(nil)
	base := "http://" + srv.Listener.Addr().String()
	sim, err := simulator.New(
		simulator.Options{
			AccountSID:  account,
			AuthToken:   token,
			WebhookBase: base,
			Log:         log,
			ReviewDelay: 30 * time.Millisecond,
			StepDelay:   5 * time.Millisecond,
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	pool := modelstest.Pool(t, modelstest.URL(t))
	store, err := models.Open(pool, sim.Now)
	if err != nil {
		t.Fatal(err)
	}
	client, err := twilio.New(
		twilio.Credentials{AccountSID: account, Username: account, Password: token},
		twilio.Options{BaseURL: sim.BaseURL(base), Timeout: 3 * time.Second},
	)
	if err != nil {
		t.Fatal(err)
	}
	mediaDir := filepath.Join(t.TempDir(), "media")
	files, err := media.Open(t.Context(), media.Location{Dir: mediaDir}, store, client)
	if err != nil {
		t.Fatal(err)
	}
	hub := live.NewHub(log)
	a := &app{t: t, URL: base, Store: store, Sim: sim, mediaDir: mediaDir}
	messages := messaging.New(store, log)
	a.Deps = handlers.Deps{
		Store:     store,
		Accounts:  accounts.New(store),
		Messaging: messages,
		Approvals: approvals.New(store, client, messages, approvals.Options{PublicURL: base, Log: log}),
		Notifying: notifying.New(store, log),
		Contacts:  contacts.New(store, files),
		Inbox:     inboxservice.New(store),
		Importing: importing.New(store, files, log),
		Media:     files,
		Hub:       hub,
		Log:       log,
		Onboarding: onboarding.New(store, files, onboarding.Options{
			AccountSID: account,
			PublicURL:  base,
			Local:      true,
			Log:        log,
		}),
		Senders:      senders.New(store, client, base, log),
		Health:       health.New(store, client, health.Options{PublicURL: base, Token: token, Log: log}),
		PublicURL:    base,
		Tokens:       []string{"another0token", token},
		SessionKey:   []byte(strings.Repeat("k", 32)),
		SimulatorURL: "/simulator",
		Development:  true,
		Ready:        func(context.Context) error { return nil },
	}
	a.Dispatcher = messaging.NewDispatcher(store, client, log, messaging.DispatchOptions{
		Owner:       "test",
		PublicURL:   base,
		Poll:        pace.poll,
		LookupAfter: pace.doubt,
		LookupUntil: pace.settle,
	})
	hub.OnOutbox(a.Dispatcher.Wake())
	work, err := jobs.New(pool, jobs.Services{
		Store:            store,
		Twilio:           client,
		Messaging:        messages,
		RulesEvery:       pace.tick,
		Media:            files,
		Approvals:        a.Deps.Approvals,
		Contacts:         a.Deps.Contacts,
		Importing:        a.Deps.Importing,
		Onboarding:       a.Deps.Onboarding,
		Senders:          a.Deps.Senders,
		Notifying:        a.Deps.Notifying,
		Health:           a.Deps.Health,
		PollEvery:        pace.watch,
		HealthCheckEvery: pace.look,
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	a.Echo = handlers.New(a.Deps)
	sim.Register(a.Echo)
	srv.Config.Handler = a.Echo
	srv.Start()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{}, 3)
	go func() { hub.Run(ctx, pool); done <- struct{}{} }()
	go func() { a.Dispatcher.Run(ctx); done <- struct{}{} }()
	go func() { a.Deps.Notifying.Run(ctx); done <- struct{}{} }()
	a.people()
	if err := work.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		hub.Close()
		sim.Close()
		srv.Close()
		if err := work.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		cancel()
		<-done
		<-done
		<-done
	})
	return a
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
	for _, s := range []accounts.Sender{{Name: "Sandbox", Phone: simulator.SandboxPhone, State: whatsapp.SenderOnline, JoinWords: simulator.JoinWords, Default: true}, {Name: "Clinic", Phone: simulator.BusinessPhone, State: whatsapp.SenderOnline}} {
		if err := a.Deps.Accounts.SaveSender(a.t.Context(), models.System("test"), s); err != nil {
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
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	a.t.Fatalf("never: %s", what)
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
