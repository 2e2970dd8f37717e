package database_test

import (
	"bufio"
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// certified runs what docs/compose/postgres-tls.yml says makes an authority and a certificate, and returns the folder.
func certified(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("openssl is not installed")
	}
	page, err := os.ReadFile("../../docs/compose/postgres-tls.yml")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for lines := bufio.NewScanner(bytes.NewReader(page)); lines.Scan(); {
		line, ok := strings.CutPrefix(lines.Text(), "#   ")
		if ok && !strings.Contains(line, "docker-compose") {
			script.WriteString(line + "\n")
		}
	}
	dir := t.TempDir()
	shell := exec.CommandContext(t.Context(), "sh", "-e", "-c", script.String())
	shell.Dir = dir
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(dir, "tls")
}

// Everything that talks to PostgreSQL does so over TLS where the address asks for it, and believes nobody else.
func TestPostgreSQLBehindTLS(t *testing.T) {
	t.Parallel()
	dir, other := certified(t), certified(t)
	read := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	server := databasetest.Server{TLS: &databasetest.Certificate{Certificate: read("server.pem"), Key: read("server.key")}}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	plain := server.Address(t)
	for _, tc := range []struct {
		name       string
		parameters url.Values
		refused    string // part of the error; "" is let in
	}{
		{"the authority is trusted and the name right", url.Values{"sslmode": {"verify-full"}, "sslrootcert": {filepath.Join(dir, "ca.pem")}}, ""},
		{"encrypted, nobody is asked who they are", url.Values{"sslmode": {"require"}}, ""},
		{"another authority", url.Values{"sslmode": {"verify-full"}, "sslrootcert": {filepath.Join(other, "ca.pem")}}, "certificate"},
		{"the authorities of the system", url.Values{"sslmode": {"verify-full"}}, "certificate"},
		{"no TLS", url.Values{"sslmode": {"disable"}}, "no encryption"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address, err := server.OverTLS(plain, tc.parameters)
			if err != nil {
				t.Fatal(err)
			}
			db, err := database.Open(t.Context(), address, database.Options{})
			if err == nil {
				t.Cleanup(func() { _ = db.Close() })
				err = overTLS(t, db)
			}
			if tc.refused == "" && err != nil || tc.refused != "" && (err == nil || !strings.Contains(err.Error(), tc.refused)) {
				t.Errorf("got %v, want %q", err, tc.refused)
			}
		})
	}
}

// overTLS asks the server whether it is asked over TLS, and whether a listener is.
func overTLS(t *testing.T, db *database.DB) error {
	ctx, cancel := context.WithCancel(t.Context())
	ended, woken := make(chan struct{}), make(chan struct{}, 1)
	go func() {
		defer close(ended)
		db.Listen(ctx, database.Listener{Channel: "news", Class: 7, ID: 1, Wake: func() {
			select {
			case woken <- struct{}{}:
			default:
			}
		}})
	}()
	defer func() { cancel(); <-ended }()
	plain, secure := 0, 0
	err := db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FILTER (WHERE NOT ssl), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'clementine' AND client_addr IS NOT NULL").
			Scan(&plain, &secure)
	})
	if err != nil {
		return err
	}
	if plain > 0 || secure == 0 {
		t.Errorf("%d connections without TLS, %d with it", plain, secure)
	}
	select {
	case <-woken: // by its own start
	case <-time.After(30 * time.Second):
		t.Error("nothing listens")
	}
	return nil
}
