package postgres

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helper acts as the program that a test kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PARLEY_TEST_SERVE"); dir != "" {
		if _, err := LockFolder(dir); err != nil {
			println(err.Error())
			os.Exit(3)
		}
		if _, err := StartPrivate(context.Background(), filepath.Join(dir, "pg"), Options{}); err != nil {
			println(err.Error())
			os.Exit(1)
		}
		println("ready")
		select {}
	}
	os.Exit(m.Run())
}

func child(t *testing.T, dir string) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PARLEY_TEST_SERVE="+dir)
	out := &strings.Builder{}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	for range 600 {
		b, _ := os.ReadFile(filepath.Join(dir, "pg", "data", "postmaster.pid"))
		if lines := strings.Split(string(b), "\n"); len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready" {
			pid, err := strconv.Atoi(lines[0])
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the server was never ready")
	return 0
}

// The server of a killed program stops, and the next program recovers what was committed.
func TestKilledProgramLeavesNoServer(t *testing.T) {
	dir, err := os.MkdirTemp("", "parley-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd, _ := child(t, dir)
	pid := postmaster(t, dir)

	other, out := child(t, dir)
	if err := other.Wait(); err == nil || !strings.Contains(out.String(), "already uses the data folder") {
		t.Errorf("a second program on the folder: %v, %q", err, out.String())
	}

	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	gone := false
	for range 500 {
		if gone = !isPostgres(pid); gone {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !gone {
		t.Fatalf("server %d outlived its program", pid)
	}

	p, err := StartPrivate(t.Context(), filepath.Join(dir, "pg"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := Open(t.Context(), p.URL("postgres"), 2)
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

// A data folder inside one that only its owner may enter (such as /root) works too.
func TestFolderBelowClosedFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "parley-closed")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p, err := StartPrivate(t.Context(), filepath.Join(dir, strings.Repeat("long", 30), "pg"), Options{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := Open(t.Context(), p.URL("postgres"), 2)
	if err != nil {
		t.Error(err)
	} else {
		pool.Close()
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}
