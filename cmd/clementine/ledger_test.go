package main_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// The lines of docs/ledger.md: a partner's whole year, over HTTP.
func TestLedgerPageRuns(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	said := background(t, "  control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
		"--database", filepath.Join(folder, "sandbox.db"))
	urls := address.FindAllString(said, -1)
	runPage(t, "ledger.md", folder, "clementine serve",
		strings.NewReplacer("http://127.0.0.1:8090", urls[0], "http://127.0.0.1:8091", urls[len(urls)-1]))
}
