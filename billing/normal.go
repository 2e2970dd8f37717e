package billing

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// NormalText is the form in which references and labels are compared and searched: NFKC, without characters that are not
// seen, spaces collapsed and trimmed, case folded.
func NormalText(s string) string {
	if ascii(s) {
		return strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
	// Fold exchanges the two cases of Cherokee instead of joining them; ToLower joins them.
	folded := norm.NFKC.String(strings.ToLower(cases.Fold().String(seen)))
	return strings.Join(strings.Fields(folded), " ")
}

// ascii says that NFKC, the unseen and folding beyond ToLower are no matter: most references are, and it is ten times
// faster.
func ascii(s string) bool {
	for _, c := range []byte(s) {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
