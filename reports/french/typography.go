package french

import (
	"regexp"
	"strings"
)

const (
	noBreak     = "\u00a0" // before a colon, within guillemets, between a number and its unit
	narrowSpace = "\u202f" // before ; ! ?
)

// Typography writes French prose by the rules of print: spaces that do not break before : ; ! ? and within guillemets,
// and an apostrophe that is one.
func Typography(prose string) string { return typography(prose) }

// spaces puts the spaces that print asks for.
var spaces = strings.NewReplacer(" :", noBreak+":", " ;", narrowSpace+";", " !", narrowSpace+"!", " ?", narrowSpace+"?",
	"« ", "«"+noBreak, " »", noBreak+"»")

// elision is an apostrophe between two letters, or before a quotation.
var elision = regexp.MustCompile(`(\pL)'([\pL«])`)

func typography(s string) string { return elision.ReplaceAllString(spaces.Replace(s), "${1}’${2}") }
