package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReportVerify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got := command(t, nil, "", "demo", "--out", dir); got.code != 0 {
		t.Fatalf("demo: exit %d\n%s", got.code, got.errOut)
	}
	file := filepath.Join(dir, "async", "results.json")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	altered := func(from, to string) string {
		text := strings.Replace(string(whole), from, to, 1)
		if text == string(whole) {
			t.Fatalf("%q is not in the results", from)
		}
		return text
	}
	for _, tc := range []struct {
		name, results string
		code          int
		says          string
	}{
		{"as it was written", string(whole), 0, "Consistent"},
		{"another verdict", altered(`"verdict": "passed"`, `"verdict": "failed"`), 1, "verdict: the run says failed, the replay passed"},
		{"another answer", strings.ReplaceAll(string(whole), `\"state\":\"active\"`, `\"state\":\"Active\"`), 1, "Not consistent"},
		{"another suite", altered(`"digest": "sha256:`, `"digest": "sha256:0`), 0, "It would pass today"},
		{"no results", "{}", 2, "reading"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, nil, tc.results, "report", "verify", "-")
			if got.code != tc.code || !strings.Contains(got.out+got.errOut, tc.says) {
				t.Errorf("exit %d, want %d and %q\n%s%s", got.code, tc.code, tc.says, got.out, got.errOut)
			}
		})
	}
	if got := command(t, nil, "", "report", "verify", filepath.Join(dir, "none.json")); got.code != 2 {
		t.Errorf("a file that there is not: exit %d", got.code)
	}
}
