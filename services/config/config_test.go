package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func env(kv ...string) func(string) (string, bool) {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return func(k string) (string, bool) { v, ok := m[k]; return v, ok }
}

func TestDefaults(t *testing.T) {
	c, err := Load(env())
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "localhost:8080" || c.PublicURL != "http://localhost:8080" || !c.Simulated() || !c.Demo || !filepath.IsAbs(c.DataDir) {
		t.Errorf("defaults: %+v", c)
	}
}

// Each invalid setting prevents the start, with one sentence that names it.
func TestWrongSettingIsNamed(t *testing.T) {
	sid := "AC" + strings.Repeat("0", 32)
	for name, e := range map[string][]string{
		"ADDR":                {"ADDR", "8080"},
		"ADDR has a port":     {"ADDR", "localhost:99999"},
		"PUBLIC_URL":          {"PUBLIC_URL", "desk.example.com"},
		"DATABASE_URL":        {"DATABASE_URL", "mysql"},
		"TWILIO_ACCOUNT_SID":  {"TWILIO_ACCOUNT_SID", "AC123", "TWILIO_AUTH_TOKEN", "t"},
		"TWILIO_AUTH_TOKEN":   {"TWILIO_ACCOUNT_SID", sid},
		"TWILIO_API_KEY":      {"TWILIO_ACCOUNT_SID", sid, "TWILIO_AUTH_TOKEN", "t", "TWILIO_API_KEY", "SK1"},
		"TWILIO_BASE_URL":     {"TWILIO_BASE_URL", "http://localhost:1"},
		"SESSION_SECRET":      {"SESSION_SECRET", "short"},
		"LOG_FORMAT":          {"LOG_FORMAT", "xml"},
		"DEMO":                {"DEMO", "maybe"},
		"TRUSTED_PROXIES":     {"TRUSTED_PROXIES", "127.0.0.1,nginx"},
		"ALLOW_PRIVATE_FETCH": {"ALLOW_PRIVATE_FETCH", "1"},
		"MEMORY_LIMIT":        {"MEMORY_LIMIT", "lots"},
	} {
		_, err := Load(env(e...))
		if err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%v: error %v, want one that starts with %s", e, err, name)
		}
	}
}

func TestTrustedProxiesAndMemory(t *testing.T) {
	c, err := Load(env("TRUSTED_PROXIES", "loopback, 10.1.2.3,192.0.2.7/24", "MEMORY_LIMIT", "512M"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.TrustedProxies); got != "[127.0.0.0/8 ::1/128 10.1.2.3/32 192.0.2.0/24]" || c.MemoryLimit != 512<<20 {
		t.Errorf("%s, %d", got, c.MemoryLimit)
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := Load(env("ADDR", "x", "LOG_FORMAT", "y"))
	if err == nil || !strings.Contains(err.Error(), "ADDR") || !strings.Contains(err.Error(), "LOG_FORMAT") {
		t.Error(err)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte("# a comment\nADDR=localhost:1\nexport LOG_FORMAT='json'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	look, err := WithFile(env("ADDR", "localhost:2"), path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(look)
	if err != nil || c.Addr != "localhost:2" || c.LogFormat != "json" {
		t.Errorf("%+v %v: the environment wins over the file", c, err)
	}
	if err := os.WriteFile(path, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := WithFile(env(), path); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Error(err)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	if s := Secret("hush").String(); strings.Contains(s, "hush") {
		t.Error(s)
	}
}

// The simulator starts if nobody else can reach it, or if it was explicitly enabled.
func TestMayServe(t *testing.T) {
	sid, token := "AC"+strings.Repeat("0a", 16), "t"
	for name, c := range map[string]struct {
		env  []string
		want bool
	}{
		"nothing is set":                      {nil, true},
		"a port of its own":                   {[]string{"ADDR", "127.0.0.1:0"}, true},
		"IPv6":                                {[]string{"ADDR", "[::1]:8080", "PUBLIC_URL", "http://[::1]:8080"}, true},
		"a name that ends in localhost":       {[]string{"PUBLIC_URL", "https://desk.localhost"}, true},
		"all interfaces":                      {[]string{"ADDR", ":8080"}, false},
		"all interfaces, by address":          {[]string{"ADDR", "0.0.0.0:8080"}, false},
		"all interfaces, loopback PUBLIC_URL": {[]string{"ADDR", "[::]:8080", "PUBLIC_URL", "http://localhost:8080"}, false},
		"an address of the network":           {[]string{"ADDR", "192.168.1.2:8080"}, false},
		"a public address":                    {[]string{"PUBLIC_URL", "https://desk.example.com"}, false},
		"a name like localhost":               {[]string{"PUBLIC_URL", "https://localhost.example.com"}, false},
		"a public address, asked for":         {[]string{"PUBLIC_URL", "https://desk.example.com", "SIMULATOR", "1"}, true},
		"all interfaces, asked for":           {[]string{"ADDR", ":8080", "SIMULATOR", "1"}, true},
		"with credentials":                    {[]string{"ADDR", ":80", "TWILIO_ACCOUNT_SID", sid, "TWILIO_AUTH_TOKEN", token}, true},
	} {
		cfg, err := Load(env(c.env...))
		if err != nil {
			t.Fatal(name, err)
		}
		err = cfg.MayServe()
		if (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "TWILIO_ACCOUNT_SID") || !strings.Contains(err.Error(), "SIMULATOR=1")) {
			t.Errorf("%s: the sentence does not say what to set: %v", name, err)
		}
	}
	if _, err := Load(env("SIMULATOR", "1", "TWILIO_ACCOUNT_SID", sid, "TWILIO_AUTH_TOKEN", token)); err == nil {
		t.Error("SIMULATOR=1 with credentials is taken")
	}
}
