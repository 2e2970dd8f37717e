package main_test

import (
	"os/exec"
	"strings"
	"testing"
)

// completed asks bash what it would offer after words, the last of which is being typed.
func completed(t *testing.T, words ...string) string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatalf("make needs bash, and so does this test: %v", err)
	}
	script := command(t, nil, "", "completion", "bash").out + `
COMP_WORDS=(clementine "$@"); COMP_CWORD=$#; _clementine; printf '%s\n' "${COMPREPLY[@]}"`
	out, err := exec.CommandContext(t.Context(), bash, append([]string{"-c", script, "bash"}, words...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"repo"}, "report"},
		{[]string{"report", "jun"}, "junit"},
		{[]string{"run", "--orange-t"}, "--orange-token"},
		{[]string{"run", "--lang", ""}, "en fr"},
		{[]string{"billing", "client", "a"}, "add"},
		{[]string{"run", "--profile", "run.yaml", "--no-ref"}, "--no-reference"},
		{[]string{"run", "--out", "nothing-known"}, ""},
	} {
		if got := completed(t, tt.words...); got != tt.want {
			t.Errorf("%q offers %q, want %q", tt.words, got, tt.want)
		}
	}
}

func TestCompletionOfOtherShells(t *testing.T) {
	t.Parallel()
	for shell, want := range map[string]string{
		"zsh":  "#compdef clementine",
		"fish": "-n '__fish_seen_subcommand_from run' -l lang",
	} {
		if got := command(t, nil, "", "completion", shell); got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("%s: exit %d, without %q", shell, got.code, want)
		}
	}
}
