package reports

// comparisonView is what the page shows of a Comparison: a row for each difference, and the reference's exchange.
type comparisonView struct {
	Rows           []differenceView
	More, ByNature string
	Note           string
	Exchange       *exchangeView
}

type differenceView struct{ Place, Partner, Reference, Words string }

// natureShown is how many places that differ by nature are named.
const natureShown = 12

func (b *builder) comparison(c *Comparison) *comparisonView {
	if c == nil {
		return nil
	}
	v := &comparisonView{Note: b.show(c.Note)}
	more := c.More
	for i, d := range c.Differences {
		if i == comparedAtMost {
			more += len(c.Differences) - i
			break
		}
		v.Rows = append(v.Rows, differenceView{Place: b.show(d.Path), Partner: b.show(b.l.side(d, d.Partner)), Reference: b.show(b.l.side(d, d.Reference)), Words: b.show(b.l.difference(d))})
	}
	if more > 0 {
		v.More = b.l.n("andDifferences", more)
	}
	v.ByNature = b.show(listed(c.ByNature, natureShown, b.l))
	if c.Exchange != nil {
		e := b.exchange(*c.Exchange)
		v.Exchange = &e
	}
	return v
}

// firstDifference is the comparison in one line; empty where there is none.
func (c *Comparison) firstDifference(l labels) string {
	if c == nil {
		return ""
	}
	line := ""
	if len(c.Differences) > 0 {
		line = c.Differences[0].Path + l.T("colon") + l.difference(c.Differences[0])
	}
	if line != "" && c.Note != "" {
		line += l.T("semicolon")
	}
	return line + c.Note
}

// referenceLine says why nothing was compared, or, in the page, that it was; empty where nothing failed.
func referenceLine(r Results, l labels) string {
	switch {
	case r.Reference == nil:
		return ""
	case r.Reference.Status == Compared:
		return l.T("referenceBeside")
	case r.Reference.Reason == "":
		return l.f("referenceNone", l.say(r.Reference.Status))
	}
	return l.f("referenceNone", l.say(r.Reference.Status)+", "+r.Reference.Reason)
}
