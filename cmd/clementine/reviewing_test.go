package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reviewerBlock is a block of commands in a page of the documentation.
var reviewerBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// documented are the commands of a page, line by line.
func documented(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, block := range reviewerBlock.FindAllStringSubmatch(string(text), -1) {
		lines = append(lines, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	return lines
}

var word = regexp.MustCompile(`"([^"]*)"|\S+`)

// words splits a command as a shell does, as far as the pages go.
func words(line string) []string {
	var out []string
	for _, m := range word.FindAllStringSubmatch(line, -1) {
		if strings.HasPrefix(m[0], `"`) {
			out = append(out, m[1])
		} else {
			out = append(out, m[0])
		}
	}
	return out
}

// The commands of the reviewer's guide do what the guide says, one after the other, in both languages. It works in a
// folder of its own, so it can't run beside other tests.
func TestTheReviewersGuide(t *testing.T) {
	lines := documented(t, "../../docs/reviewing.md")
	if french := documented(t, "../../docs/reviewing.fr.md"); !slices.Equal(lines, french) || len(lines) < 15 {
		t.Fatalf("the guides differ, or have lost their commands:\n%s\n\n%s", strings.Join(lines, "\n"), strings.Join(french, "\n"))
	}
	right, wrong := referencePartner(t, "sync"), referencePartner(t, "sync", "--defect", "swap-drops-login")
	profile, err := os.ReadFile(wrong[slices.Index(wrong, "--profile")+1])
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("partner.yaml", profile, 0o600); err != nil {
		t.Fatal(err)
	}
	expected(t, 0, "PASSED", append([]string{"run", "--out", "last"}, right...)...)
	copied(t, filepath.Join("last", "report.clem"), "last.clem")
	env := map[string]string{
		"CLEMENTINE_PARTNER": wrong[slices.Index(wrong, "--partner")+1], "CLEMENTINE_ORANGE": wrong[slices.Index(wrong, "--orange")+1],
	}
	for _, line := range lines {
		line, said, _ := strings.Cut(line, "#")
		code, _ := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(said), "exit code "))
		args := words(strings.ReplaceAll(line, "2027-06-30", "2099-12-31"))
		switch args[0] {
		case "cp":
			copied(t, args[1], args[2])
		case "clementine":
			if got := command(t, env, "", args[1:]...); got.code != code {
				t.Fatalf("%s: exit %d, want %d\n%s%s", line, got.code, code, got.out, got.errOut)
			}
		default:
			t.Errorf("%s is no command of ours", line)
		}
	}
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
