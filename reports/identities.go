package reports

import "maps"

// identities knows which id of the reference's stands for which of the partner's, as far as a scenario came: whoever
// gives ids gives the same one to the same thing, and another one to another.
type identities struct {
	theirs map[string]string // partner's id -> reference's
	mine   map[string]string // reference's id -> partner's
	broken []Difference      // where the partner's ids do not go with the reference's
}

func newIdentities() *identities {
	return &identities{theirs: map[string]string{}, mine: map[string]string{}}
}

// clone is what is known so far, without what was broken on the way.
func (ids *identities) clone() *identities {
	return &identities{theirs: maps.Clone(ids.theirs), mine: maps.Clone(ids.mine)}
}

// counterpart is the reference's id for the partner's; empty where it is not known.
func (ids *identities) counterpart(id string) string { return ids.theirs[id] }

// known is an id of the reference's that has a counterpart; empty for another.
func (ids *identities) known(id string) string {
	if ids.mine[id] == "" {
		return ""
	}
	return id
}

// meet learns from two values at one place, or notes that the partner's does not go with what was learned. Only ids count,
// not dates or URLs, which stand for nothing.
func (ids *identities) meet(path []string, partner, reference string, natural func(path string) bool) {
	if !natural(membersOf(path)) {
		return
	}
	theirs, again := ids.theirs[partner]
	mine, kept := ids.mine[reference]
	kind := ""
	switch {
	case !again && !kept:
		ids.theirs[partner], ids.mine[reference] = reference, partner
	case again && !kept && theirs != reference:
		kind = diffReused
	case kept && !again && mine != partner:
		kind = diffChanged
	}
	if kind != "" && len(ids.broken) < comparedAtMost {
		ids.broken = append(ids.broken, Difference{Path: pathText(path), Kind: kind, Partner: clipped(quoted(partner)), Reference: clipped(quoted(reference))})
	}
}
