package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// folder keeps each file under its name in one directory. A file is written under a temporary name that ends with .tmp
// and then renamed. Other programs may read and copy the files, as umask allows.
type folder struct{ dir string }

// Folder opens a directory, and makes it if it doesn't exist.
func Folder(dir string) (Bucket, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return folder{dir}, nil
}

// path refuses names that would leave the directory. Names are not escaped: files of earlier versions have the same
// names as those of today.
func (f folder) path(name string) (string, error) {
	if name == "." || !filepath.IsLocal(name) || filepath.Base(name) != name {
		return "", fmt.Errorf("%q can't be the name of a file", name)
	}
	return filepath.Join(f.dir, name), nil
}

func (f folder) Put(ctx context.Context, name string, r io.Reader) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	temp := fmt.Sprintf("%s.%x.tmp", path, time.Now().UnixNano())
	if err := write(temp, source{ctx, r}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := f.sync(); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// write makes a file whose content is on the disk when it returns; none if it fails.
func write(path string, r io.Reader) error {
	// 0666 less umask, unlike os.CreateTemp's 0600: backups may run as another user of the group.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if _, err = io.Copy(file, r); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// sync waits until the names in the directory are on the disk. Some file systems don't offer that, and need none.
func (f folder) sync() error {
	dir, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, dir.Close())
}

// Open returns an *os.File.
func (f folder) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	path, err := f.path(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f folder) Delete(_ context.Context, name string) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	// A folder that another program filled through Go CDK has what it knows about each file beside it.
	for _, p := range []string{path, path + ".attrs"} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (folder) Close() error { return nil }
