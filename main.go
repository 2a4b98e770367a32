// Parley is a self-hosted web desk for businesses that talk to customers on WhatsApp through Twilio.
// This package is its command line; serve.go puts the parts together.
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
	_ "time/tzdata" // time zones, where the machine has none

	"parley/services/config"
)

// version is set at build time.
var version = "development"

const usage = `Parley is a web desk for businesses that talk to customers on WhatsApp through Twilio.

Usage: parley [command]

  serve      run the desk (the default)
  migrate    bring the database up to date, then stop; a private database is copied before, unless --without-copy is given
  user       add, list, disable users and set passwords: see parley user --help
  demo       fill an empty database with the demo
  consent    consent verify looks for tampered events in the ledger of consent
  version    say which version this is; --config shows the settings in force

Settings come from the environment and from a file .env in the working folder; README.md lists them.
`

// errUsage says that the words on the command line were not understood.
var errUsage = errors.New("see parley --help")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley: "+strings.ReplaceAll(err.Error(), "\n", "\nparley: "))
		os.Exit(1)
	}
}

// run is the whole program; tests call it.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdin io.Reader, stdout io.Writer) error {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "help", "-h", "--help":
		_, err := io.WriteString(stdout, usage)
		return err
	}
	if len(args) > 0 && (args[0] == "-h" || args[0] == "--help") {
		text := usage
		if command == "user" {
			text = userUsage
		}
		_, err := io.WriteString(stdout, text)
		return err
	}
	lookup, err := config.WithFile(env, ".env")
	if err != nil {
		return err
	}
	cfg, err := config.Load(lookup)
	if command == "version" {
		return showVersion(stdout, cfg, args)
	}
	if err != nil {
		return err
	}
	switch command {
	case "serve":
		return serve(ctx, cfg, stdout, tuning{})
	case "migrate":
		return migrateCommand(ctx, cfg, args, stdout)
	case "user":
		return userCommand(ctx, cfg, args, stdin, stdout)
	case "consent":
		return consentCommand(ctx, cfg, args, stdout)
	case "demo":
		return demoCommand(ctx, cfg, stdout)
	}
	return fmt.Errorf("there is no command %q: %w", command, errUsage)
}

func showVersion(w io.Writer, cfg config.Config, args []string) error {
	if _, err := fmt.Fprintln(w, "parley "+version); err != nil || len(args) == 0 || args[0] != "--config" {
		return err
	}
	_, err := fmt.Fprintf(
		w,
		"ADDR %s\nPUBLIC_URL %s\nDATABASE_URL %s\nDATA_DIR %s\nMEDIA_BUCKET %s\nTWILIO_ACCOUNT_SID %s\nTWILIO_AUTH_TOKEN %s\nTWILIO_API_KEY %s\nTWILIO_API_SECRET %s\nTWILIO_BASE_URL %s\nSESSION_SECRET %s\nTRUSTED_PROXIES %v\nMEMORY_LIMIT %d\nALLOW_PRIVATE_FETCH %v\nLOG_FORMAT %s\nDEMO %v\nSIMULATOR %v\n",
		cfg.Addr,
		cfg.PublicURL,
		cfg.DatabaseURL,
		cfg.DataDir,
		cfg.MediaBucket,
		cfg.AccountSID,
		cfg.AuthToken,
		cfg.APIKey,
		cfg.APISecret,
		cfg.TwilioBaseURL,
		cfg.SessionSecret,
		cfg.TrustedProxies,
		cfg.MemoryLimit,
		cfg.PrivateFetch,
		cfg.LogFormat,
		cfg.Demo,
		cfg.Simulator,
	)
	return err
}
