package config

import (
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

// Each wrong setting stops the start with one sentence that names it.
func TestWrongSettingIsNamed(t *testing.T) {
	sid := "AC" + strings.Repeat("0", 32)
	for name, e := range map[string][]string{
		"ADDR":               {"ADDR", "8080"},
		"ADDR has a port":    {"ADDR", "localhost:99999"},
		"PUBLIC_URL":         {"PUBLIC_URL", "desk.example.com"},
		"DATABASE_URL":       {"DATABASE_URL", "mysql"},
		"TWILIO_ACCOUNT_SID": {"TWILIO_ACCOUNT_SID", "AC123", "TWILIO_AUTH_TOKEN", "t"},
		"TWILIO_AUTH_TOKEN":  {"TWILIO_ACCOUNT_SID", sid},
		"TWILIO_API_KEY":     {"TWILIO_ACCOUNT_SID", sid, "TWILIO_AUTH_TOKEN", "t", "TWILIO_API_KEY", "SK1"},
		"TWILIO_BASE_URL":    {"TWILIO_BASE_URL", "http://localhost:1"},
		"SESSION_SECRET":     {"SESSION_SECRET", "short"},
		"LOG_FORMAT":         {"LOG_FORMAT", "xml"},
		"DEMO":               {"DEMO", "maybe"},
	} {
		_, err := Load(env(e...))
		if err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%v: error %v, want one that starts with %s", e, err, name)
		}
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
