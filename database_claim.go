package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"parley/models"
	"parley/models/privacy"
	accountservice "parley/services/accounts"
	"parley/services/config"
	"parley/services/demo"
)

// claimDatabase notes which account the database is used with, and refuses the simulator one that has known a real
// account. With a real one, whatever a simulation left behind is stopped, and its users can't sign in.
func claimDatabase(ctx context.Context, cfg config.Config, db *database, log *slog.Logger) error {
	store, err := models.Open(db.pool, time.Now)
	if err != nil {
		return err
	}
	sid := cfg.AccountSID
	if cfg.Simulated() {
		sid = privacy.SimulatedAccount
	}
	left, err := privacy.UseAccount(ctx, store, sid)
	if err != nil {
		return plain(err)
	}
	if left {
		log.Warn(
			"the database was filled by a simulation: what that would have sent is stopped, its senders and API keys are off",
		)
	}
	if cfg.Simulated() {
		return nil
	}
	return accountservice.New(store).CloseDemo(ctx, models.System("Parley"), demoSource())
}

func demoSource() accountservice.DemoSource {
	return accountservice.DemoSource{Emails: demo.Emails(), Password: demo.Password}
}

// demoPassword is the demo users' password: if others can reach the simulation, one that is not in the source code.
func demoPassword(cfg config.Config) (string, error) {
	if cfg.Local() {
		return demo.Password, nil
	}
	return keptSecret(cfg.DataDir, "demo.password")
}

// keptSecret is a random text that is generated once and stored in a file that only this user can read. Two programs
// that start at the same moment get the same one.
func keptSecret(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(b), err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	temp, err := os.CreateTemp(dir, "."+name+"-*") // with 0600
	if err != nil {
		return "", err
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // a copy has another name by then
	_, err = temp.WriteString(rand.Text() + rand.Text())
	if err := errors.Join(err, temp.Close()); err != nil {
		return "", err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	b, err = os.ReadFile(path)
	return string(b), err
}

// sessionKey is SESSION_SECRET, or one made at the first start and kept in the data folder.
func sessionKey(cfg config.Config) ([]byte, error) {
	if cfg.SessionSecret != "" {
		return []byte(cfg.SessionSecret), nil
	}
	key, err := keptSecret(cfg.DataDir, "session.key")
	if err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	if len(key) < 32 {
		return nil, fmt.Errorf("session key: %s is damaged: remove it (everybody signs in again) or set SESSION_SECRET",
			filepath.Join(cfg.DataDir, "session.key"))
	}
	return []byte(key), nil
}
