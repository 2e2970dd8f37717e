package main_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/reports"
)

// A partner that answers ping alone fails; what the report has beside that depends on the pack and on the flag.
func TestReferenceBesideAFailure(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ping" {
			http.Error(w, "out of order", http.StatusInternalServerError)
		}
	}))
	t.Cleanup(broken.Close)
	profile := write(t, "partner.yaml", minimalProfile+"auth: {type: bearer, token: canary-of-the-partner}\n")
	for _, tt := range []struct {
		name         string
		args         []string
		status, says string
	}{
		{"built-in pack", nil, reports.Compared, "status: the reference: HTTP 201, the partner: HTTP 500"},
		{"the same pack from a folder", []string{"--contract", exportedPack(t, "")}, reports.Compared, "status: the reference"},
		{"another pack", []string{"--contract", exportedPack(t, "# changed\n")}, reports.NoReference, "No control run: no reference for this pack"},
		{"turned off", []string{"--no-reference"}, reports.NotRun, "turned off by --no-reference"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			args := append([]string{"run", "--partner", broken.URL, "--profile", profile, "--out", out, "--only", "PO-UC1"}, tt.args...)
			got := command(t, nil, "", args...)
			if got.code != clementine.ExitFailed || got.errOut != "" {
				t.Fatalf("exit %d: %s", got.code, got.errOut)
			}
			if r := results(t, out); r.Reference == nil || r.Reference.Status != tt.status {
				t.Errorf("results.json says %+v, want %s", r.Reference, tt.status)
			}
			if !strings.Contains(got.out, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, got.out)
			}
		})
	}
}

// exportedPack is the built-in pack in a folder, with something added to its contract.
func exportedPack(t *testing.T, added string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pack")
	if got := command(t, nil, "", "contract", "export", dir); got.code != clementine.ExitPassed {
		t.Fatal(got.errOut)
	}
	path := filepath.Join(dir, "contract.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, added...), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
