package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

func TestCommandsPageIsCurrent(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	said := command(t, nil, "", "manual")
	if d := cmp.Diff(strings.Split(string(page), "\n"), strings.Split(said.out, "\n")); d != "" || said.code != clementine.ExitPassed {
		t.Errorf("docs/commands.md is stale, run make docs (-it is +it should be):\n%s", d)
	}
}

// The page for man(1) has what each command's help has, in roff that no line of text can break.
func TestManPage(t *testing.T) {
	t.Parallel()
	page := command(t, nil, "", "manual", "--format", "man").out
	for _, want := range []string{
		".TH CLEMENTINE 1", ".SS clementine billing client add", `.B \-\-profile=FILE`, "Default: reports/out.", "clementine report verify", ".SS clementine contract export <dir>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	for line := range strings.Lines(page) {
		if line[0] == '\'' || line[0] == '.' && !strings.Contains(".TH .SH .SS .PP .TP .B .I .EX .EE", strings.Fields(line)[0]) {
			t.Errorf("%q is no macro of man(7)", line)
		}
	}
}
