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
