// Parley is a self-hosted web desk for businesses that talk to customers on WhatsApp through Twilio.
// This package is its command line; services/assembly puts the parts together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones, if the machine has none

	"parley/services/config"
)

// version is set at build time.
var version = "development"

const usage = `Parley is a web desk for businesses that talk to customers on WhatsApp through Twilio.

Usage: parley [command]

  serve      run the desk (the default)
  migrate    bring the database up to date, then stop; --without-copy leaves out the copy of a private database
  user       add, list, disable users and set passwords: see parley user --help
  demo       fill an empty database with the demo
  consent    consent verify looks for tampered events in the ledger of consent
  version    say which version this is; --config shows the settings in force

Settings come from the environment and from a file .env in the working folder; README.md lists them.
`

// errUsage says that the command line was not understood.
var errUsage = errors.New("see parley --help")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.LookupEnv, terminal{in: os.Stdin, out: os.Stdout})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley: "+strings.ReplaceAll(err.Error(), "\n", "\nparley: "))
		os.Exit(1)
	}
}

// terminal is where the program reads passwords and writes its output.
type terminal struct {
	in  io.Reader
	out io.Writer
}

// run is the whole program; tests call it.
func run(ctx context.Context, args []string, env func(string) (string, bool), t terminal) error {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	if text := helpOf(command, args); text != "" {
		_, err := io.WriteString(t.out, text)
		return err
	}
	lookup, err := config.WithFile(env, ".env")
	if err != nil {
		return err
	}
	cfg, err := config.Load(lookup)
	if command == "version" {
		return showVersion(t.out, cfg, args)
	}
	if err != nil {
		return err
	}
	switch command {
	case "serve":
		return serve(ctx, cfg, t.out, tuning{})
	case "migrate":
		return migrateCommand(ctx, cfg, args, t.out)
	case "user":
		return userCommand(ctx, cfg, args, t)
	case "consent":
		return consentCommand(ctx, cfg, args, t.out)
	case "demo":
		return demoCommand(ctx, cfg, t.out)
	}
	return fmt.Errorf("there is no command %q: %w", command, errUsage)
}

// helpOf is the requested help, empty if none is.
func helpOf(command string, args []string) string {
	switch command {
	case "help", "-h", "--help":
		return usage
	}
	switch {
	case len(args) == 0 || args[0] != "-h" && args[0] != "--help":
		return ""
	case command == "user":
		return userUsage
	}
	return usage
}

func showVersion(w io.Writer, cfg config.Config, args []string) error {
	if _, err := fmt.Fprintln(w, "parley "+version); err != nil || len(args) == 0 || args[0] != "--config" {
		return err
	}
	for _, setting := range []struct {
		name  string
		value any
	}{
		{"ADDR", cfg.Addr},
		{"PUBLIC_URL", cfg.PublicURL},
		{"DATABASE_URL", cfg.DatabaseURL},
		{"DATA_DIR", cfg.DataDir},
		{"MEDIA_BUCKET", cfg.MediaBucket},
		{"TWILIO_ACCOUNT_SID", cfg.AccountSID},
		{"TWILIO_AUTH_TOKEN", cfg.AuthToken},
		{"TWILIO_API_KEY", cfg.APIKey},
		{"TWILIO_API_SECRET", cfg.APISecret},
		{"TWILIO_BASE_URL", cfg.TwilioBaseURL},
		{"SESSION_SECRET", cfg.SessionSecret},
		{"TRUSTED_PROXIES", cfg.TrustedProxies},
		{"MEMORY_LIMIT", cfg.MemoryLimit},
		{"ALLOW_PRIVATE_FETCH", cfg.PrivateFetch},
		{"LOG_FORMAT", cfg.LogFormat},
		{"DEMO", cfg.Demo},
		{"SIMULATOR", cfg.Simulator},
	} {
		if _, err := fmt.Fprintf(w, "%s %v\n", setting.name, setting.value); err != nil {
			return err
		}
	}
	return nil
}
