package french_test

import (
	"testing"

	"github.com/clementine-ope/clementine/reports/french"
)

func TestText(t *testing.T) {
	t.Parallel()
	for english, want := range map[string]string{
		"licence \"a b\" in state \"inactive\"": "la licence \"a b\" à l’état \"inactive\"",
		"%m":                                    "%m",
	} {
		if got, _ := french.Text(english); got != want {
			t.Errorf("%s: %s", english, got)
		}
	}
}
