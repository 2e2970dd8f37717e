package french_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports/french"
)

// printing is where commands hand on what they print: whole lines, and errors.
func printing(files ...string) sinks {
	return sinks{files: files, calls: map[string][]int{"start": {2}, "printf": {-1}, "warnf": {-1}, "complainf": {-1}, "say": {0}, "usagef": {-1}, "cannotJudgef": {-1}, "fmt.Errorf": {-1}, "errors.New": {0}}}
}

// checking is where the packages say what is wrong with a file, and what is proven by it.
func checking(files ...string) sinks {
	return sinks{files: files, calls: map[string][]int{"problem": {-1}, "append": {1}, "fmt.Errorf": {-1}, "errors.New": {0}}}
}

// inPacks is where a contract pack is read: what keeps it from being used.
func inPacks() sinks {
	return sinks{
		files: []string{"check.go", "compile.go", "contract.go", "embed.go", "examples.go", "lint.go", "pack.go", "relations.go", "template.go", "tree.go", "yaml.go"},
		calls: map[string][]int{"report": {-2}, "fail": {0}, "fmt.Errorf": {-1}, "errors.New": {0}}, fields: []string{"Msg"},
		lists: map[string]int{"Problem": 2, "lineError": 1},
	}
}

// stating adds functions that return sentences.
func stating(s sinks, functions ...string) sinks {
	s.says = functions
	return s
}

// Every line that a command with --lang prints has French: a sentence without fails here, by file and line.
func TestEveryLineOfTheCommands(t *testing.T) {
	t.Parallel()
	for dir, s := range map[string]sinks{
		"cmd/clementine":     printing(),
		"internal/database":  printing(),
		"internal/devca":     checking(),
		"internal/httpserve": checking(),
		"schemas":            inPacks(),
		"reports/bundle":     checking(),
		"reports/baseline":   checking(),
		"reports/compare":    printing(),
		"reports":            stating(checking("json.go", "check.go", "review.go", "difference.go"), "CheckDecision", "checkWaiver", "checkAcceptance"),
	} {
		found := sentences(t, "../../"+dir, s)
		if len(found) == 0 {
			t.Errorf("%s says nothing", dir)
		}
		for _, sentence := range sortedKeys(found) {
			for _, line := range strings.Split(sentence, "\n") {
				if unfinished.MatchString(line) {
					continue
				}
				line = strings.TrimPrefix(strings.TrimSpace(line), "- ")
				if wordless(line) {
					continue
				}
				shown := strings.NewReplacer(holeAny, "%s", holeQuoted, "%q", holeNumber, "%d").Replace(line)
				if !translates(line, french.Line) {
					t.Errorf("%s/%s: no French for %q", dir, found[sentence], shown)
				} else if left := leftInEnglish(line); left != "" {
					t.Errorf("%s/%s: %q of %q is left in English", dir, found[sentence], left, shown)
				}
			}
		}
	}
}

func wordless(line string) bool {
	return strings.Trim(strings.NewReplacer(holeAny, "", holeQuoted, "", holeNumber, "", "sha256", "").Replace(line), " ,.:;()#\"[]->") == ""
}

// twoWords is English between holes: two words at least, which no pattern takes for a value.
var twoWords = regexp.MustCompile(`[a-z']{2,} [a-z']{2,}`)

// leftInEnglish is what of a line its French still says in English, because a hole swallowed it.
func leftInEnglish(line string) string {
	said := french.Lines(strings.NewReplacer(holeAny, "2026-12-31", holeQuoted, `"q"`, holeNumber, "3").Replace(line))
	for _, piece := range strings.FieldsFunc(line, func(r rune) bool { return r == 0 }) {
		if words := twoWords.FindString(piece); words != "" && strings.Contains(said, words) {
			return words
		}
	}
	return ""
}
