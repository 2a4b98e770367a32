package media

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/models"
	"parley/services/media/bucket/buckettest"
)

// eachLocation runs a test with files in a folder and with files in a bucket.
func eachLocation(t *testing.T, test func(*testing.T, *Files)) {
	t.Helper()
	for name, at := range map[string]func(*testing.T) Location{
		"folder": func(t *testing.T) Location { return Location{Dir: filepath.Join(t.TempDir(), "media")} },
		"bucket": func(t *testing.T) Location { return Location{Bucket: buckettest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(at(t), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			test(t, f)
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A stored file is read as a stream and as a local file, until it is deleted.
func TestKeep(t *testing.T) {
	eachLocation(t, func(t *testing.T, f *Files) {
		for _, content := range []string{"", "short", strings.Repeat("long ", 4000)} {
			name, size, err := f.Keep(t.Context(), strings.NewReader(content), int64(len(content)))
			if err != nil || size != int64(len(content)) || !safeName.MatchString(name) {
				t.Fatalf("%d bytes: %q, %d, %v", len(content), name, size, err)
			}
			r, err := f.Read(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			local, err := f.Local(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			for what, file := range map[string]io.ReadSeekCloser{"stream": r, "local": local} {
				got, err := io.ReadAll(file)
				if err = errors.Join(err, file.Close()); err != nil || string(got) != content {
					t.Errorf("%s: %d bytes of %d, %v", what, len(got), len(content), err)
				}
			}
			if err := f.Delete(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			for what, open := range map[string]func() (io.Closer, error){
				"stream": func() (io.Closer, error) { return f.Read(t.Context(), name) },
				"local":  func() (io.Closer, error) { return f.Local(t.Context(), name) },
			} {
				if _, err := open(); models.KindOf(err) != models.KindNotFound {
					t.Errorf("%s of a deleted file: %v", what, err)
				}
			}
		}
	})
}

// A file of more bytes than allowed is refused, and nothing of it is kept.
func TestTooLarge(t *testing.T) {
	for _, limit := range []int64{1, headSize, 9 << 20} {
		dir := t.TempDir()
		f, err := Open(Location{Dir: dir}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		name, _, err := f.Keep(t.Context(), bytes.NewReader(make([]byte, limit+1)), limit)
		if !errors.Is(err, ErrTooLarge) || name != "" {
			t.Errorf("%d bytes too many: %q, %v", 1, name, err)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 0 {
			t.Errorf("left are %v, %v", left, err)
		}
	}
	f, err := Open(Location{Bucket: buckettest.Start(t)}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Keep(t.Context(), bytes.NewReader(make([]byte, 9<<20)), 8<<20+1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a bucket: %v", err)
	}
}

// The first bytes of a file decide what it is: they are all there, whatever pieces it comes in.
func TestHead(t *testing.T) {
	f, err := Open(Location{Dir: t.TempDir()}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.Repeat([]byte("0123456789"), 1000)
	for _, piece := range []int{1, 7, headSize, len(all)} {
		r := &pieces{all, piece}
		_, size, head, err := f.write(t.Context(), r, int64(len(all)))
		if err != nil || size != int64(len(all)) || !bytes.Equal(head, all[:headSize]) {
			t.Errorf("in pieces of %d: %d bytes, the first %d, %v", piece, size, len(head), err)
		}
	}
}

// pieces gives at most n bytes at a time.
type pieces struct {
	left []byte
	n    int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[:min(p.n, len(p.left))])
	p.left = p.left[n:]
	return n, nil
}
