package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/handlers"
	"parley/models"
	"parley/services/accounts"
	"parley/services/approvals"
	"parley/services/config"
	"parley/services/contacts"
	"parley/services/demo"
	"parley/services/egress"
	"parley/services/health"
	"parley/services/importing"
	"parley/services/jobs"
	"parley/services/live"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/notifying"
	"parley/services/onboarding"
	"parley/services/postgres"
	"parley/services/senders"
	"parley/services/twilio"
	"parley/simulator"
	"parley/static"
)

// collectAt is by how much, in percent, the heap may grow before it is collected. Its live data is about 10 MB while
// sending produces hundreds of MB of garbage a second: collecting four times less often costs 30 MB.
const collectAt = 400

// tuning are settings for tests only.
type tuning struct {
	dispatch    messaging.DispatchOptions
	twilioWait  time.Duration // time-out of a call
	reviewDelay time.Duration // of the simulator
	ready       func(program) // called when the server answers
	seedOnly    bool          // stop after the demo was seeded
	simulator   func(*simulator.Simulator)
}

// program has the addresses of a ready server.
type program struct{ URL, PhonesURL string }

// serve runs the desk until ctx ends, and stops everything in order.
func serve(ctx context.Context, cfg config.Config, stdout io.Writer, tune tuning) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if cfg.MemoryLimit > 0 {
		debug.SetMemoryLimit(cfg.MemoryLimit)
	}
	if err := cfg.MayServe(); err != nil {
		return err
	}
	begun := time.Now()
	log := newLog(cfg.LogFormat)
	slog.SetDefault(log)
	listener, err := listen(ctx, &cfg)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the server closes it first
	db, err := openDatabase(ctx, cfg, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if _, err := db.migrate(ctx, true, stdout); err != nil {
		return err
	}
	if err := claimDatabase(ctx, cfg, db, log); err != nil {
		return err
	}
	s := &server{
		cfg:      cfg,
		tune:     tune,
		log:      log,
		db:       db,
		listener: listener,
		hub:      live.NewHub(log),
		begun:    begun,
	}
	if err := s.assemble(ctx); err != nil {
		return err
	}
	defer s.stop()
	return s.run(ctx, stdout)
}

// listen opens the address. With port 0 the system picks one, which PUBLIC_URL then names.
func listen(ctx context.Context, cfg *config.Config) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf(
			"ADDR %s can't be listened on: stop the program that uses it, or set ADDR to another address (%w)",
			cfg.Addr,
			err,
		)
	}
	if rest, ok := strings.CutSuffix(cfg.PublicURL, ":0"); ok {
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return nil, err
		}
		cfg.PublicURL = rest + ":" + port
	}
	return l, nil
}

