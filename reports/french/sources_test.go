package french_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/french"
	"github.com/clementine-ope/clementine/schemas"
)

// judge is where the packages that judge hand their sentences on.
func judge() sinks {
	return sinks{
		calls: map[string][]int{"note": {-1}, "breakDown": {-1}, "block": {0}, "blockUnusable": {0}, "skip": {0}, "skipTag": {1}, "Break": {0},
			"fallsShort": {0, 1}, "worsen": {3}, "fmt.Errorf": {-1}, "errors.New": {0}, "add": {3, 4}, "violation": {3, 4}},
		fields: []string{"expected", "seen", "hint", "Expected", "Seen", "Hint", "Reason", "Sentence", "broken", "blockedBy", "pulled", "NotRejudged", "Error", "left"},
		lists:  map[string]int{"Problem": 1, "ConfigError": 0},
	}
}

// fillings are what may stand in a hole; one of them does for each sentence.
func fillings() []string {
	return []string{"word", "10s", "some words", "update", "feature endUser is not declared", "an e-mail address", "state", "element", "character", "licence", "none", `"q"`,
		"grant", "basic", "the text ends", "completed or failed", "end user", "2026-12-31"}
}

// translates puts the same text, or two different ones, into the holes of a sentence, and reports whether one of them has French.
func translates(sentence string, say func(string) (string, bool)) bool {
	base := strings.NewReplacer(holeQuoted, `"a \"b\" c"`, holeNumber, "3").Replace(sentence)
	first, rest, found := strings.Cut(base, holeAny)
	if !found {
		_, ok := say(base)
		return ok
	}
	for _, a := range fillings() {
		for _, b := range fillings() {
			if _, ok := say(first + a + strings.ReplaceAll(rest, holeAny, b)); ok {
				return true
			}
			if !strings.Contains(rest, holeAny) {
				break
			}
		}
	}
	return false
}

func TestEverySentenceOfTheCode(t *testing.T) {
	t.Parallel()
	for dir, s := range map[string]sinks{"harness": judge(), "schemas": bodies(), "steps": judge(), "internal/profile": profileErrors()} {
		found := sentences(t, "../../"+dir, s)
		for _, sentence := range sortedKeys(found) {
			if unfinished.MatchString(sentence) {
				continue
			}
			shown := strings.NewReplacer(holeAny, "%s", holeQuoted, "%q", holeNumber, "%d", "\x00m", "%m").Replace(sentence)
			if strings.HasPrefix(sentence, "\x00m") {
				sentence = "completed" + strings.TrimPrefix(sentence, "\x00m")
			}
			if !translates(sentence, french.Text) {
				t.Errorf("%s/%s: no French for %q", dir, found[strings.Replace(sentence, "completed", "\x00m", 1)]+found[sentence], shown)
			}
		}
	}
}

// bodies is what the schemas say of a message; what is wrong with a pack is of the commands.
func bodies() sinks {
	return sinks{calls: map[string][]int{"add": {3, 4}, "violation": {3, 4}}, fields: []string{"Expected", "Seen"}}
}

// unfinished are sentences with an empty text in them, which the code does not say: it asks before.
var unfinished = regexp.MustCompile(`\s$|\s[.:]|(list|mapping|nothing)$`)

func profileErrors() sinks {
	return sinks{calls: map[string][]int{"failf": {-3}, "Errorf": {-1}, "at": {0}}, fields: []string{"Msg", "reason"}}
}

// Where no clause states a requirement word for word, its source says from what it follows: in French too.
func TestDerivedSources(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	derived := 0
	for _, q := range pack.Requirements() {
		if !strings.Contains(q.Source, "derived") {
			continue
		}
		derived++
		if said := french.Say(q.Source); strings.Contains(said, "derived") {
			t.Errorf("%s: no French for the source %q", q.ID, q.Source)
		}
	}
	if derived == 0 {
		t.Error("no requirement is derived")
	}
}

// Readings of the contract are shown beside the clauses that they decide on.
func TestReadings(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(pack.Interpretations()) == 0 {
		t.Error("the pack has no readings")
	}
	for _, i := range pack.Interpretations() {
		for _, english := range []string{i.Contradiction, i.Choice} {
			if _, ok := french.Text(english); !ok {
				t.Errorf("%s: no French for %q", i.ID, english)
			}
		}
	}
}

// A verdict has one name in the reports, from which the console has its own, and on the command line.
func TestVerdictsAreNamedAlike(t *testing.T) {
	t.Parallel()
	for _, v := range []reports.Verdict{reports.Passed, reports.Failed, reports.Warning, reports.Skipped, reports.Inconclusive, reports.Broken} {
		if line, ok := french.Line(string(v)); !ok || line != v.In("fr") {
			t.Errorf("%s: the command line says %q, the report %q", v, line, v.In("fr"))
		}
	}
}

// What keeps a run from going on is a list, however much of it there is.
func TestEveryDifferenceOfAResumedRun(t *testing.T) {
	t.Parallel()
	differences := []string{
		"the partner was http://a, is http://b", "the seed was 1, is 2", `the challenge was "a; b", is ""`, `the selection (--only) was "", is "PO-UC1"`,
		"the contract was mba-2.2, is mba-2.3", "the version of Clementine was 1.0, is 1.1", "the features or the contract pack have changed",
		"resilience was false, is true", "a person at the terminal was true, is false", "a mock Orange of its own was true, is false", "the profile's mode has changed",
		"the profile's offer has changed", "the profile's auth has changed", "the profile's delays has changed", "the profile's features has changed",
	}
	for n := 1; n <= len(differences); n++ {
		for _, frame := range []string{"the run was begun otherwise: %s", "the journal out/journal.jsonl is of another run: %s; resume it as it was begun, or leave out --resume"} {
			english := fmt.Sprintf(frame, strings.Join(differences[:n], "; "))
			said, ok := french.Text(english)
			if left := regexp.MustCompile(`\b(was|is|the|has)\b`).FindString(said); !ok || left != "" || strings.Count(said, ";") != strings.Count(english, ";") {
				t.Errorf("%d differences: %q is left in %q", n, left, said)
			}
		}
	}
}
