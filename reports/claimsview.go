package reports

import "fmt"

// claimView is a row of the profile beside what was seen.
type claimView struct {
	Feature, Declared, Words string
	Mark, Class              string
	Requirements             []link
	Sign                     *link
}

// claims views the optional features of the profile, and says in one line what is claimed too much or too little.
func (b *builder) claims() (rows []claimView, line string) {
	for _, c := range b.r.Claims {
		v := claimView{Feature: b.show(c.Feature), Declared: b.l.T("declaredNo"), Words: b.l.T("claim " + string(c.State))}
		if c.Declared {
			v.Declared = b.l.T("declaredYes")
		}
		v.Mark, v.Class = claimMark(c.State)
		for _, id := range c.Requirements {
			if anchor, ok := b.anchors[id]; ok {
				v.Requirements = append(v.Requirements, link{anchor, b.show(id)})
			}
		}
		if _, ok := b.r.Exchange(c.Exchange); ok && c.Sign != "" {
			v.Sign = &link{exchangeAnchor(c.Exchange), fmt.Sprintf("#%d %s", c.Exchange, b.show(c.Sign))}
		}
		rows = append(rows, v)
	}
	return rows, b.show(claimsLine(b.r, b.l))
}

func claimMark(s ClaimState) (shape, class string) {
	switch s {
	case ClaimKept:
		return mark(Passed), string(Passed)
	case ClaimOver:
		return mark(Failed), string(Failed)
	case ClaimUnder:
		return mark(Warning), string(Warning)
	case ClaimUnproven:
		return mark(Inconclusive), string(Inconclusive)
	}
	return mark(Skipped), string(Skipped)
}

// claimsLine names the features that are claimed and fail, and those that are seen and not claimed; empty where there
// are none.
func claimsLine(r Results, l labels) string {
	line := ""
	for _, state := range []ClaimState{ClaimOver, ClaimUnder} {
		var names []string
		for _, c := range r.Claims {
			if c.State == state {
				names = append(names, c.Feature)
			}
		}
		if len(names) == 0 {
			continue
		}
		if line != "" {
			line += l.T("semicolon")
		}
		line += l.T("claim "+string(state)) + l.T("colon") + listed(names, textIDs, l)
	}
	return line
}
