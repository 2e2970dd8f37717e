package steps_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"github.com/clementine-ope/clementine/features"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

const mostSteps = 15

// modes (and traffic: a scenario that gives the closing ones something to look at) are the only tags that name no requirement.
var modes = map[string]bool{"async": true, "sync": true, "traffic": true, "selected": true, "resilience": true}

func TestFeaturesCoverTheContract(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	suite := godog.TestSuite{Options: &godog.Options{FS: features.FS, Paths: append(features.Main(), features.Closing)}}
	fts, err := suite.RetrieveFeatures()
	if err != nil {
		t.Fatal(err)
	}
	covered, names, lines := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, ft := range fts {
		for _, p := range ft.Pickles {
			key := ft.Uri + ": " + p.Name
			if names[key] {
				t.Errorf("%s: two scenarios have this name", key)
			}
			names[key] = true
			if len(p.Steps) > mostSteps {
				t.Errorf("%s: %d steps, at most %d", key, len(p.Steps), mostSteps)
			}
			cited := 0
			for _, tag := range p.Tags {
				id := strings.TrimPrefix(tag.Name, "@")
				if id == "resilience" {
					cited++ // it goes beyond the requirements
				}
				if _, ok := pack.Requirement(id); !ok && !modes[id] {
					t.Errorf("%s: tag %s names no requirement", key, tag.Name)
				} else if ok {
					covered[id] = true
					cited++
				}
			}
			if cited == 0 {
				t.Errorf("%s: no tag names a requirement", key)
			}
			for _, s := range p.Steps {
				lines[s.Text]++
			}
		}
	}
	for _, r := range pack.Requirements() {
		if !covered[r.ID] {
			t.Errorf("%s: no scenario judges it: %s", r.ID, r.Text)
		}
	}
	everyLineHasOneStep(t, lines)
}

func everyLineHasOneStep(t *testing.T, lines map[string]int) {
	t.Helper()
	used := map[string]bool{}
	for line := range lines {
		matches := 0
		for _, pattern := range steps.Patterns() {
			if regexp.MustCompile(pattern).MatchString(line) {
				matches++
				used[pattern] = true
			}
		}
		if matches != 1 {
			t.Errorf("step %q: %d definitions match, want 1", line, matches)
		}
	}
	for _, pattern := range steps.Patterns() {
		if !used[pattern] {
			t.Errorf("definition %s: no feature uses it", pattern)
		}
	}
}
