package billing

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// NormalText is the form in which references and labels are compared and searched: NFKC, without characters that are not
// seen, spaces collapsed and trimmed, case folded.
func NormalText(s string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
	folded := norm.NFKC.String(cases.Fold().String(seen))
	return strings.Join(strings.Fields(folded), " ")
}
