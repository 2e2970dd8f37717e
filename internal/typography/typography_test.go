package typography_test

import (
	"testing"

	"github.com/clementine-ope/clementine/internal/typography"
)

func TestFrench(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Ce que cela prouve : rien ; vraiment ?":    "Ce que cela prouve\u00a0: rien\u202f; vraiment\u202f?",
		"l'état de l'« essai »":                     "l’état de l’«\u00a0essai\u00a0»",
		"%d %% de %s":                               "%d\u00a0%% de %s",
		"http://localhost:8081 à 10:30, 'ainsi'":    "http://localhost:8081 à 10:30, 'ainsi'",
		"une offre telle qu'« mba2 », n'est-ce pas": "une offre telle qu’«\u00a0mba2\u00a0», n’est-ce pas",
	} {
		if got := typography.French(typed); got != want {
			t.Errorf("%q: %q, not %q", typed, got, want)
		}
	}
}
