package schemas

import (
	"cmp"
	"io/fs"
	"slices"
)

// Check lists every problem of a pack, sorted by file and line: what keeps it from being loaded, and what would make
// it judge wrongly.
func Check(fsys fs.FS) []Problem {
	p, problems := build(fsys, true)
	usable := len(problems) == 0
	if p != nil {
		problems = append(problems, lintSchemas(p)...)
	}
	if usable {
		problems = append(problems, sampled(p, p.schemas.files)...)
		problems = append(problems, proven(p, p.schemas.files)...)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Msg, b.Msg))
	})
	return slices.Compact(problems)
}
