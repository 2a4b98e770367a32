package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parley/models"
	"parley/models/people"
	"parley/services/config"
)

// plain turns refusals into their sentences.
func plain(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range many.Unwrap() {
			out = append(out, plain(e))
		}
		return errors.Join(out...)
	}
	if e, ok := errors.AsType[*models.Error](err); ok {
		return errors.New(e.Message())
	}
	return err
}

// demoCommand seeds the demo and stops. A database with users is left alone.
func demoCommand(ctx context.Context, cfg config.Config, stdout io.Writer) error {
	if !cfg.Simulated() {
		return errors.New(
			"the demo needs the simulator, which can't be on while Twilio credentials are set: unset TWILIO_ACCOUNT_SID",
		)
	}
	db, err := openDatabase(ctx, cfg, false)
	if err != nil {
		return err
	}
	_, err = db.migrate(ctx, true, stdout)
	var n int
	if err == nil {
		err = db.pool.QueryRow(ctx, "SELECT count(*) FROM users").Scan(&n)
	}
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	if n > 0 {
		return errors.New("the database is not empty, so the demo was left out: set DATA_DIR or DATABASE_URL to an empty one")
	}
	cfg.Demo = true
	if err := serve(ctx, cfg, io.Discard, tuning{seedOnly: true}); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, "The demo is in the database. Start it with: parley serve")
	return err
}

// consentCommand checks the consent ledger. It fails if anything is wrong with it.
func consentCommand(ctx context.Context, cfg config.Config, args []string, stdout io.Writer) error {
	if len(args) != 1 || args[0] != "verify" {
		return fmt.Errorf("what about consent? parley consent verify: %w", errUsage)
	}
	db, err := openDatabase(ctx, cfg, true)
	if err != nil {
		return err
	}
	defer db.close() //nolint:errcheck // the command has already said what happened
	store, err := models.Open(db.pool, time.Now)
	if err != nil {
		return err
	}
	n, problems, err := people.Read(store).VerifyConsent(ctx)
	if err != nil {
		return plain(err)
	}
	for _, p := range problems {
		what := "contact " + p.ContactPublicID + ": " + p.What
		if p.EventID > 0 {
			what = fmt.Sprintf("contact %s, event %d: %s", p.ContactPublicID, p.EventID, p.What)
		}
		if _, err := fmt.Fprintln(stdout, what); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%d of %d events or contacts were tampered with: compare them with a backup", len(problems), n)
	}
	_, err = fmt.Fprintf(stdout, "%d consent events, every one as it was recorded.\n", n)
	return err
}
