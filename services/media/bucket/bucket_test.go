package bucket

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"parley/services/media/bucket/buckettest"
)

const name = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// place is a bucket with a view of all that is in it, temporary files and unfinished uploads included.
type place struct {
	Bucket
	all func(*testing.T) []string
}

// realServer is the address of a bucket at a real S3 server, which make deep-s3 starts.
const realServer = "PARLEY_TEST_S3"

// eachPlace runs a test with a folder, with a bucket, and with one at a real server if there is one.
func eachPlace(t *testing.T, test func(*testing.T, place)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		dir := t.TempDir()
		b, err := Folder(dir)
		if err != nil {
			t.Fatal(err)
		}
		test(t, place{b, func(t *testing.T) []string { return namesIn(t, dir) }})
	})
	t.Run("bucket", func(t *testing.T) {
		test(t, s3Place(t, buckettest.Start(t)+"&prefix=of/"))
	})
	if at := os.Getenv(realServer); at != "" {
		t.Run("real server", func(t *testing.T) { test(t, s3Place(t, at+"&prefix="+url.QueryEscape(t.Name()+"/"))) })
	}
}

func s3Place(t *testing.T, address string) place {
	t.Helper()
	opened, err := S3(address)
	if err != nil {
		t.Fatal(err)
	}
	b := opened.(*s3)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return place{b, func(t *testing.T) []string {
		t.Helper()
		var all []string
		for o := range b.client.ListObjects(t.Context(), b.bucket, minio.ListObjectsOptions{Recursive: true}) {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			if n, ok := strings.CutPrefix(o.Key, b.prefix); ok {
				all = append(all, n)
			}
		}
		for o := range b.client.ListIncompleteUploads(t.Context(), b.bucket, "", true) {
			if minio.ToErrorResponse(o.Err).Code == "NoSuchUpload" { // gofakes3, as long as there never was one
				break
			}
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			if n, ok := strings.CutPrefix(o.Key, b.prefix); ok {
				all = append(all, "unfinished "+n)
			}
		}
		return all
	}}
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func bytesOf(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{})
	_, _ = r.Read(b) // never fails
	return b
}

// sizes are those at which what is sent in one request ends.
var sizes = []int{0, 1, 70_000, partSize - 1, partSize, partSize + 1, 2*partSize + 5}

// A file is stored under exactly the name that it was given, and is read as it was written.
func TestWrittenIsRead(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		for _, size := range sizes {
			want := bytesOf(size)
			// Without a ReadFrom or WriteTo that would give the whole at once.
			if err := p.Put(t.Context(), name, io.MultiReader(bytes.NewReader(want))); err != nil {
				t.Fatalf("%d bytes: %v", size, err)
			}
			if all := p.all(t); !slices.Equal(all, []string{name}) {
				t.Errorf("%d bytes: stored are %q", size, all)
			}
			r, err := p.Open(t.Context(), name)
			if err != nil {
				t.Fatalf("%d bytes: %v", size, err)
			}
			got, err := io.ReadAll(r)
			if err = errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: read %d, equal %v, %v", size, len(got), bytes.Equal(got, want), err)
			}
			if err := p.Delete(t.Context(), name); err != nil {
				t.Fatalf("%d bytes: %v", size, err)
			}
			if all := p.all(t); len(all) != 0 {
				t.Errorf("%d bytes: left are %q", size, all)
			}
		}
	})
}

func TestGoneIsNotFound(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		if r, err := p.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file that does not exist opens as %v, %v", r, err)
		}
		if err := p.Delete(t.Context(), name); err != nil {
			t.Errorf("a file that does not exist can't be deleted: %v", err)
		}
	})
}

// Browsers ask for parts of recordings and videos.
func TestPartsAreServed(t *testing.T) {
	content := bytesOf(partSize + 100)
	eachPlace(t, func(t *testing.T, p place) {
		if err := p.Put(t.Context(), name, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			file, err := p.Open(r.Context(), name)
			if err != nil {
				t.Error(err)
				return
			}
			w.Header().Set("Content-Type", "video/mp4")
			http.ServeContent(w, r, "", rounded, file)
			if err := file.Close(); err != nil {
				t.Error(err)
			}
		}))
		defer srv.Close()
		for ask, c := range map[string]struct {
			status, from, to int
		}{
			"":                  {200, 0, len(content)},
			"bytes=0-":          {206, 0, len(content)},
			"bytes=0-0":         {206, 0, 1},
			"bytes=100-199":     {206, 100, 200},
			"bytes=-7":          {206, len(content) - 7, len(content)},
			"bytes=8388600-":    {206, 8388600, len(content)},
			"bytes=99999999999": {416, 0, 0},
			"bytes=9999999999-": {416, 0, 0},
		} {
			req, err := http.NewRequest(http.MethodGet, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Range", ask)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			if err = errors.Join(err, res.Body.Close()); err != nil {
				t.Errorf("%q: %v", ask, err)
			}
			if res.StatusCode != c.status || c.status < 400 && !bytes.Equal(got, content[c.from:c.to]) {
				t.Errorf("%q: %d with %d bytes", ask, res.StatusCode, len(got))
			}
		}
	})
}
