package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/reports"
)

func TestProveWritesTheMatrix(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "proof")
	got := command(t, nil, "", "prove", "--mode", "sync", "--only", "customer-id-missing,ids-uuid", "--out", out, "--verbose")
	if got.code != clementine.ExitPassed || !strings.Contains(got.out, "customer-id-missing  sync  caught") {
		t.Fatalf("exit %d\n%s\n%s", got.code, got.out, got.errOut)
	}
	body, err := os.ReadFile(filepath.Join(out, "prove.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m prove.Matrix
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if m.Summary.Caught != 1 || m.Summary.Green != 1 || m.Suite.Digest == "" {
		t.Errorf("%+v %+v", m.Summary, m.Suite)
	}
	page, err := os.ReadFile(filepath.Join(out, "prove.html"))
	if err != nil || !strings.Contains(string(page), "customer-id-missing") {
		t.Errorf("the page does not name the defect: %v", err)
	}
}

func TestProveRefuses(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"no defect, variant or hostile partner is called": {"--only", "zzz"},
		"--mode must be one of":                           {"--mode", "both"},
		"--parallel must be 0 or more":                    {"--parallel=-1"},
		"contract pack nowhere":                           {"--contract", "nowhere"},
	} {
		got := command(t, nil, "", append([]string{"prove"}, args...)...)
		if got.code != clementine.ExitUsage || !strings.Contains(got.errOut, name) {
			t.Errorf("%v: exit %d, %q", args, got.code, got.errOut)
		}
	}
}

func TestProveList(t *testing.T) {
	t.Parallel()
	got := command(t, nil, "", "prove", "--list")
	if got.code != clementine.ExitPassed || !strings.Contains(got.out, "one-licence-short") || !strings.Contains(got.out, "fleet-per-customer") {
		t.Errorf("exit %d\n%s", got.code, got.out)
	}
}

func TestPartnerCanBeWrongAndDiffer(t *testing.T) {
	t.Parallel()
	said := background(t, "tokens come from", "partner", "--listen", "127.0.0.1:0", "--mode", "sync",
		"--defect", "customer-id-missing", "--variant", "serves-below-a-path")
	base := regexp.MustCompile(`http://[0-9.:]+/api/orange`).FindString(said)
	out := t.TempDir()
	got := command(t, nil, "", "run", "--out", out, "--only", "PO-UC1-02", "--partner", base, "--profile", write(t, "p.yaml", minimalProfile))
	if got.code != clementine.ExitFailed {
		t.Errorf("exit %d\n%s", got.code, got.out)
	}
	for _, row := range results(t, out).Requirements {
		if row.ID == "PO-UC1-02" && row.Verdict != reports.Failed {
			t.Errorf("%s is %s", row.ID, row.Verdict)
		}
	}
	for _, args := range [][]string{{"--defect", "no-such"}, {"--variant", "no-such"}} {
		got := command(t, nil, "", append([]string{"partner"}, args...)...)
		if got.code != clementine.ExitUsage || !strings.Contains(got.errOut, args[0]+": no ") {
			t.Errorf("%v: exit %d, %q", args, got.code, got.errOut)
		}
	}
}
