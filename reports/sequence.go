package reports

import (
	"fmt"
	"slices"
)

// The drawing of a sequence, in units of its view box.
const (
	sequenceWidth = 760
	sequenceLeft  = 90  // Orange's line
	sequenceRight = 670 // the partner's line
	sequenceTop   = 40
	sequenceRow   = 34
	sequenceCalls = 12 // calls drawn around the one that broke
	sequenceLabel = 66 // runes of a label
)

// sequenceView is what passed between Orange and the partner in one scenario, the broken call marked.
type sequenceView struct {
	Title         string
	Width, Height int
	Left, Right   int
	Bottom        int
	Orange        string
	Partner       string
	Calls         []sequenceCall
	More          string // calls that are not drawn
}

type sequenceCall struct {
	Y, TextY int
	From, To int
	Middle   int
	Label    string
	Class    string // empty, broken or missing
	Head     string // points of the arrow's head
	Cross    string // a path through a missing call's end
	Said     string // the same for those who cannot see it
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
	v := &sequenceView{Title: b.l.f("sequenceOf", b.scenes[scenario.ID].Text), Width: sequenceWidth, Left: sequenceLeft, Right: sequenceRight,
		Orange: "Orange", Partner: b.l.T("partner")}
	for i := first; i < last; i++ {
		class := ""
		if i == at && !missing {
			class = "broken"
		}
		v.add(calls[i].Direction == OrangeToPartner, exchangeLabel(b, calls[i]), class, b.l)
		if i == at && missing {
			v.add(false, b.l.T("expected")+b.l.T("colon")+shortened(visible(g.Expected), sequenceLabel), "missing", b.l)
		}
	}
	if rest := len(calls) - (last - first); rest > 0 {
		v.More = b.l.n("andCalls", rest)
	}
	v.Bottom = sequenceTop + len(v.Calls)*sequenceRow
	v.Height = v.Bottom + 10
	return v
}

func exchangeLabel(b *builder, e Exchange) string {
	label := fmt.Sprintf("#%d %s %s", e.ID, e.Request.Method, b.target(e.Request.URL))
	answer := b.l.T("noAnswer")
	if e.Response.Status != 0 {
		answer = fmt.Sprint(e.Response.Status)
	}
	return shortened(visible(label), sequenceLabel-len([]rune(answer))-3) + " → " + answer
}

func (v *sequenceView) add(out bool, label, class string, l labels) {
	y := sequenceTop + (len(v.Calls)+1)*sequenceRow - 8
	c := sequenceCall{Y: y, TextY: y - 6, From: sequenceRight, To: sequenceLeft + 2, Middle: (sequenceLeft + sequenceRight) / 2, Label: label, Class: class}
	head := 9
	direction := PartnerToOrange
	if out {
		c.From, c.To, head, direction = sequenceLeft, sequenceRight-2, -9, OrangeToPartner
	}
	c.Head = fmt.Sprintf("%d,%d %d,%d %d,%d", c.To, y, c.To+head, y-4, c.To+head, y+4)
	c.Said = l.T(direction) + l.T("colon") + label
	if class == "missing" {
		c.Head, c.Cross = "", fmt.Sprintf("M%d %dl12 12m0 -12l-12 12", c.To, y-6)
		c.Said += " (" + l.T("missingCall") + ")"
	} else if class == "broken" {
		c.Said += " (" + l.T("brokenCall") + ")"
	}
	v.Calls = append(v.Calls, c)
}

// missesEvent says whether the reference sends an event where the partner sends none.
func (c *Comparison) missesEvent() bool {
	return c != nil && slices.ContainsFunc(c.Differences, func(d Difference) bool { return d.Kind == diffEvent })
}
