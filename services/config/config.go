// Package config reads the program's settings from the environment and an optional .env file. Only main imports it:
// every other package gets the values that it needs as arguments.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"parley/services/loopback"
)

// Secret is a value that never shows itself in logs or prints.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "•••"
}

// MarshalText hides the value in slog and JSON as well.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Config is everything that can be set. The README's table says the same.
type Config struct {
	Addr          string // listen address, default localhost:8080
	PublicURL     string // the address for Twilio and people, without a trailing slash
	DatabaseURL   Secret // empty: a private PostgreSQL under DataDir
	DataDir       string
	MediaBucket   Secret // where files are stored, s3://…; empty: in DataDir. It may contain credentials
	AccountSID    string
	AuthToken     Secret // also checks webhooks; several tokens may be given, separated by commas
	APIKey        string
	APISecret     Secret
	TwilioBaseURL string
	SessionSecret Secret // empty: made and kept in DataDir
	LogFormat     string // text or json
	Demo          bool
	Simulator     bool // SIMULATOR=1: the simulator may run where others reach it
	Development   bool // DEV=1: /dev/gallery
	// MemoryLimit is the size in bytes above which garbage is collected more often; 0 for no limit.
	MemoryLimit int64
	// TrustedProxies are the addresses whose X-Forwarded-For is trusted.
	TrustedProxies []netip.Prefix
	// PrivateFetch are private networks that media and websites may be fetched from.
	PrivateFetch []netip.Prefix
}

// Simulated reports whether the simulator stands in for Twilio: no Twilio credentials are set.
func (c Config) Simulated() bool { return c.AccountSID == "" }

// Local reports whether only this machine can reach the program: its address and PUBLIC_URL are loopback ones.
func (c Config) Local() bool { return loopback.Host(c.Addr) && loopback.URL(c.PublicURL) }

// MayServe refuses to let others reach the simulator by accident. The error is one sentence that says what to set.
func (c Config) MayServe() error {
	if !c.Simulated() || c.Simulator || c.Local() {
		return nil
	}
	return fmt.Errorf(
		"no Twilio credentials are set, and others may reach Parley at %s (ADDR %s): set TWILIO_ACCOUNT_SID and "+
			"TWILIO_AUTH_TOKEN, or set SIMULATOR=1 to show everybody a simulation in which nothing is really sent",
		c.PublicURL,
		c.Addr,
	)
}

// AuthTokens are the tokens that webhooks may be signed with; the first one also signs calls.
func (c Config) AuthTokens() []string {
	var out []string
	for t := range strings.SplitSeq(string(c.AuthToken), ",") {
		if t = strings.TrimSpace(t); t != "" {
			out = append(out, t)
		}
	}
	return out
}

var accountSID = regexp.MustCompile(`^AC[0-9a-f]{32}$`)

// Load reads settings through lookup (os.LookupEnv in the program). It reports all wrong settings
// at once, each as one sentence that names the setting.
func Load(lookup func(string) (string, bool)) (Config, error) {
	r := &reader{lookup: lookup}
	c := Config{
		Addr:          r.text("ADDR", "localhost:8080"),
		PublicURL:     strings.TrimRight(r.text("PUBLIC_URL", ""), "/"),
		DatabaseURL:   Secret(r.text("DATABASE_URL", "")),
		DataDir:       r.text("DATA_DIR", ".data"),
		MediaBucket:   Secret(r.text("MEDIA_BUCKET", "")),
		AccountSID:    r.text("TWILIO_ACCOUNT_SID", ""),
		AuthToken:     Secret(r.text("TWILIO_AUTH_TOKEN", "")),
		APIKey:        r.text("TWILIO_API_KEY", ""),
		APISecret:     Secret(r.text("TWILIO_API_SECRET", "")),
		TwilioBaseURL: strings.TrimRight(r.text("TWILIO_BASE_URL", ""), "/"),
		SessionSecret: Secret(r.text("SESSION_SECRET", "")),
		LogFormat:     r.text("LOG_FORMAT", "text"),
		Demo:          r.flag("DEMO", true),
		Simulator:     r.flag("SIMULATOR", false),
		Development:   r.flag("DEV", false),
	}
	c.readAddresses(r)
	c.checkDatabase(r)
	if c.TwilioBaseURL != "" && !webURL(c.TwilioBaseURL) {
		r.bad("TWILIO_BASE_URL", "must be an http or https address, not %q.", c.TwilioBaseURL)
	}
	if s := string(c.SessionSecret); s != "" && len(s) < 32 {
		r.bad("SESSION_SECRET", "must have at least 32 characters; it has %d.", len(s))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		r.bad("LOG_FORMAT", "must be text or json, not %q.", c.LogFormat)
	}
	c.MemoryLimit = r.memory("MEMORY_LIMIT")
	c.TrustedProxies = r.prefixes("TRUSTED_PROXIES")
	c.PrivateFetch = r.prefixes("ALLOW_PRIVATE_FETCH")
	c.checkTwilio(r)
	var err error
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		r.bad("DATA_DIR", "is not a usable path: %v.", err)
	}
	return c, errors.Join(r.errs...)
}

// readAddresses checks the listen address, and derives the public URL from it if that is not set.
func (c *Config) readAddresses(r *reader) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		r.bad("ADDR", "must be host:port, such as localhost:8080, not %q.", c.Addr)
	} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		r.bad("ADDR", "has a port that is not a number from 0 to 65535: %q.", port)
	}
	if c.PublicURL == "" {
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		c.PublicURL = "http://" + net.JoinHostPort(host, port)
	} else if !webURL(c.PublicURL) {
		r.bad("PUBLIC_URL",
			"must be an address that Twilio can reach, such as https://desk.example.com, not %q.", c.PublicURL)
	}
}

// checkDatabase accepts a URL, or the keywords that PostgreSQL's own programs accept, such as host=….
func (c *Config) checkDatabase(r *reader) {
	database := string(c.DatabaseURL)
	isURL := strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
	if database != "" && !isURL && !strings.Contains(database, "=") {
		r.bad("DATABASE_URL", "must be a PostgreSQL address, such as postgres://user:password@host/name.")
	}
}

func (c *Config) checkTwilio(r *reader) {
	if c.Simulator && c.AccountSID != "" {
		r.bad("SIMULATOR", "can't be 1 while TWILIO_ACCOUNT_SID is set: with it, messages are really sent.")
	}
	switch {
	case c.AccountSID == "" && (c.AuthToken != "" || c.APIKey != "" || c.APISecret != ""):
		r.bad("TWILIO_ACCOUNT_SID", "is missing: the other Twilio settings are of no use without it.")
	case c.AccountSID == "" && c.TwilioBaseURL != "":
		r.bad("TWILIO_BASE_URL", "needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN too.")
	case c.AccountSID == "":
	case !accountSID.MatchString(c.AccountSID):
		r.bad("TWILIO_ACCOUNT_SID", "must be AC followed by 32 digits and letters a to f, not %q.", c.AccountSID)
	case len(c.AuthTokens()) == 0:
		r.bad("TWILIO_AUTH_TOKEN", "is missing: without it no webhook can be checked.")
	}
	if (c.APIKey == "") != (c.APISecret == "") {
		r.bad("TWILIO_API_KEY", "and TWILIO_API_SECRET must be set together.")
	}
}

func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" &&
		u.Fragment == ""
}
