// Pgserver runs a command with a throw-away PostgreSQL server, for make test. With PARLEY_DURABLE set the server writes
// as durably as in production, for make bench.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"parley/models/modelstest"
	"parley/services/postgres"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return 2, fmt.Errorf("usage: pgserver command [argument ...]")
	}
	durable := os.Getenv("PARLEY_DURABLE") != ""
	parent := modelstest.TempDir()
	if durable {
		parent = os.TempDir()
	}
	dir, err := os.MkdirTemp(parent, "parley-pg-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system clears its temporary folder
	if err := os.Chmod(dir, 0o755); err != nil {
		return 1, err
	}
	server, err := postgres.StartPrivate(
		context.Background(),
		filepath.Join(dir, "pg"),
		postgres.Options{Throwaway: !durable},
	)
	if err != nil {
		return 1, err
	}
	cmd := exec.CommandContext(context.Background(), args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), modelstest.ServerVariable+"="+server.URL("postgres"))
	err = cmd.Run()
	if stopErr := server.Stop(); err == nil && stopErr != nil {
		return 1, stopErr
	}
	if cmd.ProcessState != nil {
		return cmd.ProcessState.ExitCode(), nil
	}
	return 1, err
}
