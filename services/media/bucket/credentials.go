package bucket

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// roleWait is how long the server that gives out a machine's keys may take: on other machines nothing answers there.
const roleWait = 5 * time.Second

func (a *address) credentials() *credentials.Credentials {
	if a.anonymous {
		return credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
	}
	var p credentials.Provider = &chain{profile: a.profile, region: a.region}
	if a.role != "" {
		p = &assumedRole{base: p, role: profile{role: a.role}, region: a.region}
	}
	return credentials.New(p)
}

// chain takes the first keys that it finds in the order of the AWS SDK: the environment, a web identity (Kubernetes),
// the profile, the role of the container or of the machine. A profile that the address names comes before all. Other
// than minio-go's own chain it says what was wrong when there are none, and never goes on without keys.
type chain struct {
	profile, region string
	found           credentials.Provider
}

type origin struct {
	name string
	credentials.Provider
}

func (c *chain) origins() []origin {
	file := origin{"profile", fromProfile(cmp.Or(c.profile, os.Getenv("AWS_PROFILE"), "default"), c.region, 0)}
	machine := origin{"role of this machine", machineRole(c.region)}
	if c.profile != "" {
		return []origin{file, machine}
	}
	list := []origin{{"environment", &credentials.EnvAWS{}}}
	if os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "" {
		return append(list, origin{"web identity", machineRole(c.region)})
	}
	list = append(list, file)
	if os.Getenv("AWS_EC2_METADATA_DISABLED") == "true" && !inContainer() {
		return list
	}
	return append(list, machine)
}

// RetrieveWithCredContext finds keys.
func (c *chain) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	problems := []error{errors.New("no keys for MEDIA_BUCKET were found")}
	for _, o := range c.origins() {
		v, err := o.RetrieveWithCredContext(cc)
		if err == nil && v.AccessKeyID != "" && v.SecretAccessKey != "" {
			c.found = o
			return v, nil
		}
		problems = append(problems, fmt.Errorf("%s: %w", o.name, cmp.Or(err, errNoKeys)))
	}
	return credentials.Value{}, errors.Join(problems...)
}

var errNoKeys = errors.New("it has none")

// Retrieve is what minio-go calls without a context.
func (c *chain) Retrieve() (credentials.Value, error) { return c.RetrieveWithCredContext(nil) }

// IsExpired reports whether new keys are needed.
func (c *chain) IsExpired() bool { return c.found == nil || c.found.IsExpired() }

func inContainer() bool {
	return os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" ||
		os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != ""
}

// machineRole gets keys by a web identity, or from the server that container or machine have for that.
func machineRole(region string) *credentials.IAM {
	m := &credentials.IAM{Client: &http.Client{Timeout: roleWait}, Region: region}
	switch {
	case os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
		m.Endpoint = os.Getenv("AWS_ENDPOINT_URL_STS")
	case !inContainer():
		m.Endpoint = os.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT")
	}
	return m
}

// assumedRole exchanges the keys of base for those of a role.
type assumedRole struct {
	credentials.Expiry
	base   credentials.Provider
	role   profile
	region string
}

// RetrieveWithCredContext asks AWS's Security Token Service.
func (r *assumedRole) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	v, err := r.base.RetrieveWithCredContext(cc)
	if err != nil {
		return v, err
	}
	region := cmp.Or(r.region, r.role.region, "us-east-1")
	sts := credentials.STSAssumeRole{
		Client:      &http.Client{Timeout: time.Minute},
		STSEndpoint: cmp.Or(os.Getenv("AWS_ENDPOINT_URL_STS"), "https://sts."+region+".amazonaws.com"),
		Options: credentials.STSAssumeRoleOptions{
			AccessKey:       v.AccessKeyID,
			SecretKey:       v.SecretAccessKey,
			SessionToken:    v.SessionToken,
			Location:        region,
			RoleARN:         r.role.role,
			RoleSessionName: cmp.Or(r.role.session, os.Getenv("AWS_ROLE_SESSION_NAME"), "parley"),
			ExternalID:      r.role.externalID,
		},
	}
	if v, err = sts.RetrieveWithCredContext(cc); err != nil {
		return v, fmt.Errorf("assume %s: %w", r.role.role, err)
	}
	r.SetExpiration(v.Expiration, credentials.DefaultExpiryWindow)
	return v, nil
}

// Retrieve is what minio-go calls without a context.
func (r *assumedRole) Retrieve() (credentials.Value, error) { return r.RetrieveWithCredContext(nil) }
