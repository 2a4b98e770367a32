package postgres

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrInUse says that another Parley uses the data folder.
var ErrInUse = errors.New("another Parley uses the data folder")

// LockFolder locks the data folder for this process until it ends, also if it crashes. A second program on the same
// folder is refused with one sentence.
func LockFolder(dir string) (io.Closer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("DATA_DIR can't be used: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "parley.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR can't be used: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		b, _ := io.ReadAll(io.LimitReader(f, 32))
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &inUse{pid: strings.TrimSpace(string(b)), dir: dir}
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

type inUse struct{ pid, dir string }

func (e *inUse) Error() string {
	return fmt.Sprintf(
		"another Parley (process %s) already uses the data folder %s: stop it, or set DATA_DIR to another folder",
		e.pid,
		e.dir,
	)
}

func (e *inUse) Is(target error) bool { return target == ErrInUse }
