// Package simulator stands in for Twilio and for the customers' phones while no Twilio credentials are set, and in
// tests. It speaks HTTP only, both ways: its REST API has Twilio's paths, shapes, errors and rules, and its webhooks
// are signed as Twilio signs them. What works against it runs through the same code as in production. Of Parley's
// packages it only imports whatsapp.
package simulator

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// SandboxPhone is the number of Twilio's Sandbox.
const SandboxPhone = "+14155238886"

// BusinessPhone is the number of its own that the simulated business has.
const BusinessPhone = "+15550100200"

// JoinWords join the simulated Sandbox: "join calm-harbor".
const JoinWords = "calm-harbor"

// Options for New. Zero values mean the defaults.
type Options struct {
	AccountSID  string
	AuthToken   string
	WebhookBase string        // where Twilio would reach Parley, without a trailing slash: what is signed
	LocalBase   string        // where this machine reaches Parley and the simulator; WebhookBase if empty
	MediaBase   string        // where Parley fetches media from the simulator; LocalBase if empty
	Path        string        // where the simulator's own pages are mounted, /simulator
	Pool        *pgxpool.Pool // keeps the state over restarts; nil: memory only
	Log         *slog.Logger
	ReviewDelay time.Duration // from submitting to the decision; 6 s
	StepDelay   time.Duration // between the steps of a message's way; 300 ms
	Account     bool          // the account has templates from before, to import
	New         bool          // the account is new: it has the Sandbox and no number of its own
	OnClock     func()        // called when the clock was moved
	Stylesheet  string        // addresses of what the phones' pages use
	Scripts     []string
}

// Simulator is the stand-in. All its methods may be called at the same time.
type Simulator struct {
	opt  Options
	http *http.Client
	work sync.WaitGroup
	ctx  context.Context
	stop context.CancelFunc

	mu     sync.Mutex
	state  state
	faults Faults
	gone   bool
	// the people that each sender reached by template outside of a session, and when; not stored
	reached map[string]map[string]time.Time
}

// New makes a simulator, with the state of its last run if there is one.
func New(opt Options) (*Simulator, error) {
	if opt.Path == "" {
		opt.Path = "/simulator"
	}
	if opt.ReviewDelay == 0 {
		opt.ReviewDelay = 6 * time.Second
	}
	if opt.StepDelay == 0 {
		opt.StepDelay = 300 * time.Millisecond
	}
	if opt.LocalBase == "" {
		opt.LocalBase = opt.WebhookBase
	}
	if opt.MediaBase == "" {
		opt.MediaBase = opt.LocalBase
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Simulator{
		opt:     opt,
		ctx:     ctx,
		stop:    stop,
		http:    &http.Client{Timeout: 15 * time.Second},
		state:   newState(),
		reached: map[string]map[string]time.Time{},
	}
	if opt.Pool != nil {
		if err := s.load(ctx); err != nil {
			stop()
			return nil, err
		}
	}
	s.seed()
	s.seedAccount()
	s.seedSender()
	s.resumeReviews()
	s.resumeSenders()
	s.resumeRequests()
	return s, nil
}

// Register mounts the REST API and the phones.
func (s *Simulator) Register(e *echo.Echo) {
	api := e.Group(s.opt.Path+"/twilio", middleware.BodyLimit("1M"), s.basicAuth)
	api.POST("/2010-04-01/Accounts/:account/Messages.json", s.createMessage)
	api.GET("/2010-04-01/Accounts/:account/Messages.json", s.listMessages)
	api.GET("/2010-04-01/Accounts/:account/Messages/:sid", s.fetchMessage)
	api.GET("/2010-04-01/Accounts/:account/Messages/:sid/Media/:media", s.fetchMedia)
	api.POST("/v2/Indicators/Typing.json", s.showTyping)
	api.POST("/v2/Channels/Senders", s.createSender)
	api.GET("/v2/Channels/Senders", s.listSenders)
	api.GET("/v2/Channels/Senders/:sid", s.fetchSender)
	api.POST("/v2/Channels/Senders/:sid", s.updateSender)
	api.DELETE("/v2/Channels/Senders/:sid", s.deleteSender)
	api.POST("/v1/Content", s.createContent)
	api.GET("/v1/Content", s.listContents(false))
	api.GET("/v1/ContentAndApprovals", s.listContents(true))
	api.GET("/v1/Content/:sid", s.fetchContent)
	api.DELETE("/v1/Content/:sid", s.deleteContent)
	api.POST("/v1/Content/:sid/ApprovalRequests/whatsapp", s.createApproval)
	api.GET("/v1/Content/:sid/ApprovalRequests", s.fetchApproval)

	// A phone sends files of 16 MB.
	e.POST(s.opt.Path+"/phones/:phone/messages", s.phoneSends, middleware.BodyLimit("17M"))
	ui := e.Group(s.opt.Path, middleware.BodyLimit("1M"))
	ui.GET("", s.showPhones)
	ui.POST("/phones", s.addPhone)
	ui.GET("/phones/:phone", s.showPhone)
	ui.GET("/phones/:phone/screen", s.showScreen)
	ui.POST("/phones/:phone/number", s.hidePhone)
	ui.GET("/phones/:phone/media/:media", s.showMedia)
	ui.POST("/clock", s.moveClock)
	ui.POST("/faults", s.setFaults)
	ui.GET("/templates", s.showContents)
	ui.POST("/templates/:sid", s.decideContent)
	ui.GET("/senders", s.showSenders)
	ui.POST("/senders/:sid", s.moveSender)
	ui.GET("/access", s.showRequests)
	ui.POST("/access", s.takeRequest)
	ui.POST("/access/:id", s.decideRequest)
}

// BaseURL is what TWILIO_BASE_URL would be for this simulator, mounted at host.
func (s *Simulator) BaseURL(host string) string { return host + s.opt.Path + "/twilio" }

// Close ends the background work. Deliveries under way are given up.
func (s *Simulator) Close() {
	s.stop()
	s.work.Wait()
}

// after runs fn in the background after d of real time, unless the simulator stops.
func (s *Simulator) after(d time.Duration, fn func()) {
	s.work.Go(func() {
		select {
		case <-s.ctx.Done():
		case <-time.After(d):
			fn()
		}
	})
}

// Now is the simulated time.
func (s *Simulator) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Simulator) now() time.Time { return time.Now().UTC().Add(s.state.Offset) }

// MoveClock moves the simulated time: sessions end and Sandbox memberships expire. It never goes back before the
// current time.
func (s *Simulator) MoveClock(by time.Duration) {
	s.mu.Lock()
	s.state.Offset = max(0, s.state.Offset+by)
	s.keep("clock", "clock", s.state.Offset)
	s.mu.Unlock()
	if s.opt.OnClock != nil {
		s.opt.OnClock()
	}
}
