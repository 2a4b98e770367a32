package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Private is a PostgreSQL server of the program's own. It listens on a unix socket only, ends with the program (the
// kernel interrupts it when the program is killed), and recovers at the next start.
type Private struct {
	bin, data, socket string
	creds             *syscall.Credential
	caps              []uintptr
	cmd               *exec.Cmd
	exited            chan struct{}
}

// Options for StartPrivate.
type Options struct {
	// Throwaway trades safety for speed: no fsync. For tests only.
	Throwaway bool
}

// capDACReadSearch lets the server's user reach a data folder below one that only root may enter.
const capDACReadSearch = 2

// StartPrivate starts the server whose files live in dir, creating them the first time.
// It waits until the server accepts connections. Run as root, the server runs as user postgres or nobody.
func StartPrivate(ctx context.Context, dir string, opt Options) (*Private, error) {
	p := &Private{data: filepath.Join(dir, "data"), socket: socketDir(dir), exited: make(chan struct{})}
	var err error
	if p.bin, err = programs(ctx, p.data); err != nil {
		return nil, err
	}
	if err := p.chooseUser(dir); err != nil {
		return nil, err
	}
	for _, d := range []string{dir, p.socket} {
		if err := p.ownFolder(d); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(filepath.Join(p.data, "PG_VERSION")); errors.Is(err, fs.ErrNotExist) {
		if err := p.initialise(ctx); err != nil {
			return nil, err
		}
	}
	if err := p.start(ctx, filepath.Join(dir, "log"), opt); err != nil {
		return nil, err
	}
	return p, nil
}

// URL is the address of a database on the server.
func (p *Private) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s&port=5432", database, p.socket)
}

// RunningURL is the address of a database on the server that another process runs in dir.
func RunningURL(dir, database string) string {
	return (&Private{socket: socketDir(dir)}).URL(database)
}

// Stop ends the server cleanly. Open connections are closed first.
func (p *Private) Stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.exited
		return errors.New("PostgreSQL did not stop within 20 seconds and was told to quit")
	}
}

// programs finds the folder with initdb and postgres: the version that made the data, else the newest.
func programs(ctx context.Context, data string) (string, error) {
	want := ""
	if b, err := os.ReadFile(filepath.Join(data, "PG_VERSION")); err == nil {
		want = strings.TrimSpace(string(b))
	}
	var dirs []string
	if found, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	globbed, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(globbed, func(a, b string) int { return majorOf(b) - majorOf(a) })
	dirs = append(append(dirs, globbed...), "/usr/local/pgsql/bin", "/opt/homebrew/bin")
	for _, d := range dirs {
		if !executable(filepath.Join(d, "initdb")) || !executable(filepath.Join(d, "postgres")) {
			continue
		}
		if want == "" || strconv.Itoa(versionOf(ctx, d)) == want {
			return d, nil
		}
	}
	if want != "" {
		return "", fmt.Errorf(
			"the data folder was made by PostgreSQL %s, which is not installed: install the package postgresql-%s, or set "+
				"DATABASE_URL",
			want,
			want,
		)
	}
	return "", errors.New(
		"PostgreSQL's programs (initdb, postgres) were not found: install the package postgresql, or set DATABASE_URL to a " +
			"running server",
	)
}

func majorOf(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

func versionOf(ctx context.Context, bin string) int {
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(out))
	if len(fields) < 3 {
		return 0
	}
	major, _, _ := strings.Cut(fields[2], ".")
	n, _ := strconv.Atoi(major)
	return n
}

func executable(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir() && st.Mode()&0o111 != 0
}

// socketDir is where the socket lives: under dir, or in the temporary folder where that path would be
// too long for a unix socket (107 bytes).
func socketDir(dir string) string {
	s := filepath.Join(dir, "socket")
	if len(s)+len("/.s.PGSQL.5432.lock") < 100 {
		return s
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(dir))
	return filepath.Join(os.TempDir(), fmt.Sprintf("parley-%x", h.Sum64()))
}

