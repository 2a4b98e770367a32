package bucket

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// aws stands in for everything of AWS that is asked for keys, and for a bucket that notes whose key a request has.
type aws struct {
	*httptest.Server
	key, token string // of the last request to the bucket
}

var credential = regexp.MustCompile(`Credential=([^/]+)/`)

func newAWS(t *testing.T) *aws {
	t.Helper()
	a := &aws{}
	until := time.Now().Add(time.Hour).UTC()
	keys := func(w http.ResponseWriter, id string) {
		err := json.NewEncoder(w).Encode(map[string]any{
			"Code":            "Success",
			"AccessKeyId":     id,
			"SecretAccessKey": "secret",
			"Token":           "token of " + id,
			"Expiration":      until,
		})
		if err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "imds")
	})
	const ofEC2 = "GET /latest/meta-data/iam/security-credentials/{role...}"
	mux.HandleFunc(ofEC2, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-aws-ec2-metadata-token") != "imds":
			w.WriteHeader(http.StatusUnauthorized)
		case r.PathValue("role") == "":
			_, _ = fmt.Fprint(w, "desk")
		default:
			keys(w, "EC2-"+r.PathValue("role"))
		}
	})
	mux.HandleFunc("GET /ecs", func(w http.ResponseWriter, r *http.Request) {
		keys(w, "ECS"+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer"))
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		by := "nobody"
		if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
			by = m[1]
		}
		action := r.FormValue("Action")
		if action == "AssumeRoleWithWebIdentity" {
			by = r.FormValue("WebIdentityToken")
		}
		_, _ = fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials>
			<AccessKeyId>%[2]s as %[3]s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
			<SessionToken>token</SessionToken><Expiration>%[4]s</Expiration></Credentials></%[1]sResult></%[1]sResponse>`,
			action, by, r.FormValue("RoleArn")[len("arn:aws:iam::1:role/"):], until.Format(time.RFC3339))
	})
	mux.HandleFunc("DELETE /files/{name}", func(w http.ResponseWriter, r *http.Request) {
		a.key = "anonymous"
		if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
			a.key = m[1]
		}
		a.token = r.Header.Get("X-Amz-Security-Token")
		w.WriteHeader(http.StatusNoContent)
	})
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

const configFile = `
[default]
region = eu-south-1
[profile team]
aws_access_key_id = CONFIG-TEAM
aws_secret_access_key = s
[profile desk]
role_arn = arn:aws:iam::1:role/desk
source_profile = keys
[profile onEC2]
role_arn = arn:aws:iam::1:role/desk
credential_source = Ec2InstanceMetadata
[profile fromEnv]
role_arn = arn:aws:iam::1:role/desk
credential_source = Environment
[profile self]
role_arn = arn:aws:iam::1:role/self
source_profile = self
aws_access_key_id = SELF
aws_secret_access_key = s
[profile circle]
role_arn = arn:aws:iam::1:role/a
source_profile = circle2
[profile circle2]
role_arn = arn:aws:iam::1:role/b
source_profile = circle
[profile sourceless]
role_arn = arn:aws:iam::1:role/c
[profile pod]
role_arn = arn:aws:iam::1:role/pod
web_identity_token_file = TOKENFILE
`

const credentialsFile = `
[default]
aws_access_key_id = FILE-DEFAULT
aws_secret_access_key = s
[keys]
aws_access_key_id = FILE-KEYS
aws_secret_access_key = s
aws_session_token = session
`

// Keys come from where AWS's tools find them, in their order.
func TestKeys(t *testing.T) {
	type env map[string]string
	keys := env{"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"}
	noEC2 := env{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "SERVER/nothing"}
	for name, c := range map[string]struct {
		files  bool
		env    env
		params string
		want   string // the key, or what the refusal says
	}{
		"environment": {true, keys, "", "ENV"},
		"environment, before a web identity": {true, env{"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s",
			"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKENFILE", "AWS_ROLE_ARN": "arn:aws:iam::1:role/web"}, "", "ENV"},
		"web identity, before the files": {true, env{"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKENFILE",
			"AWS_ROLE_ARN": "arn:aws:iam::1:role/web"}, "", "JWT as web"},
		"default profile":             {true, nil, "", "FILE-DEFAULT"},
		"profile of the environment":  {true, env{"AWS_PROFILE": "keys"}, "", "FILE-KEYS"},
		"profile in the config file":  {true, env{"AWS_PROFILE": "team"}, "", "CONFIG-TEAM"},
		"profile of the address":      {true, keys, "&profile=keys", "FILE-KEYS"},
		"profile with a role":         {true, nil, "&profile=desk", "FILE-KEYS as desk"},
		"profile with its own role":   {true, nil, "&profile=self", "SELF as self"},
		"profile with EC2's role":     {true, nil, "&profile=onEC2", "EC2-desk as desk"},
		"profile with a web identity": {true, nil, "&profile=pod", "JWT as pod"},
		"profile with keys of the environment": {true, keys,
			"&profile=fromEnv", "ENV as desk"},
		"role of the address":                {true, nil, "&role=arn:aws:iam::1:role/other", "FILE-DEFAULT as other"},
		"EC2":                                {false, nil, "", "EC2-desk"},
		"EC2, since the profile has no keys": {true, env{"AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}, "", "EC2-desk"},
		"ECS":                                {false, env{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "SERVER/ecs"}, "", "ECS"},
		"ECS with a token": {false, env{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "SERVER/ecs",
			"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer-7"}, "", "ECS-7"},
		"EKS": {false, env{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "SERVER/ecs",
			"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "TOKENFILE"}, "", "ECSJWT"},
		"anonymous": {true, nil, "&anonymous=true", "anonymous"},
		"nothing": {false, env{"AWS_EC2_METADATA_DISABLED": "true"}, "",
			"no keys for MEDIA_BUCKET were found\nenvironment: it has none\nprofile: "},
		"half a key": {false, env{"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "ENV"}, "",
			"environment: it has none"},
		"an unreadable identity": {false, env{"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": "arn:x"}, "",
			"web identity: open /nonexistent"},
		"profiles in a circle":  {true, noEC2, "&profile=circle", "in a circle"},
		"role without a source": {true, noEC2, "&profile=sourceless", "no source_profile"},
		"no such profile":       {true, noEC2, "&profile=gone", "section \"gone\" does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t)
			srv := newAWS(t)
			dir := t.TempDir()
			real := strings.NewReplacer("SERVER", srv.URL, "TOKENFILE", filepath.Join(dir, "token"))
			files := map[string]string{"token": "JWT"}
			if c.files {
				files["config"], files["credentials"] = configFile, credentialsFile
				t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
				t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
			}
			for file, content := range files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(real.Replace(content)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("AWS_ENDPOINT_URL_STS", srv.URL)
			t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", srv.URL)
			for k, v := range c.env {
				t.Setenv(k, real.Replace(v))
			}
			b, err := S3("s3://files?region=eu-central-1&endpoint=" + url.QueryEscape(srv.URL) + c.params)
			if err != nil {
				t.Fatal(err)
			}
			err = b.Delete(t.Context(), name)
			if srv.key == "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if srv.key != c.want || err != nil {
				t.Errorf("signed by %q, %v", srv.key, err)
			}
			assumed, machines := strings.Contains(c.want, " as "), strings.HasPrefix(c.want, "EC")
			if assumed && srv.token != "token" || machines && srv.token == "" {
				t.Errorf("the session's token is %q", srv.token)
			}
		})
	}
}

// The region is that of the profile if nothing else names one.
func TestRegionOfTheProfile(t *testing.T) {
	alone(t)
	file := filepath.Join(t.TempDir(), "config")
	const content = "[default]\nregion = eu-south-1\n[profile a]\nregion = eu-north-1\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	for in, want := range map[string]string{"s3://files": "eu-south-1", "s3://files?profile=a": "eu-north-1"} {
		if a, err := parse(in); err != nil || a.region != want {
			t.Errorf("%s: %+v, %v", in, a, err)
		}
	}
}
