package french_test

import (
	"testing"

	"github.com/clementine-ope/clementine/reports/french"
)

func TestText(t *testing.T) {
	t.Parallel()
	for english, want := range map[string]string{
		`licence "a \"b" in state "gone"`:              `la licence "a \"b" à l’état "gone"`, // what the partner said stays
		"HTTP 500 the licence is gone":                 "HTTP 500 the licence is gone",
		"not reached: PO-UC2-02 failed":                "pas atteint\u00a0: PO-UC2-02 non conforme",
		"an e-mail address, and 1 more like it":        "une adresse e-mail, et 1 autre semblable",
		"no whole answer within 1m30s (delays.answer)": "pas de réponse complète en 1\u00a0min\u00a030\u00a0s (delays.answer)",
		`state "failed": a note that was cut…`:         "état \"failed\"\u00a0: a note that was cut…",
		"words that nobody wrote":                      "words that nobody wrote",
		`{"state": "gone"}`:                            `{"state": "gone"}`,
	} {
		if got := french.Say(english); got != want {
			t.Errorf("%s: %q, not %q", english, got, want)
		}
	}
	if _, ok := french.Text("words that nobody wrote"); ok {
		t.Error("a sentence without French passes for one that has it")
	}
}
