package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gate runs the script of CI jobs with this test as the program, and returns its exit code and what it printed.
func gate(t *testing.T, env []string, args ...string) (int, string) {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("..", "..", ".ci", "gate"))
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "bash", append([]string{script}, args...)...)
	c.Dir = t.TempDir()
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.Dir, asProgram + "=1", "CLEMENTINE_BIN=" + self}, env...)
	out, err := c.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatalf("%v: %s", err, out)
	}
	return c.ProcessState.ExitCode(), string(out)
}

func TestGateOfGitHub(t *testing.T) {
	t.Parallel()
	args := append(referencePartner(t, "sync", "--defect", "one-licence-short"), "--only", "PO-UC2", "--no-reference")
	out, summary := t.TempDir(), filepath.Join(t.TempDir(), "summary.md")
	code, said := gate(t, []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary, "CLEMENTINE_OUT=" + out}, args...)
	if code != 1 {
		t.Fatalf("exit %d, want that of the run, 1: %s", code, said)
	}
	if !strings.Contains(said, "\n::error title=PO-UC2-02%3A ") {
		t.Errorf("no annotation of the cause: %s", said)
	}
	text, err := os.ReadFile(summary)
	if err != nil || !strings.Contains(string(text), "- **PO-UC2-02** ") {
		t.Errorf("no cause in the summary (%v): %s", err, text)
	}
	for _, name := range []string{"junit.xml", "ctrf.json", "report.html"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestGateOfGitLab(t *testing.T) {
	t.Parallel()
	args := append(referencePartner(t, "sync"), "--only", "PO-UC2")
	out := t.TempDir()
	if code, said := gate(t, []string{"GITLAB_CI=true", "CLEMENTINE_OUT=" + out}, args...); code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	text, err := os.ReadFile(filepath.Join(out, "gl-code-quality.json"))
	if err != nil || strings.TrimSpace(string(text)) != "[]" {
		t.Errorf("code quality of a run without failures (%v): %s", err, text)
	}
	if text, err := os.ReadFile(filepath.Join(out, "summary.md")); err != nil || !strings.HasPrefix(string(text), "## ✓ PASSED") {
		t.Errorf("summary (%v): %s", err, text)
	}
}

// What an earlier job left in the folder is not this one's result.
func TestGateThatJudgesNothing(t *testing.T) {
	t.Parallel()
	out, summary := t.TempDir(), filepath.Join(t.TempDir(), "summary.md")
	old := write(t, "results.json", "{}")
	if err := os.Rename(old, filepath.Join(out, "results.json")); err != nil {
		t.Fatal(err)
	}
	code, said := gate(t, []string{"GITHUB_STEP_SUMMARY=" + summary, "CLEMENTINE_OUT=" + out}, "--profile", "nowhere.yaml")
	text, err := os.ReadFile(summary)
	if code != 2 || err != nil || !strings.Contains(string(text), "judged nothing (exit code 2)") {
		t.Errorf("exit %d, %v: %s%s", code, err, said, text)
	}
}