// localURL is how this machine reaches the server.
func localURL(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// server is the assembled program.
type server struct {
	cfg        config.Config
	tune       tuning
	log        *slog.Logger
	db         *database
	listener   net.Listener
	store      *models.Store
	files      *media.Files
	hub        *live.Hub
	dispatcher *messaging.Dispatcher
	notifying  *notifying.Service
	jobs       interface {
		Start(context.Context) error
		Stop(context.Context) error
	}
	sim          *simulator.Simulator
	http         *http.Server
	demo         *demo.Demo
	demoPassword string
	begun        time.Time
	work         sync.WaitGroup
	stopWork     context.CancelFunc
}

// account is the Twilio account that Parley uses: the simulator's or a real one.
type account struct {
	twilio.Credentials
	tokens  []string // check webhooks
	baseURL string
	now     func() time.Time
}

// account starts the simulator if it replaces Twilio.
func (s *server) account() (account, error) {
	a := account{
		Credentials: twilio.Credentials{AccountSID: s.cfg.AccountSID, Username: s.cfg.AccountSID},
		tokens:      s.cfg.AuthTokens(),
		baseURL:     s.cfg.TwilioBaseURL,
		now:         time.Now,
	}
	switch {
	case s.cfg.Simulated():
		token, err := keptSecret(s.cfg.DataDir, "simulator.token")
		if err != nil {
			return a, fmt.Errorf("the simulator's token: %w", err)
		}
		if err := s.startSimulator(token); err != nil {
			return a, err
		}
		a.now, a.baseURL, a.tokens = s.sim.Now, s.sim.BaseURL(localURL(s.listener)), []string{token}
		a.Credentials = twilio.Credentials{
			AccountSID: models.SimulatedAccount,
			Username:   models.SimulatedAccount,
			Password:   token,
		}
	case s.cfg.APIKey != "":
		a.Username, a.Password = s.cfg.APIKey, string(s.cfg.APISecret)
	default:
		a.Password = a.tokens[0]
	}
	return a, nil
}

// assemble puts the parts together.
func (s *server) assemble(ctx context.Context) error {
	account, err := s.account()
	if err != nil {
		return err
	}
	client, err := twilio.New(account.Credentials, twilio.Options{
		BaseURL: account.baseURL,
		Timeout: s.tune.twilioWait,
		Egress:  egress.Guard{Allowed: s.cfg.PrivateFetch},
	})
	if err != nil {
		return err
	}
	if s.store, err = models.Open(s.db.pool, account.now); err != nil {
		return err
	}
	where := media.Location{Dir: filepath.Join(s.cfg.DataDir, "media"), Bucket: string(s.cfg.MediaBucket)}
	if s.files, err = media.Open(ctx, where, s.store, client); err != nil {
		return err
	}
	dispatch := s.tune.dispatch
	dispatch.Owner, dispatch.PublicURL = "parley-"+rand.Text()[:10], s.cfg.PublicURL
	s.dispatcher = messaging.NewDispatcher(s.store, client, s.log, dispatch)
	s.hub.OnOutbox(s.dispatcher.Wake())
	d := s.services(client, account)
	if d.SessionKey, err = sessionKey(s.cfg); err != nil {
		return err
	}
	s.notifying = d.Notifying
	if err := s.newJobs(client, d); err != nil {
		return err
	}
	s.demo = &demo.Demo{
		Store:     s.store,
		Accounts:  d.Accounts,
		Contacts:  d.Contacts,
		Messaging: d.Messaging,
		Approvals: d.Approvals,
		Access:    d.Onboarding,
		PhonesURL: localURL(s.listener) + "/simulator",
	}
	e := handlers.New(d)
	if s.sim != nil {
		s.sim.Register(e)
	}
	s.http = &http.Server{
		Handler:           e,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      120 * time.Second,
		IdleTimeout:       120 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	return nil
}

// services are what the handlers work with.
func (s *server) services(client *twilio.Client, a account) handlers.Deps {
	messages := messaging.New(s.store, s.log)
	people := accounts.New(s.store)
	people.DemoUsers = s.cfg.Simulated()
	d := handlers.Deps{
		Store:     s.store,
		Accounts:  people,
		Messaging: messages,
		Approvals: approvals.New(s.store, client, messages, approvals.Options{PublicURL: s.cfg.PublicURL, Log: s.log}),
		Notifying: notifying.New(s.store, s.log),
		Contacts:  contacts.New(s.store, s.files),
		Importing: importing.New(s.store, s.files, s.log),
		Media:     s.files,
		Hub:       s.hub,
		Onboarding: onboarding.New(s.store, s.files, onboarding.Options{
			AccountSID: a.AccountSID,
			PublicURL:  s.cfg.PublicURL,
			Local:      s.cfg.Simulated() && s.cfg.Local(),
			Allowed:    s.cfg.PrivateFetch,
			Log:        s.log,
		}),
		Senders: senders.New(s.store, client, s.cfg.PublicURL, s.log),
		Health: health.New(
			s.store,
			client,
			health.Options{PublicURL: s.cfg.PublicURL, Token: a.tokens[0], Log: s.log},
		),
		Log:            s.log,
		PublicURL:      s.cfg.PublicURL,
		Tokens:         a.tokens,
		Development:    s.cfg.Development,
		Ready:          s.ready,
		TrustedProxies: s.cfg.TrustedProxies,
	}
	if s.sim != nil {
		d.SimulatorURL, d.Announced, d.OnlyLocal = "/simulator", s.cfg.Simulator, !s.cfg.Simulator
		if s.cfg.Demo && s.cfg.Local() {
			d.SignInHint = "This is a simulation. Sign in as " + demo.Email + " with " + demo.Password + "."
		}
	}
	return d
}

func (s *server) newJobs(client *twilio.Client, d handlers.Deps) (err error) {
	s.jobs, err = jobs.New(
		s.db.pool,
		jobs.Services{
			Store:            s.store,
			Twilio:           client,
			Messaging:        d.Messaging,
			Media:            s.files,
			Approvals:        d.Approvals,
			Contacts:         d.Contacts,
			Importing:        d.Importing,
			Onboarding:       d.Onboarding,
			Senders:          d.Senders,
			Notifying:        d.Notifying,
			Health:           d.Health,
			PollEvery:        s.watchEvery(),
			HealthCheckEvery: s.watchEvery(),
		},
		quiet(s.log),
	)
	return err
}

// watchEvery is how often all templates are polled: in the simulation often enough to be noticed.
func (s *server) watchEvery() time.Duration {
	if s.sim != nil {
		return 5 * time.Second
	}
	return 0
}

func (s *server) startSimulator(token string) (err error) {
	s.sim, err = simulator.New(
		simulator.Options{
			AccountSID:  models.SimulatedAccount,
			AuthToken:   token,
			WebhookBase: s.cfg.PublicURL,
			LocalBase:   localURL(s.listener),
			Pool:        s.db.pool,
			Log:         s.log,
			Account:     s.cfg.Demo,
			New:         !s.cfg.Demo,
			ReviewDelay: s.tune.reviewDelay,
			OnClock:     func() { s.hub.Publish(live.Resync) },
			Stylesheet:  static.URL("app.css"),
			Scripts:     []string{static.URL("app.js"), static.URL("htmx.min.js")},
		},
	)
	if err == nil && s.tune.simulator != nil {
		s.tune.simulator(s.sim)
	}
	return err
}

// run serves until ctx ends.
func (s *server) run(ctx context.Context, stdout io.Writer) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stopWork = stop
	s.work.Go(func() { s.hub.Run(work, s.db.pool) })
	s.work.Go(func() { s.dispatcher.Run(work) })
	s.work.Go(func() { s.notifying.Run(work) })
	if err := s.jobs.Start(work); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	if err := s.populate(ctx); err != nil {
		return err
	}
	if s.tune.seedOnly {
		return nil
	}
	if err := s.announce(ctx, stdout); err != nil {
		return err
	}
	if s.tune.ready != nil {
		s.tune.ready(program{URL: s.cfg.PublicURL, PhonesURL: s.cfg.PublicURL + "/simulator"})
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// populate seeds the demo into an empty database, and sets its password to the one of this start.
func (s *server) populate(ctx context.Context) (err error) {
	if s.sim == nil {
		return nil
	}
	if s.demoPassword, err = demoPassword(s.cfg); err != nil {
		return err
	}
	users, err := s.store.Users(ctx)
	if err != nil {
		return err
	}
	if len(users) > 0 || !s.cfg.Demo {
		return s.demo.Accounts.SetDemoPassword(ctx, models.System("Parley"), demoSource(), s.demoPassword)
	}
	if err := s.demo.Users(ctx, s.demoPassword); err != nil {
		return err
	}
	if err := s.demo.Senders(ctx, simulator.BusinessPhone, simulator.JoinWords); err != nil {
		return err
	}
	return s.demo.Seed(ctx)
}

func (s *server) announce(ctx context.Context, w io.Writer) error {
	users, err := s.store.Users(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n  Parley is ready at %s  (%.1f s)\n", s.cfg.PublicURL, time.Since(s.begun).Seconds())
	switch {
	case !slices.ContainsFunc(users, func(u models.User) bool { return u.Role == models.Admin && u.DisabledAt == nil }):
		fmt.Fprintf(
			&b,
			"  Sign in:  no admin can yet. Add an admin:  parley user add you@example.com --name \"Your Name\" --role admin\n",
		)
	case s.sim != nil && s.cfg.Demo:
		fmt.Fprintf(&b, "  Sign in:  %s  with  %s\n", demo.Email, s.demoPassword)
	}
	if s.sim != nil {
		fmt.Fprintf(
			&b,
			"  Phones:   %s/simulator  (Twilio is simulated: no credentials are set, nothing is really sent)\n",
			s.cfg.PublicURL,
		)
	}
	_, err = io.WriteString(w, b.String()+"\n")
	return err
}

// stop ends everything in order: streams, requests, dispatcher and jobs, the simulator.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s.hub.Close()
	if err := s.http.Shutdown(ctx); err != nil {
		s.log.Warn("some requests were cut off", "error", err)
	}
	if s.stopWork != nil {
		s.stopWork()
		s.work.Wait()
		if err := s.jobs.Stop(ctx); err != nil {
			s.log.Warn("some jobs were cut off; they run again at the next start", "error", err)
		}
	}
	if s.sim != nil {
		s.sim.Close()
	}
	if err := s.files.Close(); err != nil {
		s.log.Warn("close the media store", "error", err)
	}
}

// ready says whether the database answers, its migrations have run and the dispatcher works.
func (s *server) ready(ctx context.Context) error {
	ok, err := postgres.Migrated(ctx, s.db.pool)
	switch {
	case err != nil:
		return err
	case !ok:
		return errors.New("migrations are pending")
	case !s.dispatcher.Ready():
		return errors.New("the dispatcher has not seen the queue yet")
	}
	return nil
}

func newLog(format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

// quiet drops everything below warnings of a library's logs.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(&atLeast{Handler: log.Handler(), level: slog.LevelWarn})
}

type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h *atLeast) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// sessionKey is SESSION_SECRET, or one made at the first start and kept in the data folder.
func sessionKey(cfg config.Config) ([]byte, error) {
	if cfg.SessionSecret != "" {
		return []byte(cfg.SessionSecret), nil
	}
	key, err := keptSecret(cfg.DataDir, "session.key")
	if err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	if len(key) < 32 {
		return nil, fmt.Errorf("session key: %s is damaged: remove it (everybody signs in again) or set SESSION_SECRET",
			filepath.Join(cfg.DataDir, "session.key"))
	}
	return []byte(key), nil
}