// chooseUser picks the user that the server runs as. PostgreSQL refuses to run as root.
func (p *Private) chooseUser(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("read user %s: %w", name, err)
		}
		p.creds = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if !enterable(dir) {
			p.caps = []uintptr{capDACReadSearch}
		}
		return nil
	}
	return errors.New(
		"PostgreSQL can't run as root and there is no user postgres or nobody: create one, or set DATABASE_URL",
	)
}

// enterable reports whether everybody may pass through all folders above dir.
func enterable(dir string) bool {
	for d := filepath.Dir(dir); ; d = filepath.Dir(d) {
		if st, err := os.Stat(d); err == nil && st.Mode()&0o001 == 0 {
			return false
		}
		if d == filepath.Dir(d) {
			return true
		}
	}
}

func (p *Private) ownFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder for PostgreSQL: %w", err)
	}
	if p.creds == nil {
		return nil
	}
	return os.Chown(dir, int(p.creds.Uid), int(p.creds.Gid))
}

func (p *Private) attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: p.creds, AmbientCaps: p.caps, Setpgid: true}
}

func (p *Private) initialise(ctx context.Context) error {
	// An interrupted start leaves a folder that initdb refuses: start again in a new one.
	fresh := p.data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear %s: %w", fresh, err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, "initdb"), "-D", fresh, "-U", "postgres",
		"--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
	cmd.SysProcAttr, cmd.Dir = p.attr(), "/"
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb failed: %w\n%s", err, bytes.TrimSpace(out))
	}
	if err := os.Rename(fresh, p.data); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	return nil
}

func (p *Private) start(ctx context.Context, logFile string, opt Options) error {
	if err := p.waitForOld(); err != nil {
		return err
	}
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open PostgreSQL's log: %w", err)
	}
	defer log.Close() //nolint:errcheck // the server holds its own handle
	args := []string{"-D", p.data, "-k", p.socket, "-c", "listen_addresses=", "-c", "port=5432",
		"-c", "max_connections=200", "-c", "unix_socket_permissions=0700", "-c", "shared_buffers=512MB"}
	if opt.Throwaway {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	if os.Geteuid() == 0 { // root must get in as well
		args = append(args, "-c", "unix_socket_permissions=0777")
	}
	program := filepath.Join(p.bin, "postgres")
	p.cmd = exec.Command(program, args...) //nolint:noctx // Stop ends it, not the end of the start
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = log, log, "/"
	p.cmd.SysProcAttr = p.attr()
	// SIGINT is PostgreSQL's fast shutdown. Own process group: a Ctrl-C at the terminal reaches the
	// program, which then stops the server after its last write.
	p.cmd.SysProcAttr.Pdeathsig = syscall.SIGINT

	started := make(chan error, 1)
	go func() {
		// Pdeathsig fires when the thread that started the child ends, so this one must stay.
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return p.waitReady(ctx, logFile)
}

// waitForOld waits for a server that is still shutting down after its program was killed.
func (p *Private) waitForOld() error {
	b, err := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 || !isPostgres(pid) {
		return nil
	}
	_ = syscall.Kill(pid, syscall.SIGINT)
	for range 300 {
		if !isPostgres(pid) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("the PostgreSQL of an earlier run (process %d) does not stop: end it, then start again", pid)
}

func isPostgres(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.Contains(b, []byte("postgres"))
}

func (p *Private) waitReady(ctx context.Context, logFile string) error {
	deadline := time.After(60 * time.Second)
	for {
		b, _ := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
		if lines := strings.Split(string(b), "\n"); len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready" {
			return nil
		}
		select {
		case <-p.exited:
			text, _ := os.ReadFile(logFile)
			return fmt.Errorf("PostgreSQL did not start; its log says:\n%s", lastLines(text, 5))
		case <-deadline:
			return errors.Join(errors.New("PostgreSQL was not ready after 60 seconds"), p.Stop())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), p.Stop())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func lastLines(b []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
