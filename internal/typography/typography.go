// Package typography sets texts as print does. Those who write them type plain spaces and straight apostrophes.
package typography

import (
	"regexp"
	"strings"
)

const (
	noBreak     = "\u00a0" // before a colon or a percent sign, and within guillemets
	narrowSpace = "\u202f" // before ; ! ?
)

// spaces puts the spaces that French print asks for. A percent sign stands twice in a format of package fmt.
var spaces = strings.NewReplacer(" :", noBreak+":", " ;", narrowSpace+";", " !", narrowSpace+"!", " ?", narrowSpace+"?",
	" %%", noBreak+"%%", "« ", "«"+noBreak, " »", noBreak+"»")

// elision is an apostrophe between two letters, or before a quotation.
var elision = regexp.MustCompile(`(\pL)'([\pL«])`)

// French writes French prose by the rules of print: spaces that do not break before : ; ! ? %% and within guillemets,
// and an apostrophe that is one.
func French(prose string) string {
	return elision.ReplaceAllString(spaces.Replace(prose), "${1}’${2}")
}
