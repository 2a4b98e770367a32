package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

// partSize is how many bytes of a file are sent at once. Smaller files are sent in one request. A file that is being
// sent takes three times as much memory at most. S3 requires at least 5 MB.
const partSize = 8 << 20

// tries is how often a request is made while the server says that it is busy or can't be reached.
const tries = 4

type s3 struct {
	client    *minio.Client
	transport *http.Transport
	bucket    string
	prefix    string
	encrypted encrypt.ServerSide
}

// S3 opens a bucket by its address, such as s3://name?region=eu-central-1&endpoint=https://…; docs/running.md lists its
// parameters. The server is not called before the first file. Errors are sentences that quote nothing secret.
func S3(location string) (Bucket, error) {
	a, err := parse(location)
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(a.endpoint.Scheme == "https")
	if err != nil {
		return nil, err
	}
	client, err := minio.New(a.endpoint.Host, &minio.Options{
		Creds:        a.credentials(),
		Secure:       a.endpoint.Scheme == "https",
		Transport:    transport,
		Region:       a.region,
		BucketLookup: a.lookup(),
		MaxRetries:   tries,
	})
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	client.SetS3EnableDualstack(a.dualStack)
	if a.accelerate {
		client.SetS3TransferAccelerate("s3-accelerate.amazonaws.com")
	}
	return &s3{
		client:    client,
		transport: transport,
		bucket:    a.bucket,
		prefix:    a.prefix,
		encrypted: a.encryption(),
	}, nil
}

func (s *s3) Put(ctx context.Context, name string, r io.Reader) error {
	r = source{ctx, r}
	opt := minio.PutObjectOptions{
		ContentType:          "application/octet-stream",
		PartSize:             partSize,
		SendContentMd5:       true, // buckets with Object Lock require a checksum
		ServerSideEncryption: s.encrypted,
	}
	var first bytes.Buffer
	_, err := io.CopyN(&first, r, partSize)
	switch {
	case err == nil: // longer, or exactly as long: its size is known at its end
		_, err = s.client.PutObject(ctx, s.bucket, s.prefix+name, io.MultiReader(&first, r), -1, opt)
	case errors.Is(err, io.EOF):
		body := bytes.NewReader(first.Bytes())
		_, err = s.client.PutObject(ctx, s.bucket, s.prefix+name, body, body.Size(), opt)
	}
	return err
}

func (s *s3) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	o, err := s.client.GetObject(ctx, s.bucket, s.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	if _, err := o.Stat(); err != nil {
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			err = fs.ErrNotExist
		}
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

func (s *s3) Delete(ctx context.Context, name string) error {
	err := s.client.RemoveObject(ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{})
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey { // some servers say so, S3 does not
		return nil
	}
	return err
}

func (s *s3) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}
