package main_test

import (
	"regexp"
	"strings"
	"testing"

	main "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/reports/french"
)

// Every command, argument and flag has its help in French.
func TestHelpInFrench(t *testing.T) {
	t.Parallel()
	texts, err := main.HelpTexts()
	if err != nil || len(texts) < 150 {
		t.Fatalf("%d texts: %v", len(texts), err)
	}
	for _, english := range texts {
		if said, ok := french.Line(english); !ok || english != "" && said == english {
			t.Errorf("no French for %q", english)
		}
	}
	left := regexp.MustCompile(`\b(the|and|what|Usage:|Flags:|Commands:|Arguments:|Run)\b`)
	for _, args := range [][]string{{"--help"}, {"run", "--help"}, {"serve", "--help"}, {"report", "--help"}, {"report", "verify", "--help"}, {"report", "compare", "--help"}, {}} {
		for _, asked := range []struct {
			env  map[string]string
			args []string
		}{{nil, append(append([]string{}, args...), "--lang=fr")}, {map[string]string{"CLEMENTINE_LANG": "fr"}, args}} {
			if len(asked.args) == 1 && asked.env == nil {
				continue // nothing but a language asks for nothing
			}
			got := command(t, asked.env, "", asked.args...)
			if got.code != 0 || !strings.Contains(got.out, "\nOptions\u00a0:\n") || left.MatchString(got.out) || regexp.MustCompile(`(?m)^ *[:;?!]`).MatchString(got.out) {
				t.Errorf("%v: exit %d: %q is left in\n%s%s", asked.args, got.code, left.FindString(got.out), got.out, got.errOut)
			}
		}
	}
	if got := command(t, nil, "", "run", "--help"); !strings.Contains(got.out, "\nFlags:\n") {
		t.Errorf("the English help: %s", got.out)
	}
}

// The example profile has its remarks in French, and is the same profile.
func TestExampleProfileInFrench(t *testing.T) {
	t.Parallel()
	english, said := command(t, nil, "", "profile", "init").out, command(t, nil, "", "profile", "init", "--lang", "fr").out
	if left := regexp.MustCompile(`# .*\b(the|and|your|what|how|Without)\b.*`).FindString(strings.ReplaceAll(said, "ask: Remove the user of licence {licence} in the customer tool", "ask:")); left != "" || said == english {
		t.Errorf("left in English: %q", left)
	}
	remark := regexp.MustCompile(`(?m)(^|  )# [^\n]*$`)
	if remark.ReplaceAllString(english, "") != remark.ReplaceAllString(said, "") {
		t.Errorf("more than remarks differ:\n%s", said)
	}
	if got := command(t, nil, "", "profile", "check", "--lang", "fr", write(t, "partner.yaml", said)); got.code != 0 {
		t.Errorf("exit %d: %s", got.code, got.errOut)
	}
}
