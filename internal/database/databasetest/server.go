package databasetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

// ErrNotInstalled is a machine without PostgreSQL.
var ErrNotInstalled = errors.New("PostgreSQL (initdb) is not installed")

// Server is a PostgreSQL that belongs to one process. The zero value is ready; it starts when it is first needed.
type Server struct {
	// Settings are settings of the server (name=value) in the place of its own, which are made for tests: its commits
	// do not wait for the disk, because tests kill processes, not the machine.
	Settings []string
	// TLS has the server listen on the loopback interface too, and there speak TLS only; nil leaves it its Unix socket.
	TLS *Certificate

	once      sync.Once
	err       error
	dir       string
	port      int // of the Unix socket's name too
	postgres  *exec.Cmd
	ended     chan error
	databases atomic.Int64
}

// defaultPort only names the Unix socket, unless there is TLS.
const defaultPort = 5432

const startLimit = 2 * time.Minute

// Address creates an empty database and returns its URL. Where PostgreSQL is not installed the test is skipped, and
// with REQUIRE_ALL set it fails.
func (s *Server) Address(t testing.TB) string {
	t.Helper()
	address, err := s.New(t.Context())
	if errors.Is(err, ErrNotInstalled) && os.Getenv("REQUIRE_ALL") == "" {
		t.Skipf("%v: left out", err)
	}
	if err != nil {
		t.Fatalf("PostgreSQL for a test: %v", err)
	}
	return address
}

// New creates an empty database and returns its URL: ErrNotInstalled where there is no PostgreSQL.
func (s *Server) New(ctx context.Context) (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	s.once.Do(func() { s.err = s.start(bin) })
	if s.err != nil {
		return "", s.err
	}
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	admin, err := database.Open(ctx, s.url("postgres"), database.Options{Connections: 1})
	if err != nil {
		return "", err
	}
	_, err = admin.Writer().ExecContext(ctx, "CREATE DATABASE "+name)
	return s.url(name), errors.Join(err, admin.Close())
}

// Restart kills the server as a power cut would (immediate shutdown) and starts it again on the same data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.StartAgain(); err != nil {
		t.Fatalf("restarting PostgreSQL: %v", err)
	}
}

// StartAgain is Restart outside of a test.
func (s *Server) StartAgain() error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	return errors.Join(s.quit(), s.serve(bin))
}

// Programs is the folder of PostgreSQL's programs.
func (s *Server) Programs() (string, error) { return binaries() }

// Socket is the Unix socket of a server that runs.
func (s *Server) Socket() string { return filepath.Join(s.dir, fmt.Sprint(".s.PGSQL.", s.port)) }

// Stop ends the server and removes its files. It does nothing if none was started.
func (s *Server) Stop() error {
	if s.dir == "" {
		return nil
	}
	return errors.Join(s.quit(), os.RemoveAll(s.dir))
}

func (s *Server) url(name string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + name}
	u.RawQuery = url.Values{"host": {s.dir}, "port": {fmt.Sprint(s.port)}}.Encode()
	return u.String()
}

// binaries finds the folder of initdb and postgres: in PATH, or where Debian keeps them out of it.
func binaries() (string, error) {
	if file, err := exec.LookPath("initdb"); err == nil {
		if target, err := filepath.EvalSymlinks(file); err == nil {
			return filepath.Dir(target), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrNotInstalled
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func (s *Server) start(bin string) error {
	dir, err := os.MkdirTemp("", "clementine-postgresql-")
	if err != nil {
		return err
	}
	s.dir = dir
	owner, err := unprivileged()
	if err != nil {
		return err
	}
	if owner != nil {
		if err := chown(dir, owner); err != nil {
			return fmt.Errorf("giving %s to user %s: %w", dir, owner.Username, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", filepath.Join(dir, "data"), // #nosec G204 -- PostgreSQL as it is installed
		"--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.Dir = dir
	runAs(initdb, owner)
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.port = defaultPort
	if s.TLS != nil {
		if err := s.secure(owner); err != nil {
			return err
		}
	}
	return s.serve(bin)
}

// serve starts the server on a socket in the folder of its data, so that no port is taken, and returns when it takes
// connections.
func (s *Server) serve(bin string) error {
	owner, err := unprivileged()
	if err != nil {
		return err
	}
	args := []string{"-D", filepath.Join(s.dir, "data")}
	for _, setting := range append([]string{
		"listen_addresses=", "unix_socket_directories=" + s.dir, "fsync=off", "full_page_writes=off", "max_connections=200",
		"shared_buffers=128MB", "lc_messages=C", "log_min_messages=warning", "deadlock_timeout=100ms",
	}, append(s.secured(), s.Settings...)...) {
		args = append(args, "-c", setting)
	}
	s.postgres = exec.Command(filepath.Join(bin, "postgres"), args...) // #nosec G204 -- PostgreSQL as it is installed
	s.postgres.Dir, s.postgres.Env = s.dir, append(os.Environ(), "LC_ALL=C")
	runAs(s.postgres, owner)
	stderr, err := s.postgres.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.postgres.Start(); err != nil {
		return err
	}
	s.ended = make(chan error, 1)
	ready := make(chan struct{})
	var said strings.Builder
	go func() {
		lines, isReady := bufio.NewScanner(stderr), false
		for lines.Scan() {
			if isReady {
				continue
			}
			said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "ready to accept connections") {
				isReady = true
				close(ready)
			}
		}
		s.ended <- s.postgres.Wait()
	}()
	select {
	case <-ready:
		return nil
	case err := <-s.ended:
		s.ended <- err
		return fmt.Errorf("postgres ended at once: %w: %s", err, said.String())
	case <-time.After(startLimit):
		return errors.Join(errors.New("postgres was not ready in time"), s.quit())
	}
}

func (s *Server) quit() error {
	if s.postgres == nil || s.postgres.Process == nil {
		return nil
	}
	if err := s.postgres.Process.Signal(immediateShutdown); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.ended //nolint:errcheck // the exit code of an immediate shutdown says nothing
	s.postgres = nil
	return nil
}

// unprivileged is who runs the server when the tests run as root, which PostgreSQL refuses; nil is the same user.
func unprivileged() (*user.User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return u, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}
