package defect

import (
	"cmp"
	"slices"
)

// All returns every defect, sorted by name. A new family is one more line here.
func All() []Defect {
	all := slices.Concat(
		wireForm(),
		encoding(),
		types(),
		identity(),
		references(),
		customers(),
		texts(),
		counts(),
		more(),
		orders(),
		made(),
		technical(),
		consultation(),
		byIDs(),
		availability(),
		strictness(),
		malformed(),
		repetition(),
		mode(),
		unasked(),
		acknowledgement(),
		delivery(),
		address(),
		orderEvents(),
		orderIdentity(),
		orderInEvent(),
		updateEvents(),
		updateIdentity(),
		partial(),
		visibility(),
		transaction(),
		suspension(),
		beyondSuspension(),
		keeping(),
		lasting(),
		result(),
		deletion(),
		swap(),
		survivingSwap(),
		endUser(),
		linkedUser(),
		resourceAndLogin(),
		reportForm(),
		grant(),
		bearer(),
		retry(),
		redelivery(),
		sequence(),
		timing(),
		singleOperations(),
		eventForm(),
		reportContent(),
	)
	slices.SortFunc(all, func(a, b Defect) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// family sets the family of each defect.
func family(name string, defects []Defect) []Defect {
	for i := range defects {
		defects[i].Family = name
	}
	return defects
}
