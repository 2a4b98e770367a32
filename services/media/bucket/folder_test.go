package bucket

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var rounded = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// A folder of an earlier version holds files by their names, and perhaps what Go CDK noted beside them.
func TestFolderOfEarlierVersions(t *testing.T) {
	dir := t.TempDir()
	for file, content := range map[string]string{
		name:            "kept",
		name + ".attrs": `{"user.content_type":"application/octet-stream"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.(*os.File); !ok {
		t.Errorf("it opens as %T, so it would be copied for the readers of files", r)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil || got.String() != "kept" {
		t.Errorf("read %q, %v", got.String(), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if left := namesIn(t, dir); len(left) != 0 {
		t.Errorf("left are %q", left)
	}
}

// The folder is private; its files may be read by whom umask allows, as always.
func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "media")
	b, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), name, bytes.NewReader([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	plain, err := os.OpenFile(filepath.Join(dir, "plain"), os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	modeOf := func(path string) os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if got := modeOf(dir); got != 0o700 {
		t.Errorf("the folder has mode %o", got)
	}
	if got, want := modeOf(filepath.Join(dir, name)), modeOf(filepath.Join(dir, "plain")); got != want {
		t.Errorf("a file has mode %o, not %o", got, want)
	}
}

func TestFolderIsNotLeft(t *testing.T) {
	dir := t.TempDir()
	b, err := Folder(filepath.Join(dir, "media"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", ".", "..", "../secret", "a/b", "/etc/passwd", filepath.Join(dir, "secret")} {
		if r, err := b.Open(t.Context(), bad); err == nil {
			t.Errorf("%q opens", bad)
			_ = r.Close()
		}
		if err := b.Put(t.Context(), bad, bytes.NewReader(nil)); err == nil {
			t.Errorf("%q is written", bad)
		}
		if err := b.Delete(t.Context(), bad); err == nil {
			t.Errorf("%q is deleted", bad)
		}
	}
	if got := namesIn(t, dir); len(got) != 2 {
		t.Errorf("left are %q", got)
	}
}
