package layout_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each direct dependency has a line with its reason and its licence, and nothing else has one.
func TestDependenciesHaveReasons(t *testing.T) {
	t.Parallel()
	read := func(path string) []byte {
		text, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+) v\S+(.*)$`).FindAllStringSubmatch(string(read("go.mod")), -1) {
		if !strings.Contains(m[2], "// indirect") {
			want = append(want, m[1])
		}
	}
	var npm struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal(read("web/package.json"), &npm); err != nil {
		t.Fatal(err)
	}
	for _, names := range []map[string]string{npm.Dependencies, npm.DevDependencies} {
		for name := range names {
			want = append(want, name)
		}
	}
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^|]+ \\| [^| ]+ \\|$").FindAllStringSubmatch(string(read("docs/dependencies.md")), -1) {
		got = append(got, m[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/dependencies.md differs from go.mod and web/package.json (-they have, +it has):\n%s", diff)
	}
}
