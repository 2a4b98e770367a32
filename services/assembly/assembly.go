// Package assembly puts all services together, for the program and for the tests.
package assembly

import (
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/models"
	accountservice "parley/services/accounts"
	"parley/services/approvals"
	"parley/services/config"
	"parley/services/egress"
	"parley/services/health"
	"parley/services/importing"
	inboxservice "parley/services/inbox"
	"parley/services/live"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/notifying"
	onboardingservice "parley/services/onboarding"
	peopleservice "parley/services/people"
	senderservice "parley/services/senders"
	"parley/services/twilio"
)

// Account is the account at Twilio that the services work with: a real one, or the simulator's.
type Account struct {
	twilio.Credentials
	Tokens  []string         // that webhooks may be signed with, one or more
	BaseURL string           // Twilio's own if empty
	Timeout time.Duration    // of a call; the client's own if 0
	Now     func() time.Time // the clock of sessions and schedules
}

// Intervals are how often something is looked at again. 0 leaves the service's own.
type Intervals struct {
	Poll        time.Duration // all templates and senders at Twilio
	HealthCheck time.Duration // whether sending and receiving work
	Rules       time.Duration // the inbox's time-based rules, and schedules
}

// Options are what services are built from.
type Options struct {
	Config   config.Config
	Account  Account
	Pool     *pgxpool.Pool
	Log      *slog.Logger
	Dispatch messaging.DispatchOptions // without Owner and PublicURL
	Every    Intervals
}

// Services are all services of the program, and what they share.
type Services struct {
	Store      *models.Store
	Twilio     *twilio.Client
	Media      *media.Files
	Hub        *live.Hub
	Accounts   *accountservice.Service
	Approvals  *approvals.Service
	People     *peopleservice.Service
	Dispatcher *messaging.Dispatcher
	Health     *health.Service
	Importing  *importing.Service
	Inbox      *inboxservice.Service
	Messaging  *messaging.Service
	Notifying  *notifying.Service
	Onboarding *onboardingservice.Service
	Senders    *senderservice.Service
	Log        *slog.Logger
	PublicURL  string   // the address that Twilio's signatures cover
	Tokens     []string // that webhooks may be signed with
	background background
}

// New builds the services. Start begins their work in the background, Close releases what they hold.
func New(o Options) (*Services, error) {
	s := &Services{
		Log:       o.Log,
		Hub:       live.NewHub(o.Log),
		PublicURL: o.Config.PublicURL,
		Tokens:    o.Account.Tokens,
	}
	var err error
	s.Twilio, err = twilio.New(o.Account.Credentials, twilio.Options{
		BaseURL: o.Account.BaseURL,
		Timeout: o.Account.Timeout,
		Egress:  egress.Guard{Allowed: o.Config.PrivateFetch},
	})
	if err != nil {
		return nil, err
	}
	if s.Store, err = models.Open(o.Pool, o.Account.Now); err != nil {
		return nil, err
	}
	where := media.Location{Dir: filepath.Join(o.Config.DataDir, "media"), Bucket: string(o.Config.MediaBucket)}
	if s.Media, err = media.Open(where, s.Store, s.Twilio); err != nil {
		return nil, err
	}
	s.build(o)
	if err := s.newBackground(o); err != nil {
		return nil, err
	}
	return s, nil
}

// build makes the services that need no more than the store, Twilio and files.
func (s *Services) build(o Options) {
	s.Accounts = accountservice.New(s.Store)
	s.Accounts.DemoUsers = o.Config.Simulated()
	s.People = peopleservice.New(s.Store, s.Media)
	s.Importing = importing.New(s.Store, s.Media, s.Log)
	s.Inbox = inboxservice.New(s.Store)
	s.Messaging = messaging.New(s.Store, s.Log)
	s.Notifying = notifying.New(s.Store, s.Log)
	s.Senders = senderservice.New(s.Store, s.Twilio, s.PublicURL, s.Log)
	s.Approvals = approvals.New(s.Store, s.Twilio, s.Messaging, approvals.Options{PublicURL: s.PublicURL, Log: s.Log})
	s.Onboarding = onboardingservice.New(s.Store, s.Media, onboardingservice.Options{
		AccountSID: o.Account.AccountSID,
		PublicURL:  s.PublicURL,
		Local:      o.Config.Simulated() && o.Config.Local(),
		Allowed:    o.Config.PrivateFetch,
		Log:        s.Log,
	})
	s.Health = health.New(s.Store, s.Twilio, health.Options{PublicURL: s.PublicURL, Token: s.Tokens[0], Log: s.Log})
	dispatch := o.Dispatch
	dispatch.Owner, dispatch.PublicURL = "parley-"+rand.Text()[:10], s.PublicURL
	s.Dispatcher = messaging.NewDispatcher(s.Store, s.Twilio, s.Log, dispatch)
	s.Hub.OnOutbox(s.Dispatcher.Wake())
}
