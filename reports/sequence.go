package reports

import "slices"

// sequenceCalls is how many calls are drawn around the one that broke.
const sequenceCalls = 12

// sequenceView is what passed between the parties in one scenario, the broken call marked.
type sequenceView struct {
	Title  string
	Lanes  lanes
	Height int
	Bottom int
	Calls  []sequenceCall
	More   string // calls that are not drawn
}

// sequence draws the scenario that shows a finding, if its partner answers later: where an event is part of it, or is
// missed. A finding without a call of its own has nothing to mark.
func (b *builder) sequence(g group) *sequenceView {
	scenario := g.Scenarios[0]
	var calls []Exchange
	events := false
	for _, id := range scenario.Exchanges {
		if e, ok := b.r.Exchange(id); ok {
			calls = append(calls, e)
			events = events || e.Kind == "event"
		}
	}
	missing := g.Missing || g.Reference.missesEvent()
	at := slices.IndexFunc(calls, func(e Exchange) bool { return e.ID == g.Exchange })
	if b.r.Mode != "async" || at < 0 || !events && !missing {
		return nil
	}
	first := max(0, min(at-sequenceCalls/2, len(calls)-sequenceCalls))
	last := min(len(calls), first+sequenceCalls)
	v := &sequenceView{Title: b.l.f("sequenceOf", b.scenes[scenario.ID].Text), Lanes: lanesFor(b.l, anyCustomer(calls[first:last]))}
	for i := first; i < last; i++ {
		class := ""
		if i == at && !missing {
			class = "broken"
		}
		v.add(calls[i], v.Lanes.labelled(calls[i], b.target(calls[i].Request.URL)), class)
		if i == at && missing {
			expected := b.l.T("expected") + b.l.T("colon") + b.l.shortened(visible(g.Expected), v.Lanes.label)
			v.add(Exchange{Direction: PartnerToOrange}, expected, "missing")
		}
	}
	if rest := len(calls) - (last - first); rest > 0 {
		v.More = b.l.n("andCalls", rest)
	}
	v.Bottom = sequenceTop + len(v.Calls)*sequenceRow
	v.Height = v.Bottom + 10
	return v
}

func (v *sequenceView) add(e Exchange, label, class string) {
	v.Calls = append(v.Calls, v.Lanes.arrow(e, label, class, sequenceTop+(len(v.Calls)+1)*sequenceRow))
}

// missesEvent says whether the reference sends an event where the partner sends none.
func (c *Comparison) missesEvent() bool {
	return c != nil && slices.ContainsFunc(c.Differences, func(d Difference) bool { return d.Kind == diffEvent })
}
