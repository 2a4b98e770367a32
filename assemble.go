package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"parley/handlers"
	"parley/models"
	"parley/models/privacy"
	"parley/services/accounts"
	"parley/services/approvals"
	"parley/services/config"
	"parley/services/contacts"
	"parley/services/demo"
	"parley/services/egress"
	"parley/services/health"
	"parley/services/importing"
	"parley/services/inbox"
	"parley/services/jobs"
	"parley/services/live"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/notifying"
	"parley/services/onboarding"
	"parley/services/senders"
	"parley/services/twilio"
	"parley/simulator"
	"parley/static"
)

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
			AccountSID: privacy.SimulatedAccount,
			Username:   privacy.SimulatedAccount,
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
		Inbox:     inbox.New(s.store),
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
			AccountSID:  privacy.SimulatedAccount,
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
