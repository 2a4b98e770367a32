package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/services/demo"
	"parley/simulator"
)

// populate seeds the demo into an empty database, and sets its password to the one of this start.
func (s *server) populate(ctx context.Context) (err error) {
	if s.sim == nil {
		return nil
	}
	if s.demoPassword, err = demoPassword(s.cfg); err != nil {
		return err
	}
	users, err := accounts.Read(s.store).Users(ctx)
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
	users, err := accounts.Read(s.store).Users(ctx)
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
