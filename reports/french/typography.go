package french

import "github.com/clementine-ope/clementine/internal/typography"

// noBreak stands between a number and its unit.
const noBreak = "\u00a0"

// Typography writes French prose by the rules of print: spaces that do not break before : ; ! ? and within guillemets,
// and an apostrophe that is one.
func Typography(prose string) string { return typography.French(prose) }
