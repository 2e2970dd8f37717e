package nearest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/nearest"
)

func TestNames(t *testing.T) {
	t.Parallel()
	names := []string{"event-later", "event-never", "event-twice", "licence-twice", "one-licence-short", "two-licences-short", "ping-500"}
	for _, tc := range []struct {
		name, word string
		most       int
		want       []string
	}{
		{"one slip", "one-licence-shrot", 3, []string{"one-licence-short", "two-licences-short"}},
		{"the nearest first", "event-twise", 3, []string{"event-twice"}},
		{"no more than asked for", "event-twise", 1, []string{"event-twice"}},
		{"other case", "PING-500", 3, []string{"ping-500"}},
		{"a word in common", "licence", 3, []string{"licence-twice", "one-licence-short", "two-licences-short"}},
		{"short words say nothing", "one-500-abcdefghijk", 3, nil},
		{"nothing alike", "zzz", 3, nil},
		{"too long to be a slip", strings.Repeat("event-late", 7), 3, nil},
		{"nothing asked", "", 3, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, nearest.Names(tc.word, names, tc.most)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
