package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"parley/models"
	"parley/models/accounts"
	"parley/models/people"
	accountservice "parley/services/accounts"
	"parley/services/config"
)

const userUsage = `Usage:

  parley user list
  parley user add EMAIL --name "Full Name" --role agent|operator|admin
  parley user passwd EMAIL
  parley user disable EMAIL
  parley user enable EMAIL

Passwords are asked for, or read from the first line of standard input. Parley may be running meanwhile.
`

func userCommand(ctx context.Context, cfg config.Config, args []string, t terminal) error {
	if len(args) == 0 {
		return fmt.Errorf("what about users? %w", errors.New("see parley user --help"))
	}
	db, err := openDatabase(ctx, cfg, true)
	if err != nil {
		return err
	}
	defer db.close() //nolint:errcheck // the command has already said what happened
	if _, err := db.migrate(ctx, true, t.out); err != nil {
		return err
	}
	store, err := models.Open(db.pool, time.Now)
	if err != nil {
		return err
	}
	c := &userCommands{store: store, accounts: accountservice.New(store), terminal: t}
	return plain(c.run(ctx, args[0], args[1:]))
}

type userCommands struct {
	store    *models.Store
	accounts *accountservice.Service
	terminal
}

var commandLine = models.System("command line")

func (c *userCommands) run(ctx context.Context, verb string, args []string) error {
	if verb == "list" {
		return c.list(ctx)
	}
	if len(args) == 0 {
		return errors.New("which user? Give the e-mail address; see parley user --help")
	}
	email, rest := args[0], args[1:]
	if verb == "add" {
		return c.add(ctx, email, rest)
	}
	u, err := accounts.Read(c.store).UserByEmail(ctx, email)
	if err != nil {
		return fmt.Errorf("there is no user %s", email)
	}
	switch verb {
	case "passwd":
		password, err := c.password()
		if err != nil {
			return err
		}
		return c.say(
			c.accounts.SetPassword(ctx, commandLine, u.PublicID, password),
			"The password of %s was changed, and their sessions were ended.\n",
			u.Email,
		)
	case "disable":
		return c.say(c.accounts.SetDisabled(ctx, commandLine, u.PublicID, true), "%s may not sign in any more.\n", u.Email)
	case "enable":
		return c.say(c.accounts.SetDisabled(ctx, commandLine, u.PublicID, false), "%s may sign in again.\n", u.Email)
	}
	return fmt.Errorf("there is no command user %q: see parley user --help", verb)
}

func (c *userCommands) list(ctx context.Context) error {
	users, err := accounts.Read(c.store).Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		state := ""
		if u.DisabledAt != nil {
			state = " (disabled)"
		}
		if _, err := fmt.Fprintf(c.out, "%-10s %-32s %s%s\n", u.Role, u.Email, u.Name, state); err != nil {
			return err
		}
	}
	return nil
}

func (c *userCommands) add(ctx context.Context, email string, args []string) error {
	flags := flag.NewFlagSet("user add", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	name := flags.String("name", "", "")
	role := flags.String("role", "agent", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errors.New("see parley user --help")
	}
	if *name == "" {
		*name, _, _ = strings.Cut(email, "@")
	}
	password, err := c.password()
	if err != nil {
		return err
	}
	_, err = c.accounts.Add(
		ctx,
		commandLine,
		accountservice.NewUser{Email: email, Name: *name, Role: models.Role(*role), Password: password},
	)
	return c.say(err, "%s was added as %s.\n", email, *role)
}

func (c *userCommands) say(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, format, args...)
	return err
}

// password asks at a terminal without showing it, else reads the first line.
func (c *userCommands) password() (string, error) {
	if f, ok := c.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if _, err := io.WriteString(c.out, "Password: "); err != nil {
			return "", err
		}
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.out) //nolint:errcheck // only a line break
		return string(b), err
	}
	text, err := bufio.NewReader(c.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(text, "\r\n"), nil
}

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
