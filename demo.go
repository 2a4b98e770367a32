package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/services/demo"
	"parley/simulator"
)

// simulation is what pages say of the simulator.
func (s *server) simulation() web.Simulation {
	out := web.Simulation{URL: "/simulator", Announced: s.cfg.Simulator, OnlyLocal: !s.cfg.Simulator}
	if s.cfg.Demo && s.cfg.Local() {
		out.SignInHint = "This is a simulation. Sign in as " + demo.Email + " with " + demo.Password + "."
	}
	return out
}

// populate seeds the demo into an empty database, and sets its password to the one of this start, which it returns.
// With a real account it does nothing.
func (s *server) populate(ctx context.Context) (password string, err error) {
	if s.sim == nil {
		return "", nil
	}
	if password, err = demoPassword(s.cfg); err != nil {
		return "", err
	}
	users, err := accounts.Read(s.Store).Users(ctx)
	if err != nil {
		return "", err
	}
	if len(users) > 0 || !s.cfg.Demo {
		return password, s.Accounts.SetDemoPassword(ctx, models.System("Parley"), demoSource(), password)
	}
	d := &demo.Demo{
		Store:      s.Store,
		Accounts:   s.Accounts,
		People:     s.People,
		Messaging:  s.Messaging,
		Approvals:  s.Approvals,
		Onboarding: s.Onboarding,
		PhonesURL:  localURL(s.listener) + "/simulator",
	}
	if err := d.Users(ctx, password); err != nil {
		return "", err
	}
	if err := d.Senders(ctx, simulator.BusinessPhone, simulator.JoinWords); err != nil {
		return "", err
	}
	return password, d.Seed(ctx)
}

func (s *server) announce(ctx context.Context, w io.Writer, password string) error {
	users, err := accounts.Read(s.Store).Users(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n  Parley is ready at %s  (%.1f s)\n", s.cfg.PublicURL, time.Since(s.begun).Seconds())
	switch {
	case !slices.ContainsFunc(users, func(u accounts.User) bool { return u.Role == models.Admin && u.DisabledAt == nil }):
		fmt.Fprintf(
			&b,
			"  Sign in:  no admin can yet. Add an admin:  parley user add you@example.com --name \"Your Name\" --role admin\n",
		)
	case s.sim != nil && s.cfg.Demo:
		fmt.Fprintf(&b, "  Sign in:  %s  with  %s\n", demo.Email, password)
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
