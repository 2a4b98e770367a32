package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"parley/services/config"
	"parley/services/live"
	"parley/services/messaging"
	"parley/services/postgres"
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
