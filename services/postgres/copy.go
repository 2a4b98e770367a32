package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Copy copies the files of a server that was stopped to a new folder, with their owners and rights. A copy is a
// complete database in the state in which the server stopped. It needs as much disk space as the data; without that,
// Copy fails before it writes anything.
func (p *Private) Copy(ctx context.Context, to string) error {
	size, err := sizeOf(p.data)
	if err != nil {
		return fmt.Errorf("measure the database: %w", err)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(to), &disk); err != nil {
		return fmt.Errorf("look for room for a copy of the database: %w", err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < size {
		return fmt.Errorf("a copy of the database needs %d MB in %s, where %d MB are free: make room, or back it up "+
			"elsewhere and run parley migrate --without-copy", size>>20, filepath.Dir(to), free>>20)
	}
	part := to + ".part"
	if err := os.RemoveAll(part); err != nil {
		return fmt.Errorf("clear %s: %w", part, err)
	}
	out, err := exec.CommandContext(ctx, "cp", "-a", p.data, part).CombinedOutput()
	if err != nil {
		return errors.Join(fmt.Errorf("copy the database: %w: %s", err, bytes.TrimSpace(out)), os.RemoveAll(part))
	}
	return os.Rename(part, to)
}

// sizeOf is how many bytes the files below a folder take.
func sizeOf(dir string) (size uint64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += uint64(info.Size())
		}
		return err
	})
	return size, err
}
