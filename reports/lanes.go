package reports

import (
	"fmt"
	"slices"
)

// How a sequence is drawn, in units of its view box.
const (
	sequenceTop   = 40 // below the names of the lanes
	sequenceRow   = 34
	sequenceLabel = 66 // runes of a label between the lanes of two
	headLength    = 9  // of an arrow
	crossSize     = 12
)

// The parties of a sequence, by their places in lanes.
const (
	orangeLane = iota
	partnerLane
	customerLane
)

// lane is the line of one party.
type lane struct {
	X    int
	Name string
}

// lanes are the parties of a drawing, from left to right.
type lanes struct {
	All   []lane
	Width int
	label int // runes
	words labels
}

// lanesFor draws Orange and the partner; beside them the partner's customer, where triggers act as one.
func lanesFor(l labels, customer bool) lanes {
	all := lanes{[]lane{{90, "Orange"}, {670, l.T("partner")}}, 760, sequenceLabel, l}
	if customer {
		all = lanes{[]lane{{90, "Orange"}, {560, l.T("partner")}, {770, l.T("customerOf")}}, 830, 52, l}
	}
	return all
}

// actsAsCustomer says whether a call is one that a person makes at the partner's own tool.
func actsAsCustomer(e Exchange) bool { return e.Kind == "trigger" }

// sequenceCall is the arrow of one call.
type sequenceCall struct {
	Y, TextY int
	From, To int
	TextX    int
	Label    string
	Class    string // empty, broken or missing
	Anchor   string // class of a label that ends at TextX; empty for one around it
	Head     string // points of the arrow's head
	Cross    string // a path through a missing call's end
	Said     string // the same for those who cannot see it
}

// arrow draws a call in the row that ends at bottom. A class says what is special: broken, or missing for one that
// never came, which has no exchange.
func (a lanes) arrow(e Exchange, label, class string, bottom int) sequenceCall {
	from, to, direction := partnerLane, orangeLane, PartnerToOrange
	switch {
	case actsAsCustomer(e) && len(a.All) > customerLane:
		from, to, direction = customerLane, partnerLane, "customer-to-partner"
	case e.Direction == OrangeToPartner:
		from, to, direction = orangeLane, partnerLane, OrangeToPartner
	}
	y := bottom - 8
	c := sequenceCall{Y: y, TextY: y - 6, From: a.All[from].X, To: a.All[to].X, Label: label, Class: class}
	c.TextX = (c.From + c.To) / 2
	if from == customerLane {
		c.TextX, c.Anchor = c.From-8, "ends" // longer than the way
	}
	tip, head := c.To+2, headLength
	if from < to {
		tip, head = c.To-2, -headLength
	}
	c.To = tip
	c.Head = fmt.Sprintf("%d,%d %d,%d %d,%d", tip, y, tip+head, y-4, tip+head, y+4)
	c.Said = a.words.T(direction) + a.words.T("colon") + label
	switch class {
	case "missing":
		c.Head, c.Cross = "", fmt.Sprintf("M%d %dl%d %dm0 -%dl-%d %d", tip, y-crossSize/2, crossSize, crossSize, crossSize, crossSize, crossSize)
		c.Said += " (" + a.words.T("missingCall") + ")"
	case "broken":
		c.Said += " (" + a.words.T("brokenCall") + ")"
	}
	return c
}

// labelled is a call in few words; target is its URL as it is shown.
func (a lanes) labelled(e Exchange, target string) string {
	answer := a.words.T("noAnswer")
	if e.Response.Status != 0 {
		answer = fmt.Sprint(e.Response.Status)
	}
	label := fmt.Sprintf("#%d %s %s", e.ID, e.Request.Method, target)
	shown, room := []rune(visible(label)), a.label-len([]rune(answer))-len(" → ")
	if len(shown) > room {
		shown = append(shown[:room-1], '…')
	}
	return string(shown) + " → " + answer
}

// anyCustomer says whether one of the calls is a customer's.
func anyCustomer(calls []Exchange) bool { return slices.ContainsFunc(calls, actsAsCustomer) }
