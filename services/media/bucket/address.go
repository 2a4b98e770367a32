package bucket

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

// address is what the address of a bucket says.
type address struct {
	bucket   string
	endpoint *url.URL // of the server: scheme and host
	region   string   // empty: the server is asked
	prefix   string   // of the names of all files

	profile, role string
	anonymous     bool

	pathStyle             bool // the bucket's name is in the path, not in the host
	plainHTTP             bool // for the server of AWS
	accelerate, dualStack bool
	fips                  bool
	ssetype, kmskeyid     string
}

// parameters are those that the address may have. They are the ones that Go CDK's s3blob accepts, which read addresses
// in earlier versions, except for its key.
var parameters = map[string]func(*address, string) error{
	"region":           func(a *address, v string) error { a.region = v; return nil },
	"endpoint":         func(a *address, v string) (err error) { a.endpoint, err = endpoint(v); return err },
	"prefix":           func(a *address, v string) error { a.prefix = v; return plainPrefix(v) },
	"profile":          func(a *address, v string) error { a.profile = v; return nil },
	"role":             func(a *address, v string) error { a.role = v; return roleName(v) },
	"anonymous":        flag(func(a *address) *bool { return &a.anonymous }),
	"use_path_style":   flag(func(a *address) *bool { return &a.pathStyle }),
	"s3ForcePathStyle": flag(func(a *address) *bool { return &a.pathStyle }),
	// A host that may not be changed can't be given the bucket's name.
	"hostname_immutable": flag(func(a *address) *bool { return &a.pathStyle }),
	"disable_https":      flag(func(a *address) *bool { return &a.plainHTTP }),
	"accelerate":         flag(func(a *address) *bool { return &a.accelerate }),
	"dualstack":          flag(func(a *address) *bool { return &a.dualStack }),
	"fips":               flag(func(a *address) *bool { return &a.fips }),
	"ssetype":            func(a *address, v string) (err error) { a.ssetype, err = encryptionType(v); return err },
	"kmskeyid":           func(a *address, v string) error { a.kmskeyid = v; return nil },
	// These tuned the AWS SDK. Uploads carry a checksum that every server knows, and retries are few anyway.
	"awssdk":                       ignored,
	"rate_limiter_capacity":        ignored,
	"request_checksum_calculation": ignored,
	"response_checksum_validation": ignored,
}

func ignored(*address, string) error { return nil }

func flag(field func(*address) *bool) func(*address, string) error {
	return func(a *address, v string) error {
		on, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("“%s” is neither true nor false", v)
		}
		*field(a) = *field(a) || on
		return nil
	}
}

// bucketName is what S3 allows. Source: AWS, "General purpose bucket naming rules"; older buckets may have capitals and
// underscores.
var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$`)

func parse(location string) (*address, error) {
	u, err := url.Parse(location)
	switch {
	case err != nil: // the error would quote the address
		return nil, errors.New("this is not an address such as s3://bucket?region=eu-central-1")
	case u.Scheme != "s3":
		return nil, errors.New("the address must begin with s3://; leave it empty to keep files in DATA_DIR/media")
	case u.User != nil:
		return nil, errors.New("remove what stands before the @: keys come from the environment, as for AWS's tools")
	case !bucketName.MatchString(u.Host):
		return nil, fmt.Errorf("“%s” can't be the name of a bucket", u.Host)
	case strings.Trim(u.Path, "/") != "":
		return nil, fmt.Errorf(
			"remove “%s” after the bucket's name: earlier versions ignored it; prefix=… is for folders", u.Path,
		)
	}
	a := &address{bucket: u.Host}
	if err := a.read(u.RawQuery); err != nil {
		return nil, err
	}
	err = a.complete()
	return a, err
}

// read reads the parameters, and names all that are wrong.
func (a *address) read(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("what follows the ? can't be read: write it as name=value, with & between them")
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		set, known := parameters[name]
		value := values.Get(name)
		switch {
		case !known:
			problems = append(problems, fmt.Errorf("there is no parameter “%s”; there are %s", name, parameterNames()))
		case value != "":
			if err := set(a, value); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	return errors.Join(problems...)
}

func parameterNames() string {
	return strings.Join(slices.Sorted(maps.Keys(parameters)), ", ")
}

// complete fills in what the address left open from the environment and the profile, as the AWS SDK does.
func (a *address) complete() error {
	p, err := readProfile(a.profile)
	if err != nil {
		return err
	}
	a.region = cmp.Or(a.region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), p.region)
	if a.endpoint == nil {
		if v := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL")); v != "" {
			if a.endpoint, err = endpoint(v); err != nil {
				return fmt.Errorf("AWS_ENDPOINT_URL: %w", err)
			}
		}
	}
	if a.endpoint != nil {
		// Most servers other than AWS's ignore the region. Asking them for it is often not allowed.
		a.region = cmp.Or(a.region, "us-east-1")
		return nil
	}
	a.endpoint = &url.URL{Scheme: "https", Host: "s3.amazonaws.com"}
	if a.plainHTTP {
		a.endpoint.Scheme = "http"
	}
	if a.fips {
		if a.region == "" {
			return errors.New("fips=true needs a region")
		}
		a.endpoint.Host = "s3-fips." + a.region + ".amazonaws.com"
	}
	return nil
}

// lookup is how requests name the bucket: in the host, as AWS requires it, unless that can't work or isn't wanted.
func (a *address) lookup() minio.BucketLookupType {
	host := a.endpoint.Hostname()
	noSubdomains := net.ParseIP(host) != nil || !strings.Contains(host, ".")
	// No certificate covers a name with dots below the server's.
	noCertificate := strings.ContainsAny(a.bucket, "._") && a.endpoint.Scheme == "https"
	if a.pathStyle || noSubdomains || noCertificate {
		return minio.BucketLookupPath
	}
	return minio.BucketLookupDNS
}

// endpoint reads the address of a server.
func endpoint(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("write the server's address with https:// or http://")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, errors.New("the server's address can have only a name and a port after https://")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// plainPrefix refuses prefixes that earlier versions escaped in a form of their own: the files would not be found.
func plainPrefix(v string) error {
	control := strings.ContainsFunc(v, func(r rune) bool { return r < ' ' })
	if control || strings.Contains(v, "../") || strings.Contains(v, "__0x") {
		return errors.New("it can contain no control characters, no ../ and no __0x")
	}
	return nil
}

func roleName(v string) error {
	if !strings.HasPrefix(v, "arn:") {
		return errors.New("write the role’s ARN: it begins with arn")
	}
	return nil
}

func encryptionType(v string) (string, error) {
	for _, known := range []string{"AES256", "aws:kms", "aws:kms:dsse"} {
		if strings.EqualFold(v, known) {
			return known, nil
		}
	}
	return "", fmt.Errorf("“%s” is none of AES256, aws:kms and aws:kms:dsse", v)
}

// encryption is what uploads ask the server to encrypt with, nil for its default.
func (a *address) encryption() encrypt.ServerSide {
	if a.ssetype == "" && a.kmskeyid == "" {
		return nil
	}
	return encryption{a.ssetype, a.kmskeyid}
}

// encryption sets the headers as they are in the address: minio-go's own types don't know aws:kms:dsse.
type encryption struct{ kind, key string }

func (encryption) Type() encrypt.Type { return encrypt.KMS }

func (e encryption) Marshal(h http.Header) {
	if e.kind != "" {
		h.Set(encrypt.SseGenericHeader, e.kind)
	}
	if e.key != "" {
		h.Set(encrypt.SseKmsKeyID, e.key)
	}
}
