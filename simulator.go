package main

import (
	"fmt"
	"time"

	"parley/models/privacy"
	"parley/services/assembly"
	"parley/services/live"
	"parley/services/twilio"
	"parley/simulator"
	"parley/static"
)

// account is the account at Twilio: a real one, or the simulator's, which it starts.
func (s *server) account() (assembly.Account, error) {
	if s.cfg.Simulated() {
		return s.simulate()
	}
	a := assembly.Account{
		Credentials: twilio.Credentials{AccountSID: s.cfg.AccountSID, Username: s.cfg.AccountSID},
		Tokens:      s.cfg.AuthTokens(),
		BaseURL:     s.cfg.TwilioBaseURL,
		Timeout:     s.tune.twilioWait,
		Now:         time.Now,
	}
	a.Password = a.Tokens[0]
	if s.cfg.APIKey != "" {
		a.Username, a.Password = s.cfg.APIKey, string(s.cfg.APISecret)
	}
	return a, nil
}

// simulate starts the simulator. Its clock is the program's.
func (s *server) simulate() (assembly.Account, error) {
	token, err := keptSecret(s.cfg.DataDir, "simulator.token")
	if err != nil {
		return assembly.Account{}, fmt.Errorf("the simulator's token: %w", err)
	}
	local := localURL(s.listener)
	s.sim, err = simulator.New(simulator.Options{
		AccountSID:  privacy.SimulatedAccount,
		AuthToken:   token,
		WebhookBase: s.cfg.PublicURL,
		LocalBase:   local,
		Pool:        s.db.pool,
		Log:         s.log,
		Account:     s.cfg.Demo,
		New:         !s.cfg.Demo,
		ReviewDelay: s.tune.reviewDelay,
		OnClock:     func() { s.Hub.Publish(live.Resync) },
		Stylesheet:  static.URL("app.css"),
		Scripts:     []string{static.URL("app.js"), static.URL("htmx.min.js")},
	})
	if err != nil {
		return assembly.Account{}, err
	}
	if s.tune.simulator != nil {
		s.tune.simulator(s.sim)
	}
	return assembly.Account{
		Credentials: twilio.Credentials{
			AccountSID: privacy.SimulatedAccount,
			Username:   privacy.SimulatedAccount,
			Password:   token,
		},
		Tokens:  []string{token},
		BaseURL: s.sim.BaseURL(local),
		Timeout: s.tune.twilioWait,
		Now:     s.sim.Now,
	}, nil
}

// intervals are how often Twilio is polled: in the simulation often enough to be noticed.
func (s *server) intervals() assembly.Intervals {
	if s.sim == nil {
		return assembly.Intervals{}
	}
	return assembly.Intervals{Poll: 5 * time.Second, HealthCheck: 5 * time.Second}
}
