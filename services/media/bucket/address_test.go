package bucket

import (
	"net/http"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
)

// alone hides what the machine that runs the tests has set for AWS.
func alone(t *testing.T) {
	t.Helper()
	for _, v := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN",
		"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
		"AWS_EC2_METADATA_DISABLED", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	} {
		t.Setenv(v, "")
	}
	t.Setenv("HOME", t.TempDir())
}

func TestAddresses(t *testing.T) {
	alone(t)
	const fips = "s3-fips.us-east-2.amazonaws.com"
	const host, path = minio.BucketLookupDNS, minio.BucketLookupPath
	for in, want := range map[string]struct {
		endpoint, region string
		lookup           minio.BucketLookupType
	}{
		"s3://files":  {"https://s3.amazonaws.com", "", host},
		"s3://files/": {"https://s3.amazonaws.com", "", host},
		"s3://files?region=eu-central-1&awssdk=v2":                   {"https://s3.amazonaws.com", "eu-central-1", host},
		"s3://files?region=eu-central-1&endpoint=":                   {"https://s3.amazonaws.com", "eu-central-1", host},
		"s3://my.files?region=eu-central-1":                          {"https://s3.amazonaws.com", "eu-central-1", path},
		"s3://files?disable_https=true":                              {"http://s3.amazonaws.com", "", host},
		"s3://files?fips=true&region=us-east-2":                      {"https://" + fips, "us-east-2", host},
		"s3://files?endpoint=https://s3.example.com":                 {"https://s3.example.com", "us-east-1", host},
		"s3://files?endpoint=https://s3.example.com/":                {"https://s3.example.com", "us-east-1", host},
		"s3://files?endpoint=http://10.0.0.7:9000":                   {"http://10.0.0.7:9000", "us-east-1", path},
		"s3://files?endpoint=http://[::1]:9000":                      {"http://[::1]:9000", "us-east-1", path},
		"s3://files?endpoint=http://minio:9000":                      {"http://minio:9000", "us-east-1", path},
		"s3://files?endpoint=https%3A%2F%2Fs.test":                   {"https://s.test", "us-east-1", host},
		"s3://files?endpoint=https://s.test&s3ForcePathStyle=true":   {"https://s.test", "us-east-1", path},
		"s3://files?endpoint=https://s.test&use_path_style=1":        {"https://s.test", "us-east-1", path},
		"s3://files?endpoint=https://s.test&hostname_immutable=true": {"https://s.test", "us-east-1", path},
	} {
		a, err := parse(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if a.endpoint.String() != want.endpoint || a.region != want.region || a.lookup() != want.lookup {
			t.Errorf("%s: %s, region %q, lookup %d", in, a.endpoint, a.region, a.lookup())
		}
		if _, err := S3(in); err != nil {
			t.Errorf("%s can't be opened: %v", in, err)
		}
	}
}

// Each refusal says in a sentence what is wrong, and quotes no keys.
func TestAddressesRefused(t *testing.T) {
	alone(t)
	for in, want := range map[string]string{
		"files":                            "must begin with s3://",
		"gs://files":                       "must begin with s3://",
		"file:///srv/files":                "DATA_DIR/media",
		"s3://":                            "name of a bucket",
		"s3://a":                           "name of a bucket",
		"s3://KEY:hidden@files":            "keys come from the environment",
		"s3://KEY:hid%zz@files":            "not an address",
		"s3://files/folder":                "prefix=",
		"s3://files?regoin=eu-central-1":   "no parameter “regoin”; there are accelerate",
		"s3://files?key=one":               "no parameter “key”",
		"s3://files?secret=hidden":         "no parameter “secret”",
		"s3://files?use_path_style=often":  "use_path_style: “often” is neither true nor false",
		"s3://files?endpoint=minio:9000":   "with https:// or http://",
		"s3://files?endpoint=//minio":      "with https:// or http://",
		"s3://files?endpoint=http://m/v1":  "only a name and a port",
		"s3://files?endpoint=http://u@m":   "only a name and a port",
		"s3://files?prefix=a/../b/":        "prefix: it can contain no control characters",
		"s3://files?prefix=a%0Ab":          "prefix: it can contain no control characters",
		"s3://files?role=admin":            "it begins with arn",
		"s3://files?ssetype=rot13":         "none of AES256",
		"s3://files?fips=true":             "needs a region",
		"s3://files?region=%zz":            "can't be read",
		"s3://files?fips=x&accelerate=y&a": "accelerate: “y” is neither true nor false\nfips: “x”",
	} {
		b, err := S3(in)
		if err == nil {
			t.Errorf("%s is accepted as %v", in, b)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hid") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestAddressFromTheEnvironment(t *testing.T) {
	alone(t)
	t.Setenv("AWS_DEFAULT_REGION", "eu-west-3")
	t.Setenv("AWS_ENDPOINT_URL", "https://all.example.com")
	a, err := parse("s3://files")
	if err != nil || a.region != "eu-west-3" || a.endpoint.Host != "all.example.com" {
		t.Errorf("%+v, %v", a, err)
	}
	t.Setenv("AWS_REGION", "eu-west-2")
	t.Setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.com")
	if a, err = parse("s3://files"); err != nil || a.region != "eu-west-2" || a.endpoint.Host != "s3.example.com" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = parse("s3://files?region=sa-east-1&endpoint=http://m"); err != nil || a.region != "sa-east-1" ||
		a.endpoint.Host != "m" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestEncryptionHeaders(t *testing.T) {
	alone(t)
	for in, want := range map[string][2]string{
		"s3://files?ssetype=aes256":                         {"AES256", ""},
		"s3://files?ssetype=aws:kms&kmskeyid=arn:aws:kms:1": {"aws:kms", "arn:aws:kms:1"},
		"s3://files?ssetype=aws:kms:dsse":                   {"aws:kms:dsse", ""},
	} {
		a, err := parse(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		h := http.Header{}
		a.encryption().Marshal(h)
		if h.Get("X-Amz-Server-Side-Encryption") != want[0] ||
			h.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") != want[1] {
			t.Errorf("%s: %v", in, h)
		}
	}
	if a, err := parse("s3://files"); err != nil || a.encryption() != nil {
		t.Errorf("without the parameter: %v, %v", a.encryption(), err)
	}
}
