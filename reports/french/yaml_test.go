package french_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports/baseline"
	"github.com/clementine-ope/clementine/reports/french"
)

// What the reader of YAML says stands in sentences of ours, and is its own English: a reader of French gets none of it.
func TestYAMLErrors(t *testing.T) {
	t.Parallel()
	place := regexp.MustCompile(`\d+`)
	for name, text := range map[string]string{
		"indented too far":         "version: 1\n  findings: []\n",
		"indented too little":      "findings:\n    - requirement: A\n  scenario: b\n",
		"a tab":                    "findings:\n\t- requirement: A\n",
		"a tab after a key":        "a:\n  b: 1\n\tc: 2\n",
		"a tab within":             "findings:\n  -\trequirement: A\n",
		"a key twice":              "version: 1\nversion: 1\n",
		"a colon in a text":        "reason: late: very\n",
		"a mapping after a text":   "reason: late\nwhy\nfindings: []\n",
		"no end of a text":         "reason: \"late\n",
		"no end of a plain text":   "reason: 'late\n",
		"no end of a list":         "findings: [a, b\n",
		"no end of an object":      "findings: {a: 1\n",
		"an end without beginning": "findings: ]\n",
		"no comma":                 "findings: {a: 1 b: 2}\n",
		"a reserved character":     "reason: @late\n",
		"a wrong escape":           `reason: "la\te\q"` + "\n",
		"text after a list":        "findings: [a] b\n",
		"a list on the key's line": "findings: - a\n",
		"two keys on a line":       "a: b: c: d\n",
	} {
		wrong := map[string]error{}
		_, wrong["the profile"] = profile.Parse("p.yaml", []byte(text), func(string) string { return "" })
		_, wrong["the baseline"] = baseline.Read(strings.NewReader(text))
		for of, err := range wrong {
			if err == nil {
				t.Errorf("%s: %s is read", name, of)
				continue
			}
			english := strings.Split(err.Error(), "\n")[0]
			said, ok := french.Line(english)
			if english = strings.TrimPrefix(english, "p.yaml:"); !ok || len(place.FindAllString(said, -1)) < len(place.FindAllString(english, -1)) {
				t.Errorf("%s: %s: %q is said %q", name, of, english, said)
			}
			for _, piece := range twoWords.FindAllString(english, -1) {
				if strings.Contains(said, piece) {
					t.Errorf("%s: %s: %q is left in %q", name, of, piece, said)
				}
			}
		}
	}
	for name, text := range map[string]string{"an unknown field": "version: 1\nwhy: x\n", "a text for a number": "version: one\n", "a text for a list": "version: 1\nfindings: none\n",
		"a list for an object": "- version: 1\n"} {
		_, err := baseline.Read(strings.NewReader(text))
		if err == nil {
			t.Fatalf("%s: it is read", name)
		}
		if said, ok := french.Line(err.Error()); !ok || twoWords.FindString(strings.TrimPrefix(err.Error(), "line")) == "" || strings.Contains(said, "unmarshal") || strings.Contains(said, "unknown") || strings.Contains(said, "expected") {
			t.Errorf("%s: %q is said %q", name, err, said)
		}
	}
}
