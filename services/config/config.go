// Package config reads the program's settings from the environment and an optional .env file.
// Only main imports it: every other package is handed the values that it needs.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
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
	PublicURL     string // what Twilio and people reach, without a trailing slash
	DatabaseURL   Secret // empty: a private PostgreSQL under DataDir
	DataDir       string
	MediaBucket   Secret // where files lie, s3://…; empty: in DataDir. It may hold credentials
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
	// MemoryLimit is from how many bytes on memory is collected more eagerly; 0 for no limit.
	MemoryLimit int64
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// PrivateFetch are private networks that media and websites may be fetched from.
	PrivateFetch []netip.Prefix
}

// Simulated reports whether the simulator stands in for Twilio: no Twilio credentials are set.
func (c Config) Simulated() bool { return c.AccountSID == "" }

// Local reports whether only this machine reaches the program: its address and PUBLIC_URL are loopback ones.
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
	var errs []error
	bad := func(name, format string, a ...any) {
		errs = append(errs, fmt.Errorf("%s %s", name, fmt.Sprintf(format, a...)))
	}
	get := func(name, fallback string) string {
		if v, ok := lookup(name); ok && strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v)
		}
		return fallback
	}
	flag := func(name string, fallback bool) bool {
		v := get(name, strconv.FormatBool(fallback))
		b, err := strconv.ParseBool(v)
		if err != nil {
			bad(name, "must be 0 or 1, not %q.", v)
		}
		return b
	}
	c := Config{
		Addr:          get("ADDR", "localhost:8080"),
		PublicURL:     strings.TrimRight(get("PUBLIC_URL", ""), "/"),
		DatabaseURL:   Secret(get("DATABASE_URL", "")),
		DataDir:       get("DATA_DIR", ".data"),
		MediaBucket:   Secret(get("MEDIA_BUCKET", "")),
		AccountSID:    get("TWILIO_ACCOUNT_SID", ""),
		AuthToken:     Secret(get("TWILIO_AUTH_TOKEN", "")),
		APIKey:        get("TWILIO_API_KEY", ""),
		APISecret:     Secret(get("TWILIO_API_SECRET", "")),
		TwilioBaseURL: strings.TrimRight(get("TWILIO_BASE_URL", ""), "/"),
		SessionSecret: Secret(get("SESSION_SECRET", "")),
		LogFormat:     get("LOG_FORMAT", "text"),
		Demo:          flag("DEMO", true),
		Simulator:     flag("SIMULATOR", false),
		Development:   flag("DEV", false),
	}

	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		bad("ADDR", "must be host:port, such as localhost:8080, not %q.", c.Addr)
	} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		bad("ADDR", "has a port that is not a number from 0 to 65535: %q.", port)
	}
	if c.PublicURL == "" {
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		c.PublicURL = "http://" + net.JoinHostPort(host, port)
	} else if !webURL(c.PublicURL) {
		bad("PUBLIC_URL", "must be an address that Twilio can reach, such as https://desk.example.com, not %q.", c.PublicURL)
	}
	if u := string(
		c.DatabaseURL,
	); u != "" && !strings.HasPrefix(u, "postgres://") && !strings.HasPrefix(u, "postgresql://") &&
		!strings.Contains(u, "=") {
		bad("DATABASE_URL", "must be a PostgreSQL address, such as postgres://user:password@host/name.")
	}
	if c.TwilioBaseURL != "" && !webURL(c.TwilioBaseURL) {
		bad("TWILIO_BASE_URL", "must be an http or https address, not %q.", c.TwilioBaseURL)
	}
	if s := string(c.SessionSecret); s != "" && len(s) < 32 {
		bad("SESSION_SECRET", "must have at least 32 characters; it has %d.", len(s))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		bad("LOG_FORMAT", "must be text or json, not %q.", c.LogFormat)
	}
	c.MemoryLimit = memory(get("MEMORY_LIMIT", ""), bad)
	c.TrustedProxies = prefixes("TRUSTED_PROXIES", get, bad)
	c.PrivateFetch = prefixes("ALLOW_PRIVATE_FETCH", get, bad)
	c.checkTwilio(bad)
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		bad("DATA_DIR", "is not a usable path: %v.", err)
	}
	return c, errors.Join(errs...)
}

// memory reads a size such as 512M or 2G, in bytes.
func memory(size string, bad func(name, format string, a ...any)) int64 {
	if size == "" {
		return 0
	}
	unit := map[string]int64{"M": 1 << 20, "G": 1 << 30}[size[len(size)-1:]]
	n, err := strconv.ParseInt(size[:len(size)-1], 10, 32)
	if err != nil || unit == 0 || n*unit < 64<<20 {
		bad("MEMORY_LIMIT", "must be a size of at least 64M, such as 512M or 2G, not %q.", size)
		return 0
	}
	return n * unit
}

// networks are words that stand for ranges of addresses.
var networks = map[string][]string{
	"loopback": {"127.0.0.0/8", "::1/128"},
	"private":  {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"},
}

// prefixes reads addresses and ranges, separated by commas.
func prefixes(
	name string,
	get func(name, fallback string) string,
	bad func(name, format string, a ...any),
) []netip.Prefix {
	var out []netip.Prefix
	for word := range strings.SplitSeq(get(name, ""), ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		ranges, ok := networks[word]
		if !ok {
			ranges = []string{word}
		}
		for _, r := range ranges {
			p, err := netip.ParsePrefix(r)
			if addr, e := netip.ParseAddr(r); err != nil && e == nil {
				p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
			}
			if err != nil {
				bad(
					name,
					"must list addresses such as 127.0.0.1, ranges such as 10.0.0.0/8, or the words loopback and private, not %q.",
					r,
				)
				continue
			}
			out = append(out, p.Masked())
		}
	}
	return out
}

func (c Config) checkTwilio(bad func(name, format string, a ...any)) {
	if c.Simulator && c.AccountSID != "" {
		bad("SIMULATOR", "can't be 1 while TWILIO_ACCOUNT_SID is set: with it, messages are really sent.")
	}
	switch {
	case c.AccountSID == "" && (c.AuthToken != "" || c.APIKey != "" || c.APISecret != ""):
		bad("TWILIO_ACCOUNT_SID", "is missing: the other Twilio settings are of no use without it.")
	case c.AccountSID == "" && c.TwilioBaseURL != "":
		bad("TWILIO_BASE_URL", "needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN too.")
	case c.AccountSID == "":
	case !accountSID.MatchString(c.AccountSID):
		bad("TWILIO_ACCOUNT_SID", "must be AC followed by 32 digits and letters a to f, not %q.", c.AccountSID)
	case len(c.AuthTokens()) == 0:
		bad("TWILIO_AUTH_TOKEN", "is missing: without it no webhook can be checked.")
	}
	if (c.APIKey == "") != (c.APISecret == "") {
		bad("TWILIO_API_KEY", "and TWILIO_API_SECRET must be set together.")
	}
}

func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" &&
		u.Fragment == ""
}

// WithFile returns a lookup that asks env first and then the .env file at path.
// A missing file is no error; a line that is not NAME=value is.
func WithFile(env func(string) (string, bool), path string) (func(string) (string, bool), error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return env, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	values := map[string]string{}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s, line %d: write NAME=value", path, n)
		}
		value = strings.TrimSpace(value)
		if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		values[strings.TrimSpace(name)] = value
	}
	return func(name string) (string, bool) {
		if v, ok := env(name); ok {
			return v, true
		}
		v, ok := values[name]
		return v, ok
	}, nil
}
