package bucket

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/minio/minio-go/v7/pkg/credentials"
	"gopkg.in/ini.v1"
)

// profile is what a profile in AWS's files says beside keys, which minio-go reads. Source: AWS, "Configuration and
// credential file settings".
type profile struct {
	region              string
	role                string // to assume with the keys of source
	source              string // another profile, or this one
	credentialSource    string // Environment, Ec2InstanceMetadata or EcsContainer
	externalID, session string
	identityFile        string
	keys                bool
}

// readProfile reads a profile, empty for the one that AWS_PROFILE names. One that does not exist says nothing.
func readProfile(name string) (profile, error) {
	name = cmp.Or(name, os.Getenv("AWS_PROFILE"), "default")
	home, _ := os.UserHomeDir() // without one, only files that the environment names
	config := cmp.Or(os.Getenv("AWS_CONFIG_FILE"), filepath.Join(home, ".aws", "config"))
	keys := cmp.Or(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), filepath.Join(home, ".aws", "credentials"))
	var p profile
	for _, at := range [][2]string{{config, name}, {config, "profile " + name}, {keys, name}} {
		file, err := ini.LooseLoad(at[0])
		if err != nil {
			return p, fmt.Errorf("read the profile %s: %w", name, err)
		}
		s, err := file.GetSection(at[1])
		if err != nil {
			continue
		}
		for key, field := range map[string]*string{
			"region":                  &p.region,
			"role_arn":                &p.role,
			"source_profile":          &p.source,
			"credential_source":       &p.credentialSource,
			"external_id":             &p.externalID,
			"role_session_name":       &p.session,
			"web_identity_token_file": &p.identityFile,
		} {
			*field = cmp.Or(s.Key(key).String(), *field)
		}
		p.keys = p.keys || s.HasKey("aws_access_key_id")
	}
	return p, nil
}

// deepest is how many profiles may refer to each other.
const deepest = 5

// fromProfile gets the keys that a profile has, or those of the role that it assumes.
func fromProfile(name, region string, depth int) credentials.Provider {
	p, err := readProfile(name)
	switch {
	case err != nil:
		return failing{err}
	case depth > deepest:
		return failing{errors.New("profiles refer to each other in a circle")}
	case p.role == "":
		return &credentials.FileAWSCredentials{Profile: name}
	case p.identityFile != "" && p.source == "":
		m := machineRole(region)
		m.EKSIdentity.TokenFile, m.EKSIdentity.RoleARN, m.EKSIdentity.RoleSessionName = p.identityFile, p.role, p.session
		m.Endpoint = os.Getenv("AWS_ENDPOINT_URL_STS")
		return m
	}
	r := &assumedRole{role: p, region: region}
	switch {
	case p.source != "" && p.source != name:
		r.base = fromProfile(p.source, region, depth+1)
	case p.source == name && p.keys:
		r.base = &credentials.FileAWSCredentials{Profile: name}
	case p.credentialSource == "Environment":
		r.base = &credentials.EnvAWS{}
	case p.credentialSource == "Ec2InstanceMetadata" || p.credentialSource == "EcsContainer":
		r.base = machineRole(region)
	default:
		return failing{fmt.Errorf("the profile %s has a role, but no source_profile and no credential_source", name)}
	}
	return r
}

// failing has no keys, and says why.
type failing struct{ err error }

func (f failing) RetrieveWithCredContext(*credentials.CredContext) (credentials.Value, error) {
	return credentials.Value{}, f.err
}

func (f failing) Retrieve() (credentials.Value, error) { return credentials.Value{}, f.err }

func (failing) IsExpired() bool { return true }
