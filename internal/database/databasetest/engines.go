// Package databasetest gives tests a fresh database on every engine: SQLite in memory or in a file, and PostgreSQL from
// a server of its own, made of the binaries that are installed.
//
// It owns starting and ending that server. It does not own what is tested.
package databasetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/clementine-ope/clementine/internal/database"
)

// Engine is one way to store, and how a test gets a fresh database of it.
type Engine struct {
	Name string
	// Address returns a database that no other test uses.
	Address func(t testing.TB) string
}

// Engines are those that a behaviour suite runs on: SQLite in memory and in a file, and PostgreSQL on server.
func Engines(server *Server) []Engine {
	return []Engine{
		{"sqlite-memory", func(testing.TB) string { return ":memory:" }},
		{"sqlite-file", func(t testing.TB) string { return filepath.Join(t.TempDir(), "test.db") }},
		{"postgresql", server.Address},
	}
}

// Open opens a database and closes it when the test ends.
func Open(t testing.TB, address string, opts database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), address, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing %s: %v", db.Name(), err)
		}
	})
	return db
}

// Run runs the tests of a package, ends the server if one was started, and returns the exit code: the body of a
// TestMain.
func Run(m *testing.M, server *Server) int {
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping PostgreSQL:", err)
		return max(code, 1)
	}
	return code
}
