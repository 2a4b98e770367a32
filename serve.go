package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"parley/handlers"
	"parley/services/assembly"
	"parley/services/config"
	"parley/services/messaging"
	"parley/simulator"
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

// server is the running program.
type server struct {
	*assembly.Services
	cfg      config.Config
	tune     tuning
	log      *slog.Logger
	db       *database
	listener net.Listener
	sim      *simulator.Simulator // nil with a real account
	http     *http.Server
	begun    time.Time
}

// serve runs the desk until ctx ends, and stops everything in order.
func serve(ctx context.Context, cfg config.Config, stdout io.Writer, tune tuning) (err error) {
	limitMemory(cfg)
	if err := cfg.MayServe(); err != nil {
		return err
	}
	s := &server{cfg: cfg, tune: tune, log: newLog(cfg.LogFormat), begun: time.Now()}
	slog.SetDefault(s.log)
	if s.listener, err = listen(ctx, &s.cfg); err != nil {
		return err
	}
	defer s.listener.Close() //nolint:errcheck // the server closes it first
	if s.db, err = openDatabase(ctx, s.cfg, false); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.close()) }()
	if _, err := s.db.migrate(ctx, true, stdout); err != nil {
		return err
	}
	if err := claimDatabase(ctx, s.cfg, s.db, s.log); err != nil {
		return err
	}
	if err := s.assemble(); err != nil {
		return err
	}
	defer s.stop()
	return s.run(ctx, stdout)
}

func limitMemory(cfg config.Config) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if cfg.MemoryLimit > 0 {
		debug.SetMemoryLimit(cfg.MemoryLimit)
	}
}

// assemble builds the services, and HTTP on them.
func (s *server) assemble() error {
	account, err := s.account()
	if err != nil {
		return err
	}
	key, err := sessionKey(s.cfg)
	if err != nil {
		return err
	}
	s.Services, err = assembly.New(assembly.Options{
		Config:   s.cfg,
		Account:  account,
		Pool:     s.db.pool,
		Log:      s.log,
		Dispatch: s.tune.dispatch,
		Every:    s.intervals(),
	})
	if err != nil {
		return err
	}
	o := handlers.Options{SessionKey: key, Development: s.cfg.Development, TrustedProxies: s.cfg.TrustedProxies}
	if s.sim != nil {
		o.Simulation = s.simulation()
	}
	e := handlers.New(s.Services, o)
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

// run serves until ctx ends.
func (s *server) run(ctx context.Context, stdout io.Writer) error {
	if err := s.Start(ctx); err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	password, err := s.populate(ctx)
	if err != nil {
		return err
	}
	if s.tune.seedOnly {
		return nil
	}
	if err := s.announce(ctx, stdout, password); err != nil {
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

// stop ends everything in order: streams, requests, dispatcher and jobs, the simulator.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s.Hub.Close()
	if err := s.http.Shutdown(ctx); err != nil {
		s.log.Warn("some requests were cut off", "error", err)
	}
	if err := s.Stop(ctx); err != nil {
		s.log.Warn("some jobs were cut off; they run again at the next start", "error", err)
	}
	if s.sim != nil {
		s.sim.Close()
	}
	if err := s.Close(); err != nil {
		s.log.Warn("close the media store", "error", err)
	}
}
